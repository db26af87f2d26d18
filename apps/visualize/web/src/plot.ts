// Charts of runs: points and lines over two axes, and bars. Each mark is an element that can have the focus and says
// what it is.
import type { Sheet } from "./svg.ts";
import { drawing, legendRows, shortened, svg, text, textWidth } from "./svg.ts";

export interface Axis {
  name: string;
  isLog: boolean;
  /// Whether 0 is on it, where it is not logarithmic.
  fromZero?: boolean;
}

export interface Point {
  x: number;
  y: number;
  low?: number | undefined;
  high?: number | undefined;
  /// A measurement beside the prediction.
  measured?: number | undefined;
  /// Lines of what it is called.
  said: string;
  /// Names it to whoever is told of a click on it.
  key: string;
  isStrong?: boolean;
}

export interface Series {
  name: string;
  colour: string;
  /// Whether a line joins its points; "dashed": without points.
  line: boolean | "dashed";
  points: readonly Point[];
}

const rounded = (value: number): string => String(+value.toPrecision(6));

/// Round numbers from least to most: 1, 2 and 5 times powers of ten.
export function ticks(least: number, most: number, count: number): number[] {
  if (!(most > least)) return [least];
  const raw = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const first = Math.ceil(least / step - 1e-9);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

export function logTicks(least: number, most: number): number[] {
  const found: number[] = [];
  const wide = Math.log10(most / least) > 3;
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); ++power)
    for (const factor of wide ? [1] : [1, 2, 5]) found.push(factor * 10 ** power);
  const inside = found.filter((value) => value >= least * 0.999 && value <= most * 1.001);
  return inside.length > 1 ? inside : [least, most];
}

interface Scale {
  ticks: number[];
  /// From 0 to 1.
  place(value: number): number;
}

function scaleOf(axis: Axis, values: readonly number[], count: number): Scale {
  const fit = values.filter((value) => Number.isFinite(value) && (!axis.isLog || value > 0));
  let least = Math.min(...fit);
  let most = Math.max(...fit);
  if (!Number.isFinite(least)) return { ticks: [], place: () => 0.5 };
  if (axis.isLog) {
    [least, most] = [least / 1.25, most * 1.25];
    const span = Math.log(most / least);
    return {
      ticks: logTicks(least, most),
      place: (value) => Math.log(Math.max(value, least) / least) / span,
    };
  }
  const margin = (most - least || Math.abs(most) || 1) * 0.05;
  least = axis.fromZero && least >= 0 ? 0 : least - margin;
  most += margin;
  return { ticks: ticks(least, most, count), place: (value) => (value - least) / (most - least) };
}

const mark = (said: string, key: string, ...shapes: (SVGElement | false)[]): SVGGElement =>
  svg("g", { role: "img", class: "mark", "data-item": key, tabindex: -1, "aria-label": said }, ...shapes);

/// Points of several series, with their intervals as bands behind lines or as whiskers, and a legend, which `signs` are
/// added to; higher than `wish` where the legend would leave no room.
export function plot(
  x: Axis,
  y: Axis,
  series: readonly Series[],
  sheet: Sheet,
  wish: number,
  signs: readonly (string | false)[] = [],
): SVGSVGElement {
  const { palette, width } = sheet;
  const kinds = series.map(({ name, colour }) => ({ name, fill: colour }));
  const plain = signs.filter((name) => name !== false).map((name) => ({ name, fill: "none" }));
  const legend = legendRows([...kinds, ...plain], 0, sheet);
  const height = Math.max(wish, legend.height + 0.8 * wish);
  const points = series.flatMap((one) => one.points);
  const across = scaleOf(
    x,
    points.map((point) => point.x),
    width < 500 ? 4 : 8,
  );
  const up = scaleOf(
    y,
    points.flatMap(({ y: at, low, high, measured }) => [at, low ?? at, high ?? at, measured ?? at]),
    6,
  );
  const wide = Math.max(0, ...up.ticks.map((tick) => textWidth(rounded(tick))));
  const box = { left: wide + 32, right: width - 14, top: legend.height + 10, bottom: height - 40 };
  const px = (value: number): number => box.left + across.place(value) * (box.right - box.left);
  const py = (value: number): number => box.bottom - up.place(value) * (box.bottom - box.top);
  const frame = svg("g", { "aria-hidden": "true" }, legend.element);
  for (const tick of up.ticks) {
    const at = py(tick);
    frame.append(
      svg("line", { x1: box.left, x2: box.right, y1: at, y2: at, stroke: palette.line }),
      text(box.left - 6, at, palette.muted, rounded(tick), { "text-anchor": "end" }),
    );
  }
  let free = -Infinity;
  for (const tick of across.ticks) {
    const half = textWidth(rounded(tick)) / 2 + 4;
    const at = px(tick);
    frame.append(svg("line", { x1: at, x2: at, y1: box.bottom, y2: box.bottom + 4, stroke: palette.line }));
    if (at - half < free) continue;
    free = at + half;
    frame.append(text(at, box.bottom + 13, palette.muted, rounded(tick), { "text-anchor": "middle" }));
  }
  const middle = (box.top + box.bottom) / 2;
  frame.append(
    text((box.left + box.right) / 2, height - 9, palette.muted, x.name, { "text-anchor": "middle" }),
    text(0, 0, palette.muted, y.name, {
      "text-anchor": "middle",
      transform: `translate(9 ${middle.toFixed(1)}) rotate(-90)`,
    }),
  );
  const behind = svg("g", { "aria-hidden": "true" });
  const marks = svg("g");
  for (const { colour, line, points: own } of series) {
    const at = (pairs: [number, number][]): string =>
      pairs.map(([a, b]) => `${px(a).toFixed(1)},${py(b).toFixed(1)}`).join(" ");
    const ends = own.filter(({ low, high }) => low !== undefined && high !== undefined);
    if (line === true && ends.length > 1) {
      const low = ends.map((point): [number, number] => [point.x, point.low ?? 0]);
      const high = ends.map((point): [number, number] => [point.x, point.high ?? 0]).reverse();
      behind.append(
        svg("polygon", { points: at([...low, ...high]), fill: colour, opacity: 0.16, class: "band" }),
      );
    } else {
      for (const point of line ? [] : ends) {
        const x1 = px(point.x);
        const y1 = py(point.low ?? 0);
        behind.append(svg("line", { x1, x2: x1, y1, y2: py(point.high ?? 0), stroke: colour, opacity: 0.5 }));
      }
    }
    if (line) {
      const dash = line === "dashed" ? { "stroke-dasharray": "5 4" } : { "stroke-width": 2 };
      const pairs = own.map((point): [number, number] => [point.x, point.y]);
      behind.append(svg("polyline", { points: at(pairs), fill: "none", stroke: colour, ...dash }));
    }
    if (line === "dashed") continue;
    for (const point of own) {
      const cx = px(point.x);
      const cy = py(point.y);
      const ring = point.isStrong ? { stroke: palette.ink, "stroke-width": 3 } : { stroke: palette.surface };
      const square =
        point.measured !== undefined &&
        svg("rect", {
          x: cx - 3.5,
          y: py(point.measured) - 3.5,
          width: 7,
          height: 7,
          fill: palette.surface,
          stroke: colour,
          "stroke-width": 2,
          class: "measured",
        });
      const dot = svg("circle", { cx, cy, r: point.isStrong ? 7 : 4.5, fill: colour, ...ring });
      marks.append(mark(point.said, point.key, square, dot));
    }
  }
  return drawing(width, height, frame, behind, marks);
}

export interface Bar {
  name: string;
  values: { value: number; colour: string; shown: string; said: string; key: string; isPale?: boolean }[];
}

/// Bars to the right, or to the left where they are negative; names stand before them.
export function bars(list: readonly Bar[], axisName: string, sheet: Sheet): SVGSVGElement {
  const { palette, width } = sheet;
  const thick = 16;
  const longest = Math.max(0, ...list.map((bar) => textWidth(bar.name)));
  const left = Math.min(longest, sheet.isPaper ? 0.6 * width : 0.35 * width) + 10;
  const all = list.flatMap((bar) => bar.values);
  const least = Math.min(0, ...all.map(({ value }) => value));
  const most = Math.max(0, ...all.map(({ value }) => value));
  const room = Math.max(0, ...all.map(({ shown }) => textWidth(shown))) + 8;
  const begin = left + (least < 0 ? room : 0);
  const px = (value: number): number =>
    begin + ((value - least) / (most - least || 1)) * Math.max(width - begin - room, 1);
  const group = svg("g");
  let y = 4;
  for (const { name, values } of list) {
    const high = values.length * (thick + 2);
    group.append(
      text(left - 8, y + high / 2, palette.ink, shortened(name, left - 10), { "text-anchor": "end" }),
    );
    for (const { value, colour, shown, said, key, isPale } of values) {
      const zero = px(0);
      const end = px(value);
      const shape = { x: Math.min(zero, end), y, width: Math.abs(end - zero), height: thick, fill: colour };
      const words = value < 0 ? { "text-anchor": "end" } : {};
      group.append(
        mark(
          said,
          key,
          svg("rect", { ...shape, opacity: isPale ? 0.45 : undefined }),
          text(end + (value < 0 ? -5 : 5), y + thick / 2, palette.ink, shown, words),
        ),
      );
      y += thick + 2;
    }
    y += 8;
  }
  const line = svg("line", { x1: px(0), x2: px(0), y1: 0, y2: y, stroke: palette.line });
  return drawing(width, y + 20, line, group, text(begin, y + 9, palette.muted, axisName));
}
