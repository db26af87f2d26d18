// SVG elements, made like those of dom.ts. What they look like stands in attributes: the page's policy allows no inline
// styles, and a saved picture has no style sheet.
import type { Palette } from "./colours.ts";

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
export const TEXT = 12;

/// What a picture is drawn on: a box of the page, or paper, which is white and to be read without the page.
export interface Sheet {
  /// In pixels.
  width: number;
  palette: Palette;
  isPaper: boolean;
}

type Attributes = Record<string, string | number | undefined>;

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string | undefined | false)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    element.setAttribute(name, typeof value === "number" ? String(+value.toFixed(2)) : value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/// A picture that keeps its shape where a style makes it smaller.
export function drawing(width: number, height: number, ...children: (Node | false)[]): SVGSVGElement {
  const size = {
    viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
    width: Math.ceil(width),
    height: Math.ceil(height),
  };
  return svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", ...size, "font-family": FONT, "font-size": TEXT },
    ...children,
  );
}

export const text = (
  x: number,
  y: number,
  fill: string,
  content: string,
  more: Attributes = {},
): SVGTextElement => svg("text", { x, y, fill, "dominant-baseline": "central", ...more }, content);

const ruler = document.createElement("canvas").getContext("2d");

/// In pixels; a character is 7 wide where nothing measures it.
export function textWidth(content: string, size = TEXT, weight = 400): number {
  if (!ruler) return 7 * content.length;
  ruler.font = `${weight} ${size}px ${FONT}`;
  return ruler.measureText(content).width;
}

/// As much of a text as there is room for, with an ellipsis where it is cut; empty where that would be no more than a
/// letter.
export function shortened(content: string, room: number, size = TEXT, weight = 400): string {
  const width = textWidth(content, size, weight);
  if (width <= room) return content;
  let length = Math.floor((content.length * room) / width);
  while (length > 1 && textWidth(`${content.slice(0, length)}\u2026`, size, weight) > room) --length;
  return length > 1 ? `${content.slice(0, length)}\u2026` : "";
}

/// Swatches with names in rows, from `top` on; their height is told.
export function legendRows(
  kinds: readonly { name: string; fill: string }[],
  top: number,
  sheet: Sheet,
): { element: SVGGElement; height: number } {
  const element = svg("g");
  let x = 0;
  let y = top + 9;
  for (const { name, fill } of kinds) {
    const shown = shortened(name, Math.min(sheet.width - 20, 260));
    const width = 18 + textWidth(shown) + 14;
    if (x > 0 && x + width > sheet.width) {
      x = 0;
      y += 18;
    }
    const swatch = { x, y: y - 5, width: 12, height: 10, rx: 2, fill, stroke: sheet.palette.line };
    element.append(svg("rect", swatch), text(x + 18, y, sheet.palette.ink, shown));
    x += width;
  }
  return { element, height: kinds.length > 0 ? y + 13 - top : 0 };
}
