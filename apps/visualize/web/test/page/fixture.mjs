// What drives the page in Chromium: pages made of predictions, and what finds things on them. The tests beside this
// file do what a reader can do, and compare what the page shows with the predictions that it was made from.
//
// Environment: IRENE_TOOLS, the folder of the tools; IRENE_SOURCE, the top of the source; IRENE_MEASUREMENTS, a data
// file to predict, by default the simulated sample; CHROMIUM, by default /usr/bin/chromium; IRENE_SCREENSHOTS, a
// folder that pictures of the page go to. Ends with 77 where there is no Chromium, unless IRENE_PAGE_TEST is "required".
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { pathToFileURL } from "node:url";
import { readRuns } from "../expected.mjs";

const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const { IRENE_TOOLS: tools, IRENE_SOURCE: source } = process.env;
if (!existsSync(chromiumPath) || !tools || !source) {
  console.log("skipped: needs Chromium, IRENE_TOOLS and IRENE_SOURCE");
  process.exit(process.env.IRENE_PAGE_TEST === "required" ? 1 : 77);
}
const { chromium } = await import("playwright-core");

export const simulated = join(source, "datasets/simulated.jsonl");
const measurements = [process.env.IRENE_MEASUREMENTS, simulated].find((path) => path && existsSync(path));
export const hostile = "</script><img src=x onerror=alert(1)>";
const folder = mkdtempSync(join(tmpdir(), "irene-page-"));
export const file = (name) => join(folder, name);
export const run = (tool, ...args) =>
  execFileSync(join(tools, tool), args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let browser;
export let runs; // what additive.jsonl holds
export let weighted;

export function predict(data, name, ...config) {
  run("irene-train", "-q", data, file(name), ...config);
  const interval = config.length > 0 ? ["--interval", "0.9"] : [];
  run("irene-predict", "-q", ...interval, data, file(`${name}.jsonl`), file(name));
  return readRuns(file(`${name}.jsonl`));
}

before(async () => {
  runs = predict(measurements, "additive", "--config", join(source, "configs/additive.json"));
  weighted = predict(measurements, "weighted");
  run("irene-visualize", file("additive.jsonl"), file("page.html"));
  run("irene-visualize", file("weighted.jsonl"), file("weighted.html"));
  writeFileSync(
    file("few.jsonl"),
    [...weighted.slice(1, 4), { ...weighted[4], model_name: "another" }]
      .map((tree) => JSON.stringify(tree) + "\n")
      .join(""),
  );
  run(
    "irene-visualize",
    file("additive.jsonl"),
    file("compare.html"),
    "--compare",
    file("few.jsonl"),
    "--title",
    "Two files",
  );
  const bad = structuredClone(runs.slice(0, 2));
  for (const tree of bad) {
    tree.model_name = hostile;
    const [first] = tree.frontend_tree.child_nodes_obj;
    first.scope = `root.${hostile}`;
    first.instance_type = hostile;
    for (const leaf of first.child_nodes_obj) leaf.instance_type = hostile;
  }
  writeFileSync(file("hostile.jsonl"), bad.map((tree) => JSON.stringify(tree) + "\n").join(""));
  run(
    "irene-visualize",
    file("hostile.jsonl"),
    file("hostile.html"),
    "--title",
    hostile,
    "--compare",
    file("hostile.jsonl"),
  );
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

export const writeRuns = (name, trees) =>
  writeFileSync(file(name), trees.map((tree) => JSON.stringify(tree) + "\n").join(""));

/// Opens a page, has `work` look at it, and makes sure that it complained of nothing and asked the network nothing.
/// `script` runs in it before its own.
export async function onPage(name, work, { hash = "", script = undefined, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const complaints = [];
  const url = pathToFileURL(file(name)).href;
  try {
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (request.url().split("#")[0] !== url && !request.url().startsWith("blob:"))
        complaints.push(`request: ${request.url()}`);
    });
    if (script) await page.addInitScript(script);
    await page.goto(url + hash);
    await work(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/// The same of one run.
export const onRun = (name, work, { hash = "#", ...options } = {}) =>
  onPage(name, work, { hash: `#tab=run&${hash.slice(1)}`, ...options });

/// The number in "4.230 J" or "1.500 x 10^-7 kWh".
export function number(text) {
  const digits = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
  const plain = text
    .replace(
      / \u00d7 10(\S+)/,
      (_, power) => "e" + [...power].map((c) => (c === "\u207b" ? "-" : digits.indexOf(c))).join(""),
    )
    .replaceAll("\u2212", "-")
    .replace("+", "");
  assert.match(plain, /\d/, text);
  return Number.parseFloat(plain);
}

/// Shown to four digits.
export const assertShown = (text, value) =>
  assert.ok(Math.abs(number(text) - value) <= 5.1e-4 * Math.abs(value), `${text} is not ${value}`);
export const assertClose = (value, expected, tolerance = 1e-9) =>
  assert.ok(
    Math.abs(value - expected) <= tolerance * Math.max(Math.abs(expected), 1e-30),
    `${value} is not ${expected}`,
  );

/// Playwright's own waiting would need eval in the page, which its policy forbids.
export async function until(isSo) {
  for (let attempt = 0; !(await isSo()); ++attempt) {
    assert.ok(attempt < 100, "waited for too long");
    await new Promise((done) => setTimeout(done, 20));
  }
}

export const figure = (page, name) => page.locator(`[data-figure="${name}"] .value`).textContent();
export const row = (page, key) => page.locator(`#tree tr[data-key="${key}"]`);
/// A control by its label, of the view that is shown.
export const field = (page, label) => page.getByLabel(label, { exact: true }).locator("visible=true");
export const choose = (page, label, value) => field(page, label).selectOption(value);
export const cells = (page, selector) =>
  page
    .locator(selector)
    .evaluateAll((rows) => rows.map((one) => [...one.cells].map((cell) => cell.textContent)));

export async function saved(page, label, index = 0) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: label }).nth(index).click();
  return readFileSync(await (await waiting).path());
}

export function parseCsv(text) {
  const [head, ...lines] = text
    .trim()
    .split("\r\n")
    .map((line) => line.split(","));
  return lines.map((line) => Object.fromEntries(head.map((key, i) => [key, line[i]])));
}
