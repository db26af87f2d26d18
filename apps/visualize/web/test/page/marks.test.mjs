// What predictions tell of nodes beside energies: nodes outside training, operations that it did not see, nodes without
// an interval; and who predicted.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { nodesOf, readRuns, summarize } from "../expected.mjs";
import { violations } from "./checks.mjs";
import {
  assertClose,
  cells,
  number,
  onPage,
  source,
  choose,
  field,
  file,
  onRun,
  parseCsv,
  row,
  run,
  runs,
  saved,
  writeRuns,
} from "./fixture.mjs";

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
  writeRuns("marked.jsonl", marked);
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
      /^1 node lies outside the range of training, 1 is an operation that it did not see, 1 has no interval:/,
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

test("what nearly all nodes of a run have stands once, and signs are on those that differ", async () => {
  const tree = structuredClone(runs[0]);
  const nodes = [...nodesOf(tree.frontend_tree)];
  for (const node of nodes) {
    node.outside_training = ["dtype"];
    node.no_interval = "saw no <float16>";
    for (const end of ["low", "high"]) delete node[`predicted_energy_${end}`];
  }
  const [first, second] = tree.frontend_tree.child_nodes_obj;
  first.outside_training = ["dtype", "rows"];
  delete second.outside_training;
  writeRuns("whole.jsonl", [tree]);
  run("irene-visualize", file("whole.jsonl"), file("whole.html"));
  await onRun(
    "whole.html",
    async (page) => {
      const notice = await page.locator(".beyond").innerText();
      const of = `${nodes.length} nodes`;
      const told = [
        `outside the range of training: dtype (${nodes.length - 1} of ${of})`,
        `no interval: saw no <float16> (all ${of})`,
        "Beside that, 1 node lies outside the range of training:",
      ];
      for (const text of told) assert.ok(notice.includes(text), notice);
      assert.deepEqual(await signs(page, tree.frontend_tree.scope), []);
      assert.deepEqual(await signs(page, first.scope), ["\u25b2"]);
      assert.deepEqual(await signs(page, second.scope), ["\u25c7"]);
      assert.equal(await page.locator("#tree .sign").count(), 2);
      assert.equal(await page.locator(".icicle .outside").count(), 1);
      assert.match(await page.locator(".legend").textContent(), /unlike most nodes of the run/);
      // Nothing is lost: what is told of the run is told of its nodes where one looks at them.
      const leaf = nodes.find((node) => node.child_nodes_obj.length === 0 && node !== first);
      for (const node of [tree.frontend_tree, first, leaf]) {
        const said = page.locator(`.icicle [data-key="${node.scope}"]:not([data-own])`).first();
        const label = await said.getAttribute("aria-label");
        assert.match(label, /outside the range of training: dtype/);
        assert.match(label, /no interval: saw no <float16>/);
      }
      const lines = parseCsv((await saved(page, "Save the table as CSV")).toString());
      assert.equal(lines.filter((line) => line.outside_training !== "").length, nodes.length - 1);
      assert.ok(lines.every((line) => line.no_interval === "saw no <float16>"));
    },
    { hash: "#fold=false" },
  );
});

test("what a law's joules are spent on, as irene-summarize has it, and on which device", async () => {
  const predicted = (device) => {
    run(
      "irene-predict",
      "-q",
      file("law-trees.jsonl"),
      file(`${device}.jsonl`),
      join(source, "models", device),
    );
    return readRuns(file(`${device}.jsonl`));
  };
  const config = join(source, "configs/models/bert-base-uncased.json");
  run(
    "irene-extract",
    "-q",
    config,
    "--batch_size",
    "1,8",
    "--dtype",
    "float16",
    "-o",
    file("law-trees.jsonl"),
  );
  const [first] = predicted("h100-sxm-eager");
  const [other] = predicted("a100-pcie-eager");
  const devices = [first, other].map((tree) => tree.prediction.device);
  assert.notEqual(devices[0], devices[1]);
  run(
    "irene-visualize",
    file("h100-sxm-eager.jsonl"),
    file("law.html"),
    "--compare",
    file("a100-pcie-eager.jsonl"),
  );
  const parts = ["arithmetic", "memory", "static"];
  const byScope = summarize(first, "scope");
  await onPage("law.html", async (page) => {
    const head = await page.locator("#runs thead th + th").allTextContents();
    assert.ok(!head.includes("Predicted by") || devices.every(Boolean));
    const column = (await cells(page, "#runs tr[data-run]")).map((line) => line[1 + head.indexOf("Device")]);
    assert.deepEqual(column, [devices[0], devices[0], devices[1], devices[1]]);
    await page.getByLabel("Filter runs").fill(`${devices[1]} b8`);
    assert.equal(await page.locator("#runs tr[data-run]").count(), 1);
    await page.getByLabel("Filter runs").fill("");
    await choose(page, "Group by", "device");
    assert.deepEqual(
      await page.locator("#runs .group-name").allTextContents(),
      devices.map((device) => `Device ${device}`),
    );
    const [line] = parseCsv((await saved(page, "Save the runs as CSV")).toString());
    assert.equal(line.device, devices[0]);
  });
  await onRun(
    "law.html",
    async (page) => {
      // The bar and its names: percents of the run.
      const [row0] = summarize(first, "model_name");
      const names = await page.locator(".kinds .kind").allTextContents();
      assert.equal(names.length, 3);
      for (const part of parts) {
        const text = names.find((name) => name.startsWith(part));
        const percent = (100 * row0[`${part} J/tree`]) / row0["J/tree"];
        assert.ok(Math.abs(number(text.slice(part.length)) - percent) <= 0.0501, `${text}: ${percent}`);
        const wide = await page.locator(`.spent [data-share="${part}"]`).evaluate((one) => one.style.width);
        assert.ok(Math.abs(Number.parseFloat(wide) - percent) < 0.01, wide);
      }
      // Own joules of each part, by scope, in the table and in what is saved.
      const saves = JSON.parse((await saved(page, "Save the table as JSON")).toString());
      assert.deepEqual(Object.keys(saves[0]), Object.keys(byScope[0]));
      const csv = (await saved(page, "Save the table as CSV")).toString();
      const lines = parseCsv(csv.replace(/"[^"]*"/g, "quoted")); // the model's name has a comma
      for (const expected of byScope) {
        const found = saves.find(({ scope }) => scope === expected.scope);
        const same = lines.filter(({ scope }) => scope === expected.scope);
        assertClose(found["outside %"], expected["outside %"], 1e-6);
        for (const part of parts) {
          const own = expected[`self ${part} J/tree`];
          const most = 1e-9 * row0["J/tree"];
          assert.ok(Math.abs(found[`self ${part} J/tree`] - own) <= most, expected.scope);
          const inCsv = same.reduce((sum, line) => sum + Number(line[`predicted_own_${part}_energy`]), 0);
          assert.ok(Math.abs(inCsv - own) <= most, expected.scope);
          const shown = row(page, expected.scope).locator(`[data-part="own ${part}"]`);
          if ((await shown.count()) === 1 && own > most) assertJoules(await shown.textContent(), own);
        }
      }
      const root = row(page, "root");
      for (const part of parts)
        assertJoules(await root.locator(`[data-part="${part}"]`).textContent(), row0[`${part} J/tree`]);
      assert.match(await page.locator(".details").innerText(), /spent on memory\s+[\d.]+ J, [\d.]+ %; own /);
      // Sorted and coloured by a part; groups have theirs.
      await page.locator("#tree thead").getByRole("button", { name: "Own memory" }).click();
      const before = await page.locator('.icicle [data-key="root"] rect').getAttribute("fill");
      for (const part of parts) await choose(page, "Colour by", part);
      assert.notEqual(await page.locator('.icicle [data-key="root"] rect').getAttribute("fill"), before);
      assert.match(await page.locator(".legend").textContent(), /100 % static/);
      await choose(page, "Group by", "operation");
      const kinds = sumsOfParts(first);
      const linear = row(page, "root/linear");
      for (const part of parts)
        assertJoules(await linear.locator(`[data-part="${part}"]`).textContent(), kinds.Linear[part]);
    },
    { hash: "#tab=run" },
  );
  // Beside the same run elsewhere: the differences are those of irene-summarize, and add up.
  await onPage(
    "law.html",
    async (page) => {
      const [a, b] = [first, other].map((tree) => summarize(tree, "model_name")[0]);
      const headline = await page.locator(".headline").textContent();
      for (const part of parts) {
        const [, text] = new RegExp(`${part} ([^ ]+ [^ ,.]+)`).exec(headline);
        assertJoules(text, b[`${part} J/tree`] - a[`${part} J/tree`]);
      }
      const csv = (await saved(page, "Save the comparison as CSV")).toString();
      for (const line of parseCsv(csv.replace(/"[^"]*"/g, "quoted"))) {
        const sum = parts.reduce((total, part) => total + Number(line[`${part}_difference`]), 0);
        assert.ok(Math.abs(sum - Number(line.difference)) < 1e-9 * a["J/tree"], line.scope);
      }
      const heads = await page.locator("#compare-table thead th").allTextContents();
      assert.deepEqual(
        heads.slice(-3),
        parts.map((part) => `of it ${part}`),
      );
      const [top] = await cells(page, "#compare-table tbody tr");
      assertJoules(top[heads.indexOf("of it static")], b["static J/tree"] - a["static J/tree"]);
      const said = await page.locator('.differences [data-key="root"]').first().getAttribute("aria-label");
      assert.match(said, /of it own .*, of it arithmetic .*, of it memory .*, of it static /);
    },
    { hash: "#tab=compare&other=2" },
  );
  // A model that does not tell it has none of it.
  await onRun("marked.html", async (page) => {
    assert.equal(await page.locator(".spent, .kinds").locator("visible=true").count(), 0);
    assert.equal(await page.locator("#tree .part").count(), 0);
    assert.equal(await page.getByLabel("Colour by").locator("option").count(), 6);
  });
});

/// "219.7 \u00b5J", or a number where the head of the column names the unit.
function assertJoules(text, joules) {
  const [, prefix] = / (.)J$/.exec(text) ?? [];
  const shown = number(text) * ({ n: 1e-9, "\u00b5": 1e-6, m: 1e-3 }[prefix] ?? 1);
  assertClose(shown, joules, 5.1e-4);
}

/// By class of leaf: joules of each part.
function sumsOfParts(tree) {
  const parts = ["arithmetic", "memory", "static"];
  const rows = summarize(tree, "instance_type");
  const of = (line) => Object.fromEntries(parts.map((part) => [part, line[`self ${part} J/tree`]]));
  return Object.fromEntries(rows.map((line) => [line.instance_type, of(line)]));
}

test("no violation that axe knows on a page with a law's parts, light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const tab of ["runs", "run", "compare"]) {
      const look = { hash: `#tab=${tab}`, colorScheme };
      await onPage("law.html", async (page) => assert.deepEqual(await violations(page), [], tab), look);
    }
  }
});
