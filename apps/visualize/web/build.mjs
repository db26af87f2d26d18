// Bundles the page into page.html, the template that irene-visualize fills, and page.cpp, which holds it as a string.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2021",
    charset: "ascii",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    write: false,
    logLevel: "warning",
  });
  const text = result.outputFiles[0].text.trim();
  // Neither text may end the element that it stands in; esbuild sees to it, and this makes sure.
  if (/<\/(script|style)|<!--|[^\n\x20-\x7e]/i.test(text))
    throw new Error(`${entry}: unfit to stand in a page`);
  return text;
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const script = await bundle("src/main.ts");
const style = await bundle("src/style.css");
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "img-src data: blob:",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/// What the licences of the bundled modules want every copy to say.
const notice = (path) => readFileSync(join(here, "node_modules", path), "utf8").trim();
const licences = [
  notice("echarts/NOTICE"),
  "Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0",
  "It contains zrender:",
  notice("zrender/LICENSE"),
  "and files of d3:",
  notice("echarts/licenses/LICENSE-d3"),
]
  .join("\n\n")
  .replaceAll("--", "- -");
const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="irene-visualize">
<title>@IRENE_TITLE@</title>
<!--
${licences}
-->
<style>${style}</style>
</head>
<body>
<noscript><p>This page draws its charts with JavaScript, which is switched off.</p></noscript>
<div id="app"></div>
<script type="application/json" id="data">@IRENE_DATA@</script>
<script>${script}</script>
</body>
</html>
`;
for (const mark of ["@IRENE_TITLE@", "@IRENE_DATA@"]) {
  if (page.split(mark).length !== 2) throw new Error(`${mark} must stand in the page once`);
}
writeFileSync(join(here, "page.html"), page);

// Compilers limit the length of one literal, so the text is cut into pieces.
function literal(text) {
  if (/[^\n\x20-\x7e]/.test(text)) throw new Error("the page's template must be ASCII");
  const escaped = text.replace(/["\\?]/g, "\\$&").replaceAll("\n", "\\n");
  return `    "${escaped}"`;
}
const pieces = [];
for (let at = 0; at < page.length; at += 8000) pieces.push(literal(page.slice(at, at + 8000)));
writeFileSync(
  join(here, "page.cpp"),
  `#include "page.hpp"

namespace irene::apps {

namespace {

constexpr char kPage[] =
${pieces.join("\n")};

}  // namespace

std::string_view page_template() noexcept { return {kPage, sizeof(kPage) - 1}; }

}  // namespace irene::apps
`,
);
