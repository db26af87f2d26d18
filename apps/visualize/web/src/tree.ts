// A run as a tree to look at. Every view draws such a tree, whether it is the model's own or groups of nodes.
import type { Data, NodeType, Run, Work } from "./data.ts";
import { WORK_KEYS } from "./data.ts";
import type { Told } from "./marks.ts";
import type { Spent } from "./spent.ts";
import { NOTHING, signed, told, usualIn } from "./marks.ts";

export interface TreeNode {
  /// Names the node in the page's state; unique in its tree, and the same in trees of other runs.
  key: string;
  name: string;
  scope: string;
  className: string;
  /// What it does, under one name for all families, and what its class alone tells of that; empty where it isn't known.
  role: string;
  kind: string;
  type: NodeType | "group";
  depth: number;
  /// Joules, the children's included.
  energy: number;
  /// Joules beyond the children's; negative where the model weighs them down.
  self: number;
  measured: number | undefined;
  /// Whether an error of it can be told: false for a group of nodes of which one measured self energy is not above 0,
  /// for the sum is then less than some of its parts.
  hasError: boolean;
  low: number | undefined;
  high: number | undefined;
  /// Of the run, and of a call in it.
  seconds: number | undefined;
  work: Work;
  spent: Spent | undefined;
  /// Of any of the nodes that this one stands for.
  told: Told;
  /// The nodes of the run that this one stands for; empty where it is one of them.
  parts: readonly TreeNode[];
  /// How many they are.
  count: number;
  /// Equal for nodes that are built alike; -1 for groups.
  shape: number;
  parent: TreeNode | undefined;
  children: TreeNode[];
}

export function selfEnergy(energy: number, children: readonly { energy: number }[]): number {
  let sum = 0;
  for (const child of children) sum += child.energy;
  return energy - sum;
}

/// Of several nodes that do not lie in each other; what one of them does not know is not known of all.
export function workOf(nodes: readonly { work: Work }[]): Work {
  const sum: Work = {};
  for (const key of WORK_KEYS) {
    const values = nodes.map(({ work }) => work[key]).filter((value) => value !== undefined);
    if (nodes.length > 0 && values.length === nodes.length)
      sum[key] = values.reduce((total, value) => total + value, 0);
  }
  return sum;
}

/// Joules by 10^9 flops, and by GiB moved; undefined where there are none.
export function intensity(node: TreeNode, key: "flops" | "mem_bytes"): number | undefined {
  const amount = node.work[key];
  return amount !== undefined && amount > 0
    ? node.energy / (amount / (key === "flops" ? 1e3 : 1024))
    : undefined;
}

/// How often each name was taken.
export type TakenNames = Map<string, number>;

/// `name`, or `name#2`, `name#3` ... where the name is taken.
export function uniqueName(taken: TakenNames, name: string): string {
  let times = taken.get(name) ?? 0;
  let unique = name;
  while (taken.has(unique)) unique = `${name}#${++times}`;
  taken.set(name, Math.max(times, 1));
  if (unique !== name) taken.set(unique, 1);
  return unique;
}

export function buildTree(data: Data, run: Run): TreeNode {
  const taken: TakenNames = new Map();
  const build = (
    index: number,
    name: string,
    scope: string,
    role: string,
    parent: TreeNode | undefined,
  ): TreeNode => {
    const stored = data.node(index);
    const node: TreeNode = {
      key: uniqueName(taken, scope),
      name,
      scope,
      className: stored.className,
      role,
      kind: stored.kind,
      type: stored.type,
      depth: parent ? parent.depth + 1 : 0,
      energy: stored.predicted,
      self: 0,
      measured: stored.measured,
      hasError: true,
      low: stored.low,
      high: stored.high,
      seconds: stored.seconds,
      work: stored.work,
      spent: stored.spent,
      told: stored.marks ? told(stored.marks) : NOTHING,
      parts: [],
      count: 1,
      shape: stored.shape,
      parent,
      children: [],
    };
    for (const child of stored.children) {
      const childScope = child.isWholeScope ? child.name : `${scope}.${child.name}`;
      node.children.push(build(child.node, child.name, childScope, child.role, node));
    }
    node.self = selfEnergy(node.energy, node.children);
    return node;
  };
  const root = build(run.root, run.keys["model_name"] ?? run.scope, run.scope, "model", undefined);
  const usual = usualIn([...walk(root)].map((node) => node.told));
  if (usual.size > 0) for (const node of walk(root)) node.told = signed(node.told, usual);
  return root;
}

/// Every node, parents first.
export function* walk(node: TreeNode): Generator<TreeNode> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

export function find(root: TreeNode, key: string): TreeNode | undefined {
  for (const node of walk(root)) if (node.key === key) return node;
  return undefined;
}

/// The way from the root to a node, both included.
export function pathTo(node: TreeNode): TreeNode[] {
  const path: TreeNode[] = [];
  for (let step: TreeNode | undefined = node; step; step = step.parent) path.unshift(step);
  return path;
}

/// Percent of the measured energy; undefined where there is none above 0 to compare with.
export function percentageError(energy: number, measured: number | undefined): number | undefined {
  if (measured === undefined || !(measured > 0)) return undefined;
  return (100 * Math.abs(energy - measured)) / measured;
}

export const errorOf = (node: TreeNode): number | undefined =>
  node.hasError ? percentageError(node.energy, node.measured) : undefined;

/// Of an energy of 0 nothing is a share.
const share = (part: number, whole: number): number | undefined => (whole !== 0 ? part / whole : undefined);

/// 1 for the root.
export const shareOfParent = (node: TreeNode): number | undefined =>
  node.parent ? share(node.energy, node.parent.energy) : 1;

export const shareOf = (node: TreeNode, root: TreeNode): number | undefined =>
  share(node.energy, root.energy);

/// "encoder", or "encoder.* x 12" for a node that stands for twelve of its siblings.
export function label(node: TreeNode): string {
  const times = node.parent ? node.count / node.parent.count : node.count;
  if (times === 1 || node.type === "group") return node.name;
  const name = node.name === "*" && node.parent ? `${node.parent.name}.*` : node.name;
  return `${name} \u00d7 ${times}`;
}

/// What rounding leaves where sums of doubles should cancel.
/// `joules`, or 0 for a crumb.
export const withoutCrumb = <T extends number | undefined>(joules: T, root: TreeNode): T | number =>
  joules !== undefined && isCrumb(joules, root) ? 0 : joules;

export const isCrumb = (joules: number, root: TreeNode): boolean =>
  Math.abs(joules) < 1e-12 * Math.abs(root.energy);

/// Nodes that spend less than their children together, by more than rounding explains.
export function numCorrections(root: TreeNode): number {
  let count = 0;
  for (const node of walk(root)) if (node.self < -1e-9 * Math.abs(root.energy)) ++count;
  return count;
}
