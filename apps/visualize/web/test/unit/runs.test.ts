import assert from "node:assert/strict";
import { test } from "node:test";
import { compareFiles, compareTrees, counterpart } from "../../src/compare.ts";
import { at, decode } from "../../src/data.ts";
import { foldLayers } from "../../src/fold.ts";
import { matchesRun } from "../../src/runs.ts";
import { energyPer, errorByType, lengthSeries } from "../../src/series.ts";
import { buildTree } from "../../src/tree.ts";
import { resolve } from "../../src/view.ts";
import { pageData, small } from "./trees.ts";

test("two trees are compared scope by scope", () => {
  const other = small();
  other.root.energy = 21;
  const encoder = at(other.root.children ?? [], 1);
  encoder.children?.pop();
  other.root.children?.push({ name: "head", class: "Linear", energy: 4 });
  const data = decode(pageData([small(), other]));
  const [a, b] = data.runs.map((run) => buildTree(data, run));
  assert.ok(a && b);
  const rows = new Map(compareTrees(a, b).map((row) => [row.key, row]));
  assert.equal(rows.get("root")?.joules, 7);
  assert.equal(rows.get("root")?.percent, 50);
  assert.equal(rows.get("root.head")?.first, undefined);
  assert.equal(rows.get("root.head")?.second, 4);
  assert.equal(rows.get("root.encoder.2.dense")?.second, undefined);
  assert.equal(rows.get("root.encoder.2.dense")?.joules, undefined);
  assert.equal(rows.size, compareTrees(a, b).length);
});

test("folded layers are named by what they stand for on either side", () => {
  const fewer = small();
  at(fewer.root.children ?? [], 1).children?.pop();
  const data = decode(pageData([small(), fewer]));
  const [a, b] = data.runs.map((run) => foldLayers(buildTree(data, run)));
  assert.ok(a && b);
  const names = compareTrees(a, b).map((row) => row.name);
  assert.ok(names.includes("encoder.* \u00d7 3 / encoder.* \u00d7 2"), names.join());
});

test("files are joined by model, batch size and length", () => {
  const at64 = { ...small(), length: 64 };
  const data = decode(
    pageData(
      [
        small(),
        at64,
        { ...small(), file: 1, root: { ...small().root, energy: 7 } },
        { ...at64, model: "new", file: 1 },
      ],
      ["a", "b"],
    ),
  );
  const pairs = compareFiles(data.runs);
  assert.deepEqual(
    pairs.map((pair) => [pair.first?.index, pair.second?.index, pair.joules, pair.percent]),
    [
      [0, 2, -7, -50],
      [1, undefined, undefined, undefined],
      [undefined, 3, undefined, undefined],
    ],
  );
  assert.equal(counterpart(data.runs, at(data.runs, 0))?.index, 2);
  assert.equal(counterpart(data.runs, at(data.runs, 1))?.index, 0);
});

test("energy by length has a line for each batch size", () => {
  const runs = [
    [8, 64],
    [8, 32],
    [16, 32],
  ].map(([batch = 0, length = 0]) => ({ ...small(), batch, length }));
  const data = decode(pageData([...runs, { ...small(), model: "other" }]));
  const series = lengthSeries(data.runs, "tiny", 0, "token");
  assert.deepEqual(
    series.map((line) => [line.batch, line.points.map((point) => point.length)]),
    [
      [8, [32, 64]],
      [16, [32]],
    ],
  );
  assert.equal(series[0]?.points[0]?.energy, 14 / 256);
  assert.equal(energyPer(at(data.runs, 0), "sample"), 14 / 8);
  assert.equal(energyPer(at(data.runs, 0), "new-token"), undefined);
  const generations = decode(pageData([...runs, { ...small(), batch: 4, length: 32, newTokens: 7 }]));
  assert.deepEqual(lengthSeries(generations.runs, "tiny", 0, "new-token"), [
    { batch: 4, points: [{ length: 32, energy: 14 / 28, run: 3 }] },
  ]);
});

test("errors by type count every node, however its subtree is stored", () => {
  const data = decode(pageData([small()]));
  const [ml, module, model] = errorByType(data, data.runs);
  // Leaves: embed 0 %, three queries 100 %, three dense 33.3 %; modules: encoder 47.1 %, six of 50 %.
  assert.ok(Math.abs((ml?.percent ?? 0) - 400 / 7) < 1e-12);
  assert.equal(ml?.numNodes, 7);
  assert.ok(Math.abs((module?.percent ?? 0) - (6 * 50 + (100 * 4) / 8.5) / 7) < 1e-12);
  assert.equal(model?.percent, 40);
  const twice = errorByType(data, [...data.runs, ...data.runs]);
  assert.equal(twice[0]?.numNodes, 14);
  assert.deepEqual(
    errorByType(
      decode(
        pageData([
          {
            ...small(),
            root: { name: "r", class: "M", energy: 1, children: [{ name: "x", class: "L", energy: 1 }] },
          },
        ]),
      ),
      [],
    )[0],
    { type: "ml", percent: undefined, numNodes: 0 },
  );
  const huge = small();
  Object.assign(huge.root, { energy: 1e308, measured: 1e-10 });
  const hugeData = decode(pageData([huge]));
  assert.equal(errorByType(hugeData, hugeData.runs)[2]?.percent, undefined);
});

test("the list of runs is searched word by word, numbers as a whole", () => {
  const run = at(decode(pageData([{ ...small(), model: "bert-base", batch: 8, length: 128 }])).runs, 0);
  for (const query of ["", "BERT", "batch 8", "b8 128", "base length 128"])
    assert.ok(matchesRun(run, "p.jsonl", query), query);
  const generation = { ...run, model: "gpt2 (dtype bfloat16, new_tokens 64)" };
  assert.ok(matchesRun(generation, "p.jsonl", "bfloat16 new_tokens 64"));
  assert.ok(!matchesRun(generation, "p.jsonl", "new_tokens 6"));
  for (const query of ["gpt", "bert 12", "b16", "8 64"]) assert.ok(!matchesRun(run, "p.jsonl", query), query);
});

test("a node that a tree lacks is found in what stands for it", () => {
  const data = decode(pageData([small()]));
  const root = buildTree(data, at(data.runs, 0));
  assert.equal(resolve(root, "root.encoder.1.dense").key, "root.encoder.1.dense");
  assert.equal(resolve(root, "root.encoder.7.dense").key, "root.encoder");
  assert.equal(resolve(root, "nowhere"), root);
  assert.equal(resolve(root, ""), root);
});
