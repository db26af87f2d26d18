// Repeated layers as one: siblings whose names end in a number and that are built alike.
import { at } from "./data.ts";
import { together } from "./marks.ts";
import { sumSpent } from "./spent.ts";
import type { TakenNames, TreeNode } from "./tree.ts";
import { selfEnergy, uniqueName, workOf } from "./tree.ts";

/// What stands before the number of a layer: nothing in "3", "h." in "h.3"; undefined where there is no number.
const prefixOfLayer = (node: TreeNode): string | undefined => /^(|.*\.)\d+$/.exec(node.name)?.[1];

/// The places of siblings, those that fold together in one list, in order of their first member.
function alike(siblings: readonly TreeNode[]): number[][] {
  const folds = new Map<string, number[]>();
  const lists: number[][] = [];
  siblings.forEach((node, place) => {
    const prefix = prefixOfLayer(node);
    const key = prefix === undefined ? undefined : `${node.shape} ${prefix}`;
    const fold = key === undefined ? undefined : folds.get(key);
    if (fold) {
      fold.push(place);
    } else {
      const list = [place];
      if (key !== undefined) folds.set(key, list);
      lists.push(list);
    }
  });
  return lists;
}

function sumOf(
  nodes: readonly TreeNode[],
  value: (node: TreeNode) => number | undefined,
): number | undefined {
  let sum = 0;
  for (const node of nodes) {
    const one = value(node);
    if (one === undefined) return undefined;
    sum += one;
  }
  return sum;
}

/// The tree with each set of repeated layers folded into one node, whose energies are their sums. Sums have no
/// interval: those of the parts do not add up.
export function foldLayers(root: TreeNode): TreeNode {
  const taken: TakenNames = new Map();
  const merge = (nodes: readonly TreeNode[], parent: TreeNode | undefined, isFold: boolean): TreeNode => {
    const first = nodes[0];
    if (!first) throw new Error("nothing to fold");
    const name = isFold ? `${prefixOfLayer(first) ?? ""}*` : first.name;
    // A scope that does not begin with its parent's stays as it is.
    const extendsParent = first.parent !== undefined && first.scope === `${first.parent.scope}.${first.name}`;
    const scope = parent && extendsParent ? `${parent.scope}.${name}` : first.scope;
    const isOne = nodes.length === 1;
    const node: TreeNode = {
      key: uniqueName(taken, scope),
      name,
      scope,
      className: first.className,
      role: first.role,
      kind: first.kind,
      type: first.type,
      depth: first.depth,
      energy: sumOf(nodes, (part) => part.energy) ?? 0,
      self: 0,
      measured: sumOf(nodes, (part) => part.measured),
      hasError: true,
      low: isOne ? first.low : undefined,
      high: isOne ? first.high : undefined,
      seconds: isOne ? first.seconds : undefined,
      work: workOf(nodes),
      spent: sumSpent(nodes),
      told: together(nodes.map((part) => part.told)),
      parts: nodes,
      count: sumOf(nodes, (part) => part.count) ?? 0,
      shape: first.shape,
      parent,
      children: [],
    };
    for (const places of alike(first.children)) {
      // The nodes are built alike, so the children of all stand in the same places.
      const parts = nodes.flatMap((part) => places.map((place) => at(part.children, place)));
      node.children.push(merge(parts, node, places.length > 1));
    }
    node.self = selfEnergy(node.energy, node.children);
    return node;
  };
  return merge([root], undefined, false);
}
