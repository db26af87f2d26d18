// The view that a state asks for: which tree, and which of its nodes.
import type { Colouring, OperationColours, Palette } from "./colours.ts";
import { colouring } from "./colours.ts";
import type { Data, Run } from "./data.ts";
import { at } from "./data.ts";
import { foldLayers } from "./fold.ts";
import { groupTree } from "./group.ts";
import type { Found } from "./search.ts";
import { search } from "./search.ts";
import type { State } from "./state.ts";
import type { TreeNode } from "./tree.ts";
import { buildTree, find, numCorrections } from "./tree.ts";
import type { Prices } from "./units.ts";
import { parseAmount, parsePue } from "./units.ts";

export interface View {
  run: Run;
  /// The tree in view, folded or grouped as the reader wants it, and the one with every node of the run.
  root: TreeNode;
  nodes: TreeNode;
  zoomed: TreeNode;
  selected: TreeNode;
  found: Found | undefined;
  colours(palette: Palette): Colouring;
  /// Nodes of the run that spend less than their children together.
  numCorrections: number;
  prices: Prices;
}

/// The node of a key; where there is none, the folded one that stands for it, or the nearest above it.
export function resolve(root: TreeNode, key: string): TreeNode {
  for (let rest = key; rest !== ""; rest = rest.slice(0, Math.max(rest.lastIndexOf("."), 0))) {
    const node = find(root, rest) ?? find(root, rest.replace(/(?<=\.)\d+(?=\.|$)/g, "*"));
    if (node) return node;
  }
  return root;
}

/// The tree of a run as the reader wants it: by groups, with repeated layers folded, or as it is.
export function shownTree(tree: TreeNode, run: Run, state: Pick<State, "fold" | "group">): TreeNode {
  if (state.group !== "tree") return groupTree(tree, state.group, run.newTokens > 0);
  return state.fold ? foldLayers(tree) : tree;
}

export function makeView(data: Data, state: State, operations: OperationColours): View {
  const run = at(data.runs, state.run);
  const nodes = buildTree(data, run);
  const root = shownTree(nodes, run, state);
  return {
    run,
    root,
    nodes,
    zoomed: resolve(root, state.zoom),
    selected: resolve(root, state.node),
    found: search(root, nodes, state.find),
    // For the page in its theme, and for pictures on paper.
    colours: (palette) => colouring(state.colour, root, palette, operations),
    numCorrections: numCorrections(nodes),
    prices: {
      gramsPerKwh: parseAmount(state.grams),
      pricePerKwh: parseAmount(state.price),
      pue: parsePue(state.pue),
    },
  };
}
