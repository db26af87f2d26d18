// Which nodes a query means, and what they spend together.
import type { TreeNode } from "./tree.ts";
import { walk } from "./tree.ts";

export interface Found {
  matches: Set<TreeNode>;
  /// Matches and all below them: what stays bright in the charts.
  covered: Set<TreeNode>;
  /// All above a match: what the table has to open.
  above: Set<TreeNode>;
  /// Joules of the matches; one that lies within another is not counted twice.
  sum: number;
}

/// A node matches by its name or class; by its scope where the query has a dot. Case does not matter.
export function search(root: TreeNode, query: string): Found | undefined {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return undefined;
  const found: Found = { matches: new Set(), covered: new Set(), above: new Set(), sum: 0 };
  for (const node of walk(root)) {
    const texts = wanted.includes(".") ? [node.scope] : [node.name, node.className];
    const isMatch = texts.some((text) => text.toLowerCase().includes(wanted));
    const isCovered = node.parent !== undefined && found.covered.has(node.parent);
    if (isMatch) {
      found.matches.add(node);
      if (!isCovered) found.sum += node.energy;
      for (let step = node.parent; step; step = step.parent) found.above.add(step);
    }
    if (isMatch || isCovered) found.covered.add(node);
  }
  return found;
}
