import assert from "node:assert/strict";
import { test } from "node:test";
import { DARK, inkOn, LIGHT, mix } from "../../src/colours.ts";
import { toCsv } from "../../src/csv.ts";
import type { Run } from "../../src/data.ts";
import { decode } from "../../src/data.ts";
import { decodeState, encodeState, firstView } from "../../src/state.ts";
import {
  footprint,
  formatEnergy,
  formatIn,
  formatNumber,
  formatPercent,
  parseAmount,
  parsePue,
} from "../../src/units.ts";
import { pageData, small } from "./trees.ts";

test("numbers have four digits", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [4.2298, "4.230"],
    [-0.5, "\u22120.5000"],
    [0.0012345, "0.001234"],
    [123456, "123500"],
    [1.5e-7, "1.500 \u00d7 10\u207b\u2077"],
    [2.5e9, "2.500 \u00d7 10\u2079"],
    [NaN, "\u2013"],
    [999999.9, "1000000"],
  ];
  for (const [value, text] of cases) assert.equal(formatNumber(value), text);
});

test("units are converted", () => {
  assert.equal(formatEnergy(3600, "Wh"), "1.000 Wh");
  assert.equal(formatEnergy(7.2e6, "kWh"), "2.000 kWh");
  assert.equal(formatEnergy(0.25, "mJ"), "250.0 mJ");
  assert.equal(formatEnergy(undefined, "J"), "\u2013");
  assert.equal(formatEnergy(4.32, "kWh"), "1.200 mWh");
  assert.equal(formatEnergy(-2e-7, "J"), "\u2212200.0 nJ");
  assert.equal(formatEnergy(2.5e7, "mJ"), "25.00 MJ");
  assert.equal(formatEnergy(0, "kWh"), "0 kWh");
  assert.equal(formatIn(1.5, "J"), "1.500");
  assert.equal(formatIn(1.5e-5, "J"), "15.00 \u00b5J");
  assert.equal(formatPercent(-12.345), "\u221212.3 %");
});

test("carbon and cost are off until typed", () => {
  const none = { gramsPerKwh: undefined, pricePerKwh: undefined, pue: undefined };
  assert.deepEqual(footprint(3.6e6, none), { grams: undefined, cost: undefined });
  assert.deepEqual(footprint(3.6e6, { gramsPerKwh: 400, pricePerKwh: 0.5, pue: undefined }), {
    grams: 400,
    cost: 0.5,
  });
  assert.deepEqual(footprint(7.2e6, { ...none, gramsPerKwh: 100, pue: 1.5 }), {
    grams: 300,
    cost: undefined,
  });
  for (const text of ["", "x", "-1", "1e999", "0x10", "1 2"]) assert.equal(parseAmount(text), undefined);
  assert.equal(parseAmount(" 0,25 "), 0.25);
  assert.equal(parseAmount("4e2"), 400);
  assert.equal(parsePue("0.9"), undefined);
  assert.equal(parsePue("1.2"), 1.2);
});

const runsOf = (count: number, newTokens: number): Run[] =>
  decode(pageData(Array.from({ length: count }, () => ({ ...small(), newTokens })))).runs.slice();

test("a link restores the state", () => {
  const first = firstView(runsOf(10, 0));
  const state = {
    ...first,
    run: 3,
    tab: "compare" as const,
    filter: "gpt2 b8",
    sortRuns: "-energy",
    groupRuns: "model_name",
    over: "batch" as const,
    log: true,
    group: "class" as const,
    fold: false,
    colour: "error" as const,
    find: "a&b=c #\u00e9",
    node: "root.<b>",
    zoom: "root.x",
    toggled: "root.0\na,b",
    sort: "-self",
    unit: "Wh" as const,
    grams: "400",
    price: "0,3",
    pue: "1.2",
    other: 2,
    per: "token" as const,
    order: "size" as const,
  };
  assert.deepEqual(decodeState(`#${encodeState(state, first)}`, 10, first), state);
  assert.equal(encodeState(first, first), "");
  const wrong = "run=10&tab=x&unit=BTU&other=-1&sort=nothing&fold=maybe&grams=lots&price=-1&pue=0.5";
  assert.deepEqual(decodeState(`#${wrong}`, 10, first), first);
  // Of one run, the run is what the page begins with.
  const ofOne = firstView(runsOf(1, 0));
  assert.deepEqual(ofOne, { ...first, tab: "run" });
  const runs = { ...first, tab: "runs" as const };
  assert.deepEqual(decodeState(encodeState(runs, ofOne), 1, ofOne), runs);
  // Of generations, tokens count; of runs that differ in their batch alone, the chart is over that.
  const generations = runsOf(2, 16).map((run, place) => ({ ...run, batch: 1 + place }));
  assert.deepEqual(firstView(generations), { ...first, per: "token", over: "batch" });
  const mixed = [...runsOf(1, 16), ...runsOf(1, 0)];
  assert.deepEqual(firstView(mixed), { ...first, over: "newTokens" });
});

test("CSV quotes what needs it", () => {
  assert.equal(
    toCsv([
      ["a", 'b"c', "d,e"],
      [1.5, undefined, NaN],
    ]),
    'a,"b""c","d,e"\r\n1.5,,\r\n',
  );
});

test("text on every colour can be read", () => {
  const channel = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  for (const palette of [LIGHT, DARK]) {
    const scales = Object.values(palette.scales).flatMap(([low, high]) =>
      [0, 0.25, 0.5, 0.75, 1].map((share) => mix(low, high, share)),
    );
    for (const fill of [...palette.operations, palette.module, palette.none, ...scales]) {
      assert.ok(contrast(inkOn(fill), fill) >= 4.5, `${fill} ${contrast(inkOn(fill), fill)}`);
    }
  }
  assert.equal(mix("#000000", "#ffffff", 0.5), "#808080");
});

test("twenty colours stay apart, also for the colour-blind", () => {
  type Triple = readonly [number, number, number];
  const times = (matrix: readonly Triple[], [x, y, z]: Triple): Triple =>
    matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;
  const toLms: Triple[] = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ];
  const toLab: Triple[] = [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ];
  // What protanopes and deuteranopes see of linear RGB (Machado and others, 2009).
  const eyes: Triple[][] = [
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  ];
  const linear = (hex: string): Triple =>
    [1, 3, 5]
      .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as unknown as Triple;
  const clip = (colour: Triple): Triple =>
    colour.map((c) => Math.min(Math.max(c, 0), 1)) as unknown as Triple;
  for (const palette of [LIGHT, DARK]) {
    assert.equal(palette.operations.length, 20);
    for (const eye of eyes) {
      const seen = palette.operations.map((hex) => {
        const lms = times(toLms, clip(times(eye, linear(hex))));
        return times(toLab, lms.map(Math.cbrt) as unknown as Triple);
      });
      // In OKLab black and white are 1 apart.
      seen.forEach((a, i) =>
        seen.slice(0, i).forEach((b, j) => {
          const apart = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
          assert.ok(apart > 0.07, `${palette.operations[i]} ${palette.operations[j]} ${apart}`);
        }),
      );
    }
  }
});
