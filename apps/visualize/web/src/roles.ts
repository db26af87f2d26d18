// What the parts of a model do, as the data say it: src/data/roles.hpp has the table, for all families.
import type { TreeNode } from "./tree.ts";

/// "3" of "h.3", "*" of all layers folded into one; undefined where the name has no number.
const layerOf = (name: string): string | undefined => /(?:^|\.)(\d+|\*)$/.exec(name)?.[1];

/// Parts of a T5 layer are called by numbers too; their roles tell them apart.
export const isLayer = ({ role, name }: TreeNode): boolean =>
  role === "layer" || (role === "" && layerOf(name) !== undefined);

/// What is equal for nodes that do the same; undefined where that isn't known. A group of nodes of one class does what
/// that class does.
export function roleOf(node: TreeNode): string | undefined {
  const { role, className, name } = node;
  if (role === "layer") return `layer ${layerOf(name) ?? ""}`;
  if (role !== "" || node.type !== "group") return role || undefined;
  const alike = node.parts.find((part) => part.className.toLowerCase() === className.toLowerCase());
  return alike?.kind || undefined;
}

/// Whether `role` is a part of `whole`: "attention.query" is one of "attention", and of "attention.query+key+value".
export function isPartOf(role: string, whole: string): boolean {
  const begin = role.lastIndexOf(".") + 1;
  const does = whole.startsWith(role.slice(0, begin)) ? whole.slice(begin).split("+") : [];
  return role.startsWith(`${whole}.`) || (role !== whole && does.includes(role.slice(begin)));
}
