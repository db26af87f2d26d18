// What the reader chose, and how a link carries it.
import type { Run } from "./data.ts";
import type { Grouping } from "./group.ts";
import type { Per } from "./series.ts";
import { PERS } from "./series.ts";
import { PARTS } from "./spent.ts";
import { COLUMNS } from "./sort.ts";
import type { Unit } from "./units.ts";
import { parseAmount, parsePue, UNITS } from "./units.ts";

export const TABS = ["runs", "run", "compare"] as const;
export type Tab = (typeof TABS)[number];
export const COLOURS = ["operation", "energy", "share", "error", "flops", "mem_bytes", ...PARTS] as const;
export type Colour = (typeof COLOURS)[number];
const GROUPINGS: readonly Grouping[] = ["tree", "phase", "operation", "class"];
const ORDERS = ["tree", "size"] as const;
export type Order = (typeof ORDERS)[number];
export const OVERS = ["length", "batch", "newTokens"] as const;
export type Over = (typeof OVERS)[number];

/// What a link says of a field; `read` of anything else gives undefined, and the field is as usual.
interface Field<T> {
  usual: T;
  read(text: string, numRuns: number): T | undefined;
}
const oneOf = <T extends string>(values: readonly T[], usual: T): Field<T> => ({
  usual,
  read: (text) => values.find((value) => value === text),
});
const text: Field<string> = { usual: "", read: (typed) => typed };
const flag = (usual: boolean): Field<boolean> => ({
  usual,
  read: (typed) => ({ true: true, false: false })[typed],
});
const place = <T extends number | undefined>(usual: T): Field<number | T> => ({
  usual,
  read: (typed, numRuns) => (/^\d{1,6}$/.test(typed) && Number(typed) < numRuns ? Number(typed) : undefined),
});
const amount = (parse: (typed: string) => number | undefined): Field<string> => ({
  usual: "",
  read: (typed) => (parse(typed) === undefined ? undefined : typed),
});

const FIELDS = {
  tab: oneOf<Tab>(TABS, "runs"),
  run: place(0),
  /// Run to compare with; undefined: the page chooses.
  other: place(undefined),

  // The table of runs.
  filter: text,
  /// An order: see sort.ts.
  sortRuns: text,
  groupRuns: text,
  per: oneOf<Per>(PERS, "run"),
  over: oneOf<Over>(OVERS, "length"),
  log: flag(false),

  // One run.
  group: oneOf<Grouping>(GROUPINGS, "tree"),
  fold: flag(true),
  colour: oneOf<Colour>(COLOURS, "operation"),
  find: text,
  /// Keys of nodes; empty: the root.
  node: text,
  zoom: text,
  /// Keys of rows that are not as they are at first, a line each.
  toggled: text,
  sort: oneOf<string>(
    COLUMNS.flatMap((column) => [column, `-${column}`]),
    "",
  ),
  /// Rows of the comparison: as in the tree, or the largest difference first.
  order: oneOf<Order>(ORDERS, "tree"),

  unit: oneOf<Unit>(UNITS, "J"),
  grams: amount(parseAmount),
  price: amount(parseAmount),
  pue: amount(parsePue),
};

export type State = { [Name in keyof typeof FIELDS]: (typeof FIELDS)[Name]["usual"] };

/// What the page begins with: of one run, that run; of generations, joules by token; over a count that differs.
export function firstView(runs: readonly Run[]): State {
  const usual = Object.entries(FIELDS).map(([name, field]) => [name, field.usual]);
  const differs = (over: Over): boolean => runs.some((run) => run[over] !== runs[0]?.[over]);
  return {
    ...(Object.fromEntries(usual) as State),
    ...(runs.length === 1 && { tab: "run" }),
    ...(runs.every((run) => run.newTokens > 0) && { per: "token" }),
    over: OVERS.find(differs) ?? "length",
  };
}

/// What differs from the first view, as a URL fragment without '#'.
export function encodeState(state: State, first: State): string {
  const changed = Object.entries(state).filter(([name, value]) => value !== first[name as keyof State]);
  return String(new URLSearchParams(changed.map(([name, value]) => [name, String(value)])));
}

/// Whatever is wrong in a link falls back to the first view's.
export function decodeState(fragment: string, numRuns: number, first: State): State {
  const from = new URLSearchParams(fragment.replace(/^#/, ""));
  const read = Object.entries(FIELDS).map(([name, field]) => {
    const said = from.get(name);
    return [name, (said === null ? undefined : field.read(said, numRuns)) ?? first[name as keyof State]];
  });
  return Object.fromEntries(read) as State;
}
