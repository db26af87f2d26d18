// What predictions tell of nodes beside energies, and the signs that stand for it.
import type { Marks } from "./data.ts";

export const OUTSIDE = "\u25b2";
export const UNSEEN = "?";
export const NO_INTERVAL = "\u2205";
/// On a node that lacks what is told of nearly all of its run.
export const UNLIKE = "\u25c7";

/// Of a node, or of the nodes that one stands for.
export interface Told {
  /// Each a sign with what it says: a quantity that lies outside the range of training, why there is no interval.
  facts: readonly string[];
  /// Those that are drawn.
  signs: string;
}

export const NOTHING: Told = { facts: [], signs: "" };

const signsIn = (facts: readonly string[]): string =>
  [OUTSIDE, UNSEEN, NO_INTERVAL].filter((sign) => facts.some((fact) => fact.startsWith(sign))).join("");

export function told(marks: Marks): Told {
  const facts = [
    ...marks.outside.map((quantity) => OUTSIDE + quantity),
    ...(marks.unseen ? [`${UNSEEN}not seen in training`] : []),
    ...(marks.no_interval === "" ? [] : [NO_INTERVAL + marks.no_interval]),
  ];
  return { facts, signs: signsIn(facts) };
}

export function together(all: readonly Told[]): Told {
  const some = all.filter((one) => one !== NOTHING);
  if (some.length === 0) return NOTHING;
  return {
    facts: [...new Set(some.flatMap(({ facts }) => facts))],
    signs: [...new Set(some.flatMap(({ signs }) => [...signs]))].join(""),
  };
}

export const isNoInterval = (fact: string): boolean => fact.startsWith(NO_INTERVAL);

/// Facts of nine nodes of ten, or more, with the number of their nodes: they are told of the run. Of intervals it counts
/// that there is none, whatever the reason: operations may have one, and modules another.
export function usualIn(all: readonly Told[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { facts } of all) for (const fact of facts) counts.set(fact, (counts.get(fact) ?? 0) + 1);
  const without = all.filter(({ facts }) => facts.some(isNoInterval)).length;
  return new Map(
    [...counts].filter(([fact, count]) => (isNoInterval(fact) ? without : count) >= 0.9 * all.length),
  );
}

/// The same with signs of what is not so in nearly all of the run.
export function signed(one: Told, usual: ReadonlyMap<string, number>): Told {
  const has = (fact: string): boolean =>
    isNoInterval(fact) ? one.facts.some(isNoInterval) : one.facts.includes(fact);
  const lacks = ![...usual.keys()].every(has);
  const signs = signsIn(one.facts.filter((fact) => !usual.has(fact))) + (lacks ? UNLIKE : "");
  return { facts: one.facts, signs };
}

/// What facts of a sign are called.
export const NAMES: Record<string, string> = {
  [OUTSIDE]: "outside the range of training",
  [UNSEEN]: "operation",
  [NO_INTERVAL]: "no interval",
};
export const meaningOf = (sign: string): string =>
  ({ [UNSEEN]: "operation not seen in training", [UNLIKE]: "unlike most nodes of the run" })[sign] ??
  NAMES[sign] ??
  "";

export const textsOf = (facts: readonly string[], sign: string): string[] =>
  facts.filter((fact) => fact.startsWith(sign)).map((fact) => fact.slice(1));

/// What is told in words: name and text of each.
export const inWords = ({ facts, signs }: Told): [string, string][] => [
  ...Object.entries(NAMES)
    .map(([sign, name]): [string, string] => [name, textsOf(facts, sign).join(", ")])
    .filter(([, text]) => text !== ""),
  ...(signs.includes(UNLIKE) ? [["this node", meaningOf(UNLIKE)] as [string, string]] : []),
];
