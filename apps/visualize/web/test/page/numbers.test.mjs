// What stands on the page beside what irene-summarize prints, on each of its views.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { nodesOf, summarize, sums, totals } from "../expected.mjs";
import {
  assertClose,
  assertShown,
  cells,
  choose,
  field,
  figure,
  number,
  onPage,
  onRun,
  row,
  runs,
  saved,
} from "./fixture.mjs";

let tree; // the run that is looked at
let byScope; // its nodes, with repeated layers folded
let byType;
before(() => {
  [tree] = runs;
  byScope = sums(tree, "scope");
  byType = sums(tree, "instance_type");
});

const PREFIXES = { n: 1e-9, "\u00b5": 1e-6, m: 1e-3, "": 1, k: 1e3, M: 1e6 };
/// The first energy in a text, in joules.
function joulesIn(text) {
  const [, digits, prefix, unit] = text.match(/([\u2212+]?[\d.]+) ([n\u00b5mkM]?)(J|Wh)/);
  return number(digits) * PREFIXES[prefix] * (unit === "Wh" ? 3600 : 1);
}
/// Shown to four digits.
const assertJoules = (text, joules) => assertClose(joulesIn(text), joules, 5.1e-4);

test("1, 9: pictures are drawn to scale, on the page and as they are saved", async () => {
  await onRun("page.html", async (page) => {
    const nodes = await page.locator(".icicle .node:not([data-own])").evaluateAll((all) =>
      all.map((one) => ({
        key: one.dataset.key,
        said: one.getAttribute("aria-label"),
        width: one.querySelector("rect").getBoundingClientRect().width,
      })),
    );
    assert.ok(nodes.length > 5);
    // Two products of an attention have one scope, and one line of irene-summarize.
    const byLine = new Map();
    for (const { key, said, width } of nodes) {
      const scope = key.replace(/#\d+$/, "");
      const line = byLine.get(scope) ?? { joules: 0, width: 0 };
      line.joules += joulesIn(said.split("\n").slice(1).join("\n"));
      line.width += width;
      byLine.set(scope, line);
    }
    for (const [scope, { joules, width }] of byLine) {
      const energy = byScope[scope].inclusive;
      assert.ok(
        Math.abs(joules - energy) <= 5.1e-4 * Math.abs(energy),
        `${scope}: ${joules} is not ${energy}`,
      );
      // As wide as it spends, beside the widest that lies in the same node.
      const parent = scope.slice(0, Math.max(scope.lastIndexOf("."), 0));
      const [most, { width: widest }] = [...byLine]
        .filter(([other]) => other.slice(0, Math.max(other.lastIndexOf("."), 0)) === parent)
        .reduce((a, b) => (a[1].width > b[1].width ? a : b));
      const share = Math.max(energy, 0) / byScope[most].inclusive;
      assert.ok(Math.abs(width / widest - share) <= 3 / widest, `${scope}: ${width} of ${widest}, ${share}`);
    }
    for (const chart of ["Icicle", "Sunburst"]) {
      const svg = (await saved(page, `Save ${chart} as SVG`)).toString();
      assertShown(svg.match(/, ([\d.]+ J)</)[1], totals(tree).energy);
    }
  });
});

test("2: runs by sample and token, as a matrix and for papers", async () => {
  await onPage(
    "page.html",
    async (page) => {
      const name = tree.model_name;
      await page.getByLabel("Filter runs").fill(`${name} b${tree.batch_size}`);
      const shown = runs.filter((one) => one.model_name === name && one.batch_size === tree.batch_size);
      await page.getByText("Matrix of models").click();
      for (const [per, key] of [
        ["sample", "sample"],
        ["token", "token"],
        ["run", "energy"],
      ]) {
        await choose(page, "Energy", per);
        const [[, ...lengths], ...lines] = await cells(page, "#matrix tr");
        assert.equal(lines.length, 1);
        assert.deepEqual(
          lengths.map(Number),
          shown.map((one) => one.seq_len).sort((a, b) => a - b),
        );
        lengths.forEach((length, i) =>
          assertShown(lines[0][1 + i], totals(shown.find((one) => one.seq_len === Number(length)))[key]),
        );
      }
      const [head, , ...lines] = (await saved(page, "Save the runs as Markdown"))
        .toString()
        .trim()
        .split("\n")
        .map((line) => line.split("|").map((cell) => cell.trim()));
      assert.equal(lines.length, shown.length);
      lines.forEach((line, i) => {
        assertShown(line[head.indexOf("Energy (J)")], totals(shown[i]).energy);
        assertShown(line[head.indexOf("per token (J)")], totals(shown[i]).token);
      });
      const latex = (await saved(page, "Save the runs as LaTeX")).toString();
      for (const one of shown) assert.ok(latex.includes(totals(one).sample.toPrecision(4)), latex);
    },
    { hash: "" },
  );
});

test("3, 4: the answer and its interval", async () => {
  const [line] = summarize(tree, "model_name");
  await onRun("page.html", async (page) => {
    assertJoules(await page.locator(".answer strong").textContent(), line["J/tree"]);
    const hint = await page.locator('[data-figure="predicted"] .hint').textContent();
    const [low, high] = hint.match(/[\d.]+ J/g);
    assertShown(low, line["low J/tree"]);
    assertShown(high, line["high J/tree"]);
  });
});

test("5: both sides of a comparison, and what they differ by", async () => {
  const b = runs.findIndex((one) => one.model_name === tree.model_name && one.seq_len !== tree.seq_len);
  await onPage(
    "page.html",
    async (page) => {
      const other = sums(runs[b], "scope");
      const rows = await page
        .locator("#compare-table tbody tr")
        .evaluateAll((all) =>
          all.map((one) => [
            one.dataset.key,
            Number(one.dataset.self),
            ...[...one.cells].map((c) => c.textContent),
          ]),
        );
      const seen = new Set();
      const several = new Set(rows.filter(([key]) => key.includes("#")).map(([key]) => key.split("#")[0]));
      for (const [key, self, , first, second, difference] of rows) {
        const scope = key.split("#")[0];
        seen.add(scope);
        if (several.has(scope)) continue; // one line of irene-summarize for several rows
        assertJoules(first, byScope[key].inclusive);
        assertJoules(second, other[key].inclusive);
        assertJoules(difference, other[key].inclusive - byScope[key].inclusive);
        const expected = other[key].self - byScope[key].self;
        assert.ok(Math.abs(self - expected) <= 1e-9 * totals(tree).energy, key);
      }
      assert.deepEqual([...seen].sort(), Object.keys(byScope).sort());
      const sum = rows.reduce((total, [, self]) => total + self, 0);
      assertClose(sum, totals(runs[b]).energy - totals(tree).energy, 1e-6);
      const [[, last]] = await cells(page, "#compare-table tfoot tr");
      assertJoules(last, sum);
    },
    { hash: `#tab=compare&other=${b}` },
  );
});

test("6, 7, 8: a node's joules by arithmetic and memory, what a search finds, and units", async () => {
  const kinds = Object.keys(byType).filter((name) =>
    [...nodesOf(tree.frontend_tree)].every(
      (node) => node.instance_type !== name || node.child_nodes_obj.length === 0,
    ),
  );
  const kind = kinds.reduce((a, b) => (byType[a].self > byType[b].self ? a : b));
  await onRun("page.html", async (page) => {
    const fact = (name) =>
      page
        .locator(".details dl > div", { has: page.locator(`dt:text-is("${name}")`) })
        .locator("dd")
        .textContent();
    await field(page, "Find a component or operation").fill(kind);
    const found = await page.locator(".found:visible").textContent();
    assertJoules(found, byType[kind].self);
    await field(page, "Find a component or operation").fill("");
    await choose(page, "Group by", "operation");
    await row(page, `root/${kind.toLowerCase()}`).click();
    const all = [...nodesOf(tree.frontend_tree)].filter((node) => node.instance_type === kind);
    const sum = (key) => all.reduce((total, node) => total + node[key], 0);
    assertJoules(await fact("energy"), byType[kind].self);
    assertShown(await fact("J per GFLOP"), byType[kind].self / (sum("flops") / 1e3));
    assertShown(await fact("J per GiB"), byType[kind].self / (sum("mem_bytes") / 1024));
    await choose(page, "Unit", "mJ");
    assertShown(await fact("energy"), 1e3 * byType[kind].self);
    assertShown(await figure(page, "token"), 1e3 * totals(tree).token);
    await choose(page, "Unit", "kWh"); // shown with a prefix that fits
    const text = await fact("energy");
    assert.match(text, /Wh$/);
    assertJoules(text, byType[kind].self);
  });
});
