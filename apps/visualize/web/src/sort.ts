// Orders of rows. One is a column's key, with "-" in front where the greatest come first; empty: as in the file.
import { ownSpent, PARTS } from "./spent.ts";
import type { TreeNode } from "./tree.ts";
import { errorOf, label, shareOfParent } from "./tree.ts";

const OWN_PARTS = PARTS.map((part) => `own ${part}` as const);
/// Those of what energy is spent on: of a node with all that is inside, and of its own.
export const SPENT_COLUMNS = [...PARTS, ...OWN_PARTS] as const;
export const COLUMNS = [
  ...(["name", "class", "energy", "self", "parent", "share", "measured", "error"] as const),
  ...SPENT_COLUMNS,
] as const;
export type Column = (typeof COLUMNS)[number];

export const columnOf = (order: string): string => order.replace("-", "");

/// A click on the head of a column: one way, then the other, then none.
export function nextOrder(order: string, key: string, greatestFirst: boolean): string {
  const [once, twice] = greatestFirst ? [`-${key}`, key] : [key, `-${key}`];
  return order === once ? twice : order === twice ? "" : once;
}

export const directionOf = (order: string, key: string): "ascending" | "descending" | "none" =>
  columnOf(order) !== key ? "none" : order.startsWith("-") ? "descending" : "ascending";

/// Missing values stand last.
export function inOrder<T>(
  items: readonly T[],
  order: string,
  value: (item: T) => string | number | undefined,
): T[] {
  if (order === "") return [...items];
  const sign = order.startsWith("-") ? -1 : 1;
  return [...items].sort((a, b) => {
    const x = value(a);
    const y = value(b);
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return sign * String(x).localeCompare(String(y), "en", { numeric: true });
  });
}

/// In a column of what energy is spent on.
export function spentIn(node: TreeNode, column: string): number | undefined {
  const part = PARTS.find((one) => column.endsWith(one));
  return part && (column === part ? node.spent : ownSpent(node))?.[part];
}

type Value = (node: TreeNode) => string | number | undefined;
const VALUES: Record<Exclude<Column, (typeof SPENT_COLUMNS)[number]>, Value> = {
  name: label,
  class: (node) => node.className,
  energy: (node) => node.energy,
  self: (node) => node.self,
  parent: shareOfParent,
  share: (node) => node.energy,
  measured: (node) => node.measured,
  error: errorOf,
};

/// The rows that the table shows: a node's children where it is open.
export function visibleRows(root: TreeNode, isOpen: (node: TreeNode) => boolean, order: string): TreeNode[] {
  const rows: TreeNode[] = [];
  const column = columnOf(order);
  const value = VALUES[column as keyof typeof VALUES] ?? ((node: TreeNode) => spentIn(node, column));
  const add = (node: TreeNode): void => {
    rows.push(node);
    if (node.children.length > 0 && isOpen(node)) inOrder(node.children, order, value).forEach(add);
  };
  add(root);
  return rows;
}
