// Where a tree's nodes lie between 0 and 1, for the charts whose areas are energies.
import type { TreeNode } from "./tree.ts";
import { selfEnergy } from "./tree.ts";

export interface Span {
  node: TreeNode;
  begin: number;
  end: number;
  level: number;
  /// What a node with children spends beside them, which lies behind them.
  isOwn: boolean;
}

/// A node is as wide as its energy, its children side by side in it. Where they add up to more, as those of a
/// weighted tree can, they are drawn narrower so that they fit; a negative energy has no width.
export function layout(root: TreeNode): Span[] {
  const spans: Span[] = [];
  const place = (node: TreeNode, begin: number, end: number, level: number): void => {
    spans.push({ node, begin, end, level, isOwn: false });
    if (node.children.length === 0) return;
    const widths = node.children.map((child) => Math.max(child.energy, 0));
    const sum = widths.reduce((total, width) => total + width, 0);
    const own = Math.max(selfEnergy(node.energy, node.children), 0);
    const scale = sum + own > 0 ? (end - begin) / (sum + own) : 0;
    let left = begin;
    node.children.forEach((child, i) => {
      const width = (widths[i] ?? 0) * scale;
      place(child, left, left + width, level + 1);
      left += width;
    });
    // Less than this is what rounding leaves.
    if (own > 1e-12 * (sum + own)) spans.push({ node, begin: left, end, level: level + 1, isOwn: true });
  };
  place(root, 0, 1, 0);
  return spans;
}

/// The spans that can be told apart where `least` is the narrowest to be seen: of a crowd of narrower ones the first
/// stands for its neighbours, as wide as `least`. However large the tree, few are left. Those that are wanted stand
/// for others that are, and are wide enough to be noticed.
export function visibleSpans(
  spans: readonly Span[],
  least: number,
  isWanted: (span: Span) => boolean = () => false,
): Span[] {
  const reached = new Map<number, number>(); // by level, where the last span ends
  const wantedReached = new Map<number, number>();
  const visible: Span[] = [];
  const wanted: Span[] = [];
  for (const span of spans) {
    if (span.end <= span.begin) continue;
    const isKept = isWanted(span);
    const narrowest = isKept ? 4 * least : least;
    const ends = isKept ? wantedReached : reached;
    if (span.end - span.begin < narrowest) {
      if (span.begin < (ends.get(span.level) ?? 0)) continue;
      const begin = isKept ? Math.min(span.begin, 1 - narrowest) : span.begin;
      (isKept ? wanted : visible).push({ ...span, begin, end: Math.min(begin + narrowest, 1) });
      ends.set(span.level, begin + narrowest);
    } else {
      visible.push(span);
      reached.set(span.level, span.end);
    }
  }
  return [...visible, ...wanted];
}
