// Boxes with the picture of a tree: by pointer and keyboard nodes are selected, and zoomed to.
import { groupBy, selectNode, zoomTo } from "./actions.ts";
import type { App } from "./app.ts";
import { el, labelled, select } from "./dom.ts";
import { GROUP_NAMES } from "./group.ts";
import type { TreeNode } from "./tree.ts";
import { find } from "./tree.ts";

interface Shown {
  root: TreeNode;
  zoomed: TreeNode;
  selected: TreeNode;
}

export function makeNavigable(app: App, box: HTMLElement, shown: () => Shown | undefined): void {
  // What is clicked is selected, and drawn anew: a second click finds another element in its place, so that "dblclick"
  // may not come.
  box.addEventListener("click", (event) => {
    const key = (event.target as Element).closest<SVGElement>("[data-key]")?.dataset["key"];
    const view = shown();
    const node = key === undefined || !view ? undefined : find(view.root, key);
    if (!node || !view) return;
    if (event.detail === 2) zoomTo(app, node === view.zoomed ? (node.parent ?? node) : node);
    else selectNode(app, node);
  });
  box.addEventListener("keydown", (event) => {
    const view = shown();
    if (!view) return;
    const { selected, zoomed, root } = view;
    const siblings = selected.parent?.children ?? [selected];
    const here = siblings.indexOf(selected);
    const target: TreeNode | undefined = {
      ArrowRight: siblings[here + 1],
      ArrowLeft: siblings[here - 1],
      ArrowDown: selected.children[0],
      ArrowUp: selected.parent,
    }[event.key];
    if (target) selectNode(app, target);
    else if (event.key === "Enter") zoomTo(app, selected);
    else if (event.key === "Escape" && zoomed !== root) zoomTo(app, zoomed.parent ?? zoomed);
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  });
}

/// The controls of a tree that a run and a comparison have in common.
export function makeTreeControls(app: App): { elements: HTMLElement[]; update(): void } {
  const search = el("input", { type: "search", autocomplete: "off", placeholder: "e.g. attention, Linear" });
  search.addEventListener("input", () => app.choose({ find: search.value }));
  const group = select(GROUP_NAMES, (value) => groupBy(app, value));
  const fold = el("input", { type: "checkbox", onchange: () => app.choose({ fold: fold.checked }) });
  const folding = labelled("Fold repeated layers", fold);
  folding.className = "check";
  folding.append(folding.firstElementChild ?? "");
  return {
    elements: [labelled("Find a component or operation", search), labelled("Group by", group), folding],
    update() {
      if (search.value !== app.state.find) search.value = app.state.find;
      group.value = app.state.group;
      fold.checked = app.state.fold;
      fold.disabled = app.state.group !== "tree";
    },
  };
}
