// What predictions tell of nodes beside energies, and the signs that stand for it.
import type { Marks } from "./data.ts";

/// What is told of a node, or of the nodes that one stands for: each text once.
export interface Told {
  /// Quantities that lie outside the range of training.
  outside: readonly string[];
  /// Whether it is an operation that training did not see.
  unseen: boolean;
  /// Why there is no interval.
  noInterval: readonly string[];
}

export const NOTHING: Told = { outside: [], unseen: false, noInterval: [] };

export const told = (marks: Marks): Told => ({
  outside: marks.outside,
  unseen: marks.unseen,
  noInterval: marks.no_interval === "" ? [] : [marks.no_interval],
});

export function together(all: readonly Told[]): Told {
  const some = all.filter((one) => one !== NOTHING);
  if (some.length === 0) return NOTHING;
  return {
    outside: [...new Set(some.flatMap((one) => one.outside))],
    unseen: some.some((one) => one.unseen),
    noInterval: [...new Set(some.flatMap((one) => one.noInterval))],
  };
}

export interface Sign {
  sign: string;
  meaning: string;
}

const OUTSIDE: Sign = { sign: "\u25b2", meaning: "outside the range of training" };
const UNSEEN: Sign = { sign: "?", meaning: "operation not seen in training" };
const NO_INTERVAL: Sign = { sign: "\u2205", meaning: "no interval" };

export const signsOf = (one: Told): Sign[] => [
  ...(one.outside.length > 0 ? [OUTSIDE] : []),
  ...(one.unseen ? [UNSEEN] : []),
  ...(one.noInterval.length > 0 ? [NO_INTERVAL] : []),
];

/// " \u25b2?" behind a name; empty where nothing is told.
export function signText(one: Told): string {
  const signs = signsOf(one);
  return signs.length === 0 ? "" : ` ${signs.map(({ sign }) => sign).join("")}`;
}

/// What is told in words: name and text of each.
export const facts = (one: Told): [string, string][] => [
  ...(one.outside.length > 0
    ? [["outside the range of training", one.outside.join(", ")] as [string, string]]
    : []),
  ...(one.unseen ? [["operation", "not seen in training"] as [string, string]] : []),
  ...one.noInterval.map((reason): [string, string] => ["no interval", reason]),
];
