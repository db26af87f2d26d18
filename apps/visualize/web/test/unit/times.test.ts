import assert from "node:assert/strict";
import { test } from "node:test";
import { at, decode } from "../../src/data.ts";
import { foldLayers } from "../../src/fold.ts";
import { groupTree } from "../../src/group.ts";
import { powerOf, tokensBySecond } from "../../src/times.ts";
import { buildTree, find } from "../../src/tree.ts";
import { pageData } from "./trees.ts";

const run = (energy: number, seconds?: number, newTokens = 0) => ({
  model: "m",
  batch: 2,
  length: 8,
  newTokens,
  root: {
    name: "root",
    class: "Model",
    energy,
    ...(seconds === undefined ? {} : { seconds }),
    children: [
      { name: "prefill", class: "Prefill", energy: energy / 4, ...(seconds ? { seconds: seconds / 8 } : {}) },
      { name: "decode", class: "Decode", energy: energy / 4 },
    ],
  },
});

test("power and tokens by second; of no time or 0 s there are none", () => {
  const { runs } = decode(pageData([run(12, 4), run(12, 4, 6), run(12), run(12, 0)]));
  assert.deepEqual(
    runs.map((one) => one.seconds),
    [4, 4, undefined, 0],
  );
  assert.deepEqual(
    runs.map((one) => powerOf(one.predicted, one)),
    [3, 3, undefined, undefined],
  );
  assert.deepEqual(runs.map(tokensBySecond), [4, 3, undefined, undefined]);
});

test("seconds stay with the run and its calls, also folded and by phase", () => {
  const data = decode(pageData([run(12, 4, 6)]));
  const tree = buildTree(data, at(data.runs, 0));
  assert.equal(find(tree, "root.prefill")?.seconds, 0.5);
  assert.equal(find(tree, "root.decode")?.seconds, undefined);
  assert.equal(find(foldLayers(tree), "root.prefill")?.seconds, 0.5);
  const phases = groupTree(tree, "phase", true);
  assert.equal(phases.seconds, 4);
  assert.equal(find(phases, "root/prefill")?.seconds, 0.5);
  assert.equal(find(phases, "root/generation")?.seconds, undefined);
  assert.equal(find(groupTree(tree, "phase", false), "root/forward")?.seconds, 4);
});
