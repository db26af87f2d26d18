// Self energies by phase, operation or module class, as a tree of two levels that adds up to the run.
import { NOTHING, together } from "./marks.ts";
import { ownSpent, sumSpent } from "./spent.ts";
import type { TreeNode } from "./tree.ts";
import { walk, workOf } from "./tree.ts";

export type Grouping = "tree" | "phase" | "operation" | "class";

export const GROUP_NAMES: readonly (readonly [Grouping, string])[] = [
  ["tree", "the model's tree"],
  ["phase", "phase"],
  ["operation", "operation"],
  ["class", "module class"],
];

/// What the inner nodes spend beyond their children.
export const OWN_WORK = "modules' own work";

function makeNode(name: string, key: string, className: string, parent: TreeNode | undefined): TreeNode {
  return {
    key,
    name,
    scope: name,
    className,
    role: "",
    kind: "",
    type: "group",
    depth: parent ? parent.depth + 1 : 0,
    energy: 0,
    self: 0,
    measured: 0,
    hasError: true,
    low: undefined,
    high: undefined,
    seconds: undefined,
    work: {},
    spent: undefined,
    told: NOTHING,
    parts: [],
    count: 0,
    shape: -1,
    parent,
    children: [],
  };
}

function measuredSelf(node: TreeNode): number | undefined {
  let self = node.measured;
  for (const child of node.children) {
    if (self === undefined || child.measured === undefined) return undefined;
    self -= child.measured;
  }
  return self;
}

function add(group: TreeNode, node: TreeNode): void {
  const measured = measuredSelf(node);
  group.energy += node.self;
  if (measured !== undefined && !(measured > 0)) group.hasError = false;
  group.measured =
    group.measured === undefined || measured === undefined ? undefined : group.measured + measured;
  group.told = together([group.told, node.told]);
  (group.parts as TreeNode[]).push(node);
  group.count += node.count;
}

/// Names match whatever their case, as everywhere in the toolkit.
function childOf(parent: TreeNode, name: string, className: string): TreeNode {
  const key = `${parent.key}/${name.toLowerCase()}`;
  let child = parent.children.find((candidate) => candidate.key === key);
  if (!child) {
    child = makeNode(name, key, className, parent);
    parent.children.push(child);
  }
  return child;
}

/// Of a node of a generation: the half of the tree that it lies in, or what holds both.
function phaseOf(node: TreeNode): string {
  let step = node;
  while (step.parent?.parent) step = step.parent;
  return ["root.prefill", "root.decode"].includes(step.scope)
    ? step.scope.slice("root.".length)
    : "generation";
}

/// By operation: each kind of leaf, and beside them the modules' own work by class. By class: each class of
/// module with its own work as self energy, and in it the operations that it calls. By phase, as irene-summarize
/// names them: prefill and decode of a generation, or the one forward pass, and in each what runs by class.
export function groupTree(
  root: TreeNode,
  grouping: Exclude<Grouping, "tree">,
  isGeneration: boolean,
): TreeNode {
  const grouped = makeNode(root.name, root.key, root.className, undefined);
  for (const node of walk(root)) {
    const isLeaf = node.children.length === 0;
    if (grouping === "operation") {
      const group = isLeaf
        ? childOf(grouped, node.className, node.className)
        : childOf(grouped, OWN_WORK, "");
      add(group, node);
      if (!isLeaf) add(childOf(group, node.className, node.className), node);
    } else if (grouping === "phase") {
      const group = childOf(grouped, isGeneration ? phaseOf(node) : "forward", "");
      add(group, node);
      // What lies in a call is its phase, or all of a forward pass.
      if (isGeneration ? node.parent === root : node === root) group.seconds = node.seconds;
      add(childOf(group, node.className, node.className), node);
    } else {
      const owner = isLeaf ? (node.parent ?? node) : node;
      const group = childOf(grouped, owner.className, owner.className);
      add(group, node);
      if (isLeaf) add(childOf(group, node.className, node.className), node);
      else group.self += node.self;
    }
  }
  for (const node of walk(grouped)) {
    node.children.sort((a, b) => b.energy - a.energy);
    node.spent = sumSpent(node.parts.map((part) => ({ spent: ownSpent(part) })));
    // Own work of modules is none that is counted.
    if (node.parts.every((part) => part.children.length === 0)) node.work = workOf(node.parts);
    if (grouping !== "class" || node.children.length === 0) {
      node.self = node.children.length === 0 ? node.energy : 0;
    }
  }
  grouped.energy = root.energy;
  grouped.measured = root.measured;
  grouped.work = root.work;
  grouped.spent = root.spent;
  grouped.low = root.low;
  grouped.high = root.high;
  grouped.seconds = root.seconds;
  grouped.told = root.told;
  grouped.count = 1;
  grouped.self = 0;
  return grouped;
}
