// The first view: all runs as a table, as a matrix and as charts.
import { compareRuns, openRun } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { runLabel } from "./app.ts";
import type { Run } from "./data.ts";
import {
  download,
  el,
  fill,
  labelled,
  linkButton,
  region,
  saveButton,
  select,
  sortHead,
  tableHead,
} from "./dom.ts";
import { makeRunCharts } from "./run_charts.ts";
import type { RunColumn, RunGroup } from "./runs.ts";
import { allBut, cheapest, groupRuns, runColumns, runFilter, sortRuns } from "./runs.ts";
import { runsAsText } from "./runs_text.ts";
import { per, PER_NAMES, PERS } from "./series.ts";
import { directionOf, nextOrder } from "./sort.ts";
import { formatEnergy, inUnit } from "./units.ts";

/// More rows are drawn on demand: the page would be slow.
const MAX_ROWS = 200;

export function makeRunsPanel(app: App): Part {
  const { data } = app;
  const filter = el("input", {
    type: "search",
    id: "filter",
    autocomplete: "off",
    placeholder: "e.g. gpt2 b8 l128",
  });
  filter.addEventListener("input", () => app.choose({ filter: filter.value }));
  const keys = runColumns(data, "J").filter(
    (column) => column.isKey && new Set(data.runs.map(column.value)).size > 1,
  );
  const grouped = select(
    [["", "nothing"], ...keys.map(({ key, head }) => [key, head.toLowerCase()] as const)],
    (value) => app.choose({ groupRuns: value }),
  );
  const pers = select(
    PERS.map((key) => [key, PER_NAMES[key]] as const),
    (value) => app.choose({ per: value }),
  );
  const count = el("p", { class: "found", role: "status" });
  const ticked = new Set<number>();
  const compare = el("button", {
    text: "Compare two",
    onclick: () => {
      const [a, b] = [...ticked];
      if (a !== undefined && b !== undefined) compareRuns(app, a, b);
    },
  });
  const table = el("table", { id: "runs", class: "cards" });
  const more = el("button", { onclick: () => ((showsAll = true), draw()) });
  let showsAll = false;
  let isFirst = true;
  const matrix = el("table", { class: "matrix cards", id: "matrix" });
  const charts = makeRunCharts(app);

  let columns: RunColumn[] = [];
  let shown: Run[] = [];
  const perText = (): string => PER_NAMES[app.state.per];
  const joules = (run: Run, value: number): number => inUnit(per(run, app.state.per, value), app.state.unit);
  /// What is said of the cheapest run of a group.
  const verdictText = ({ runs }: RunGroup): string => {
    const verdict = cheapest(runs, app.state.per);
    if (!verdict) return "";
    const name = allBut(columns, data.runs)(verdict.least, app.state.groupRuns);
    if (!verdict.rivals)
      return `Least ${perText()}: ${name}; without intervals of one level it is not decided`;
    if (verdict.rivals.length === 0) return `Cheapest ${perText()}: ${name}`;
    return `Not decided ${perText()}: the interval of ${name} overlaps ${verdict.rivals.length === 1 ? "another" : `${verdict.rivals.length} others`}`;
  };

  const rowOf = (run: Run, mark: string): HTMLElement => {
    const tick = el("input", {
      type: "checkbox",
      "aria-label": `Compare ${runLabel(data, run)}`,
      onchange: () => {
        if (!ticked.delete(run.index)) ticked.add(run.index);
        while (ticked.size > 2) ticked.delete([...ticked][0] ?? -1);
        for (const box of table.querySelectorAll<HTMLInputElement>("[data-tick]"))
          box.checked = ticked.has(Number(box.dataset["tick"]));
        compare.disabled = ticked.size !== 2;
      },
      "data-tick": run.index,
    });
    tick.checked = ticked.has(run.index);
    const cells = columns.map((column, place) =>
      place === 0
        ? el(
            "th",
            { scope: "row", class: "name", title: column.text(run) },
            linkButton(column.text(run), () => openRun(app, run.index)),
            mark !== "" && el("span", { class: "badge", text: mark }),
          )
        : el("td", {
            class: column.isNumber ? "number" : "",
            text: column.text(run),
            "data-head": column.head,
          }),
    );
    const row = el("tr", {
      "data-run": run.index,
      "aria-current": run === app.view.run ? "true" : undefined,
    });
    row.append(el("td", {}, tick), ...cells);
    return row;
  };
  table.addEventListener("click", (event) => {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>("tr[data-run]");
    if (row && !target.closest("button, input")) openRun(app, Number(row.dataset["run"]));
  });

  const drawTable = (): void => {
    const { sortRuns: order, groupRuns: by } = app.state;
    const heads = columns.map(({ key, head, isNumber }) =>
      sortHead(head, directionOf(order, key), { class: isNumber ? "number" : "" }, () =>
        app.choose({ sortRuns: nextOrder(order, key, false) }),
      ),
    );
    const groups = groupRuns(
      sortRuns(shown, columns, order),
      columns.find(({ key }) => key === by),
    );
    let left = showsAll ? Infinity : MAX_ROWS;
    const bodies = groups.map((group) => {
      const verdict = cheapest(group.runs, app.state.per);
      const body = el("tbody");
      const text = verdictText(group);
      if (by !== "" || text !== "")
        body.append(
          el(
            "tr",
            { class: "group" },
            el(
              "th",
              { colspan: columns.length + 1, scope: "rowgroup" },
              by !== "" &&
                el("span", {
                  class: "group-name",
                  text: `${keys.find(({ key }) => key === by)?.head ?? ""} ${group.name}`,
                }),
              el("span", { class: "verdict", text }),
            ),
          ),
        );
      for (const run of group.runs.slice(0, left)) {
        const isLeast = verdict?.least === run;
        body.append(rowOf(run, !isLeast ? "" : verdict.rivals?.length === 0 ? "cheapest" : "least"));
      }
      left -= group.runs.length;
      if (left < 0) left = 0;
      return body;
    });
    fill(
      table,
      el("caption", { class: "spoken", text: "Runs" }),
      el(
        "thead",
        {},
        el("tr", {}, el("th", { scope: "col" }, el("span", { class: "spoken", text: "Compare" })), ...heads),
      ),
      ...bodies,
    );
    more.hidden = shown.length <= MAX_ROWS || showsAll;
    more.textContent = `Show all ${shown.length} runs`;
  };

  const drawMatrix = (): void => {
    const name = allBut(columns, data.runs);
    const lengths = [...new Set(shown.map((run) => run.length))].sort((a, b) => a - b);
    const rows = new Map<string, Map<number, Run>>();
    for (const run of shown) {
      const row = rows.get(name(run, "seq_len")) ?? new Map<number, Run>();
      rows.set(name(run, "seq_len"), row.set(run.length, row.get(run.length) ?? run));
    }
    const values = shown.map((run) => joules(run, run.predicted));
    const most = Math.max(...values);
    fill(
      matrix,
      el("caption", { text: `${app.state.unit} ${perText()}, by sequence length` }),
      tableHead(["Run", ...lengths]),
      el(
        "tbody",
        {},
        ...[...rows].slice(0, MAX_ROWS).map(([text, row]) =>
          el(
            "tr",
            {},
            el("th", { scope: "row", class: "name", text, title: text }),
            ...lengths.map((length) => {
              const run = row.get(length);
              if (!run) return el("td", { class: "number", text: "\u2013", "data-head": length });
              const value = joules(run, run.predicted);
              const bar = el("span", { class: "bar", "aria-hidden": true });
              bar.style.width = `${(100 * Math.max(value, 0)) / (most || 1)}%`;
              const label = formatEnergy(per(run, app.state.per, run.predicted), app.state.unit);
              return el(
                "td",
                { class: "number share", "data-head": length },
                bar,
                linkButton(
                  label.replace(` ${app.state.unit}`, ""),
                  () => openRun(app, run.index),
                  `${label}: ${runLabel(data, run)}`,
                ),
              );
            }),
          ),
        ),
      ),
    );
  };

  const inOrder = (): Run[] => sortRuns(shown, columns, app.state.sortRuns);
  const saves = el(
    "div",
    { class: "saves" },
    ...(
      [
        ["CSV", "csv", "text/csv"],
        ["Markdown", "md", "text/markdown"],
        ["LaTeX", "tex", "application/x-tex"],
      ] as const
    ).map(([name, format, type]) =>
      saveButton(name, "the runs", () =>
        download(`runs.${format}`, runsAsText(format, inOrder(), columns), type),
      ),
    ),
  );

  const matrixBox = el(
    "details",
    { class: "numbers" },
    el("summary", { text: "Matrix of models, batches and lengths" }),
    region("Matrix of runs", "", matrix),
  );
  matrixBox.addEventListener("toggle", () => matrixBox.open && drawMatrix());

  const draw = (): void => {
    columns = runColumns(data, app.state.unit);
    shown = data.runs.filter(runFilter(data, app.state.filter));
    count.textContent =
      shown.length === data.runs.length
        ? `${shown.length} runs`
        : `${shown.length} of ${data.runs.length} runs`;
    compare.disabled = ticked.size !== 2;
    drawTable();
    if (matrixBox.open) drawMatrix();
    // Text comes first, and charts in the frame after it.
    if (isFirst) requestAnimationFrame(() => setTimeout(() => charts.draw(shown, columns)));
    else charts.draw(shown, columns);
    isFirst = false;
  };
  return {
    element: el(
      "div",
      { class: "charts" },
      el("h2", { class: "spoken", text: "Runs" }),
      el(
        "div",
        { class: "toolbar" },
        labelled("Filter runs", filter),
        labelled("Group by", grouped),
        labelled("Energy", pers),
        compare,
        saves,
      ),
      count,
      region("Table of runs", "tall", table),
      more,
      matrixBox,
      ...charts.elements,
    ),
    update() {
      const { state } = app;
      if (filter.value !== state.filter) filter.value = state.filter;
      grouped.value = state.groupRuns;
      pers.value = state.per;
      draw();
    },
  };
}
