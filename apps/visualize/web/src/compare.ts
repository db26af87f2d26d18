// Two runs, or two files of runs, side by side.
import type { Run } from "./data.ts";
import type { TreeNode } from "./tree.ts";
import { label, walk } from "./tree.ts";

export interface Difference {
  key: string;
  name: string;
  scope: string;
  className: string;
  depth: number;
  first: number | undefined;
  second: number | undefined;
  /// Second less first, joules; undefined where one of them has no such scope.
  joules: number | undefined;
  /// Of the first.
  percent: number | undefined;
}

function difference(first: number | undefined, second: number | undefined) {
  const joules = first === undefined || second === undefined ? undefined : second - first;
  const percent =
    joules === undefined || first === undefined || !(first > 0) ? undefined : (100 * joules) / first;
  return { first, second, joules, percent };
}

/// A row for each scope of either tree, in the first's order; what only the second has follows its parent's rows.
export function compareTrees(first: TreeNode, second: TreeNode): Difference[] {
  const seconds = new Map<string, TreeNode>();
  for (const node of walk(second)) seconds.set(node.key, node);
  const rows: Difference[] = [];
  const row = (node: TreeNode, a: TreeNode | undefined, b: TreeNode | undefined): void => {
    const { key, scope, className, depth } = node;
    // The two may stand for different numbers of layers.
    const name = [...new Set([a, b].filter((one) => one !== undefined).map(label))].join(" / ");
    rows.push({ key, name, scope, className, depth, ...difference(a?.energy, b?.energy) });
  };
  const addSecond = (node: TreeNode): void => {
    row(node, undefined, node);
    node.children.forEach(addSecond);
  };
  const add = (node: TreeNode): void => {
    const other = seconds.get(node.key);
    row(node, node, other);
    node.children.forEach(add);
    const names = new Set(node.children.map((child) => child.key));
    for (const child of other?.children ?? []) if (!names.has(child.key)) addSecond(child);
  };
  add(first);
  if (!seconds.has(first.key)) addSecond(second);
  return rows;
}

const identity = (run: Run): string => JSON.stringify([run.model, run.batch, run.length]);

export interface RunDifference {
  first: Run | undefined;
  second: Run | undefined;
  joules: number | undefined;
  percent: number | undefined;
}

/// Runs of two files joined by model, batch size and length; a run that occurs n times is joined n times.
export function compareFiles(runs: readonly Run[]): RunDifference[] {
  const seconds = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.file === 1) seconds.set(identity(run), [...(seconds.get(identity(run)) ?? []), run]);
  }
  const pairs: RunDifference[] = [];
  for (const run of runs) {
    if (run.file !== 0) continue;
    const second = seconds.get(identity(run))?.shift();
    const { joules, percent } = difference(run.predicted, second?.predicted);
    pairs.push({ first: run, second, joules, percent });
  }
  for (const rest of seconds.values()) {
    for (const run of rest)
      pairs.push({ first: undefined, second: run, joules: undefined, percent: undefined });
  }
  return pairs;
}

/// The run to compare with at first: the same one of the other file, else the next of the same model.
export function counterpart(runs: readonly Run[], run: Run): Run | undefined {
  return (
    runs.find((other) => other.file !== run.file && identity(other) === identity(run)) ??
    runs.find((other) => other.index > run.index && other.model === run.model && other.file === run.file) ??
    runs.find((other) => other !== run)
  );
}
