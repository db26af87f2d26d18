// Where a run's joules go, in one sentence: by operation, and by phase of a generation.
import type { Colouring, Palette } from "./colours.ts";
import { groupTree, OWN_WORK } from "./group.ts";
import { PARTS } from "./spent.ts";
import type { TreeNode } from "./tree.ts";
import { isCrumb } from "./tree.ts";
import { formatPercent } from "./units.ts";

export interface Share {
  name: string;
  joules: number;
  fill: string;
}

/// Those named by themselves; the rest are others.
const NAMED = 4;

/// The shares of the operations and of the modules' own work, the greatest first; they add up to the run.
export function sharesOf(tree: TreeNode, colours: Colouring, palette: Palette): Share[] {
  const all = groupTree(tree, "operation", false)
    .children.filter((child) => !isCrumb(child.energy, tree))
    .map((child) => ({
      name: child.name === OWN_WORK ? "own work" : child.name,
      joules: child.energy,
      fill: child.name === OWN_WORK ? palette.own : colours.fill(child),
    }))
    .sort((a, b) => Math.abs(b.joules) - Math.abs(a.joules));
  if (all.length <= NAMED + 1) return all;
  const rest = all.slice(NAMED).reduce((sum, share) => sum + share.joules, 0);
  return [...all.slice(0, NAMED), { name: `${all.length - NAMED} others`, joules: rest, fill: palette.none }];
}

/// What the run's energy is spent on, the greatest first; nothing where it is not told.
export const spentShares = ({ spent }: TreeNode, palette: Palette): Share[] =>
  PARTS.map((part) => ({ name: part, joules: spent?.[part] ?? 0, fill: palette.scales[part][1] }))
    .filter(({ joules }) => joules !== 0)
    .sort((a, b) => b.joules - a.joules);

export const phasesOf = (tree: TreeNode): Share[] =>
  groupTree(tree, "phase", true)
    .children.filter((child) => !isCrumb(child.energy, tree))
    .map((child) => ({ name: child.name, joules: child.energy, fill: "" }));

/// "Linear 82.1 %, own work 10.0 %".
export const inWords = (shares: readonly Share[], whole: number): string =>
  shares.map(({ name, joules }) => `${name} ${formatPercent((100 * joules) / whole)}`).join(", ");
