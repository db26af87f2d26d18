// Which nodes a query means, and what they spend together.
import type { TreeNode } from "./tree.ts";
import { walk } from "./tree.ts";

export interface Found {
  /// Nodes of the tree in view that are matches, or stand for one.
  matches: Set<TreeNode>;
  /// Matches and all below them: what stays bright in the charts.
  covered: Set<TreeNode>;
  /// All above a match: what the table has to open.
  above: Set<TreeNode>;
  /// Nodes of the run, not of the tree in view.
  count: number;
  /// Joules of the matches; one that lies within another is not counted twice.
  sum: number;
}

export const wordsOf = (query: string): string[] => query.toLowerCase().split(/\s+/).filter(Boolean);

/// A node of the run matches where each word occurs in its scope or class, and one of them in its own name or class.
/// Case does not matter, nor does the order of words. `root` is the tree in view, `nodes` that of the run.
export function search(root: TreeNode, nodes: TreeNode, query: string): Found | undefined {
  const words = wordsOf(query);
  if (words.length === 0) return undefined;
  const found: Found = { matches: new Set(), covered: new Set(), above: new Set(), count: 0, sum: 0 };
  const real = new Set<TreeNode>();
  const inside = new Set<TreeNode>();
  for (const node of walk(nodes)) {
    const own = `${node.name} ${node.className}`.toLowerCase();
    const all = `${node.scope} ${own}`.toLowerCase();
    const isMatch =
      words.every((word) => all.includes(word)) &&
      words.some((word) => own.includes(word) || word.includes("."));
    const isCovered = node.parent !== undefined && inside.has(node.parent);
    if (isMatch) real.add(node);
    if (isMatch && !isCovered) found.sum += node.energy;
    if (isMatch || isCovered) inside.add(node);
  }
  found.count = real.size;
  for (const node of walk(root)) {
    // A group with others in it is no match for what these stand for.
    const isMatch =
      node.type === "group" && node.children.length > 0
        ? false
        : node.parts.length > 0
          ? node.parts.some((part) => real.has(part))
          : real.has(node);
    const isCovered = node.parent !== undefined && found.covered.has(node.parent);
    if (isMatch) {
      found.matches.add(node);
      for (let step = node.parent; step; step = step.parent) found.above.add(step);
    }
    if (isMatch || isCovered) found.covered.add(node);
  }
  return found;
}
