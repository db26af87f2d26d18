// Two runs, or two files of runs, side by side.
import type { Run } from "./data.ts";
import { together } from "./marks.ts";
import { isLayer, isPartOf, roleOf } from "./roles.ts";
import type { Spent } from "./spent.ts";
import { moreSpent, ownSpent, spentOn, sumSpent } from "./spent.ts";
import type { TakenNames, TreeNode } from "./tree.ts";
import { label, uniqueName } from "./tree.ts";

export interface Difference {
  /// Of the tree of both, in which each node spends what both spend.
  node: TreeNode;
  first: TreeNode | undefined;
  second: TreeNode | undefined;
  /// Joules of the second less those of the first, with all that is inside; what one of them lacks spends nothing.
  joules: number;
  /// The same of self energies: they add up to the difference of the runs.
  self: number;
  /// Of the first.
  percent: number | undefined;
  /// Of `joules`, where both runs tell it.
  spent: Spent | undefined;
}

const percentOf = (joules: number, first: number | undefined): number | undefined =>
  first !== undefined && first > 0 ? (100 * joules) / first : undefined;

type Nodes = readonly TreeNode[];

/// Nodes as one, where the first of them stands, as in a part like `holder` of the other tree: it stands for no node and
/// spends nothing itself.
function inPart(nodes: Nodes, isIn: (node: TreeNode) => boolean, holder: TreeNode): Nodes {
  const children = nodes.filter(isIn);
  const energy = children.reduce((sum, node) => sum + node.energy, 0);
  const part: TreeNode = {
    ...holder,
    ...{ type: "group", count: 0, energy, self: 0, spent: sumSpent(children), children },
  };
  return nodes.flatMap((node) => (node === children[0] ? [part] : isIn(node) ? [] : [node]));
}

const holdsLayers = (node: TreeNode): boolean => node.children.some(isLayer);

/// Layers that lie in the model itself, as in GPT-2, as in BERT's encoder. Of T5's two stacks, which one isn't known.
function layersInPart(nodes: Nodes, others: Nodes): Nodes {
  const [holder, ...more] = others.filter(holdsLayers);
  const isAlone = nodes.some(isLayer) && !nodes.some(holdsLayers) && !others.some(isLayer);
  return holder && more.length === 0 && isAlone ? inPart(nodes, isLayer, holder) : nodes;
}

/// What does a part of the work of a node of `others`, each such in a part like it: fc1 and fc2 of OPT's layers as in an
/// MLP, the query, key and value of Llama as in GPT-2's c_attn.
function partsInWholes(nodes: Nodes, others: Nodes): Nodes {
  let parts = nodes;
  for (const whole of others) {
    if (whole.role === "" || parts.some(({ role }) => role === whole.role)) continue;
    const isIn = ({ role }: TreeNode): boolean =>
      role !== "" && isPartOf(role, whole.role) && !others.some((other) => other.role === role);
    const { size } = new Set(parts.filter(isIn).map(({ role }) => role));
    const isWhole = !whole.role.includes("+") || size === whole.role.split("+").length;
    if (size > 0 && isWhole) parts = inPart(parts, isIn, whole);
  }
  return parts;
}

/// Modules of one role as one, where the other tree has a single one: BERT's intermediate and output as an MLP.
function modulesAsOne(nodes: Nodes, others: Nodes): Nodes {
  let joined = nodes;
  for (const other of others) {
    const isAlike = ({ role, children }: TreeNode): boolean => role === other.role && children.length > 0;
    if (other.role === "" || isLayer(other) || others.filter(isAlike).length !== 1) continue;
    if (isAlike(other) && joined.filter(isAlike).length > 1) joined = inPart(joined, isAlike, other);
  }
  return joined;
}

/// What is inside of modules that do what their parent does, in their place, where the other tree has no such: BERT's
/// attention has another one in it. Of themselves only their own work is left.
function lookThrough(nodes: Nodes, role: string, others: Nodes): Nodes {
  const isWrapper = (node: TreeNode): boolean =>
    role !== "" && node.role === role && node.children.length > 0;
  if (others.some(isWrapper)) return nodes;
  return nodes.flatMap((node): Nodes => {
    if (!isWrapper(node)) return [node];
    const own = {
      key: `${node.key} own`,
      name: `${node.name} (own work)`,
      energy: node.self,
      spent: ownSpent(node),
      parts: [],
      children: [],
    };
    return [{ ...node, ...own, role: "", type: "group" }, ...lookThrough(node.children, role, others)];
  });
}

/// The children of two nodes, each as if the other's family had built them. What is moved keeps its energy.
function alike(a: TreeNode | undefined, b: TreeNode | undefined): [Nodes, Nodes] {
  let pair: [Nodes, Nodes] = [a?.children ?? [], b?.children ?? []];
  if (!a || !b) return pair;
  pair = [lookThrough(pair[0], a.role, pair[1]), lookThrough(pair[1], b.role, pair[0])];
  for (const change of [layersInPart, partsInWholes, modulesAsOne])
    pair = [change(pair[0], pair[1]), change(pair[1], pair[0])];
  return pair;
}

/// Pairs of children that do the same: those of one name and role, then those of one role, in their order, if there are
/// as many of it on both sides; else which is which isn't known; last BERT's encoder and OPT's decoder, which hold the
/// layers. What is left stands alone, behind its elder siblings.
function pairChildren(first: Nodes, second: Nodes): [TreeNode | undefined, TreeNode | undefined][] {
  const partner = new Map<TreeNode, TreeNode>();
  const taken = new Set<TreeNode>();
  const listsOf = (nodes: Nodes, keyOf: (node: TreeNode) => string | undefined): Map<string, TreeNode[]> => {
    const lists = new Map<string, TreeNode[]>();
    for (const node of nodes) {
      const key = partner.has(node) || taken.has(node) ? undefined : keyOf(node);
      if (key !== undefined) lists.set(key, [...(lists.get(key) ?? []), node]);
    }
    return lists;
  };
  for (const [keyOf, needsAll] of [
    [(node: TreeNode) => `${node.role} ${node.name}`, false],
    [roleOf, true],
    [(node: TreeNode) => (holdsLayers(node) ? "layers" : undefined), true],
  ] as const) {
    const others = listsOf(second, keyOf);
    for (const [key, nodes] of listsOf(first, keyOf)) {
      const candidates = others.get(key) ?? [];
      if (needsAll && candidates.length !== nodes.length) continue;
      nodes.forEach((node, place) => {
        const other = candidates[place];
        if (!other) return;
        partner.set(node, other);
        taken.add(other);
      });
    }
  }
  return [
    ...first.map((a): [TreeNode, TreeNode | undefined] => [a, partner.get(a)]),
    ...second.filter((b) => !taken.has(b)).map((b): [undefined, TreeNode] => [undefined, b]),
  ];
}

/// One tree of both, parents first; the root's row is that of the runs.
export function compareTrees(first: TreeNode, second: TreeNode): Difference[] {
  const keys: TakenNames = new Map();
  const rows: Difference[] = [];
  const join = (a: TreeNode | undefined, b: TreeNode | undefined, parent: TreeNode | undefined): TreeNode => {
    const one = a ?? (b as TreeNode);
    const both = [a, b].filter((node) => node !== undefined);
    const [energy, self] = [(a?.energy ?? 0) + (b?.energy ?? 0), (a?.self ?? 0) + (b?.self ?? 0)];
    const node: TreeNode = {
      ...one,
      key: uniqueName(keys, one.key),
      // The two may be called otherwise, or stand for different numbers of layers.
      name: [...new Set(both.map(label))].join(" / "),
      className: [...new Set(both.map(({ className }) => className))].join(" / "),
      depth: parent ? parent.depth + 1 : 0,
      energy,
      self,
      measured: undefined,
      low: undefined,
      high: undefined,
      seconds: undefined,
      work: {},
      spent: undefined,
      told: together(both.map(({ told }) => told)),
      parts: [],
      count: 1,
      parent,
      children: [],
    };
    const joules = (b?.energy ?? 0) - (a?.energy ?? 0);
    const nothing = first.spent && second.spent && spentOn(() => 0);
    rows.push({
      node,
      first: a,
      second: b,
      joules,
      self: (b?.self ?? 0) - (a?.self ?? 0),
      percent: a && b ? percentOf(joules, a.energy) : undefined,
      spent: moreSpent(b ? b.spent : nothing, a ? a.spent : nothing),
    });
    node.children = pairChildren(...alike(a, b)).map(([x, y]) => join(x, y, node));
    return node;
  };
  join(first, second, undefined);
  return rows;
}

const identity = (run: Run): string => JSON.stringify([run.model, run.batch, run.length]);

export interface RunDifference {
  first: Run | undefined;
  second: Run | undefined;
  joules: number | undefined;
  percent: number | undefined;
}

/// Runs of two files joined by model, batch size and length; a run that occurs n times is joined n times.
export function compareFiles(runs: readonly Run[]): RunDifference[] {
  const seconds = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.file === 1) seconds.set(identity(run), [...(seconds.get(identity(run)) ?? []), run]);
  }
  const pairs: RunDifference[] = [];
  for (const run of runs) {
    if (run.file !== 0) continue;
    const second = seconds.get(identity(run))?.shift();
    const joules = second && second.predicted - run.predicted;
    const percent = joules === undefined ? undefined : percentOf(joules, run.predicted);
    pairs.push({ first: run, second, joules, percent });
  }
  for (const rest of seconds.values()) {
    for (const run of rest)
      pairs.push({ first: undefined, second: run, joules: undefined, percent: undefined });
  }
  return pairs;
}

/// The run to compare with at first: the same one of the other file, else the next of the same model.
export function counterpart(runs: readonly Run[], run: Run): Run | undefined {
  return (
    runs.find((other) => other.file !== run.file && identity(other) === identity(run)) ??
    runs.find((other) => other.index > run.index && other.model === run.model && other.file === run.file) ??
    runs.find((other) => other !== run)
  );
}
