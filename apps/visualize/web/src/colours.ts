// Colours of nodes, in both themes, and of the text upon them.
import type { Colour } from "./state.ts";
import type { TreeNode } from "./tree.ts";
import { formatNumber } from "./units.ts";
import { errorOf, intensity, shareOf, shareOfParent, walk } from "./tree.ts";

export interface Palette {
  surface: string;
  ink: string;
  muted: string;
  line: string;
  accent: string;
  module: string;
  /// What a module spends beside what is in it.
  own: string;
  none: string;
  /// Twenty that stay apart, also for those who do not tell red from green.
  operations: readonly string[];
  /// Of amounts, from the least to the most; joules by flop have that of arithmetic, those by byte that of memory.
  scales: Record<Exclude<Colour, "operation" | "flops" | "mem_bytes">, readonly [string, string]>;
  worse: string;
  better: string;
}

export const LIGHT: Palette = {
  surface: "#ffffff",
  ink: "#1b2430",
  muted: "#454f5e",
  line: "#d9dee5",
  accent: "#164a92",
  module: "#e4e9f0",
  own: "#f1e6c8",
  none: "#e2e2e2",
  operations: (
    "#3f74b8 #e08a3c #662200 #441188 #99aaff #554488 #ddbb00 #44aaaa #991155 #77ccaa " +
    "#5588ff #3344bb #bbccff #660055 #997700 #bb4477 #885500 #ee5577 #0099cc #dddd77"
  ).split(" "),
  scales: {
    energy: ["#e6eefa", "#1d4f91"],
    share: ["#f1e9f8", "#6b2fa0"],
    error: ["#fbf1dc", "#b3361e"],
    arithmetic: ["#e4f3ea", "#146b3f"],
    memory: ["#e2f2f4", "#2b8a99"],
    static: ["#f4ece0", "#b07a2a"],
  },
  worse: "#8c240b",
  better: "#155c39",
};

export const DARK: Palette = {
  surface: "#191f28",
  ink: "#e6eaf0",
  muted: "#b0bbc9",
  line: "#323b48",
  accent: "#9cc4ff",
  module: "#2b3441",
  own: "#4b4530",
  none: "#3a3a3a",
  operations: (
    "#79a8e6 #eda765 #ccdd88 #88ffff #777700 #ffee44 #447788 #88ddcc #aa9977 #7788ff " +
    "#bbffbb #889900 #556644 #3399aa #555599 #ffbb00 #77bbbb #88ccff #558866 #3377cc"
  ).split(" "),
  scales: {
    energy: ["#25405f", "#8fbfff"],
    share: ["#3d3056", "#cda6f5"],
    error: ["#4a4029", "#ff9275"],
    arithmetic: ["#23422f", "#7fe0a6"],
    memory: ["#1f4148", "#5aa9c9"],
    static: ["#43382a", "#e3b56b"],
  },
  worse: "#ffb09e",
  better: "#7fd9ab",
};

type Rgb = [number, number, number];

function parse(colour: string): Rgb {
  const channel = (begin: number): number => parseInt(colour.slice(begin, begin + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

export function mix(from: string, to: string, share: number): string {
  const a = parse(from);
  const b = parse(to);
  const clamped = Math.min(Math.max(share, 0), 1);
  const hex = a.map((channel, i) => Math.round(channel + ((b[i] ?? 0) - channel) * clamped));
  return "#" + hex.map((channel) => channel.toString(16).padStart(2, "0")).join("");
}

/// Relative luminance of WCAG 2.
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = parse(colour).map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/// Black or white, whichever is read more easily; one of them always has a contrast of 4.5 on `fill`.
export function inkOn(fill: string): string {
  const light = luminance(fill);
  return 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/// A colour for each kind of leaf in all runs, the same wherever it is met.
export type OperationColours = ReadonlyMap<string, number>;

export function assignOperations(names: Iterable<string>): OperationColours {
  const distinct = new Set([...names].map((name) => name.toLowerCase()));
  return new Map([...distinct].map((name, place) => [name, place]));
}

export interface Colouring {
  fill(node: TreeNode): string;
  /// Ends of the scale; undefined for operations.
  scale: { low: string; high: string; lowText: string; highText: string } | undefined;
  /// Kinds of node that occur, for the legend.
  kinds: { name: string; fill: string }[];
}

export function colouring(
  colour: Colour,
  root: TreeNode,
  palette: Palette,
  operations: OperationColours,
): Colouring {
  const own = { name: "own work", fill: palette.own };
  if (colour === "operation") {
    const fill = (node: TreeNode): string => {
      const place = node.children.length === 0 ? operations.get(node.className.toLowerCase()) : undefined;
      const named = node.type === "group" ? operations.get(node.className.toLowerCase()) : place;
      const shown = place ?? named;
      return shown === undefined
        ? palette.module
        : (palette.operations[shown % palette.operations.length] ?? palette.none);
    };
    const kinds = new Map<string, string>();
    for (const node of walk(root)) {
      if (operations.has(node.className.toLowerCase()) && node.children.length === 0)
        kinds.set(node.className, fill(node));
    }
    const legend = [...kinds].map(([name, fillOfKind]) => ({ name, fill: fillOfKind }));
    return { fill, scale: undefined, kinds: [...legend, { name: "module", fill: palette.module }, own] };
  }
  const scale = { flops: "arithmetic", mem_bytes: "memory" } as const;
  const [low, high] = palette.scales[colour === "flops" || colour === "mem_bytes" ? scale[colour] : colour];
  if (colour === "error") {
    let most = 0;
    for (const node of walk(root)) most = Math.max(most, errorOf(node) ?? 0);
    const fill = (node: TreeNode): string => {
      const error = errorOf(node);
      return error === undefined ? palette.none : mix(low, high, most > 0 ? error / most : 0);
    };
    const kinds = [...walk(root)].some((node) => errorOf(node) === undefined)
      ? [{ name: "no error known", fill: palette.none }, own]
      : [own];
    return { fill, scale: { low, high, lowText: "0 %", highText: `${most.toFixed(1)} %` }, kinds };
  }
  if (colour === "flops" || colour === "mem_bytes") {
    const values = [...walk(root)].map((node) => intensity(node, colour) ?? 0).filter((value) => value > 0);
    let [least, most] = [Infinity, 0];
    for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
    const unit = colour === "flops" ? "J per GFLOP" : "J per GiB";
    // They differ by powers of ten.
    const fill = (node: TreeNode): string => {
      const value = intensity(node, colour);
      if (value === undefined || !(value > 0)) return palette.none;
      return mix(low, high, most > least ? Math.log(value / least) / Math.log(most / least) : 0.5);
    };
    const kinds = [{ name: "nothing counted", fill: palette.none }, own];
    if (values.length === 0) return { fill, scale: undefined, kinds };
    return {
      fill,
      scale: {
        low,
        high,
        lowText: `${formatNumber(least)} ${unit}`,
        highText: `${formatNumber(most)} ${unit}`,
      },
      kinds,
    };
  }
  // The root of the share spreads the small ones, of which there are most.
  const share = (node: TreeNode): number | undefined => {
    if (colour === "share") return shareOfParent(node);
    if (colour === "energy") return Math.sqrt(Math.max(shareOf(node, root) ?? 0, 0));
    return node.spent && node.energy > 0 ? node.spent[colour] / node.energy : undefined;
  };
  const fill = (node: TreeNode): string => {
    const value = share(node);
    return value === undefined ? palette.none : mix(low, high, value);
  };
  const of = { energy: "of the model", share: "of the parent" };
  const highText = `100 % ${colour === "energy" || colour === "share" ? of[colour] : colour}`;
  return { fill, scale: { low, high, lowText: "0 %", highText }, kinds: [own] };
}
