// What the charts over many runs show.
import type { Data, NodeType, Run } from "./data.ts";
import { at } from "./data.ts";
import { percentageError } from "./tree.ts";

export const PER_NAMES = { run: "per run", sample: "per sample", token: "per token" } as const;
export type Per = keyof typeof PER_NAMES;
export const PERS = Object.keys(PER_NAMES) as Per[];

/// By token: one that is generated, of a generation, or one that is read.
export const per = (run: Run, what: Per, joules: number): number =>
  joules / { run: 1, sample: run.batch, token: run.batch * (run.newTokens || run.length) }[what];

export interface TypeError {
  type: NodeType;
  /// Mean absolute percentage error of the nodes that have a measurement above 0; undefined where there is none, or
  /// where it is too large for a number.
  percent: number | undefined;
  numNodes: number;
}

/// Over all nodes of the given runs, as irene-evaluate counts.
export function errorByType(data: Data, runs: readonly Run[]): TypeError[] {
  const times = new Float64Array(data.numNodes);
  for (const run of runs) times[run.root] = at(times, run.root) + 1;
  const sums: Record<NodeType, { sum: number; count: number }> = {
    ml: { sum: 0, count: 0 },
    module: { sum: 0, count: 0 },
    model: { sum: 0, count: 0 },
  };
  // Children stand before parents, so from the back every node knows how often it occurs before it is counted.
  for (let index = data.numNodes - 1; index >= 0; --index) {
    const occurs = at(times, index);
    if (occurs === 0) continue;
    const node = data.node(index);
    for (const child of node.children) times[child.node] = at(times, child.node) + occurs;
    const error = percentageError(node.predicted, node.measured);
    if (error === undefined) continue;
    sums[node.type].sum += occurs * error;
    sums[node.type].count += occurs;
  }
  return (["ml", "module", "model"] as const).map((type) => {
    const mean = sums[type].sum / sums[type].count;
    return { type, percent: Number.isFinite(mean) ? mean : undefined, numNodes: sums[type].count };
  });
}
