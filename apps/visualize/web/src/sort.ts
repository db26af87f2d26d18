// The order of siblings in the table.
import type { TreeNode } from "./tree.ts";
import { errorOf, label, shareOfParent } from "./tree.ts";

export const COLUMNS = ["name", "class", "energy", "self", "parent", "share", "measured", "error"] as const;
export type Column = (typeof COLUMNS)[number];

function value(node: TreeNode, column: Column): string | number | undefined {
  switch (column) {
    case "name":
      return label(node);
    case "class":
      return node.className;
    case "self":
      return node.self;
    case "parent":
      return shareOfParent(node);
    case "measured":
      return node.measured;
    case "error":
      return errorOf(node);
    case "energy":
    case "share":
      return node.energy;
  }
}

/// Children in the order of a column; in the model's own order without one. Missing values stand last.
export function sorted(
  children: readonly TreeNode[],
  column: Column | undefined,
  descending: boolean,
): TreeNode[] {
  if (!column) return [...children];
  const sign = descending ? -1 : 1;
  return [...children].sort((a, b) => {
    const x = value(a, column);
    const y = value(b, column);
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    if (typeof x === "string" && typeof y === "string")
      return sign * x.localeCompare(y, "en", { numeric: true });
    return sign * (Number(x) - Number(y));
  });
}

/// The rows that the table shows: a node's children where it is open.
export function visibleRows(
  root: TreeNode,
  isOpen: (node: TreeNode) => boolean,
  column: Column | undefined,
  descending: boolean,
): TreeNode[] {
  const rows: TreeNode[] = [];
  const add = (node: TreeNode): void => {
    rows.push(node);
    if (node.children.length > 0 && isOpen(node)) sorted(node.children, column, descending).forEach(add);
  };
  add(root);
  return rows;
}
