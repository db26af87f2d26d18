import assert from "node:assert/strict";
import { test } from "node:test";
import { at, decode } from "../../src/data.ts";
import { foldLayers } from "../../src/fold.ts";
import { groupTree } from "../../src/group.ts";
import { inWords, NOTHING, signed, told, together, UNLIKE, usualIn } from "../../src/marks.ts";
import { buildTree, find, walk } from "../../src/tree.ts";
import type { Spec } from "./trees.ts";
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
  const layer = find(root, "root.encoder.0")?.told;
  assert.deepEqual(layer, { facts: ["\u25b2rows", "\u25b2flops", "\u2205too far"], signs: "\u25b2\u2205" });
  assert.equal(find(root, "root.encoder.1")?.told, NOTHING);
});

test("what stands for several nodes has what is told of any, once", () => {
  const { root } = tree();
  const folded = foldLayers(root);
  const layers = find(folded, "root.encoder.*");
  assert.deepEqual(layers?.told, {
    facts: ["\u25b2rows", "\u25b2flops", "\u2205too far", "\u25b2bytes"],
    signs: "\u25b2\u2205",
  });
  assert.equal(find(folded, "root.encoder.*.attention.query")?.told.signs, "?");
  assert.equal(find(folded, "root.embed")?.told, NOTHING);
  const grouped = groupTree(root, "operation", false);
  assert.equal(grouped.children.find((child) => child.name === "Linear")?.told.signs, "?");
  assert.equal(grouped.children.find((child) => child.name === "Embedding")?.told, NOTHING);
  assert.equal(together([NOTHING, NOTHING]), NOTHING);
});

test("signs and words", () => {
  const all = together([
    told({ outside: ["rows", "flops"], unseen: true, no_interval: "a" }),
    told({ outside: [], unseen: false, no_interval: "b" }),
  ]);
  assert.equal(NOTHING.signs, "");
  assert.equal(all.signs, "\u25b2?\u2205");
  assert.deepEqual(inWords(NOTHING), []);
  assert.deepEqual(inWords(all), [
    ["outside the range of training", "rows, flops"],
    ["operation", "not seen in training"],
    ["no interval", "a, b"],
  ]);
});

test("what nearly all nodes have is told of the run, and signs are on those that differ", () => {
  const usualOne = told({ outside: ["dtype"], unseen: false, no_interval: "far" });
  const other = told({ outside: ["dtype", "rows"], unseen: false, no_interval: "far" });
  const nodes = [...Array.from({ length: 8 }, () => usualOne), other, NOTHING];
  const usual = usualIn(nodes);
  assert.deepEqual(
    [...usual],
    [
      ["\u25b2dtype", 9],
      ["\u2205far", 9],
    ],
  );
  assert.deepEqual(signed(usualOne, usual), { ...usualOne, signs: "" });
  assert.deepEqual(signed(other, usual), { ...other, signs: "\u25b2" });
  assert.deepEqual(signed(NOTHING, usual), { facts: [], signs: UNLIKE });
  assert.deepEqual(inWords(signed(NOTHING, usual)), [["this node", "unlike most nodes of the run"]]);
  assert.equal(usualIn([...nodes, NOTHING]).size, 0);
  // Two reasons for no interval, of which neither is that of nearly all nodes.
  const near = told({ outside: ["dtype"], unseen: false, no_interval: "near" });
  const twoReasons = [
    ...Array.from({ length: 5 }, () => usualOne),
    ...Array.from({ length: 4 }, () => near),
    NOTHING,
  ];
  assert.deepEqual([...usualIn(twoReasons).keys()], ["\u25b2dtype", "\u2205far", "\u2205near"]);
  assert.deepEqual(signed(near, usualIn(twoReasons)), { ...near, signs: "" });
  assert.equal(signed(NOTHING, usualIn(twoReasons)).signs, UNLIKE);
  // Nothing is lost, however the run is shown.
  const spec = small();
  const mark = (node: Spec): void => {
    node.marks = { outside: ["dtype"] };
    node.children?.forEach(mark);
  };
  mark(spec.root);
  const embed = spec.root.children?.[0];
  if (embed) embed.marks = { outside: ["dtype"], unseen: true };
  const data = decode(pageData([spec]));
  const root = buildTree(data, at(data.runs, 0));
  for (const tree of [root, foldLayers(root), groupTree(root, "class", false)]) {
    for (const node of walk(tree)) {
      assert.ok(node.told.facts.includes("\u25b2dtype"), node.key);
      const hasOther = node.told.facts.length > 1 && node !== tree;
      assert.equal(node.told.signs, hasOther ? "?" : "", node.key);
    }
  }
});
