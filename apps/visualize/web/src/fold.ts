// Repeated layers as one: siblings whose names end in a number and that are built alike.
import type { TreeNode } from "./tree.ts";
import { selfEnergy, uniqueName } from "./tree.ts";

/// What stands before the number of a layer: nothing in "3", "h." in "h.3"; undefined where there is no number.
const prefixOfLayer = (node: TreeNode): string | undefined => /^(|.*\.)\d+$/.exec(node.name)?.[1];

/// One list of siblings for each entry of the result, in order of their first member.
function alike(siblings: readonly TreeNode[]): TreeNode[][] {
  const folds = new Map<string, TreeNode[]>();
  const lists: TreeNode[][] = [];
  for (const node of siblings) {
    const prefix = prefixOfLayer(node);
    const key = prefix === undefined ? undefined : `${node.shape} ${prefix}`;
    const fold = key === undefined ? undefined : folds.get(key);
    if (fold) {
      fold.push(node);
    } else {
      const list = [node];
      if (key !== undefined) folds.set(key, list);
      lists.push(list);
    }
  }
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
  const taken = new Set<string>();
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
      type: first.type,
      depth: first.depth,
      energy: sumOf(nodes, (part) => part.energy) ?? 0,
      self: 0,
      measured: sumOf(nodes, (part) => part.measured),
      low: isOne ? first.low : undefined,
      high: isOne ? first.high : undefined,
      count: sumOf(nodes, (part) => part.count) ?? 0,
      shape: first.shape,
      parent,
      children: [],
    };
    for (const siblings of alike(first.children)) {
      // The nodes are built alike, so the children of all stand in the same places.
      const places = siblings.map((child) => first.children.indexOf(child));
      const parts = nodes.flatMap((part) => places.map((place) => part.children[place]));
      node.children.push(
        merge(
          parts.filter((part) => part !== undefined),
          node,
          siblings.length > 1,
        ),
      );
    }
    node.self = selfEnergy(node.energy, node.children);
    return node;
  };
  return merge([root], undefined, false);
}
