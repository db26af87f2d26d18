// Bundles the unit tests, which are TypeScript, and runs them with node's test runner. IRENE_ESBUILD is the program.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = join(dirname(fileURLToPath(import.meta.url)), "unit");
const out = mkdtempSync(join(tmpdir(), "irene-page-unit-"));
try {
  const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  const options = [
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--out-extension:.js=.mjs",
    "--log-level=warning",
  ];
  const entries = tests.map((name) => join(here, name));
  execFileSync(process.env.IRENE_ESBUILD ?? "esbuild", [...entries, ...options, `--outdir=${out}`], {
    stdio: "inherit",
  });
  const bundled = tests.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const env = { ...process.env, IRENE_PAGE_SOURCES: join(here, "../../src") };
  process.exitCode =
    spawnSync(process.execPath, ["--test", ...bundled], { stdio: "inherit", env }).status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
