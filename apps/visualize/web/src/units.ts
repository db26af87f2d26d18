// Joules in the unit that the reader chose, and what they cost.

export type Unit = "J" | "mJ" | "Wh" | "kWh";

const JOULES: Record<Unit, number> = { J: 1, mJ: 1e-3, Wh: 3600, kWh: 3.6e6 };

export const UNITS = Object.keys(JOULES) as Unit[];

export const inUnit = (joules: number, unit: Unit): number => joules / JOULES[unit];

const SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/// Four significant digits; powers of ten where zeros would be many.
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return "\u2013";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e6) {
    const text = value.toPrecision(digits);
    const plain = text.includes("e") ? Number(text).toString() : text;
    return plain.replace("-", "\u2212");
  }
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  const power = [...exponent.replace("+", "")]
    .map((c) => (c === "-" ? "\u207b" : SUPERSCRIPTS[Number(c)]))
    .join("");
  return `${mantissa.replace("-", "\u2212")} \u00d7 10${power}`;
}

const PREFIXES: readonly (readonly [string, number])[] = [
  ["n", 1e-9],
  ["\u00b5", 1e-6],
  ["m", 1e-3],
  ["", 1],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
];

/// With the unit, or with another prefix where the unit would take a power of ten.
export function formatEnergy(joules: number | undefined, unit: Unit): string {
  if (joules === undefined) return "\u2013";
  const value = inUnit(joules, unit);
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(size) || (size >= 1e-3 && size < 1e6))
    return `${formatNumber(value)} ${unit}`;
  const stem = unit.endsWith("Wh") ? "Wh" : "J";
  const whole = joules / JOULES[stem];
  const [prefix, factor] =
    [...PREFIXES].reverse().find(([, one]) => Math.abs(whole) >= one) ?? (["n", 1e-9] as const);
  return `${formatNumber(whole / factor)} ${prefix}${stem}`;
}

/// Without the unit, for tables whose head names it; with one where it is another.
export function formatIn(joules: number | undefined, unit: Unit): string {
  const text = formatEnergy(joules, unit);
  return text.endsWith(` ${unit}`) ? text.slice(0, -unit.length - 1) : text;
}

export const formatPercent = (percent: number | undefined, digits = 1): string =>
  percent === undefined || !Number.isFinite(percent)
    ? "\u2013"
    : `${percent.toFixed(digits).replace("-", "\u2212")} %`;

/// What an interval of a probability is called where it stands.
export const intervalName = (level: number | undefined): string =>
  level === undefined ? "interval" : `${+(100 * level).toPrecision(6)} % interval`;

export const formatShare = (share: number | undefined): string =>
  formatPercent(share === undefined ? undefined : 100 * share);

/// A text from the data as one line, whatever is in it.
export const oneLine = (text: string): string => text.replace(/\s+/g, " ");

/// What the reader typed; undefined: nothing, or no number from 0 on.
export interface Prices {
  gramsPerKwh: number | undefined;
  pricePerKwh: number | undefined;
  /// Power usage effectiveness of the data centre: its energy per energy of the machine; 1 where not typed.
  pue: number | undefined;
}

export function parseAmount(text: string): number | undefined {
  const trimmed = text.trim().replace(",", ".");
  if (!/^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/// Below 1 there is no PUE: a data centre spends at least what its machines do.
export const parsePue = (text: string): number | undefined => {
  const value = parseAmount(text);
  return value !== undefined && value >= 1 ? value : undefined;
};

export function footprint(
  joules: number,
  prices: Prices,
): { grams: number | undefined; cost: number | undefined } {
  const kwh = inUnit(joules, "kWh") * (prices.pue ?? 1);
  return {
    grams: prices.gramsPerKwh === undefined ? undefined : kwh * prices.gramsPerKwh,
    cost: prices.pricePerKwh === undefined ? undefined : kwh * prices.pricePerKwh,
  };
}
