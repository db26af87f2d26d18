// What a reader can do that changes several fields of the state, or is done in several places. Each field is written by
// one call of `choose` in all of the page.
import type { App } from "./app.ts";
import type { Grouping } from "./group.ts";
import type { Tab } from "./state.ts";
import type { TreeNode } from "./tree.ts";
import { pathTo } from "./tree.ts";

export const goTo = (app: App, tab: Tab, run = app.state.run, other = app.state.other): void =>
  app.choose({ tab, run, other });
export const openRun = (app: App, run: number): void => goTo(app, "run", run);
export const compareRuns = (app: App, run: number, other: number): void => goTo(app, "compare", run, other);

/// The root has no key, so that it stays the root when another run is opened.
const keyOf = (node: TreeNode): string => (node.parent ? node.key : "");
const lookAt = (app: App, node: string, zoom: string, group = app.state.group): void =>
  app.choose({ node, zoom, group });

export const selectNode = (app: App, node: TreeNode | undefined): void => {
  if (!node) return;
  // What is selected stays in the picture.
  const { zoomed } = app.view;
  const isAbove = (above: TreeNode, below: TreeNode): boolean =>
    pathTo(below).some(({ key }) => key === above.key);
  const isShown = isAbove(node, zoomed) || isAbove(zoomed, node);
  lookAt(app, keyOf(node), isShown ? app.state.zoom : "");
};

/// To a node that has something in it, or else to what it lies in.
export const zoomTo = (app: App, node: TreeNode): void =>
  lookAt(app, keyOf(node), keyOf(node.children.length > 0 ? node : (node.parent ?? node)));

export const groupBy = (app: App, group: Grouping): void => lookAt(app, "", "", group);

export const toggleRow = (app: App, node: TreeNode): void => {
  const keys = new Set(app.state.toggled.split("\n").filter(Boolean));
  if (!keys.delete(node.key)) keys.add(node.key);
  app.choose({ toggled: [...keys].join("\n") });
};
