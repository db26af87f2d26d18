// What predicted seconds tell of runs and their calls: power, and tokens a second.
import type { Run } from "./data.ts";
import type { Unit } from "./units.ts";
import { formatEnergy, formatNumber } from "./units.ts";

interface Timed {
  seconds: number | undefined;
}

/// Undefined: it has no time, or one of 0 s, in which nothing has a rate.
const bySecond = (amount: number, { seconds }: Timed): number | undefined =>
  seconds !== undefined && seconds > 0 ? amount / seconds : undefined;

/// W of all GPUs together.
export const powerOf = (joules: number, timed: Timed): number | undefined => bySecond(joules, timed);

/// Of all sequences: generated ones by second of the whole run, or those that a forward pass reads.
export const tokensBySecond = (run: Run): number | undefined =>
  bySecond(run.batch * (run.newTokens > 0 ? run.newTokens : run.length), run);

/// What the list of runs can be sorted by; the first is the order of the files.
export const RUN_ORDERS = [
  ["file", "order of the file"],
  ["energy", "energy"],
  ["latency", "latency"],
  ["power", "power"],
  ["rate", "tokens a second"],
] as const;
export type RunOrder = (typeof RUN_ORDERS)[number][0];

function valueOf(run: Run, order: RunOrder): number | undefined {
  switch (order) {
    case "file":
      return run.index;
    case "energy":
      return run.predicted;
    case "latency":
      return run.seconds;
    case "power":
      return powerOf(run.predicted, run);
    case "rate":
      return tokensBySecond(run);
  }
}

/// The greatest first, but for the order of the file; runs without a value last.
export function sortedRuns(runs: readonly Run[], order: RunOrder): Run[] {
  const sign = order === "file" ? 1 : -1;
  return [...runs].sort((a, b) => {
    const x = valueOf(a, order);
    const y = valueOf(b, order);
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    return sign * (x - y);
  });
}

/// What the list shows of a run: what it is sorted by.
export function formatFigure(run: Run, order: RunOrder, unit: Unit): string {
  switch (order) {
    case "file":
    case "energy":
      return formatEnergy(run.predicted, unit);
    case "latency":
      return formatRate(run.seconds, "s");
    case "power":
      return formatRate(powerOf(run.predicted, run), "W");
    case "rate":
      return formatRate(tokensBySecond(run), "/s");
  }
}

export const formatRate = (value: number | undefined, unit: string): string =>
  value === undefined ? "\u2013" : `${formatNumber(value)} ${unit}`;
