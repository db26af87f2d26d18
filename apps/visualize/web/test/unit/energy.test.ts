import assert from "node:assert/strict";
import { test } from "node:test";
import { at, decode } from "../../src/data.ts";
import { foldLayers } from "../../src/fold.ts";
import { groupTree, OWN_WORK } from "../../src/group.ts";
import { layout, visibleSpans } from "../../src/layout.ts";
import { search } from "../../src/search.ts";
import { ownSpent } from "../../src/spent.ts";
import { visibleRows } from "../../src/sort.ts";
import {
  buildTree,
  errorOf,
  find,
  label,
  numCorrections,
  percentageError,
  shareOf,
  shareOfParent,
  walk,
} from "../../src/tree.ts";
import type { TreeNode } from "../../src/tree.ts";
import { formatShare } from "../../src/units.ts";
import { pageData, small } from "./trees.ts";

const tree = (spec = small()) => {
  const data = decode(pageData([spec]));
  return buildTree(data, at(data.runs, 0));
};
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

test("a tree has scopes, self energies and errors", () => {
  const root = tree();
  assert.deepEqual([...walk(root)].map((node) => node.key).slice(0, 5), [
    "root",
    "root.embed",
    "root.encoder",
    "root.encoder.0",
    "root.encoder.0.attention",
  ]);
  assert.equal(root.self, 1);
  assert.equal(find(root, "root.encoder.2.attention")?.self, 1);
  assert.equal(find(root, "root.encoder.2.attention.query")?.self, 2);
  assert.equal(errorOf(root), 40);
  assert.equal(sum([...walk(root)].map((node) => node.self)), 14);
  assert.equal(shareOfParent(find(root, "root.encoder.2") ?? root), 6 / 12.5);
  assert.equal(numCorrections(root), 0);
});

test("scopes that are not unique or do not extend their parents' still have keys of their own", () => {
  const spec = small();
  spec.root.children?.push({ name: "embed", class: "Embedding", energy: 0.25 });
  spec.root.children?.push({ name: "far.away", class: "Embedding", energy: 0.25, whole: true });
  assert.deepEqual(
    tree(spec).children.map((child) => [child.key, child.scope]),
    [
      ["root.embed", "root.embed"],
      ["root.encoder", "root.encoder"],
      ["root.embed#2", "root.embed"],
      ["far.away", "far.away"],
    ],
  );
});

test("repeated layers fold into one, and nothing is lost", () => {
  const root = foldLayers(tree());
  const encoder = at(root.children, 1);
  assert.deepEqual(encoder.children.map(label), ["encoder.* \u00d7 3"]);
  const layers = at(encoder.children, 0);
  assert.equal(layers.scope, "root.encoder.*");
  assert.equal(layers.energy, 12);
  assert.equal(layers.measured, 8);
  assert.equal(layers.self, 2);
  assert.equal(layers.count, 3);
  assert.equal(label(at(layers.children, 0)), "attention");
  assert.equal(at(layers.children, 0).energy, 6);
  assert.equal(sum([...walk(root)].map((node) => node.self)), 14);
});

test("layers whose list has no node of its own fold too", () => {
  const spec = small();
  const encoder = at(spec.root.children ?? [], 1);
  encoder.children?.forEach((layer) => (layer.name = `h.${layer.name}`));
  const folded = at(foldLayers(tree(spec)).children, 1);
  assert.deepEqual(folded.children.map(label), ["h.* \u00d7 3"]);
  assert.equal(at(folded.children, 0).scope, "root.encoder.h.*");
});

test("layers that are built differently do not fold together", () => {
  const spec = small();
  const encoder = at(spec.root.children ?? [], 1);
  at(encoder.children ?? [], 1).children?.pop();
  const folded = at(foldLayers(tree(spec)).children, 1);
  assert.deepEqual(folded.children.map(label), ["encoder.* \u00d7 2", "1"]);
  assert.equal(at(folded.children, 0).energy, 9);
});

test("by operation, self energies add up to the run", () => {
  const root = groupTree(tree(), "operation", false);
  const energies = new Map(root.children.map((child) => [child.name, child.energy]));
  assert.equal(energies.get("Linear"), 8);
  assert.equal(energies.get("Embedding"), 0.5);
  assert.equal(energies.get(OWN_WORK), 5.5);
  assert.equal(sum(root.children.map((child) => child.energy)), root.energy);
  const own = root.children.find((child) => child.name === OWN_WORK);
  assert.deepEqual(
    own?.children.map((child) => [child.name, child.energy]),
    [
      ["Layer", 2],
      ["Attention", 2],
      ["Model", 1],
      ["Encoder", 0.5],
    ],
  );
});

test("by class, a module's own work and its operations add up to the run", () => {
  const root = groupTree(tree(), "class", false);
  const layers = root.children.find((child) => child.name === "Layer");
  assert.equal(layers?.energy, 6);
  assert.equal(layers?.self, 2);
  assert.deepEqual(
    layers?.children.map((child) => [child.name, child.energy]),
    [["Linear", 4]],
  );
  assert.equal(sum(root.children.map((child) => child.energy)), root.energy);
  assert.equal(sum([...walk(root)].map((node) => node.self)), 14);
});

test("by phase, each half of a generation has all below it", () => {
  const spec = small();
  const [embed, encoder] = spec.root.children ?? [];
  Object.assign(embed ?? {}, { name: "prefill" });
  Object.assign(encoder ?? {}, { name: "decode" });
  const energies = (isGeneration: boolean) =>
    Object.fromEntries(
      groupTree(tree(spec), "phase", isGeneration).children.map((child) => [child.name, child.energy]),
    );
  assert.deepEqual(energies(true), { prefill: 0.5, decode: 12.5, generation: 1 });
  assert.deepEqual(energies(false), { forward: 14 });
  const [decode] = groupTree(tree(spec), "phase", true).children;
  assert.equal(sum((decode?.children ?? []).map((child) => child.energy)), 12.5);
});

test("a share of 0 J is no number", () => {
  const spec = small();
  const encoder = at(spec.root.children ?? [], 1);
  encoder.energy = 0;
  const root = tree(spec);
  const layer = find(root, "root.encoder.0") ?? root;
  assert.equal(shareOfParent(layer), undefined);
  assert.equal(shareOf(layer, root), 3 / 14);
  assert.equal(shareOfParent(find(root, "root.encoder") ?? root), 0);
  assert.equal(formatShare(shareOfParent(layer)), "\u2013");

  spec.root.energy = 0;
  const nothing = tree(spec);
  assert.equal(shareOf(at(nothing.children, 0), nothing), undefined);
  assert.equal(shareOf(nothing, nothing), undefined);
  assert.equal(shareOfParent(nothing), 1);
  assert.deepEqual(
    visibleRows(nothing, (node) => node === nothing, "-parent").map((node) => node.name),
    ["tiny", "embed", "encoder"],
  );
});

test("what energy is spent on adds up, folded and grouped, and is unknown where a part of it is", () => {
  const spec = small();
  const raw = pageData([spec]);
  raw.nodes.arithmetic = raw.nodes.predicted.map((joules) => joules / 2);
  raw.nodes.memory = raw.nodes.predicted.map((joules) => joules / 4);
  const data = decode(raw);
  const root = buildTree(data, at(data.runs, 0));
  assert.deepEqual(root.spent, { arithmetic: 7, memory: 3.5, static: 3.5 });
  assert.deepEqual(ownSpent(root), { arithmetic: 0.5, memory: 0.25, static: 0.25 });
  for (const shown of [
    foldLayers(root),
    ...(["operation", "class"] as const).map((by) => groupTree(root, by, false)),
  ]) {
    for (const node of walk(shown)) {
      assert.ok(Math.abs((node.spent?.arithmetic ?? 0) - node.energy / 2) < 1e-12, node.key);
      assert.ok(Math.abs((ownSpent(node)?.memory ?? 0) - node.self / 4) < 1e-12, node.key);
    }
  }
  raw.nodes.memory[0] = null;
  const lacking = decode(raw);
  const part = buildTree(lacking, at(lacking.runs, 0));
  assert.equal(find(part, "root.embed")?.spent, undefined);
  assert.deepEqual(part.spent, root.spent);
  assert.equal(ownSpent(part), undefined);
});

test("an error needs a measured energy above 0", () => {
  assert.equal(percentageError(3, 2), 50);
  for (const measured of [undefined, 0, -1, NaN]) assert.equal(percentageError(3, measured), undefined);
});

test("groups have an error where every measured self energy is above 0, and nowhere else", () => {
  const errors = (root: ReturnType<typeof groupTree>) =>
    Object.fromEntries([...walk(root)].slice(1).map((node) => [node.name, errorOf(node)]));
  const all = errors(groupTree(tree(), "operation", false));
  assert.equal(all.Linear, 60);
  assert.equal(all.Layer, 100);

  // The encoder was measured below its layers, its own work so at -0.5 J; all own work still adds up to 3.5 J.
  const spec = small();
  at(spec.root.children ?? [], 1).measured = 7.5;
  const byOperation = errors(groupTree(tree(spec), "operation", false));
  assert.equal(byOperation.Linear, 60);
  assert.equal(byOperation.Layer, 100);
  assert.equal(byOperation.Encoder, undefined);
  assert.equal(byOperation[OWN_WORK], undefined);
  const byClass = errors(groupTree(tree(spec), "class", false));
  assert.equal(byClass.Encoder, undefined);
  assert.notEqual(byClass.Layer, undefined);
});

test("operations group whatever their case", () => {
  const spec = small();
  spec.root.children?.push({ name: "head", class: "LINEAR", energy: 0.25 });
  const linear = groupTree(tree(spec), "operation", false).children.filter((child) =>
    /linear/i.test(child.name),
  );
  assert.deepEqual(
    linear.map((child) => child.energy),
    [8.25],
  );
});

test("a search finds names and classes by words in any order, and counts nothing twice", () => {
  const root = tree();
  const found = (query: string) => search(root, root, query);
  assert.equal(found("  "), undefined);
  const linear = found("linear");
  assert.equal(linear?.count, 6);
  assert.equal(linear?.sum, 8);
  const nested = found("AT");
  assert.equal(nested?.matches.size, 3);
  assert.equal(nested?.sum, 6);
  assert.equal(found("root.encoder.2")?.sum, 6);
  assert.ok(linear?.above.has(root));
  assert.ok(nested?.covered.has(find(root, "root.encoder.0.attention.query") ?? root));
  assert.equal(found("nothing")?.matches.size, 0);
  for (const query of ["query 2", "2 linear query"]) {
    assert.equal(found(query)?.count, 1, query);
    assert.equal(found(query)?.sum, find(root, "root.encoder.2.attention.query")?.energy);
  }
  assert.equal(found("query dense")?.count, 0);
});

test("a search counts the nodes of the run, however they are shown", () => {
  const root = tree();
  const folded = foldLayers(root);
  const found = search(folded, root, "query 2");
  assert.equal(found?.count, 1);
  assert.equal(found?.sum, find(root, "root.encoder.2.attention.query")?.energy);
  assert.deepEqual(
    [...(found?.matches ?? [])].map((node) => node.key),
    ["root.encoder.*.attention.query"],
  );
  const grouped = groupTree(root, "operation", false);
  assert.deepEqual(
    [...(search(grouped, root, "query")?.matches ?? [])].map((node) => node.name),
    ["Linear"],
  );
  assert.equal(search(grouped, root, "query")?.count, 3);
});

test("a layout gives each node its share, and children room within their parent", () => {
  const root = tree();
  const all = layout(root);
  const spans = new Map(all.filter((span) => !span.isOwn).map((span) => [span.node.key, span]));
  // What a node spends beside its children lies behind them.
  const own = all.find((span) => span.isOwn && span.node === root);
  assert.ok(own && own.level === 1 && Math.abs(own.begin - 13 / 14) < 1e-12 && own.end === 1);
  assert.equal(spans.get("root")?.end, 1);
  const encoder = spans.get("root.encoder");
  assert.ok(encoder && Math.abs(encoder.end - encoder.begin - 12.5 / 14) < 1e-12);
  const spec = small();
  spec.root.energy = 6.5; // its children add up to 13
  const weighed = tree(spec);
  assert.equal(weighed.self, -6.5);
  assert.equal(numCorrections(weighed), 1);
  const drawn = layout(weighed).filter((span) => span.level === 1);
  assert.ok(Math.abs((drawn[1]?.end ?? 0) - 1) < 1e-12);
  assert.ok(layout(weighed).every((span) => span.end <= 1 + 1e-12 && span.begin <= span.end));
});

test("a crowd too narrow to be seen is drawn as few spans", () => {
  const spec = small();
  spec.root.children = Array.from({ length: 10000 }, (_, i) => ({
    name: `op${i}`,
    class: "Op",
    energy: 14 / 10000,
  }));
  const all = layout(tree(spec));
  assert.equal(all.length, 10001);
  const visible = visibleSpans(all, 1 / 500);
  assert.ok(visible.length <= 502 && visible.length > 450, `${visible.length}`);
  const [root, ...row] = visible;
  assert.equal(root?.end, 1);
  assert.ok(row.every((span, i) => span.begin >= (row[i - 1]?.end ?? 0) - 1e-12));
  // What is wanted is kept, and wide enough to be noticed.
  const wanted = visibleSpans(all, 1 / 500, (span) => span.node.name === "op7777").find(
    (span) => span.node.name === "op7777",
  );
  assert.ok(wanted && wanted.end - wanted.begin >= 4 / 500 - 1e-12);
  const few = layout(tree());
  assert.deepEqual(visibleSpans(few, 1 / 500), few);
});

test("a column sorts siblings, missing values last, and shut rows hide what is in them", () => {
  const root = tree();
  const encoder = at(root.children, 1);
  const names = (node: TreeNode, order: string): string[] =>
    visibleRows(node, (row) => row === node, order)
      .slice(1)
      .map(({ name }) => name);
  assert.deepEqual(names(encoder, "-energy"), ["2", "0", "1"]);
  assert.deepEqual(names(encoder, "name"), ["0", "1", "2"]);
  assert.deepEqual(names(encoder, "-name"), ["2", "1", "0"]);
  const spec = small();
  spec.root.children?.unshift({ name: "new", class: "New", energy: 0.1 });
  for (const order of ["error", "-error"]) assert.equal(names(tree(spec), order).at(-1), "new");
  assert.deepEqual(names(tree(spec), ""), ["new", "embed", "encoder"]);
});
