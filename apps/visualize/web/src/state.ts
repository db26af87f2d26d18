// What the reader chose, and how a link carries it.
import type { Grouping } from "./group.ts";
import type { Per } from "./series.ts";
import type { Column } from "./sort.ts";
import { COLUMNS } from "./sort.ts";
import type { Unit } from "./units.ts";
import { UNITS } from "./units.ts";

export const TABS = ["energy", "compare", "charts"] as const;
export type Tab = (typeof TABS)[number];
export const COLOURS = ["operation", "energy", "share", "error"] as const;
export type Colour = (typeof COLOURS)[number];
const GROUPINGS: readonly Grouping[] = ["tree", "phase", "operation", "class"];
const ORDERS = ["tree", "size"] as const;
export type Order = (typeof ORDERS)[number];
const PERS: readonly Per[] = ["run", "sample", "token", "new-token"];

export interface State {
  run: number;
  tab: Tab;
  group: Grouping;
  fold: boolean;
  colour: Colour;
  query: string;
  /// Keys of nodes; empty: the root.
  selected: string;
  zoom: string;
  /// Rows that are not as they are at first: open near the root, closed below.
  toggled: readonly string[];
  sort: Column | undefined;
  descending: boolean;
  unit: Unit;
  /// As typed.
  grams: string;
  price: string;
  pue: string;
  /// Run to compare with; undefined: the page chooses.
  other: number | undefined;
  per: Per;
  /// Rows of the comparison: as in the tree, or the largest difference first.
  order: Order;
}

export const INITIAL: State = {
  run: 0,
  tab: "energy",
  group: "tree",
  fold: true,
  colour: "operation",
  query: "",
  selected: "",
  zoom: "",
  toggled: [],
  sort: undefined,
  descending: true,
  unit: "J",
  grams: "",
  price: "",
  pue: "",
  other: undefined,
  per: "run",
  order: "tree",
};

/// What differs from the first view, as a URL fragment without '#'.
export function encodeState(state: State): string {
  const out = new URLSearchParams();
  const put = (key: string, value: string, usual: string): void => {
    if (value !== usual) out.set(key, value);
  };
  put("run", String(state.run), "0");
  put("tab", state.tab, INITIAL.tab);
  put("group", state.group, INITIAL.group);
  put("fold", state.fold ? "1" : "0", "1");
  put("colour", state.colour, INITIAL.colour);
  put("find", state.query, "");
  put("node", state.selected, "");
  put("zoom", state.zoom, "");
  for (const key of state.toggled) out.append("toggle", key);
  put("sort", state.sort ? `${state.sort}-${state.descending ? "down" : "up"}` : "", "");
  put("unit", state.unit, INITIAL.unit);
  put("grams", state.grams, "");
  put("price", state.price, "");
  put("pue", state.pue, "");
  put("with", state.other === undefined ? "" : String(state.other), "");
  put("per", state.per, INITIAL.per);
  put("order", state.order, INITIAL.order);
  return out.toString();
}

function oneOf<T extends string>(values: readonly T[], text: string | null, usual: T): T {
  return values.find((value) => value === text) ?? usual;
}

function place(text: string | null, count: number): number | undefined {
  return text !== null && /^\d+$/.test(text) && Number(text) < count ? Number(text) : undefined;
}

/// Whatever is wrong in a link falls back to the first view's.
export function decodeState(fragment: string, numRuns: number): State {
  const from = new URLSearchParams(fragment.replace(/^#/, ""));
  const [column = "", direction = ""] = (from.get("sort") ?? "").split("-");
  const sort = COLUMNS.find((candidate) => candidate === column);
  return {
    run: place(from.get("run"), numRuns) ?? 0,
    tab: oneOf(TABS, from.get("tab"), INITIAL.tab),
    group: oneOf(GROUPINGS, from.get("group"), INITIAL.group),
    fold: from.get("fold") !== "0",
    colour: oneOf(COLOURS, from.get("colour"), INITIAL.colour),
    query: from.get("find") ?? "",
    selected: from.get("node") ?? "",
    zoom: from.get("zoom") ?? "",
    toggled: from.getAll("toggle"),
    sort,
    descending: direction !== "up",
    unit: oneOf(UNITS, from.get("unit"), INITIAL.unit),
    grams: from.get("grams") ?? "",
    price: from.get("price") ?? "",
    pue: from.get("pue") ?? "",
    other: place(from.get("with"), numRuns),
    per: oneOf(PERS, from.get("per"), INITIAL.per),
    order: oneOf(ORDERS, from.get("order"), INITIAL.order),
  };
}
