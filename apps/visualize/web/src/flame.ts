// The two charts whose areas are energies: icicle and sunburst.
import type { Option } from "./chart.ts";
import { FONT, tooltip } from "./chart.ts";
import type { Colouring, Palette } from "./colours.ts";
import { inkOn } from "./colours.ts";
import type { Span } from "./layout.ts";
import { layout, visibleSpans } from "./layout.ts";
import { facts, signText } from "./marks.ts";
import type { Found } from "./search.ts";
import type { TreeNode } from "./tree.ts";
import { errorOf, label, shareOf, shareOfParent } from "./tree.ts";
import type { Unit } from "./units.ts";
import { formatEnergy, formatPercent, formatShare } from "./units.ts";

export interface Picture {
  root: TreeNode;
  zoomed: TreeNode;
  selected: TreeNode;
  found: Found | undefined;
  colours: Colouring;
  palette: Palette;
  unit: Unit;
}

const MIN_ROW = 28;
const MAX_ROW = 62;
const DIM = 0.22;

/// What a click on a chart is about.
export interface NodeData {
  key: string;
}

export const isNodeData = (data: unknown): data is NodeData =>
  typeof data === "object" && data !== null && "key" in data && typeof data.key === "string";

function lines(picture: Picture, key: string): string[] {
  const node = layout(picture.root).find((span) => span.node.key === key)?.node;
  if (!node) return [];
  const text = [
    node.scope === label(node) || node.type === "group"
      ? label(node)
      : `${node.scope}${node.count > 1 ? ` (${node.count} nodes)` : ""}`,
    node.className,
    `${formatEnergy(node.energy, picture.unit)}, ${formatShare(shareOf(node, picture.root))} of the model`,
  ];
  if (node.parent) text.push(`${formatShare(shareOfParent(node))} of ${label(node.parent)}`);
  if (node.children.length > 0) text.push(`self ${formatEnergy(node.self, picture.unit)}`);
  const error = errorOf(node);
  if (error !== undefined) {
    text.push(`measured ${formatEnergy(node.measured, picture.unit)}, error ${formatPercent(error)}`);
  }
  for (const [name, value] of facts(node.told)) text.push(`${name}: ${value}`);
  return text.filter((line) => line !== "");
}

const isBright = (picture: Picture, node: TreeNode): boolean =>
  !picture.found || picture.found.covered.has(node);

/// In a box of `width` pixels, as high as `wish` if its rows are then neither too low nor too high.
export function icicleOption(
  picture: Picture,
  width: number,
  wish: number,
): { option: Option; height: number } {
  const { palette, colours, selected } = picture;
  const spans = layout(picture.zoomed);
  const levels = 1 + spans.reduce((most, span) => Math.max(most, span.level), 0);
  interface Params {
    dataIndex: number;
  }
  interface Api {
    coord(point: [number, number]): [number, number];
  }
  const drawn = visibleSpans(spans, 0.5 / Math.max(width, 1));
  const renderItem = (params: Params, api: Api): unknown => {
    const span = drawn[params.dataIndex] as Span;
    const [left, top] = api.coord([span.begin, span.level]);
    const [right, bottom] = api.coord([span.end, span.level + 1]);
    const width = right - left;
    const fill = colours.fill(span.node);
    const isSelected = span.node === selected;
    const opacity = isBright(picture, span.node) ? 1 : DIM;
    const gap = width > 3 ? 1 : 0;
    const wide = Math.max(width - gap, 0.5);
    const rectangle = {
      type: "rect",
      shape: { x: left, y: top, width: wide, height: bottom - top - 1, r: wide > 8 ? 2 : 0 },
      style: { fill, opacity, ...(isSelected ? { stroke: palette.accent, lineWidth: 3 } : {}) },
      z2: isSelected ? 10 : 1,
    };
    if (width < 30) return rectangle;
    return {
      ...rectangle,
      textContent: {
        style: {
          text: label(span.node) + signText(span.node.told),
          fill: inkOn(fill),
          opacity: Math.max(opacity, 0.45),
          fontFamily: FONT,
          fontSize: 12,
          fontWeight: isSelected ? 600 : 400,
          width: width - 12,
          overflow: "truncate",
          ellipsis: "\u2026",
        },
      },
      textConfig: { position: "insideLeft", distance: 6 },
    };
  };
  const hidden = { show: false, type: "value" };
  return {
    height: levels * Math.min(Math.max(wish / levels, MIN_ROW), MAX_ROW) + 4,
    option: {
      animation: false,
      backgroundColor: "transparent",
      grid: { left: 2, right: 2, top: 2, bottom: 2, containLabel: false },
      xAxis: { ...hidden, min: 0, max: 1 },
      yAxis: { ...hidden, min: 0, max: levels, inverse: true },
      tooltip: tooltip(palette, (data) => (isNodeData(data) ? lines(picture, data.key) : [])),
      series: [
        {
          type: "custom",
          coordinateSystem: "cartesian2d",
          clip: true,
          progressive: 0,
          renderItem,
          data: drawn.map((span) => ({ value: [span.begin, span.level], key: span.node.key })),
        },
      ],
    },
  };
}

export function sunburstOption(picture: Picture, size: number): Option {
  const { palette, colours, selected } = picture;
  const spans = layout(picture.zoomed);
  const widths = new Map(spans.map((span) => [span.node, span.end - span.begin]));
  const numRings = spans.reduce((most, span) => Math.max(most, span.level), 0);
  // The node that fills the chart is a disc, the others are rings around it; a label lies along its arc.
  const disc = 0.19;
  const ring = numRings > 0 ? (0.99 - disc) / numRings : 0;
  const levels = [
    {},
    { r0: "0%", r: `${100 * disc}%`, label: { rotate: 0 } },
    ...Array.from({ length: numRings }, (_, i) => ({
      r0: `${100 * (disc + ring * i)}%`,
      r: `${100 * (disc + ring * (i + 1))}%`,
    })),
  ];
  const arc = (node: TreeNode): number => {
    const level = node.depth - picture.zoomed.depth;
    const radius = level === 0 ? disc / Math.PI : disc + ring * (level - 0.5);
    return (widths.get(node) ?? 0) * Math.PI * size * radius;
  };
  /// A node's children; those too narrow to be seen as one.
  const rings = (node: TreeNode): Option[] => {
    const isWide = (child: TreeNode): boolean => arc(child) >= 0.5;
    const narrow = node.children.filter((child) => !isWide(child) && (widths.get(child) ?? 0) > 0);
    const items = node.children.filter(isWide).map(item);
    if (narrow.length === 0) return items;
    const value = narrow.reduce((sum, child) => sum + (widths.get(child) ?? 0), 0);
    const name = `${narrow.length} small ones`;
    return [
      ...items,
      { key: node.key, name, value, itemStyle: { color: palette.none }, label: { show: false } },
    ];
  };
  const item = (node: TreeNode): Option => {
    const fill = colours.fill(node);
    const isSelected = node === selected;
    return {
      key: node.key,
      name: label(node) + signText(node.told),
      value: widths.get(node) ?? 0,
      itemStyle: {
        color: fill,
        opacity: isBright(picture, node) ? 1 : DIM,
        borderColor: isSelected ? palette.accent : palette.surface,
        borderWidth: isSelected ? 3 : 1,
      },
      label: { color: inkOn(fill), show: arc(node) > 34, width: arc(node) * 0.8 },
      children: rings(node),
    };
  };
  return {
    animation: false,
    backgroundColor: "transparent",
    tooltip: tooltip(palette, (data) => (isNodeData(data) ? lines(picture, data.key) : [])),
    series: [
      {
        type: "sunburst",
        levels,
        sort: null,
        nodeClick: false,
        emphasis: { focus: "none" },
        label: {
          fontFamily: FONT,
          fontSize: 11,
          rotate: "tangential",
          overflow: "truncate",
          ellipsis: "\u2026",
        },
        data: [item(picture.zoomed)],
      },
    ],
  };
}
