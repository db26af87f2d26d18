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
  onRun,
  parseCsv,
  row,
  run,
  saved,
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
  // And a second a GiB, of the run and its calls.
  for (const { frontend_tree } of generations)
    for (const node of [frontend_tree, ...frontend_tree.child_nodes_obj])
      node.predicted_seconds = node.mem_bytes / 1024;
  const lines = generations.map((tree) => JSON.stringify(tree) + "\n").join("");
  writeFileSync(file("generations.jsonl"), lines);
  run("irene-visualize", file("generations.jsonl"), file("generations.html"));
  // Forward passes: the first has no time, and the last takes longest and has the fewest watts.
  const forward = readRuns(file("additive.jsonl")).slice(0, 4);
  forward.slice(1).forEach((tree, place) => {
    tree.frontend_tree.predicted_seconds = 0.25 * (place + 1);
    tree.frontend_tree.predicted_energy = 4 - place;
  });
  writeFileSync(file("timed.jsonl"), forward.map((tree) => JSON.stringify(tree) + "\n").join(""));
  run("irene-visualize", file("timed.jsonl"), file("timed.html"));
});

test("a generation has its phases, and joules by new token", async () => {
  const place = 3;
  const tree = generations[place];
  await onPage("generations.html", async (page) => {
    const rows = page.locator("#runs tr[data-run]");
    await page.getByLabel("Filter runs").fill("gpt2 bfloat16 b4 n9");
    assert.equal(await rows.count(), 1);
    const head = await page.locator("#runs thead th + th").allTextContents();
    const [shown] = await rows.evaluateAll((all) =>
      all.map((one) => [...one.cells].slice(1).map((cell) => cell.textContent)),
    );
    assertShown(shown[head.indexOf("per token (J)")], totals(tree).newToken);
    assertShown(shown[head.indexOf("Time (s)")], totals(tree).latency);
    assert.equal(shown[head.indexOf("New tokens")], "9");
    assert.equal(shown[head.indexOf("gpus")], "2");
    await rows.first().click();
    assert.match(
      await page.locator("#run-title").textContent(),
      /gpt2 \(counting kernels, dtype bfloat16, new_tokens 9, gpus 2\) batch 4 . length 16/,
    );
    assertShown(await figure(page, "token"), totals(tree).newToken);
    assertClose(totals(tree).newToken, tree.frontend_tree.predicted_energy / (4 * 9));
    const { prefill, decode } = sums(tree, "phase");
    const sentence = await page.locator(".answer").textContent();
    for (const [name, { self }] of Object.entries({ prefill, decode })) {
      const said = Number(sentence.match(new RegExp(`${name} ([\\d.]+) %`))[1]);
      assert.ok(Math.abs(said - (100 * self) / totals(tree).energy) <= 0.051, sentence);
    }

    await choose(page, "Group by", "phase");
    const phases = sums(tree, "phase");
    assert.deepEqual(Object.keys(phases).sort(), ["decode", "generation", "prefill"]);
    for (const [name, { self }] of Object.entries(phases)) {
      const cell = row(page, `root/${name}`).locator(".energy");
      assertClose(Number(await cell.getAttribute("data-joules")), self, 1e-6);
    }
    await page.getByRole("tab", { name: "Runs" }).click();
    await choose(page, "Energy", "token");
    await choose(page, "Over", "newTokens");
    await page.locator(".energy-of-runs details.numbers summary").click();
    const rows_ = await cells(page, ".energy-of-runs tbody tr");
    assertShown(rows_.at(-1)[2], totals(tree).newToken);
  });
});

test("latency, power and tokens a second of a run and its calls", async () => {
  const tree = generations[3];
  await onRun("generations.html", async (page) => {
    await page.getByLabel("Run", { exact: true }).selectOption("3");
    const { latency, power, rate } = totals(tree);
    assertShown(await figure(page, "latency"), latency);
    assertShown(await figure(page, "power"), power);
    assertShown(await figure(page, "rate"), rate);
    assertClose(latency, tree.frontend_tree.predicted_seconds);
    assertClose(rate, (4 * 9) / latency);
    assertClose(power, 1024);
    assert.match(await page.locator('[data-figure="rate"]').textContent(), /New tokens a second/);
    const fact = (name) =>
      page.locator(".details dl > div", { has: page.locator(`dt:text-is("${name}")`) }).locator("dd");
    await row(page, "root.decode").click();
    const { seconds, watts } = sums(tree, "phase").decode;
    assertShown(await fact("time").textContent(), seconds);
    assertShown(await fact("power").textContent(), watts);
    const text = (await saved(page, "Save the table as CSV")).toString();
    const table = parseCsv(text.replaceAll(/"[^"]*"/g, "quoted")); // names with commas
    const told = table.filter((one) => one.predicted_seconds !== "").map((one) => one.scope);
    assert.deepEqual(told.sort(), ["root", "root.decode", "root.prefill"]);
    await row(page, "root").click();
    assertShown(await fact("time").textContent(), latency);
    await choose(page, "Group by", "phase");
    await row(page, "root/decode").click();
    assertShown(await fact("time").textContent(), seconds);
    await row(page, "root/generation").click();
    assert.equal(await fact("time").count(), 0);
  });
});

test("runs are sorted by their times", async () => {
  await onPage("timed.html", async (page) => {
    const places = () =>
      page.locator("#runs tr[data-run]").evaluateAll((all) => all.map((one) => Number(one.dataset.run)));
    const sort = (head) => page.locator("#runs thead").getByRole("button", { name: head }).click();
    assert.deepEqual(await places(), [0, 1, 2, 3]);
    await sort("Time (s)");
    assert.deepEqual(await places(), [1, 2, 3, 0]);
    await sort("Time (s)");
    assert.deepEqual(await places(), [3, 2, 1, 0]);
    await sort("Time (s)");
    assert.deepEqual(await places(), [0, 1, 2, 3]);
    await page.locator('#runs tr[data-run="3"]').click();
    const timed = totals(readRuns(file("timed.jsonl"))[3]);
    assertShown(await figure(page, "rate"), timed.rate);
    assert.match(await page.locator('[data-figure="rate"]').textContent(), /^Tokens a second/);
  });
  await onRun("page.html", async (page) => {
    assert.equal(await page.locator('[data-figure="latency"], [data-figure="rate"]').count(), 0);
    await page.getByRole("tab", { name: "Runs" }).click();
    assert.equal(await page.locator("#runs thead").getByText("Time").count(), 0);
  });
});

test("a forward pass is one phase, and has no new tokens", async () => {
  await onRun("page.html", async (page) => {
    await choose(page, "Group by", "phase");
    const [energy] = readRuns(file("additive.jsonl")).map((tree) => tree.frontend_tree.predicted_energy);
    const cell = row(page, "root/forward").locator(".energy");
    assertClose(Number(await cell.getAttribute("data-joules")), energy);
    await page.getByRole("tab", { name: "Runs" }).click();
    const choices = await page.getByLabel("Over", { exact: true }).locator("option").allTextContents();
    assert.deepEqual(choices, ["sequence length", "batch size"]);
    assert.equal(await page.locator("#runs thead").getByText("New tokens").count(), 0);
  });
});
