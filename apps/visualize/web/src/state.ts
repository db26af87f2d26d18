// What the reader chose, and how a link carries it.
import type { Grouping } from "./group.ts";
import type { Per } from "./series.ts";
import { PERS } from "./series.ts";
import type { Column } from "./sort.ts";
import { COLUMNS } from "./sort.ts";
import type { Unit } from "./units.ts";
import { parseAmount, parsePue, UNITS } from "./units.ts";

export const TABS = ["runs", "run", "compare"] as const;
export type Tab = (typeof TABS)[number];
export const COLOURS = ["operation", "energy", "share", "error", "flops", "mem_bytes"] as const;
export type Colour = (typeof COLOURS)[number];
const GROUPINGS: readonly Grouping[] = ["tree", "phase", "operation", "class"];
const ORDERS = ["tree", "size"] as const;
export type Order = (typeof ORDERS)[number];
export const OVERS = ["length", "batch", "newTokens"] as const;
export type Over = (typeof OVERS)[number];

/// What a link says of a field; `read` of anything else gives undefined, and the field is as usual.
interface Field<T> {
  usual: T;
  read(text: string): T | undefined;
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
  read: (typed) => (/^\d{1,6}$/.test(typed) ? Number(typed) : undefined),
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
  /// A column, with "-" in front where the greatest come first; empty: as in the file.
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
  sort: oneOf<Column | "">(COLUMNS, ""),
  descending: flag(true),
  /// Rows of the comparison: as in the tree, or the largest difference first.
  order: oneOf<Order>(ORDERS, "tree"),

  unit: oneOf<Unit>(UNITS, "J"),
  grams: amount(parseAmount),
  price: amount(parseAmount),
  pue: amount(parsePue),
};

export type State = { [Name in keyof typeof FIELDS]: (typeof FIELDS)[Name]["usual"] };

/// What differs from the first view, as a URL fragment without '#'.
export function encodeState(state: State): string {
  const out = new URLSearchParams();
  for (const [name, { usual }] of Object.entries(FIELDS)) {
    const value = state[name as keyof State];
    if (value !== usual) out.set(name, String(value));
  }
  return out.toString();
}

/// Whatever is wrong in a link falls back to the first view's; of one run that is the run.
export function decodeState(fragment: string, numRuns: number): State {
  const from = new URLSearchParams(fragment.replace(/^#/, ""));
  const read = Object.entries(FIELDS).map(([name, field]) => {
    const said = from.get(name);
    return [name, (said === null ? undefined : field.read(said)) ?? field.usual];
  });
  const state = Object.fromEntries(read) as State;
  if (state.run >= numRuns) state.run = 0;
  if (state.other !== undefined && state.other >= numRuns) state.other = undefined;
  if (numRuns === 1 && from.get("tab") === null) state.tab = "run";
  return state;
}
