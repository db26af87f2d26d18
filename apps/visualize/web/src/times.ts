// What predicted seconds tell of runs and their calls: power, and tokens a second.
import type { Run } from "./data.ts";
import { formatNumber } from "./units.ts";

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

export const formatRate = (value: number | undefined, unit: string): string =>
  value === undefined ? "\u2013" : `${formatNumber(value)} ${unit}`;
