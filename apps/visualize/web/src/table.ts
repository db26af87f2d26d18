// The tree as a table that opens like a file tree.
import { selectNode, toggleRow, zoomTo } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { el, fill, marked, region, sortHead } from "./dom.ts";
import { meaningOf } from "./marks.ts";
import { wordsOf } from "./search.ts";
import type { Column } from "./sort.ts";
import { directionOf, nextOrder, SPENT_COLUMNS, spentIn, visibleRows } from "./sort.ts";
import type { TreeNode } from "./tree.ts";
import { errorOf, label, shareOf, shareOfParent, withoutCrumb } from "./tree.ts";
import { formatIn, formatPercent, formatShare, oneLine } from "./units.ts";

const HEADS: readonly (readonly [Column, string, string])[] = [
  ["name", "Component", "Name of the component"],
  ["class", "Class", "Class of the module, or operation"],
  ["energy", "Energy", "With all that is inside"],
  ["self", "Self", "Own work beyond the children's, or the weights' correction"],
  ["parent", "Of parent", "Share of the parent's energy"],
  ["share", "Of model", "Share of the model's energy"],
  ["measured", "Measured", "Measured energy"],
  ["error", "Error", "Of the prediction, in percent of the measured energy"],
  ...SPENT_COLUMNS.map(
    (column) =>
      [
        column,
        column.replace(/^./, (c) => c.toUpperCase()),
        "Part of the energy, as the model has it",
      ] as const,
  ),
];

const SPENT: ReadonlySet<Column> = new Set(SPENT_COLUMNS);
const ENERGIES: ReadonlySet<Column> = new Set(["energy", "self", "measured", ...SPENT_COLUMNS]);

/// More rows than this do not open by themselves.
const MAX_ROWS_AT_FIRST = 500;

/// How many levels are open at first: two, or fewer where that would be too many rows.
export function levelsOpenAtFirst(root: TreeNode): number {
  const children = root.children.length;
  const grandchildren = root.children.reduce((sum, child) => sum + child.children.length, 0);
  if (children + grandchildren <= MAX_ROWS_AT_FIRST) return 2;
  return children <= MAX_ROWS_AT_FIRST ? 1 : 0;
}

/// Whether a row is open: near the root and where a parent has but one child, unless the reader toggled it.
export function isOpenIn(app: App): (node: TreeNode) => boolean {
  const toggled = new Set(app.state.toggled.split("\n"));
  const above = app.view.found?.above;
  const levels = levelsOpenAtFirst(app.view.root);
  return (node) => {
    const isOnly = node.parent?.children.length === 1 && node.children.length <= MAX_ROWS_AT_FIRST;
    return (node.depth < levels || isOnly || above?.has(node) === true) !== toggled.has(node.key);
  };
}

export function makeTable(app: App): Part {
  const grid = el("table", {
    class: "tree",
    role: "treegrid",
    "aria-label": "Components and their energy",
    id: "tree",
  });
  const head = el("thead");
  const body = el("tbody");
  grid.append(head, body);
  const rowOf = new Map<string, HTMLElement>();
  let rows: TreeNode[] = [];

  const toggle = (node: TreeNode): void => toggleRow(app, node);
  const select = (node: TreeNode | undefined): void => selectNode(app, node);
  const nodeAt = (target: EventTarget | null): TreeNode | undefined => {
    const key = (target as Element).closest<HTMLElement>("[data-key]")?.dataset["key"];
    return rows.find((node) => node.key === key);
  };
  body.addEventListener("click", (event) => {
    const node = nodeAt(event.target);
    if (!node) return;
    if ((event.target as Element).closest(".twist")) toggle(node);
    else select(node);
  });
  body.addEventListener("dblclick", (event) => {
    const node = nodeAt(event.target);
    if (node) zoomTo(app, node);
  });
  body.addEventListener("keydown", (event) => {
    const node = nodeAt(event.target);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = rows.indexOf(node);
    const isOpen = rowOf.get(node.key)?.getAttribute("aria-expanded");
    switch (event.key) {
      case "ArrowDown":
        select(rows[place + 1]);
        break;
      case "ArrowUp":
        select(rows[place - 1]);
        break;
      case "Home":
        select(rows[0]);
        break;
      case "End":
        select(rows[rows.length - 1]);
        break;
      case "ArrowRight":
        if (isOpen === "false") toggle(node);
        else if (isOpen === "true") select(rows[place + 1]);
        break;
      case "ArrowLeft":
        if (isOpen === "true") toggle(node);
        else select(node.parent);
        break;
      case " ":
        toggle(node);
        break;
      case "Enter":
        zoomTo(app, node);
        break;
      default:
        return;
    }
    event.preventDefault();
  });

  const drawHead = (columns: typeof HEADS): void => {
    const { sort, unit } = app.state;
    const cells = columns.map(([column, text, hint]) => {
      const isText = column === "name" || column === "class";
      return sortHead(
        ENERGIES.has(column) ? `${text} (${unit})` : text,
        directionOf(sort, column),
        { class: isText ? column : `number ${SPENT.has(column) ? "part" : column}`, title: hint },
        () => app.choose({ sort: nextOrder(sort, column, !isText) }),
      );
    });
    fill(head, el("tr", {}, ...cells));
  };

  return {
    element: region("Components", "tall", grid),
    update() {
      const { view, state } = app;
      const { root, selected, found } = view;
      const isOpen = isOpenIn(app);
      const colours = view.colours(app.palette);
      const words = wordsOf(state.find);
      rows = visibleRows(root, isOpen, state.sort);
      // A selected node that lies in a closed row is shown by the row that holds it.
      let active = selected;
      while (active.parent && !rows.includes(active)) active = active.parent;
      // Sums of doubles leave crumbs, which are no energy.
      const number = (joules: number | undefined): string => formatIn(withoutCrumb(joules, root), state.unit);
      const hadFocus = body.contains(document.activeElement);
      const columns = HEADS.filter(
        ([column]) =>
          (view.run.measured !== undefined || (column !== "measured" && column !== "error")) &&
          (root.spent !== undefined || !SPENT.has(column)),
      );
      drawHead(columns);
      rowOf.clear();
      const cells: Partial<Record<Column, (node: TreeNode) => HTMLElement>> = {
        name: (node) => {
          const hasChildren = node.children.length > 0;
          const cell = el(
            "th",
            { scope: "row", class: "name", role: "rowheader" },
            el("span", {
              class: "twist",
              "aria-hidden": true,
              text: hasChildren ? (isOpen(node) ? "\u25be" : "\u25b8") : "",
            }),
            el("span", { class: "swatch", "aria-hidden": true }),
            el("span", { class: "text", title: node.scope }, ...marked(oneLine(label(node)), words)),
            ...[...node.told.signs].flatMap((sign) => [
              el("span", { class: "sign", "aria-hidden": true, title: meaningOf(sign), text: sign }),
              el("span", { class: "spoken", text: `, ${meaningOf(sign)}` }),
            ]),
          );
          cell.style.setProperty("--level", String(node.depth));
          (cell.children[1] as HTMLElement).style.backgroundColor = colours.fill(node);
          return cell;
        },
        class: (node) =>
          el("td", { class: "class", title: node.className }, ...marked(oneLine(node.className), words)),
        energy: (node) =>
          el("td", { class: "number energy", text: number(node.energy), "data-joules": node.energy }),
        self: (node) =>
          el("td", {
            class: withoutCrumb(node.self, root) < 0 ? "number self negative" : "number self",
            text: number(node.self),
            "data-joules": node.self,
          }),
        parent: (node) => el("td", { class: "number parent", text: formatShare(shareOfParent(node)) }),
        share: (node) => {
          const share = shareOf(node, root);
          const bar = el("span", { class: "bar", "aria-hidden": true });
          bar.style.width = `${Math.min(Math.max(share ?? 0, 0), 1) * 100}%`;
          return el("td", { class: "number share" }, bar, el("span", { text: formatShare(share) }));
        },
        measured: (node) => el("td", { class: "number measured", text: number(node.measured) }),
        error: (node) => el("td", { class: "number error", text: formatPercent(errorOf(node)) }),
      };
      const elements = rows.map((node) => {
        const siblings = node.parent?.children ?? [node];
        const row = el(
          "tr",
          {
            "data-key": node.key,
            "aria-level": node.depth + 1,
            "aria-posinset": siblings.indexOf(node) + 1,
            "aria-setsize": siblings.length,
            "aria-selected": node === active,
            "aria-expanded": node.children.length > 0 ? isOpen(node) : undefined,
            tabindex: node === active ? 0 : -1,
            class: found && !found.covered.has(node) ? "dim" : found?.matches.has(node) ? "match" : "",
          },
          ...columns.map(
            ([column]) =>
              cells[column]?.(node) ??
              el("td", { class: "number part", text: number(spentIn(node, column)), "data-part": column }),
          ),
        );
        rowOf.set(node.key, row);
        return row;
      });
      fill(body, ...elements);
      if (hadFocus) rowOf.get(active.key)?.focus({ preventScroll: false });
    },
  };
}
