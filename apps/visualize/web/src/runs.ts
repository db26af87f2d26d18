// The table of runs: its columns, which runs a filter means, groups and what is cheapest in them.
import type { Data, Run } from "./data.ts";
import type { Per } from "./series.ts";
import { per } from "./series.ts";
import { columnOf, inOrder } from "./sort.ts";
import { percentageError } from "./tree.ts";
import type { Unit } from "./units.ts";
import { formatIn, formatNumber, formatPercent, intervalName, inUnit } from "./units.ts";

export interface RunColumn {
  key: string;
  head: string;
  /// Whether runs are told apart by it; the others are what they cost.
  isKey: boolean;
  isNumber: boolean;
  value(run: Run): string | number | undefined;
  text(run: Run): string;
}

/// The columns that some run has something for; energies in `unit`.
export function runColumns(data: Data, unit: Unit): RunColumn[] {
  const { runs } = data;
  const key = (name: string, head: string, value: (run: Run) => string | number): RunColumn => ({
    key: name,
    head,
    isKey: true,
    isNumber: typeof value(runs[0] as Run) === "number",
    value,
    text: (run) => String(value(run)),
  });
  const number = (
    name: string,
    head: string,
    value: (run: Run) => number | undefined,
    text: (run: Run) => string,
  ): RunColumn => ({ key: name, head, isKey: false, isNumber: true, value, text });
  const joules = (name: string, head: string, value: (run: Run) => number | undefined): RunColumn =>
    number(name, `${head} (${unit})`, value, (run) => formatIn(value(run), unit));
  const has = (value: (run: Run) => unknown): boolean => runs.some((run) => value(run) !== undefined);
  // What differs between those who predicted; what has a column of its own is left out.
  const parts = new Map(runs.map(({ prediction }) => [prediction, prediction.split(", ")]));
  const differs = (part: string): boolean =>
    !/^(device|intervals of) /.test(part) && [...parts.values()].some((others) => !others.includes(part));
  const predictors = new Map([...parts].map(([words, all]) => [words, all.filter(differs).join(", ")]));
  const predictor = (run: Run): string => predictors.get(run.prediction) ?? "";
  const keys = [
    ...Object.keys(runs[0]?.keys ?? {}).map((name) =>
      key(name, name === "model_name" ? "Model" : name, (run) => run.keys[name] ?? ""),
    ),
    ...(data.files.length > 1 ? [key("file", "File", (run) => data.files[run.file] ?? "")] : []),
    ...([...predictors.values()].some((words) => words !== "")
      ? [key("predictor", "Predicted by", predictor)]
      : []),
    ...(runs.some((run) => run.device !== "") ? [key("device", "Device", (run) => run.device)] : []),
  ];
  const telling = keys.filter(
    ({ key: name, value }) => name === "model_name" || new Set(runs.map(value)).size > 1,
  );
  return [
    ...telling,
    key("batch_size", "Batch", (run) => run.batch),
    key("seq_len", "Length", (run) => run.length),
    ...(runs.some((run) => run.newTokens > 0)
      ? [key("new_tokens", "New tokens", (run) => run.newTokens)]
      : []),
    joules("energy", "Energy", (run) => run.predicted),
    // Intervals of different levels are not compared.
    ...levelsOf(runs).map((level): RunColumn => {
      const name = intervalName(level);
      return number(
        name,
        `${name.replace(/^i/, "I")} (${unit})`,
        (run) => (run.level === level ? run.low : undefined),
        (run) => (run.level === level ? intervalText(run, unit) : "\u2013"),
      );
    }),
    joules("sample", "per sample", (run) => per(run, "sample", run.predicted)),
    joules("token", "per token", (run) => per(run, "token", run.predicted)),
    ...(has((run) => run.seconds)
      ? [
          number(
            "seconds",
            "Time (s)",
            (run) => run.seconds,
            (run) => (run.seconds === undefined ? "\u2013" : formatNumber(run.seconds)),
          ),
        ]
      : []),
    ...(has((run) => run.measured)
      ? [
          joules("measured", "Measured", (run) => run.measured),
          number("error", "Error", errorOfRun, (run) => formatPercent(errorOfRun(run))),
        ]
      : []),
    // What is the same in all runs leaves its room to what they cost.
    ...keys.filter((column) => !telling.includes(column)),
  ];
}

const errorOfRun = (run: Run): number | undefined => percentageError(run.predicted, run.measured);

/// The levels of the runs' intervals; undefined is one that is not told.
export const levelsOf = (runs: readonly Run[]): (number | undefined)[] => [
  ...new Set(runs.filter((run) => run.low !== undefined).map((run) => run.level)),
];

export const intervalText = (run: Run, unit: Unit): string =>
  run.low === undefined || run.high === undefined
    ? "\u2013"
    : `${formatNumber(inUnit(run.low, unit))} to ${formatNumber(inUnit(run.high, unit))}`;

/// Whether a run is what each word of a filter says: "gpt2" is the model of that name where there is one, and else a
/// part of any name; "b8", "l128" and "n512" are batch, length and new tokens; a number is any of them.
export function runFilter(data: Data, query: string): (run: Run) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const names = new Set(data.runs.map((run) => run.keys["model_name"]?.toLowerCase()));
  const tests = words.map((word): ((run: Run) => boolean) => {
    const [, letter, digits] = /^([bln]?)(\d+)$/.exec(word) ?? [];
    if (digits !== undefined) {
      const wanted = Number(digits);
      return (run) =>
        (letter !== "l" && letter !== "n" && run.batch === wanted) ||
        (letter !== "b" && letter !== "n" && run.length === wanted) ||
        (letter !== "b" && letter !== "l" && run.newTokens === wanted);
    }
    if (names.has(word)) return (run) => run.keys["model_name"]?.toLowerCase() === word;
    return (run) =>
      `${run.model} batch length ${data.files[run.file] ?? ""} ${run.device}`.toLowerCase().includes(word);
  });
  return (run) => tests.every((test) => test(run));
}

export const sortRuns = (runs: readonly Run[], columns: readonly RunColumn[], order: string): Run[] =>
  inOrder(runs, order, columns.find(({ key }) => key === columnOf(order))?.value ?? (() => undefined));

export interface RunGroup {
  name: string;
  runs: Run[];
}

/// Runs by a key, in the order of their first; without one all are one group.
export function groupRuns(runs: readonly Run[], column: RunColumn | undefined): RunGroup[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const name = column ? column.text(run) : "";
    const group = groups.get(name);
    if (group) group.push(run);
    else groups.set(name, [run]);
  }
  return [...groups].map(([name, members]) => ({ name, runs: members }));
}

export interface Verdict {
  least: Run;
  /// Runs whose intervals reach below the end of the least one's; undefined where some run has no interval, or one
  /// of another level.
  rivals: Run[] | undefined;
}

/// Which run costs least, and whether its interval lies below those of all others.
export function cheapest(runs: readonly Run[], what: Per): Verdict | undefined {
  const [first, ...rest] = runs;
  if (!first || rest.length === 0) return undefined;
  const least = rest.reduce(
    (best, run) => (per(run, what, run.predicted) < per(best, what, best.predicted) ? run : best),
    first,
  );
  if (levelsOf(runs).length !== 1 || runs.some((run) => run.low === undefined))
    return { least, rivals: undefined };
  const top = per(least, what, least.high ?? 0);
  return { least, rivals: runs.filter((run) => run !== least && per(run, what, run.low ?? 0) <= top) };
}

/// What tells a run apart from others, but for one key: "gpt2, Batch 8" where length is left out. Keys that are the same
/// in all runs say nothing.
export function allBut(
  columns: readonly RunColumn[],
  runs: readonly Run[],
): (run: Run, left: string) => string {
  const telling = columns.filter(
    (column) => column.isKey && (column.key === "model_name" || new Set(runs.map(column.value)).size > 1),
  );
  // The words of who predicted are many: they stand where nothing else tells the runs of one from those of another.
  const kinds = (used: readonly RunColumn[]): number =>
    new Set(runs.map((run) => used.map((column) => column.text(run)).join("\n"))).size;
  const short = telling.filter(({ key }) => key !== "predictor");
  const named = kinds(short) === kinds(telling) ? short : telling;
  return (run, left) =>
    named
      .filter(({ key }) => key !== left)
      .map((column) =>
        column.isNumber ? `${column.head.toLowerCase()} ${column.text(run)}` : column.text(run),
      )
      .join(", ");
}
