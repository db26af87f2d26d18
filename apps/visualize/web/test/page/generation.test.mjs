// Runs that generate text: their phases, what a new token costs, and what tells them apart.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { nodesOf, readRuns, sums, totals } from "../expected.mjs";
import {
  assertClose,
  assertShown,
  cells,
  choose,
  figure,
  file,
  onPage,
  row,
  run,
  source,
} from "./fixture.mjs";

let generations;

before(() => {
  const sizes = ["--batch_size", "2,4", "--seq_len", "16", "--new_tokens", "5,9"];
  const config = join(source, "configs/models/gpt2.json");
  run(
    "irene-extract",
    "-q",
    config,
    ...sizes,
    "--dtype",
    "bfloat16",
    "--gpus",
    "2",
    "-o",
    file("trees.jsonl"),
  );
  generations = readRuns(file("trees.jsonl"));
  // A joule a MiB: any energies do whose parts add up.
  for (const { frontend_tree } of generations)
    for (const node of nodesOf(frontend_tree)) node.predicted_energy = node.mem_bytes;
  const lines = generations.map((tree) => JSON.stringify(tree) + "\n").join("");
  writeFileSync(file("generations.jsonl"), lines);
  run("irene-visualize", file("generations.jsonl"), file("generations.html"));
});

test("a generation has its phases, and joules by new token", async () => {
  const place = 3;
  const tree = generations[place];
  await onPage("generations.html", async (page) => {
    await page.getByLabel("Run", { exact: true }).fill("gpt2 bfloat16 b4 new_tokens 9");
    assert.equal(await page.locator(".run:visible").count(), 1);
    await page.locator(`#run-${place}`).click();
    assert.match(
      await page.locator("#run-title").textContent(),
      /gpt2 \(counting kernels, dtype bfloat16, new_tokens 9, gpus 2\) batch 4 . length 16/,
    );
    assertShown(await figure(page, "token"), totals(tree).token);
    assertShown(await figure(page, "new-token"), totals(tree).newToken);
    assertClose(totals(tree).newToken, tree.frontend_tree.predicted_energy / (4 * 9));

    await choose(page, "Group by", "phase");
    const phases = sums(tree, "phase");
    assert.deepEqual(Object.keys(phases).sort(), ["decode", "generation", "prefill"]);
    for (const [name, { self }] of Object.entries(phases)) {
      const cell = row(page, `root/${name}`).locator(".energy");
      assertClose(Number(await cell.getAttribute("data-joules")), self, 1e-6);
    }
    await page.getByRole("tab", { name: "Charts" }).click();
    await choose(page, "Energy", "new-token");
    await page.locator(".by-length details.numbers summary").click();
    const [[length, ...shown]] = await cells(page, ".by-length tbody tr");
    assert.equal(length, "16");
    assertShown(shown.at(-1), totals(tree).newToken);
  });
});

test("a forward pass is one phase, and has no new tokens", async () => {
  await onPage("page.html", async (page) => {
    assert.equal(await page.locator('[data-figure="new-token"]').count(), 0);
    await choose(page, "Group by", "phase");
    const [energy] = readRuns(file("additive.jsonl")).map((tree) => tree.frontend_tree.predicted_energy);
    const cell = row(page, "root/forward").locator(".energy");
    assertClose(Number(await cell.getAttribute("data-joules")), energy);
    await page.getByRole("tab", { name: "Charts" }).click();
    const choices = await page.getByLabel("Energy", { exact: true }).locator("option").allTextContents();
    assert.deepEqual(choices, ["per run", "per sample", "per token"]);
  });
});
