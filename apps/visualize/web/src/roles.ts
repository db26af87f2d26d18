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

/// "attention" of "attention.query", and of several in one: whether `role` is a part of `whole`, as it is of
/// "attention.query+key+value".
export function isPartOf(role: string, whole: string): boolean {
  const dot = role.lastIndexOf(".");
  const [within, does] = [role.slice(0, Math.max(dot, 0)), role.slice(dot + 1)];
  if (role === whole || role === "") return false;
  if (within !== "" && within === whole) return true;
  return (
    whole.startsWith(role.slice(0, dot + 1)) &&
    whole
      .slice(dot + 1)
      .split("+")
      .includes(does)
  );
}
