// What predictions tell of nodes beside energies: nodes outside training, operations that it did not see, nodes without
// an interval; and who predicted.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { nodesOf } from "../expected.mjs";
import { choose, field, file, onRun, parseCsv, row, run, runs, saved } from "./fixture.mjs";

before(() => {
  const marked = structuredClone(runs.slice(0, 2));
  for (const tree of marked) {
    delete tree.prediction;
    for (const node of nodesOf(tree.frontend_tree)) {
      for (const key of ["outside_training", "unseen_operation", "no_interval"]) delete node[key];
    }
  }
  const [{ frontend_tree: root }] = marked;
  marked[0].prediction = { model: "mine", training_strategy: "additive", interval: 0.9 };
  const first = root.child_nodes_obj[0];
  first.outside_training = ["rows", "flops"];
  first.no_interval = "<b>too far</b>";
  delete first.predicted_energy_low;
  delete first.predicted_energy_high;
  first.child_nodes_obj[0].unseen_operation = true;
  writeFileSync(file("marked.jsonl"), marked.map((tree) => JSON.stringify(tree) + "\n").join(""));
  run("irene-visualize", file("marked.jsonl"), file("marked.html"));
});

const OUTSIDE = "outside the range of training";
const UNSEEN = "operation not seen in training";
const signs = (page, key) => row(page, key).locator(".sign").allTextContents();

test("marked nodes have signs, a legend and, where selected, their reasons", async () => {
  await onRun("marked.html", async (page) => {
    const root = runs[0].frontend_tree;
    const first = root.child_nodes_obj[0];
    const leaf = first.child_nodes_obj[0];
    await field(page, "Fold repeated layers").uncheck();
    assert.deepEqual(await signs(page, first.scope), ["\u25b2", "\u2205"]);
    assert.deepEqual(await signs(page, leaf.scope), ["?"]);
    assert.deepEqual(await signs(page, root.scope), []);
    // Heard as words.
    assert.ok((await row(page, first.scope).locator("th").textContent()).includes(`, ${OUTSIDE}`));
    const legend = await page.locator(".legend").textContent();
    for (const meaning of [OUTSIDE, UNSEEN, "no interval"]) assert.ok(legend.includes(meaning), legend);
    await row(page, first.scope).click();
    const details = await page.locator(".details").innerText();
    assert.ok(details.includes("rows, flops"), details);
    assert.ok(details.includes("<b>too far</b>"), details);
    await row(page, leaf.scope).click();
    assert.match(await page.locator(".details").innerText(), /not seen in training/);
    assert.match(
      await page.locator(".beyond").innerText(),
      /^1 node lies outside the range of training, and 1 is an operation that it did not see/,
    );
    // In the charts: lines over the one, a dashed border around the other.
    for (const chart of ["icicle", "sunburst"]) {
      assert.equal(await page.locator(`.${chart} .outside`).count(), 1);
      assert.equal(await page.locator(`.${chart} .unseen`).count(), 1);
    }
    const place = (selector) => page.locator(selector).first().boundingBox();
    assert.deepEqual(
      await place(".icicle .outside"),
      await place(`.icicle [data-key="${first.scope}"] rect`),
    );
    assert.equal(
      await page.locator(".origin").innerText(),
      "Predicted by model 'mine', strategy additive, intervals of 90 %",
    );
    const table = parseCsv((await saved(page, "Save the table as CSV")).toString());
    const marked = table.find((line) => line.scope === first.scope);
    assert.equal(marked.outside_training, "rows flops");
    assert.equal(marked.no_interval, "<b>too far</b>");
    assert.equal(table.find((line) => line.scope === leaf.scope).unseen_operation, "true");
    // A group has the signs of any node in it.
    await choose(page, "Group by", "class");
    assert.ok((await page.locator("#tree .sign").count()) > 0);
    // The other run has nothing of it.
    await page.getByRole("button", { name: "Next run" }).click();
    assert.equal(await page.locator(".sign, .outside, .unseen").count(), 0);
    assert.equal(await page.locator(".beyond").isVisible(), false);
    assert.equal(await page.locator(".origin").isVisible(), false);
  });
});
