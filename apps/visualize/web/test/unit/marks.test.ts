import assert from "node:assert/strict";
import { test } from "node:test";
import { at, decode } from "../../src/data.ts";
import { foldLayers } from "../../src/fold.ts";
import { groupTree } from "../../src/group.ts";
import { facts, NOTHING, signsOf, signText, together } from "../../src/marks.ts";
import { buildTree, find, countBeyond } from "../../src/tree.ts";
import { pageData, small } from "./trees.ts";

/// The small tree with marks on layers 0 and 2 and on a query of layer 1.
const tree = () => {
  const spec = { ...small(), prediction: "model 'mine'" };
  const layers = spec.root.children?.[1]?.children ?? [];
  const [first, second, third] = layers;
  if (!first || !second || !third) throw new Error("no layers");
  first.marks = { outside: ["rows", "flops"], no_interval: "too far" };
  third.marks = { outside: ["flops", "bytes"], no_interval: "too far" };
  const query = second.children?.[0]?.children?.[0];
  if (query) query.marks = { unseen: true };
  const data = decode(pageData([spec]));
  return { run: at(data.runs, 0), root: buildTree(data, at(data.runs, 0)) };
};

test("nodes have what is told of them, and most have nothing", () => {
  const { run, root } = tree();
  assert.equal(run.prediction, "model 'mine'");
  assert.equal(root.told, NOTHING);
  assert.deepEqual(find(root, "root.encoder.0")?.told, {
    outside: ["rows", "flops"],
    unseen: false,
    noInterval: ["too far"],
  });
  assert.equal(find(root, "root.encoder.1")?.told, NOTHING);
  assert.deepEqual(countBeyond(root), { outside: 2, unseen: 1 });
});

test("what stands for several nodes has what is told of any, once", () => {
  const { root } = tree();
  const folded = foldLayers(root);
  const layers = find(folded, "root.encoder.*");
  assert.deepEqual(layers?.told, {
    outside: ["rows", "flops", "bytes"],
    unseen: false,
    noInterval: ["too far"],
  });
  assert.equal(find(folded, "root.encoder.*.attention.query")?.told.unseen, true);
  assert.equal(find(folded, "root.embed")?.told, NOTHING);
  const grouped = groupTree(root, "operation", false);
  assert.equal(grouped.children.find((child) => child.name === "Linear")?.told.unseen, true);
  assert.equal(grouped.children.find((child) => child.name === "Embedding")?.told, NOTHING);
  assert.equal(together([NOTHING, NOTHING]), NOTHING);
});

test("signs and words", () => {
  const all = { outside: ["rows", "flops"], unseen: true, noInterval: ["a", "b"] };
  assert.equal(signText(NOTHING), "");
  assert.equal(signText(all), " \u25b2?\u2205");
  assert.equal(signsOf(all).length, 3);
  assert.deepEqual(facts(NOTHING), []);
  assert.deepEqual(facts(all), [
    ["outside the range of training", "rows, flops"],
    ["operation", "not seen in training"],
    ["no interval", "a"],
    ["no interval", "b"],
  ]);
});
