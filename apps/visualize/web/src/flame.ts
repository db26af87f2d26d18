// The two charts whose areas are energies: icicle and sunburst. Each node is an element that can have the focus and says
// what it is.
import type { Colouring, Palette } from "./colours.ts";
import { inkOn } from "./colours.ts";
import { freshId } from "./dom.ts";
import type { Span } from "./layout.ts";
import { layout, visibleSpans } from "./layout.ts";
import { inWords, OUTSIDE, UNSEEN } from "./marks.ts";
import type { Found } from "./search.ts";
import type { Sheet } from "./svg.ts";
import { drawing, legendRows, shortened, svg, text, textWidth } from "./svg.ts";
import type { TreeNode } from "./tree.ts";
import { errorOf, label, pathTo, shareOf, shareOfParent } from "./tree.ts";
import type { Unit } from "./units.ts";
import { formatEnergy, formatPercent, formatShare, oneLine } from "./units.ts";

export interface Picture {
  root: TreeNode;
  zoomed: TreeNode;
  selected: TreeNode;
  found: Found | undefined;
  colours(palette: Palette): Colouring;
  unit: Unit;
  /// What a node is called in place of what is known of it in one run.
  said?: (node: TreeNode) => string;
}

const MIN_ROW = 24;
const MAX_ROW = 56;
/// A row that stands for a node above the one that fills the chart.
const STRIP = 20;
const DIM = 0.22;
const OWN_WORK = "own work";

const nameOf = ({ node, isOwn }: Span): string =>
  oneLine(isOwn ? OWN_WORK : `${label(node)} ${node.told.signs}`).trim();

/// What is known of a node, in lines: shown beside the pointer, and read out.
function lines(picture: Picture, { node, isOwn }: Span): string {
  if (picture.said && !isOwn) return picture.said(node);
  if (isOwn) return `${OWN_WORK} of ${oneLine(label(node))}\n${formatEnergy(node.self, picture.unit)}`;
  const said = [
    node.scope === label(node) || node.type === "group"
      ? label(node)
      : `${node.scope}${node.count > 1 ? ` (${node.count} nodes)` : ""}`,
    node.className,
    `${formatEnergy(node.energy, picture.unit)}, ${formatShare(shareOf(node, picture.root))} of the model`,
  ];
  if (node.parent) said.push(`${formatShare(shareOfParent(node))} of ${label(node.parent)}`);
  if (node.children.length > 0) said.push(`self ${formatEnergy(node.self, picture.unit)}`);
  const error = errorOf(node);
  if (error !== undefined) {
    said.push(`measured ${formatEnergy(node.measured, picture.unit)}, error ${formatPercent(error)}`);
  }
  for (const [name, value] of inWords(node.told)) said.push(`${name}: ${value}`);
  return said
    .filter((line) => line !== "")
    .map(oneLine)
    .join("\n");
}

/// Names that find no room where they belong: a number stands there, and the name below the picture.
class Notes {
  readonly names: string[] = [];
  constructor(readonly sheet: Sheet) {}
  /// What stands in `room` pixels.
  fit(name: string, room: number, size: number, weight = 400): string {
    if (!this.sheet.isPaper) return room > 18 ? shortened(name, room, size, weight) : "";
    if (textWidth(name, size) <= room) return name;
    const mark = String(this.names.length + 1);
    if (textWidth(mark, size) > room) return "";
    this.names.push(`${mark}  ${name}`);
    return mark;
  }
  /// In columns as wide as the longest name.
  draw(top: number): { element: SVGGElement; height: number } {
    const widest = Math.max(1, ...this.names.map((name) => textWidth(name))) + 24;
    const columns = Math.max(1, Math.floor(this.sheet.width / widest));
    const rows = Math.ceil(this.names.length / columns);
    const at = (place: number): [number, number] => [
      Math.floor(place / rows) * widest,
      top + 8 + (place % rows) * 16,
    ];
    const element = svg(
      "g",
      {},
      ...this.names.map((name, i) => text(...at(i), this.sheet.palette.ink, name)),
    );
    return { element, height: 16 * rows };
  }
}

/// A picture with its tree in `group`: its legend and notes below it where it is for paper.
function finish(
  picture: Picture,
  sheet: Sheet,
  group: SVGGElement,
  height: number,
  notes: Notes,
): SVGSVGElement {
  hatch(group, sheet.palette);
  if (!sheet.isPaper) return drawing(sheet.width, height, group);
  const { kinds, scale } = picture.colours(sheet.palette);
  const ends = scale
    ? [
        { name: scale.lowText, fill: scale.low },
        { name: scale.highText, fill: scale.high },
      ]
    : [];
  const legend = legendRows([...ends, ...kinds], height + 8, sheet);
  const listed = notes.draw(height + 8 + legend.height);
  return drawing(
    sheet.width,
    height + 12 + legend.height + listed.height,
    group,
    legend.element,
    listed.element,
  );
}

const opacityOf = (picture: Picture, { node }: Span): number | undefined =>
  !picture.found || picture.found.covered.has(node) ? undefined : DIM;

const isWanted =
  ({ found, selected }: Picture) =>
  ({ node, isOwn }: Span): boolean =>
    !isOwn && (node === selected || found?.matches.has(node) === true);

/// The element of a node, which holds its shape. Its text lies above it: what it is called says more.
function item(picture: Picture, sheet: Sheet, span: Span, shape: SVGElement): SVGElement {
  const { node, isOwn } = span;
  const opacity = opacityOf(picture, span);
  if (sheet.isPaper) return svg("g", { opacity }, shape);
  const isSelected = node === picture.selected && !isOwn;
  return svg(
    "g",
    {
      role: "treeitem",
      class: isSelected ? "node selected" : "node",
      "data-key": node.key,
      "data-own": isOwn ? "" : undefined,
      "aria-level": node.depth + (isOwn ? 2 : 1),
      "aria-selected": String(isSelected),
      "aria-label": lines(picture, span),
      tabindex: isSelected ? 0 : -1,
      opacity,
    },
    shape,
  );
}

/// Over what rests on more than training saw: lines over nodes outside its range, a dashed border around operations
/// that it did not see.
function trustMarks(shape: SVGElement, { node, isOwn }: Span, palette: Palette): SVGElement[] {
  if (isOwn) return [];
  const over = (attributes: Record<string, string>): SVGElement => {
    const copy = shape.cloneNode() as SVGElement;
    for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, value);
    return copy;
  };
  return [
    ...(node.told.signs.includes(OUTSIDE) ? [over({ stroke: "none", class: "outside" })] : []),
    ...(node.told.signs.includes(UNSEEN)
      ? [
          over({
            fill: "none",
            stroke: palette.ink,
            "stroke-width": "2",
            "stroke-dasharray": "4 3",
            class: "unseen",
          }),
        ]
      : []),
  ];
}

/// Fills what lies outside the range of training with lines.
function hatch(group: SVGGElement, palette: Palette): void {
  const marked = group.querySelectorAll(".outside");
  if (marked.length === 0) return;
  const id = freshId("hatch"); // of this picture: each on the page has its own
  for (const shape of marked) shape.setAttribute("fill", `url(#${id})`);
  const stripe = { x1: 0, y1: 0, x2: 0, y2: 7, stroke: palette.ink, "stroke-width": 1.5, opacity: 0.45 };
  const size = { width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  group.prepend(svg("defs", {}, svg("pattern", { id, ...size }, svg("line", stripe))));
}

/// The border of what is selected, drawn above all else.
const outlined = (palette: Palette) => ({
  fill: "none",
  stroke: palette.accent,
  "stroke-width": 3,
  "pointer-events": "none",
});

const fillOf = (span: Span, colours: Colouring, palette: Palette): string =>
  span.isOwn ? palette.own : colours.fill(span.node);

/// As high as `wish` if its rows are then neither too low nor too high. The nodes above the one that fills it stay as
/// a strip.
export function icicle(picture: Picture, sheet: Sheet, wish: number): SVGSVGElement {
  const { palette, width } = sheet;
  const colours = picture.colours(palette);
  const spans = layout(picture.zoomed);
  const levels = 1 + spans.reduce((most, span) => Math.max(most, span.level), 0);
  const row = Math.min(Math.max(wish / levels, MIN_ROW), MAX_ROW);
  const above = pathTo(picture.zoomed).slice(0, -1);
  const top = 2 + STRIP * above.length;
  const notes = new Notes(sheet);
  const group = svg("g", sheet.isPaper ? {} : { role: "tree", "aria-label": "Icicle" });
  let outline: SVGElement | false = false;
  const texts = svg("g", { "aria-hidden": "true", "pointer-events": "none" });
  const add = (span: Span, y: number, high: number): void => {
    const left = 2 + span.begin * (width - 4);
    const room = (span.end - span.begin) * (width - 4);
    const wide = Math.max(room - (room > 3 ? 1 : 0), 0.5);
    const fill = fillOf(span, colours, palette);
    const isSelected = span.node === picture.selected && !span.isOwn && !sheet.isPaper;
    const weight = isSelected ? 600 : 400;
    const shown = notes.fit(nameOf(span), wide - 10, 12, weight);
    const shape = { x: left, y, width: wide, height: high - 1, rx: wide > 8 ? 2 : 0, fill };
    if (isSelected) outline = svg("rect", { ...shape, ...outlined(palette) });
    const rectangle = svg("rect", shape);
    group.append(item(picture, sheet, span, rectangle));
    texts.append(...trustMarks(rectangle, span, palette));
    if (shown === "") return;
    const look = { opacity: opacityOf(picture, span), "font-weight": isSelected ? weight : undefined };
    texts.append(text(left + 5, y + high / 2, inkOn(fill), shown, look));
  };
  above.forEach((node, i) =>
    add({ node, begin: 0, end: 1, level: -above.length + i, isOwn: false }, 2 + i * STRIP, STRIP),
  );
  const drawn = visibleSpans(spans, 0.5 / Math.max(width, 1), isWanted(picture));
  for (const span of drawn) add(span, top + span.level * row, row);
  return finish(picture, sheet, svg("g", {}, group, texts, outline), top + levels * row + 2, notes);
}

/// The ring between two radii from one share of the circle to another.
function arc(inner: number, outer: number, begin: number, end: number): string {
  const at = (radius: number, turn: number): string => {
    const angle = 2 * Math.PI * turn - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  // A whole ring is two halves: an arc that ends where it begins is none.
  if (end - begin > 0.9999) {
    const circle = (radius: number, sweep: number): string =>
      `M${at(radius, 0)}A${radius} ${radius} 0 1 ${sweep} ${at(radius, 0.5)}A${radius} ${radius} 0 1 ${sweep} ${at(radius, 0)}Z`;
    return circle(outer, 1) + (inner > 0 ? circle(inner, 0) : "");
  }
  const large = end - begin > 0.5 ? 1 : 0;
  return (
    `M${at(outer, begin)}A${outer} ${outer} 0 ${large} 1 ${at(outer, end)}` +
    `L${at(inner, end)}A${inner} ${inner} 0 ${large} 0 ${at(inner, begin)}Z`
  );
}

export function sunburst(picture: Picture, sheet: Sheet, size: number): SVGSVGElement {
  const { palette } = sheet;
  const colours = picture.colours(palette);
  const spans = layout(picture.zoomed);
  const rings = spans.reduce((most, span) => Math.max(most, span.level), 0);
  const radius = size / 2 - 2;
  // The node that fills the chart is a disc, the others are rings around it; a text lies along its arc.
  const disc = rings > 0 ? 0.2 * radius : radius;
  const ring = rings > 0 ? (radius - disc) / rings : 0;
  const notes = new Notes(sheet);
  const middle = `translate(${(sheet.width / 2).toFixed(1)} ${(size / 2).toFixed(1)})`;
  const group = svg("g", sheet.isPaper ? {} : { role: "tree", "aria-label": "Sunburst" });
  const drawn = visibleSpans(spans, 0.5 / (Math.PI * size), isWanted(picture));
  let outline: SVGElement | false = false;
  const texts = svg("g", { "aria-hidden": "true", "pointer-events": "none" });
  for (const span of drawn) {
    const inner = span.level === 0 ? 0 : disc + ring * (span.level - 1);
    const outer = span.level === 0 ? disc : inner + ring;
    const fill = fillOf(span, colours, palette);
    const isSelected = span.node === picture.selected && !span.isOwn && !sheet.isPaper;
    const d = arc(inner, outer, span.begin, span.end);
    if (isSelected) outline = svg("path", { d, ...outlined(palette) });
    const turn = 360 * ((span.begin + span.end) / 2);
    const at = (inner + outer) / 2;
    // Straight in a ring that is not: its corners stay inside, too.
    const chord = 2 * Math.sqrt(Math.max(outer ** 2 - (at + 6) ** 2, 0));
    const room =
      span.level === 0 ? 2 * disc - 8 : Math.min(2 * Math.PI * at * (span.end - span.begin), chord) - 8;
    const shown = notes.fit(nameOf(span), room, 11);
    // Upright: texts of the lower half are turned around.
    const flip = turn > 90 && turn < 270;
    const place =
      span.level === 0
        ? ""
        : `rotate(${turn.toFixed(2)}) translate(0 ${(-at).toFixed(2)}) rotate(${flip ? 180 : 0})`;
    const slice = svg("path", { d, fill, stroke: palette.surface });
    group.append(item(picture, sheet, span, slice));
    texts.append(...trustMarks(slice, span, palette));
    if (shown === "") continue;
    const look = { "text-anchor": "middle", "font-size": 11, opacity: opacityOf(picture, span) };
    texts.append(text(0, 0, inkOn(fill), shown, { transform: place, ...look }));
  }
  return finish(picture, sheet, svg("g", { transform: middle }, group, texts, outline), size, notes);
}
