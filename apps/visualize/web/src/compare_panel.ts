// Two runs, or two files, side by side.
import { compareRuns, selectNode } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { fileName, hasTwoFiles, runLabel } from "./app.ts";
import { mix } from "./colours.ts";
import type { Difference } from "./compare.ts";
import { compareFiles, compareTrees, counterpart } from "./compare.ts";
import { toCsv } from "./csv.ts";
import type { Run } from "./data.ts";
import { at } from "./data.ts";
import { download, el, fill, labelled, linkButton, region, saveButton, select, tableHead } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import type { Picture } from "./flame.ts";
import { icicle as drawIcicle } from "./flame.ts";
import { search } from "./search.ts";
import type { Spent } from "./spent.ts";
import { PARTS } from "./spent.ts";
import type { Order } from "./state.ts";
import { buildTree, withoutCrumb } from "./tree.ts";
import { makeNavigable, makeTreeControls } from "./tree_box.ts";
import { formatEnergy, formatNumber, formatPercent, oneLine } from "./units.ts";
import { resolve, shownTree } from "./view.ts";

const ORDERS: readonly (readonly [Order, string])[] = [
  ["tree", "as in the tree"],
  ["size", "largest difference first"],
];

/// More rows than this would make the page slow; the CSV has them.
const MAX_ROWS = 1000;

const worseOrBetter = (joules: number | undefined): string =>
  joules === undefined || joules === 0 ? "" : joules > 0 ? "worse" : "better";

const signed = (text: string, value: number | undefined): string =>
  value !== undefined && value > 0 ? `+${text}` : text;

export function makeComparePanel(app: App): Part {
  const { data } = app;
  const other = select(
    data.runs.map((run) => [String(run.index), runLabel(data, run)] as const),
    (value) => compareRuns(app, app.state.run, Number(value)),
  );
  const swap = el("button", {
    text: "Swap",
    onclick: () => compareRuns(app, Number(other.value), app.state.run),
  });
  const controls = makeTreeControls(app);
  const order = select(ORDERS, (value) => app.choose({ order: value }));
  const headline = el("p", { class: "headline" });
  const sum = el("p", { class: "found", role: "status" });
  const icicle = makeFigure(app, "Differences", "differences");
  const table = el("table", { class: "plain compare cards", id: "compare-table" });
  const files = el("table", { class: "plain compare cards", id: "files-table" });
  const filesBox = el("div", { class: "files-box", hidden: true });
  const pairs = compareFiles(data.runs);
  let rows: Difference[] = [];
  let shown: Picture | undefined;
  makeNavigable(app, icicle.box, () => shown);

  const energyText = (joules: number | undefined): string => formatEnergy(joules, app.state.unit);
  const number = (text: string, class_ = ""): HTMLElement => el("td", { class: `number ${class_}`, text });
  const differenceCells = (joules: number | undefined, percent: number | undefined): HTMLElement[] => {
    const class_ = worseOrBetter(joules);
    return [
      number(signed(energyText(joules), joules), class_),
      number(signed(formatPercent(percent), percent), class_),
    ];
  };
  /// "+1.0 J": what B spends more than A, or less.
  const more = (value: number | undefined): string => signed(energyText(value), value);
  /// The same of each part, where both runs tell it.
  const partsMore = (spent: Spent | undefined): string[] =>
    spent ? PARTS.map((part) => `${part} ${more(spent[part])}`) : [];

  const drawTable = (a: Run, b: Run, picture: Picture): void => {
    const how = app.state.order;
    const listed = how === "size" ? [...rows].sort((x, y) => Math.abs(y.self) - Math.abs(x.self)) : rows;
    const listedParts = at(rows, 0).spent ? PARTS : [];
    const cell = (name: string, value: number | undefined, text: string): HTMLElement =>
      el("td", { class: `number ${worseOrBetter(value)}`, text: signed(text, value), "data-head": name });
    const energy = (name: string, joules: number | undefined): HTMLElement => {
      const value = withoutCrumb(joules, picture.root);
      return cell(name, value, energyText(value));
    };
    const body = listed.slice(0, MAX_ROWS).map((row) => {
      const { node, first, second, joules, self, percent, spent } = row;
      const text = oneLine(how === "size" ? node.scope : node.name);
      const name = el("th", { scope: "row", class: "name", title: node.scope }, linkButton(text));
      if (how === "tree") name.style.setProperty("--level", String(node.depth));
      const only = !first ? "only in B" : !second ? "only in A" : "";
      const isDim = picture.found && !picture.found.covered.has(node);
      return el(
        "tr",
        {
          "data-key": node.key,
          "data-self": self,
          "data-nodes": `${first?.count ?? 0} ${second?.count ?? 0}`,
          class: isDim ? "dim" : "",
          "aria-current": node === picture.selected ? "true" : undefined,
        },
        name,
        el("td", { class: "number", text: energyText(first?.energy), "data-head": "A" }),
        el("td", { class: "number", text: energyText(second?.energy), "data-head": "B" }),
        energy("B \u2212 A", joules),
        only !== "" ? el("td", { class: "only", text: only }) : cell("in %", percent, formatPercent(percent)),
        energy("of it own", self),
        ...listedParts.map((part) => energy(`of it ${part}`, spent?.[part])),
      );
    });
    const cut =
      rows.length > MAX_ROWS ? ` The first ${MAX_ROWS} of ${rows.length} rows; the CSV has all.` : "";
    const total = rows.reduce((joules, row) => joules + row.self, 0);
    fill(
      table,
      el("caption", { text: `A: ${runLabel(data, a)}. B: ${runLabel(data, b)}.${cut}` }),
      tableHead([
        ...["Component", "A", "B", "B \u2212 A", "in %", "of it own"],
        ...listedParts.map((part) => `of it ${part}`),
      ]),
      el("tbody", {}, ...body),
      el(
        "tfoot",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "row", colspan: 5, text: "Own differences add up to" }),
          energy("", total),
        ),
      ),
    );
  };
  table.addEventListener("click", (event) => {
    const key = (event.target as Element).closest<HTMLElement>("tr[data-key]")?.dataset["key"];
    selectNode(app, rows.find(({ node }) => node.key === key)?.node);
  });

  /// The tree of both, each node as wide as what both spend, and coloured by which of them spends more.
  const pictureOf = (): Picture => {
    const { state } = app;
    const of = new Map(rows.map((row) => [row.node, row]));
    const root = at(rows, 0).node;
    const { unit } = state;
    return {
      root,
      zoomed: resolve(root, state.zoom),
      selected: resolve(root, state.node),
      found: search(root, root, state.find),
      unit,
      colours: (palette) => ({
        fill: (node) => {
          const change = node.energy > 0 ? (of.get(node)?.joules ?? 0) / node.energy : 0;
          return mix(
            palette.module,
            change > 0 ? palette.worse : palette.better,
            Math.sqrt(Math.abs(change)),
          );
        },
        scale: {
          low: palette.better,
          high: palette.worse,
          lowText: "only A spends",
          highText: "only B spends",
        },
        kinds: [
          { name: "both spend the same", fill: palette.module },
          { name: "own work", fill: palette.own },
        ],
      }),
      said: (node) => {
        const row = of.get(node);
        return (
          `${oneLine(node.name)}\nA ${energyText(row?.first?.energy)}, B ${energyText(row?.second?.energy)}\n` +
          [`B \u2212 A ${more(row?.joules)}`, `own ${more(row?.self)}`, ...partsMore(row?.spent)].join(
            ", of it ",
          )
        );
      },
    };
  };

  const drawFiles = (): void => {
    let both = 0;
    let sumFirst = 0;
    let sumSecond = 0;
    const body = pairs.map(({ first, second, joules, percent }) => {
      const run = first ?? second;
      if (!run) return undefined;
      if (first && second) {
        ++both;
        sumFirst += first.predicted;
        sumSecond += second.predicted;
      }
      const text = `${run.model}, batch ${run.batch}, length ${run.length}`;
      const isOnly = !first || !second;
      return el(
        "tr",
        {},
        el(
          "th",
          { scope: "row" },
          isOnly ? text : linkButton(text, () => compareRuns(app, first.index, second.index)),
        ),
        number(energyText(first?.predicted)),
        number(energyText(second?.predicted)),
        ...(isOnly
          ? [el("td", { class: "only", colspan: 2, text: `only in ${data.files[run.file] ?? ""}` })]
          : differenceCells(joules, percent)),
      );
    });
    const percent = !(sumFirst > 0) ? undefined : (100 * (sumSecond - sumFirst)) / sumFirst;
    fill(
      files,
      el("caption", { text: `A: ${data.files[0] ?? ""}. B: ${data.files[1] ?? ""}.` }),
      tableHead(["Run", "A", "B", "B \u2212 A", "in %"]),
      el("tbody", {}, ...body),
      el(
        "tfoot",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "row", text: `${both} runs in both` }),
          number(energyText(sumFirst)),
          number(energyText(sumSecond)),
          ...differenceCells(sumSecond - sumFirst, percent),
        ),
      ),
    );
  };

  const saveCsv = (): void => {
    const parts = at(rows, 0).spent ? PARTS : [];
    const lines = rows.map(({ node, first, second, joules, self, percent, spent }) => [
      node.scope,
      node.className,
      first?.energy,
      second?.energy,
      joules,
      percent,
      self,
      ...parts.map((part) => spent?.[part]),
    ]);
    const names = [
      "scope",
      "instance_type",
      "first",
      "second",
      "difference",
      "difference_percent",
      "self_difference",
      ...parts.map((part) => `${part}_difference`),
    ];
    download(fileName(app.view.run, "comparison.csv"), toCsv([names, ...lines]), "text/csv");
  };

  if (hasTwoFiles(data)) {
    filesBox.hidden = false;
    fill(
      filesBox,
      el("h3", { text: "All runs of both files" }),
      region("All runs of both files", "low", files),
    );
  }
  const saves = el("div", { class: "saves" }, saveButton("CSV", "the comparison", saveCsv));
  return {
    element: el(
      "div",
      {},
      el("h2", { class: "spoken", text: "Compare" }),
      el(
        "div",
        { class: "toolbar" },
        labelled("Compare with", other),
        swap,
        ...controls.elements,
        labelled("Order", order),
      ),
      headline,
      sum,
      icicle.element,
      el("div", { class: "figure-head table-head" }, el("h3", { text: "By component" }), saves),
      region("Differences by component", "", table),
      filesBox,
    ),
    update() {
      const { state, view } = app;
      const second = state.other !== undefined ? data.runs[state.other] : counterpart(data.runs, view.run);
      order.value = state.order;
      controls.update();
      if (!second) {
        headline.textContent = "There is only one run: nothing to compare with.";
        return;
      }
      other.value = String(second.index);
      const otherRoot = shownTree(buildTree(data, second), second, state);
      rows = compareTrees(view.root, otherRoot);
      shown = pictureOf();
      const picture = shown;
      const joules = otherRoot.energy - view.root.energy;
      const ratio = !(view.root.energy > 0) ? Number.NaN : otherRoot.energy / view.root.energy;
      const only = (which: "first" | "second"): string => {
        const alone = rows.filter((row) => row[which] === undefined);
        const own = alone.reduce((total, row) => total + Math.abs(row.self), 0);
        // The costliest by name; what is inside of them goes without saying.
        const nodes = new Set(alone.map(({ node }) => node));
        const named = alone
          .filter(({ node }) => !node.parent || !nodes.has(node.parent))
          .sort((x, y) => Math.abs(y.joules) - Math.abs(x.joules))
          .map(({ node }) => oneLine(node.name));
        const more = named.length > 3 ? ", \u2026" : "";
        return `${alone.length} (${[energyText(own), ...named.slice(0, 3)].join(", ")}${more})`;
      };
      const spent = partsMore(at(rows, 0).spent);
      headline.textContent =
        `B spends ${more(joules)} (${signed(formatPercent(100 * (ratio - 1)), ratio - 1)}), ` +
        `${formatNumber(ratio, 3)} times A${spent.length > 0 ? `: ${spent.join(", ")}` : ""}. Components without a counterpart: in A ${only("second")}, in B ${only("first")}.`;
      sum.hidden = !picture.found;
      sum.textContent = picture.found ? `${picture.found.count} found` : "";
      icicle.draw(
        (sheet) => drawIcicle(picture, sheet, 240),
        [
          `A: ${runLabel(data, view.run)}, ${energyText(view.run.predicted)}`,
          `B: ${runLabel(data, second)}, ${energyText(second.predicted)}`,
          `B \u2212 A: ${more(joules)}; widths are what both spend`,
        ],
      );
      drawTable(view.run, second, picture);
      if (hasTwoFiles(data)) drawFiles();
    },
  };
}
