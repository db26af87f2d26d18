// Two runs, or two files, side by side.
import { compareRuns, groupBy } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { fileName, hasTwoFiles, runLabel } from "./app.ts";
import type { Difference } from "./compare.ts";
import { compareFiles, compareTrees, counterpart } from "./compare.ts";
import { toCsv } from "./csv.ts";
import type { Run } from "./data.ts";
import { download, el, fill, labelled, saveButton, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import { bars as drawBars } from "./plot.ts";
import { GROUP_NAMES } from "./group.ts";
import type { Order } from "./state.ts";
import { buildTree } from "./tree.ts";
import { formatEnergy, formatNumber, formatPercent, oneLine } from "./units.ts";
import { shownTree } from "./view.ts";

const ORDERS: readonly (readonly [Order, string])[] = [
  ["tree", "as in the tree"],
  ["size", "largest difference first"],
];

const NUM_BARS = 12;
/// More rows than this would make the page slow; the CSV has them.
const MAX_ROWS = 1000;

/// Joules that B spends more; what only one of them has counts in full.
const change = (row: Difference): number => (row.second ?? 0) - (row.first ?? 0);
const size = (row: Difference): number => Math.abs(change(row));

const signed = (text: string, value: number | undefined): string =>
  value !== undefined && value > 0 ? `+${text}` : text;

export function makeComparePanel(app: App): Part {
  const { data } = app;
  const other = select(
    data.runs.map((run) => [String(run.index), runLabel(data, run)] as const),
    (value) => compareRuns(app, app.state.run, Number(value)),
  );
  const group = select(GROUP_NAMES, (value) => groupBy(app, value));
  const order = select(ORDERS, (value) => app.choose({ order: value }));
  const headline = el("p", { class: "headline" });
  const bars = makeFigure(app, "Largest differences", "differences");
  const table = el("table", { class: "plain compare cards", id: "compare-table" });
  const files = el("table", { class: "plain compare cards", id: "files-table" });
  const filesBox = el("div", { class: "files-box", hidden: true });
  const pairs = compareFiles(data.runs);
  let rows: Difference[] = [];

  const number = (text: string, class_ = ""): HTMLElement => el("td", { class: `number ${class_}`, text });
  const differenceCells = (joules: number | undefined, percent: number | undefined): HTMLElement[] => {
    const class_ = joules === undefined || joules === 0 ? "" : joules > 0 ? "worse" : "better";
    return [
      number(signed(formatEnergy(joules, app.state.unit), joules), class_),
      number(signed(formatPercent(percent), percent), class_),
    ];
  };
  const head = (...names: string[]): HTMLElement =>
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ...names.map((text, i) => el("th", { scope: "col", text, class: i === 0 ? "" : "number" })),
      ),
    );

  const drawTable = (a: Run, b: Run): void => {
    const shown = app.state.order === "size" ? [...rows].sort((x, y) => size(y) - size(x)) : rows;
    const body = shown.slice(0, MAX_ROWS).map((row) => {
      const name = el("th", {
        scope: "row",
        class: "name",
        text: app.state.order === "size" ? row.scope : row.name,
        title: row.scope,
      });
      if (app.state.order === "tree") name.style.setProperty("--level", String(row.depth));
      const isOnly = row.first === undefined || row.second === undefined;
      return el(
        "tr",
        { "data-key": row.key, "data-joules": row.joules },
        name,
        number(formatEnergy(row.first, app.state.unit)),
        number(formatEnergy(row.second, app.state.unit)),
        ...(isOnly
          ? [
              el("td", {
                class: "only",
                colspan: 2,
                text: row.first === undefined ? "only in B" : "only in A",
              }),
            ]
          : differenceCells(row.joules, row.percent)),
      );
    });
    const cut =
      rows.length > MAX_ROWS ? ` The first ${MAX_ROWS} of ${rows.length} rows; the CSV has all.` : "";
    fill(
      table,
      el("caption", { text: `A: ${runLabel(data, a)}. B: ${runLabel(data, b)}.${cut}` }),
      head("Component", "A", "B", "B \u2212 A", "in %"),
      el("tbody", {}, ...body),
    );
  };

  const showBars = (a: Run, b: Run): void => {
    const { unit } = app.state;
    const largest = rows
      .filter((row) => row.depth > 0 && change(row) !== 0)
      .sort((x, y) => size(y) - size(x))
      .slice(0, NUM_BARS);
    const shortened = (scope: string): string => (scope.length > 40 ? `\u2026${scope.slice(-39)}` : scope);
    bars.draw(
      (sheet) =>
        drawBars(
          largest.map((row) => {
            const shown = signed(formatEnergy(change(row), unit), change(row));
            return {
              name: oneLine(sheet.isPaper ? row.scope : shortened(row.scope)),
              values: [
                {
                  value: change(row),
                  colour: change(row) > 0 ? sheet.palette.worse : sheet.palette.better,
                  shown,
                  key: "",
                  said: `${oneLine(row.scope)}\nA ${formatEnergy(row.first, unit)}, B ${formatEnergy(row.second, unit)}`,
                  // What only one of them has is pale.
                  isPale: row.joules === undefined,
                },
              ],
            };
          }),
          "B \u2212 A",
          sheet,
        ),
      [`A: ${runLabel(data, a)}`, `B: ${runLabel(data, b)}`],
    );
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
          isOnly
            ? text
            : el("button", {
                type: "button",
                class: "link",
                text,
                onclick: () => compareRuns(app, first.index, second.index),
              }),
        ),
        number(formatEnergy(first?.predicted, app.state.unit)),
        number(formatEnergy(second?.predicted, app.state.unit)),
        ...(isOnly
          ? [el("td", { class: "only", colspan: 2, text: `only in ${data.files[run.file] ?? ""}` })]
          : differenceCells(joules, percent)),
      );
    });
    const percent = !(sumFirst > 0) ? undefined : (100 * (sumSecond - sumFirst)) / sumFirst;
    fill(
      files,
      el("caption", { text: `A: ${data.files[0] ?? ""}. B: ${data.files[1] ?? ""}.` }),
      head("Run", "A", "B", "B \u2212 A", "in %"),
      el("tbody", {}, ...body),
      el(
        "tfoot",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "row", text: `${both} runs in both` }),
          number(formatEnergy(sumFirst, app.state.unit)),
          number(formatEnergy(sumSecond, app.state.unit)),
          ...differenceCells(sumSecond - sumFirst, percent),
        ),
      ),
    );
  };

  const saveCsv = (): void => {
    const lines = rows.map((row) => [
      row.scope,
      row.className,
      row.first,
      row.second,
      row.joules,
      row.percent,
    ]);
    const text = toCsv([
      ["scope", "instance_type", "first", "second", "difference", "difference_percent"],
      ...lines,
    ]);
    download(fileName(app.view.run, "comparison.csv"), text, "text/csv");
  };

  if (hasTwoFiles(data)) {
    filesBox.hidden = false;
    fill(
      filesBox,
      el("h3", { text: "All runs of both files" }),
      el(
        "div",
        { class: "scroll low", tabindex: 0, role: "region", "aria-label": "All runs of both files" },
        files,
      ),
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
        labelled("Group by", group),
        labelled("Order", order),
      ),
      headline,
      bars.element,
      el("div", { class: "figure-head table-head" }, el("h3", { text: "By component" }), saves),
      el(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "Differences by component" },
        table,
      ),
      filesBox,
    ),
    update() {
      const { state, view } = app;
      const second = state.other !== undefined ? data.runs[state.other] : counterpart(data.runs, view.run);
      order.value = state.order;
      group.value = state.group;
      if (!second) {
        headline.textContent = "There is only one run: nothing to compare with.";
        return;
      }
      other.value = String(second.index);
      const otherRoot = shownTree(buildTree(data, second), second, state);
      rows = compareTrees(view.root, otherRoot);
      const joules = otherRoot.energy - view.root.energy;
      const ratio = !(view.root.energy > 0) ? Number.NaN : otherRoot.energy / view.root.energy;
      const onlyA = rows.filter((row) => row.second === undefined).length;
      const onlyB = rows.filter((row) => row.first === undefined).length;
      headline.textContent =
        `B spends ${signed(formatEnergy(joules, state.unit), joules)} (${signed(formatPercent(100 * (ratio - 1)), ratio - 1)}), ` +
        `${formatNumber(ratio, 3)} times A. Only in A: ${onlyA} components; only in B: ${onlyB}.`;
      showBars(view.run, second);
      drawTable(view.run, second);
      if (hasTwoFiles(data)) drawFiles();
    },
  };
}
