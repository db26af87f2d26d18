// What energy is spent on, where the model tells it: arithmetic, moving bytes, and what a device takes whatever it does.

export const PARTS = ["arithmetic", "memory", "static"] as const;
export type Part = (typeof PARTS)[number];
/// Joules of each; they add up to the energy.
export type Spent = Record<Part, number>;

export const spentOn = (value: (part: Part) => number): Spent =>
  Object.fromEntries(PARTS.map((part) => [part, value(part)])) as Spent;

/// What one of them does not know is not known of all.
export function sumSpent(all: readonly { spent: Spent | undefined }[]): Spent | undefined {
  const known = all.map(({ spent }) => spent).filter((spent) => spent !== undefined);
  if (known.length < all.length) return undefined;
  return spentOn((part) => known.reduce((sum, spent) => sum + spent[part], 0));
}

/// What `b` spends more than `a` on each, where both are told.
export const moreSpent = (b: Spent | undefined, a: Spent | undefined): Spent | undefined =>
  b && a && spentOn((part) => b[part] - a[part]);

/// Beyond what the children spend; less than rounding leaves is nothing.
export function ownSpent(node: {
  spent: Spent | undefined;
  children: readonly { spent: Spent | undefined }[];
}): Spent | undefined {
  const { spent } = node;
  const own = moreSpent(spent, sumSpent(node.children));
  return (
    spent && own && spentOn((part) => (Math.abs(own[part]) < 1e-12 * Math.abs(spent[part]) ? 0 : own[part]))
  );
}
