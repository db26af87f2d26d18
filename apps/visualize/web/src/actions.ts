// What a reader can do: each field of the state that several parts of the page change is written here and nowhere else.
import type { App } from "./app.ts";
import type { Grouping } from "./group.ts";
import type { TreeNode } from "./tree.ts";

export const openRun = (app: App, run: number): void => app.choose({ run, tab: "run" });

export const compareRuns = (app: App, run: number, other: number): void =>
  app.choose({ run, other, tab: "compare" });

export const selectNode = (app: App, node: TreeNode | undefined): void => {
  if (!node) return;
  // What is selected stays in the picture.
  const { zoomed } = app.view;
  let isShown = false;
  for (let step: TreeNode | undefined = node; step; step = step.parent) isShown ||= step.key === zoomed.key;
  for (let step: TreeNode | undefined = zoomed; step; step = step.parent) isShown ||= step.key === node.key;
  app.choose({ node: keyOf(node), ...(isShown ? {} : { zoom: "" }) });
};

/// To a node that has something in it, or else to what it lies in.
export const zoomTo = (app: App, node: TreeNode): void => {
  const goal = node.children.length > 0 ? node : (node.parent ?? node);
  app.choose({ zoom: keyOf(goal), node: keyOf(node) });
};

export const toggleRow = (app: App, node: TreeNode): void => {
  const keys = new Set(app.state.toggled.split("\n").filter(Boolean));
  if (!keys.delete(node.key)) keys.add(node.key);
  app.choose({ toggled: [...keys].join("\n") });
};

export const groupBy = (app: App, group: Grouping): void => app.choose({ group, zoom: "", node: "" });

const keyOf = (node: TreeNode): string => (node.parent ? node.key : "");
