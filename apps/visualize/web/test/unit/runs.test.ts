import assert from "node:assert/strict";
import { test } from "node:test";
import { compareFiles, compareTrees, counterpart } from "../../src/compare.ts";
import { at, decode } from "../../src/data.ts";
import { foldLayers } from "../../src/fold.ts";
import { groupTree } from "../../src/group.ts";
import { allBut, cheapest, groupRuns, runColumns, runFilter, sortRuns } from "../../src/runs.ts";
import { runsAsText } from "../../src/runs_text.ts";
import { errorByType, per } from "../../src/series.ts";
import { buildTree, walk } from "../../src/tree.ts";
import { resolve } from "../../src/view.ts";
import type { Spec } from "./trees.ts";
import { pageData, small } from "./trees.ts";

test("two trees are compared part by part, and own differences add up", () => {
  const other = small();
  other.root.energy = 21;
  const encoder = at(other.root.children ?? [], 1);
  encoder.children?.pop();
  other.root.children?.push({ name: "head", class: "Head", energy: 4 });
  const data = decode(pageData([small(), other]));
  const [a, b] = data.runs.map((run) => buildTree(data, run));
  assert.ok(a && b);
  const all = compareTrees(a, b);
  const rows = new Map(all.map((row) => [row.node.key, row]));
  assert.equal(rows.size, all.length);
  assert.equal(rows.get("root")?.joules, 7);
  assert.equal(rows.get("root")?.percent, 50);
  assert.equal(rows.get("root.head")?.first, undefined);
  assert.equal(rows.get("root.head")?.joules, 4);
  assert.equal(rows.get("root.head")?.percent, undefined);
  assert.equal(rows.get("root.encoder.2.dense")?.second, undefined);
  assert.equal(
    all.reduce((sum, row) => sum + row.self, 0),
    7,
  );
  // The tree of both: each node spends what both spend.
  assert.equal(at(all, 0).node.energy, 35);
  assert.equal(
    [...walk(at(all, 0).node)].reduce((sum, node) => sum + node.self, 0),
    35,
  );
});

test("parts of different families that play one role are laid side by side", () => {
  const gpt = small();
  const encoder = at(gpt.root.children ?? [], 1);
  for (const layer of encoder.children ?? []) {
    const [attention, dense] = layer.children ?? [];
    Object.assign(attention ?? {}, { name: "attn", class: "GPT2Attn" });
    Object.assign(dense ?? {}, { name: "proj", class: "Conv1D" });
  }
  const data = decode(pageData([small(), gpt]));
  const [a, b] = data.runs.map((run) => foldLayers(buildTree(data, run)));
  assert.ok(a && b);
  const rows = compareTrees(a, b);
  assert.ok(
    rows.every((row) => row.first && row.second),
    rows.map((row) => row.node.name).join(),
  );
  const names = rows.map((row) => row.node.name);
  assert.ok(names.includes("attention / attn"), names.join());
  assert.ok(names.includes("dense / proj"), names.join());
  // Layers that lie in the model itself stand beside those of an encoder.
  gpt.root.children?.splice(
    1,
    1,
    ...(encoder.children ?? []).map((layer) => ({ ...layer, name: `h.${layer.name}` })),
  );
  gpt.root.energy -= 0.5; // the encoder's own work
  const flat = decode(pageData([small(), gpt]));
  for (const shown of [foldLayers, (tree: ReturnType<typeof buildTree>) => tree]) {
    const [c, d] = flat.runs.map((run) => shown(buildTree(flat, run)));
    assert.ok(c && d);
    const all = compareTrees(c, d);
    assert.ok(
      all.every((row) => row.first && row.second),
      all.map((row) => row.node.name).join(),
    );
    assert.equal(
      all.reduce((sum, row) => sum + row.self, 0),
      -0.5,
    );
    assert.equal(
      all.reduce((sum, row) => sum + (row.second?.count ?? 0), 0),
      [...walk(d)].reduce((sum, node) => sum + node.count, 0),
    );
  }
});

/// A leaf of 1 J, and a module that spends 0.25 J beside its children.
const leaf = (name: string, role: string): Spec => ({ name, class: "Linear", role, energy: 1 });
const module = (name: string, role: string, ...children: Spec[]): Spec => ({
  name,
  class: "Module",
  role,
  energy: 0.25 + children.reduce((sum, child) => sum + child.energy, 0),
  children,
});
/// The rows of two trees with one layer: the names of those in both, in A and in B, in their order.
const rowsOf = (first: Spec, second: Spec) => {
  const run = { model: "m", batch: 1, length: 1 };
  const data = decode(pageData([first, second].map((root) => ({ ...run, root }))));
  const [a, b] = data.runs.map((of) => buildTree(data, of));
  assert.ok(a && b);
  const rows = compareTrees(a, b);
  const self = rows.reduce((sum, row) => sum + row.self, 0);
  assert.ok(Math.abs(self - (b.energy - a.energy)) < 1e-12, `${self}`);
  assert.equal(new Set(rows.map((row) => row.node.key)).size, rows.length);
  for (const { node } of rows)
    assert.ok(
      Math.abs(node.energy - node.self - node.children.reduce((sum, { energy }) => sum + energy, 0)) < 1e-12,
    );
  for (const [side, root] of [
    ["first", a],
    ["second", b],
  ] as const)
    assert.equal(
      rows.reduce((sum, row) => sum + (row[side]?.count ?? 0), 0),
      [...walk(root)].length,
    );
  const names = (has: (row: (typeof rows)[0]) => unknown) => rows.filter(has).map((row) => row.node.name);
  return {
    both: names((row) => row.first && row.second).slice(1),
    a: names((row) => !row.second),
    b: names((row) => !row.first),
  };
};

const llama = module(
  "root",
  "model",
  module(
    "0",
    "layer",
    leaf("input_layernorm", "norm"),
    module(
      "self_attn",
      "attention",
      leaf("q_proj", "attention.query"),
      leaf("k_proj", "attention.key"),
      leaf("v_proj", "attention.value"),
      leaf("matmul", "matmul"),
      leaf("o_proj", "attention.output"),
    ),
    leaf("post_attention_layernorm", "norm"),
    module(
      "mlp",
      "mlp",
      leaf("gate_proj", "mlp.gate"),
      leaf("up_proj", "mlp.up"),
      leaf("down_proj", "mlp.down"),
    ),
  ),
);

test("parts of a work stand beside what does it at once, and what has no partner is told", () => {
  const gpt = module(
    "root",
    "model",
    leaf("wpe", "embeddings.position"),
    module(
      "h.0",
      "layer",
      leaf("ln_1", "norm"),
      module(
        "attn",
        "attention",
        leaf("c_attn", "attention.query+key+value"),
        leaf("matmul", "matmul"),
        leaf("c_proj", "attention.output"),
      ),
      leaf("ln_2", "norm"),
      module("mlp", "mlp", leaf("c_fc", "mlp.up"), leaf("c_proj", "mlp.down")),
    ),
  );
  assert.deepEqual(rowsOf(gpt, llama), {
    both: [
      "h.0 / 0",
      "ln_1 / input_layernorm",
      "attn / self_attn",
      "c_attn",
      "matmul",
      "c_proj / o_proj",
      "ln_2 / post_attention_layernorm",
      "mlp",
      "c_fc / up_proj",
      "c_proj / down_proj",
    ],
    a: ["wpe"],
    b: ["q_proj", "k_proj", "v_proj", "gate_proj"],
  });
});

test("modules in modules of one role, and parts that lie in the layer, stand beside a single one", () => {
  const bert = module(
    "root",
    "model",
    module(
      "0",
      "layer",
      module(
        "attention",
        "attention",
        module("self", "attention", leaf("query", "attention.query")),
        module("output", "attention", leaf("dense", "attention.output"), leaf("LayerNorm", "norm")),
      ),
      module("intermediate", "mlp", leaf("dense", "mlp.up")),
      module("output", "mlp", leaf("dense", "mlp.down"), leaf("LayerNorm", "norm")),
    ),
  );
  const distil = module(
    "root",
    "model",
    module(
      "0",
      "layer",
      module("attention", "attention", leaf("q_lin", "attention.query"), leaf("out_lin", "attention.output")),
      leaf("sa_layer_norm", "norm"),
      module("ffn", "mlp", leaf("lin1", "mlp.up"), leaf("lin2", "mlp.down")),
      leaf("output_layer_norm", "norm"),
    ),
  );
  const opt = module(
    "root",
    "model",
    module(
      "0",
      "layer",
      module(
        "self_attn",
        "attention",
        leaf("q_proj", "attention.query"),
        leaf("out_proj", "attention.output"),
      ),
      leaf("fc1", "mlp.up"),
      leaf("fc2", "mlp.down"),
    ),
  );
  assert.deepEqual(rowsOf(bert, distil), {
    both: ["0", "attention", "query / q_lin", "dense / out_lin", "ffn", "dense / lin1", "dense / lin2"],
    a: [
      "self (own work)",
      "output (own work)",
      "LayerNorm",
      "intermediate (own work)",
      "output (own work)",
      "LayerNorm",
    ],
    b: ["sa_layer_norm", "output_layer_norm"],
  });
  assert.deepEqual(rowsOf(opt, distil), {
    both: [
      "0",
      "self_attn / attention",
      "q_proj / q_lin",
      "out_proj / out_lin",
      "ffn",
      "fc1 / lin1",
      "fc2 / lin2",
    ],
    a: [],
    b: ["sa_layer_norm", "output_layer_norm"],
  });
  assert.deepEqual(rowsOf(bert, bert).a, []);
  assert.ok(rowsOf(bert, bert).both.includes("self"));
  assert.deepEqual(rowsOf(bert, bert).both.length, 12);
  assert.deepEqual(rowsOf(opt, bert).both.slice(0, 4), [
    "0",
    "self_attn / attention",
    "q_proj / query",
    "out_proj / dense",
  ]);
});

test("of parts of one role that are not as many, which is which is not known", () => {
  const more = module("root", "model", leaf("a", "linear"), leaf("b", "linear"), leaf("x", ""));
  const fewer = module("root", "model", leaf("c", "linear"), leaf("y", ""));
  assert.deepEqual(rowsOf(more, fewer), { both: [], a: ["a", "b", "x"], b: ["c", "y"] });
  // A part of two works is not both of them.
  const phi = module("root", "model", module("mlp", "mlp", leaf("gate_up_proj", "mlp.gate+up")));
  const up = module("root", "model", module("mlp", "mlp", leaf("c_fc", "mlp.up")));
  assert.deepEqual(rowsOf(up, phi), { both: ["mlp"], a: ["c_fc"], b: ["gate_up_proj"] });
  // What holds the layers does, whatever it is called; of two stacks, which one isn't known.
  const [layer, stack] = [
    module("0", "layer", leaf("x", "norm")),
    (name: string) => module(name, name, layer),
  ];
  const inStack = rowsOf(
    module("root", "model", stack("encoder")),
    module("root", "model", stack("decoder")),
  );
  assert.deepEqual(inStack.both, ["encoder / decoder", "0", "x"]);
  const both = module("root", "model", stack("encoder"), stack("decoder"));
  assert.deepEqual(rowsOf(both, module("root", "model", layer)).both, []);
  assert.deepEqual(rowsOf(both, module("root", "model", stack("decoder"))).both, ["decoder", "0", "x"]);
  // Parts of a layer that are called by numbers are no layers.
  const t5 = module(
    "root",
    "model",
    module("0", "layer", module("0", "attention", leaf("q", "attention.query"))),
  );
  const gpt = module(
    "root",
    "model",
    module("0", "layer", module("attn", "attention", leaf("q_proj", "attention.query"))),
  );
  assert.deepEqual(rowsOf(t5, gpt).both, ["0", "0 / attn", "q / q_proj"]);
  // One name means other work in another place.
  assert.deepEqual(
    rowsOf(module("r", "model", leaf("1", "mlp")), module("r", "model", leaf("1", "norm"))).both,
    [],
  );
  // A group of a class does what the class does.
  const data = decode(
    pageData(
      ["Linear", "Conv1D"].map((name) => ({
        ...small(),
        root: { ...small().root, children: [{ name: "x", class: name, energy: 1 }] },
      })),
    ),
  );
  const [a, b] = data.runs.map((run) => groupTree(buildTree(data, run), "operation", false));
  assert.ok(a && b);
  assert.ok(compareTrees(a, b).some((row) => row.node.name === "Linear / Conv1D"));
});

test("folded layers are named by what they stand for on either side", () => {
  const fewer = small();
  at(fewer.root.children ?? [], 1).children?.pop();
  const data = decode(pageData([small(), fewer]));
  const [a, b] = data.runs.map((run) => foldLayers(buildTree(data, run)));
  assert.ok(a && b);
  const names = compareTrees(a, b).map((row) => row.node.name);
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

test("energy is by run, by sample, and by token that is read or generated", () => {
  const generation = { ...small(), batch: 4, length: 32, newTokens: 7 };
  const { runs } = decode(pageData([{ ...small(), batch: 8, length: 64 }, generation]));
  assert.equal(per(at(runs, 0), "sample", 14), 14 / 8);
  assert.equal(per(at(runs, 0), "token", 14), 14 / 512);
  assert.equal(per(at(runs, 1), "token", 14), 14 / 28);
});

/// Runs of 1 J a token with half widths of 20 %, but for the energies given.
const priced = (energies: readonly (readonly [string, number, number, number])[]) => {
  const data = decode(
    pageData(energies.map(([model, batch, length]) => ({ ...small(), model, batch, length }))),
  );
  data.runs.forEach((run, place) => {
    const joules = (energies[place]?.[3] ?? 0) * run.batch * run.length;
    Object.assign(run, { predicted: joules, low: 0.8 * joules, high: 1.2 * joules, level: 0.9 });
  });
  return data;
};

test("the cheapest of a group is told, or that intervals overlap", () => {
  const { runs } = priced([
    ["a", 1, 10, 1],
    ["b", 1, 10, 2],
    ["c", 1, 10, 1.3],
  ]);
  assert.deepEqual(cheapest(runs, "token"), { least: runs[0], rivals: [runs[2]] });
  assert.deepEqual(cheapest(runs.slice(0, 2), "run"), { least: runs[0], rivals: [] });
  assert.equal(cheapest(runs.slice(0, 1), "run"), undefined);
  Object.assign(at(runs, 1), { low: undefined });
  assert.deepEqual(cheapest(runs, "token"), { least: runs[0], rivals: undefined });
  Object.assign(at(runs, 1), { low: 0.1, level: 0.5 });
  assert.deepEqual(cheapest(runs, "token"), { least: runs[0], rivals: undefined });
  const more = priced([
    ["a", 2, 10, 1],
    ["b", 1, 10, 1.9],
  ]).runs;
  assert.equal(cheapest(more, "run")?.least, more[1]);
  assert.equal(cheapest(more, "token")?.least, more[0]);
});

test("a device is a column where some run has one, and an interval one for each level", () => {
  const spec = small();
  const wide = { ...spec, level: 0.9, root: { ...spec.root, low: 10, high: 20 } };
  const narrow = { ...wide, level: 0.5, device: "h100-sxm" };
  const keysOf = (data: ReturnType<typeof decode>): string[] => runColumns(data, "J").map(({ key }) => key);
  assert.ok(!keysOf(decode(pageData([spec, wide]))).includes("device"));
  assert.ok(!keysOf(decode(pageData([spec]))).some((key) => key.endsWith("interval")));
  const data = decode(pageData([spec, wide, narrow]));
  const columns = runColumns(data, "J");
  const texts = (key: string): string[] | undefined => {
    const column = columns.find((one) => one.key === key);
    return column && data.runs.map((run) => column.text(run));
  };
  assert.deepEqual(texts("device"), ["", "", "h100-sxm"]);
  assert.deepEqual(texts("90 % interval"), ["\u2013", "10.00 to 20.00", "\u2013"]);
  assert.deepEqual(texts("50 % interval"), ["\u2013", "\u2013", "10.00 to 20.00"]);
  const named = columns.find(({ key }) => key === "50 % interval");
  assert.equal(named?.head, "50 % interval (J)");
  assert.equal(
    runColumns(decode(pageData([{ ...spec, root: wide.root }])), "J").find(({ key }) => key === "interval")
      ?.head,
    "Interval (J)",
  );
  const device = columns.find(({ key }) => key === "device");
  assert.deepEqual(
    groupRuns(data.runs, device).map(({ name }) => name),
    ["", "h100-sxm"],
  );
  assert.deepEqual(
    data.runs.filter(runFilter(data, "h100")).map(({ index }) => index),
    [2],
  );
  assert.equal(allBut(columns, data.runs)(at(data.runs, 2), "seq_len"), "tiny, h100-sxm");
  const csv = runsAsText("csv", data.runs, columns).split("\r\n");
  assert.match(csv[0] ?? "", /^model_name,device,.*,interval,low,high$/);
  assert.match(csv[1] ?? "", /,,,$/);
  assert.match(csv[3] ?? "", /^tiny,h100-sxm,.*,0.5,10,20$/);
  const heads = runsAsText("md", data.runs, columns).split("\n")[0] ?? "";
  assert.ok(heads.includes("| Device |") && heads.includes("| 90 % interval (J) | 50 % interval (J) |"));
  assert.match(runsAsText("tex", data.runs, columns), /Device & .*50 \\% interval/);
});

test("runs are sorted and grouped by any column, and what they lack comes last", () => {
  const data = priced([
    ["b", 8, 10, 3],
    ["a", 16, 10, 1],
    ["a", 8, 20, 2],
  ]);
  Object.assign(at(data.runs, 0), { seconds: 2 });
  Object.assign(at(data.runs, 2), { seconds: 1 });
  const columns = runColumns(data, "J");
  const places = (order: string) => sortRuns(data.runs, columns, order).map((run) => run.index);
  assert.deepEqual(places(""), [0, 1, 2]);
  assert.deepEqual(places("energy"), [1, 0, 2]);
  assert.deepEqual(places("-token"), [0, 2, 1]);
  assert.deepEqual(places("seconds"), [2, 0, 1]);
  assert.deepEqual(places("-seconds"), [0, 2, 1]);
  const column = columns.find(({ key }) => key === "batch_size");
  assert.deepEqual(
    groupRuns(data.runs, column).map((group) => [group.name, group.runs.map((run) => run.index)]),
    [
      ["8", [0, 2]],
      ["16", [1]],
    ],
  );
  assert.equal(allBut(columns, data.runs)(at(data.runs, 1), "batch_size"), "a, length 10");
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

test("a filter means what each of its words says", () => {
  const data = priced([
    ["gpt2", 8, 128, 1],
    ["distilgpt2", 8, 128, 1],
    ["gpt2", 128, 8, 1],
    ["bert-base", 1, 8, 1],
  ]);
  const found = (query: string) => data.runs.filter(runFilter(data, query)).map((run) => run.index);
  assert.deepEqual(found(""), [0, 1, 2, 3]);
  assert.deepEqual(found("gpt2"), [0, 2]);
  assert.deepEqual(found("GPT2 b8 l128"), [0]);
  assert.deepEqual(found("gpt b8"), [0, 1]);
  assert.deepEqual(found("8"), [0, 1, 2, 3]);
  assert.deepEqual(found("12"), []);
  assert.deepEqual(found("l8"), [2, 3]);
  assert.deepEqual(found("base n8"), []);
});

test("a node that a tree lacks is found in what stands for it", () => {
  const data = decode(pageData([small()]));
  const root = buildTree(data, at(data.runs, 0));
  assert.equal(resolve(root, "root.encoder.1.dense").key, "root.encoder.1.dense");
  assert.equal(resolve(root, "root.encoder.7.dense").key, "root.encoder");
  assert.equal(resolve(root, "nowhere"), root);
  assert.equal(resolve(root, ""), root);
});
