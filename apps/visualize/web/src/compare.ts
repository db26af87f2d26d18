// Two runs, or two files of runs, side by side.
import type { Run } from "./data.ts";
import { together } from "./marks.ts";
import { isLayer, roleOfClass, roleOfName } from "./roles.ts";
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
}

const percentOf = (joules: number, first: number | undefined): number | undefined =>
  first !== undefined && first > 0 ? (100 * joules) / first : undefined;

/// Layers that lie in the model itself, as in GPT-2, in a part named like that which holds those of `others`, as BERT's
/// encoder: it stands for no node and spends nothing itself.
function inPart(nodes: readonly TreeNode[], others: readonly TreeNode[]): readonly TreeNode[] {
  const isIt = (node: TreeNode): boolean => isLayer(node.name);
  const holder = others.find((other) => other.children.some(isIt));
  const layers = nodes.filter(isIt);
  const [first] = layers;
  if (!holder || !first || others.some(isIt) || nodes.some((node) => node.children.some(isIt))) return nodes;
  const energy = layers.reduce((sum, layer) => sum + layer.energy, 0);
  const part: TreeNode = { ...holder, ...{ type: "group", count: 0, energy, self: 0, children: layers } };
  return nodes.flatMap((node) => (node === first ? [part] : isIt(node) ? [] : [node]));
}

/// Pairs of children that play one role: those of one name, then those whose names, and last those whose classes
/// mean the same, in their order. What is left stands alone, behind its elder siblings.
function pairChildren(
  first: readonly TreeNode[],
  second: readonly TreeNode[],
): [TreeNode | undefined, TreeNode | undefined][] {
  const partner = new Map<TreeNode, TreeNode>();
  const taken = new Set<TreeNode>();
  for (const roleOf of [
    (node: TreeNode) => node.name,
    (node: TreeNode) => roleOfName(node.name),
    (node: TreeNode) => `${node.children.length > 0} ${roleOfClass(node.className)}`,
  ]) {
    const free = new Map<string, TreeNode[]>(); // by role, the next one last
    for (const b of [...second].reverse()) {
      if (taken.has(b)) continue;
      const list = free.get(roleOf(b));
      if (list) list.push(b);
      else free.set(roleOf(b), [b]);
    }
    for (const a of first) {
      if (partner.has(a)) continue;
      const b = free.get(roleOf(a))?.pop();
      if (!b) continue;
      partner.set(a, b);
      taken.add(b);
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
    rows.push({
      node,
      first: a,
      second: b,
      joules,
      self: (b?.self ?? 0) - (a?.self ?? 0),
      percent: a && b ? percentOf(joules, a.energy) : undefined,
    });
    node.children = pairChildren(
      inPart(a?.children ?? [], b?.children ?? []),
      inPart(b?.children ?? [], a?.children ?? []),
    ).map(([x, y]) => join(x, y, node));
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
