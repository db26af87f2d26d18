// The first view: all runs as a table, as a matrix and as charts.
import { compareRuns, openRun } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { hasTwoFiles, runLabel } from "./app.ts";
import type { Palette } from "./colours.ts";
import { toCsv } from "./csv.ts";
import type { Run } from "./data.ts";
import { download, el, fill, freshId, labelled, plainTable, saveButton, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import type { Series } from "./plot.ts";
import { bars, plot } from "./plot.ts";
import type { RunColumn, RunGroup } from "./runs.ts";
import { allBut, cheapest, groupRuns, intervalText, runColumns, runFilter, sortRuns } from "./runs.ts";
import type { Per, TypeError } from "./series.ts";
import { errorByType, per } from "./series.ts";
import type { Over } from "./state.ts";
import { percentageError } from "./tree.ts";
import { formatEnergy, formatPercent, inUnit, oneLine } from "./units.ts";

const PERS: readonly (readonly [Per, string])[] = [
  ["run", "per run"],
  ["sample", "per sample"],
  ["token", "per token"],
];
const OVERS: readonly (readonly [Over, string])[] = [
  ["length", "sequence length"],
  ["batch", "batch size"],
  ["newTokens", "new tokens"],
];
const OVER_KEYS: Record<Over, string> = { length: "seq_len", batch: "batch_size", newTokens: "new_tokens" };
const TYPE_NAMES = { ml: "operations (ml)", module: "modules", model: "whole models" } as const;
/// More rows, or lines, are drawn on demand, or not at all: the page would be slow, the chart a tangle.
const MAX_ROWS = 200;
const MAX_LINES = 20;

const colourOf = (place: number, palette: Palette): string =>
  palette.operations[place % palette.operations.length] ?? palette.accent;

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
  const pers = select(PERS, (value) => app.choose({ per: value }));
  const over = select(
    OVERS.filter(([what]) => what !== "newTokens" || data.runs.some((run) => run.newTokens > 0)),
    (value) => app.choose({ over: value }),
  );
  const log = el("input", {
    type: "checkbox",
    id: freshId("log"),
    onchange: () => app.choose({ log: log.checked }),
  });
  const count = el("p", { class: "found", role: "status" });
  const ticked = new Set<number>();
  const compare = el("button", {
    type: "button",
    text: "Compare two",
    onclick: () => {
      const [a, b] = [...ticked];
      if (a !== undefined && b !== undefined) compareRuns(app, a, b);
    },
  });
  const table = el("table", { id: "runs" });
  const more = el("button", { type: "button", onclick: () => ((showsAll = true), draw()) });
  let showsAll = false;
  const matrix = el("table", { class: "matrix", id: "matrix" });
  const chart = makeFigure(app, "Energy of runs", "energy-of-runs");
  chart.tools.append(
    labelled("Over", over),
    el("div", { class: "check" }, log, el("label", { for: log.id, text: "Log axes" })),
  );
  const scatter = makeFigure(app, "Predicted against measured", "predicted-measured");
  const errors = makeFigure(app, "Error by type of node", "error-by-type");
  // Counted once: it goes over every node of every run.
  let typeErrors: TypeError[][] | undefined;

  let columns: RunColumn[] = [];
  let shown: Run[] = [];
  const perText = (): string => PERS.find(([key]) => key === app.state.per)?.[1] ?? "";
  const joules = (run: Run, value: number): number => inUnit(per(run, app.state.per, value), app.state.unit);
  const said = (run: Run): string =>
    `${oneLine(runLabel(data, run))}\n${formatEnergy(per(run, app.state.per, run.predicted), app.state.unit)} ${perText()}` +
    (run.low === undefined
      ? ""
      : `\ninterval ${intervalText(run, app.state.unit)} ${app.state.unit} per run`) +
    (run.measured === undefined ? "" : `\nmeasured ${formatEnergy(run.measured, app.state.unit)} per run`);

  /// What is said of the cheapest run of a group.
  const verdictText = ({ runs }: RunGroup): string => {
    const verdict = cheapest(runs, app.state.per);
    if (!verdict) return "";
    const name = allBut(columns, data.runs)(verdict.least, app.state.groupRuns);
    if (!verdict.rivals) return `Least ${perText()}: ${name}; without intervals it is not decided`;
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
            el("button", {
              type: "button",
              class: "link",
              text: column.text(run),
              onclick: () => openRun(app, run.index),
            }),
            mark !== "" && el("span", { class: "badge", text: mark }),
          )
        : el("td", {
            class: column.isNumber ? "number" : "",
            text: column.text(run),
            "data-column": column.key,
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
    const heads = columns.map(({ key, head, isNumber }) => {
      const isSorted = order.replace("-", "") === key;
      const next = order === key ? `-${key}` : order === `-${key}` ? "" : key;
      const arrow = !isSorted ? "" : order.startsWith("-") ? " \u2193" : " \u2191";
      return el(
        "th",
        {
          scope: "col",
          class: isNumber ? "number" : "",
          "aria-sort": !isSorted ? "none" : arrow === " \u2191" ? "ascending" : "descending",
        },
        el("button", {
          type: "button",
          class: "sort",
          text: head + arrow,
          onclick: () => app.choose({ sortRuns: next }),
        }),
      );
    });
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
      el("thead", {}, el("tr", {}, el("td", {}, el("span", { class: "spoken", text: "Compare" })), ...heads)),
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
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col", text: "Run" }),
          ...lengths.map((length) => el("th", { scope: "col", class: "number", text: String(length) })),
        ),
      ),
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
              if (!run) return el("td", { class: "number", text: "\u2013" });
              const value = joules(run, run.predicted);
              const bar = el("span", { class: "bar", "aria-hidden": true });
              bar.style.width = `${(100 * Math.max(value, 0)) / (most || 1)}%`;
              const label = formatEnergy(per(run, app.state.per, run.predicted), app.state.unit);
              return el(
                "td",
                { class: "number share" },
                bar,
                el("button", {
                  type: "button",
                  class: "link",
                  text: label.replace(` ${app.state.unit}`, ""),
                  "aria-label": `${label}: ${runLabel(data, run)}`,
                  onclick: () => openRun(app, run.index),
                }),
              );
            }),
          ),
        ),
      ),
    );
  };

  const drawChart = (): void => {
    const { over: what, unit } = app.state;
    const name = allBut(columns, data.runs);
    const lines = new Map<string, Run[]>();
    for (const run of shown) {
      const line = name(run, OVER_KEYS[what]);
      lines.set(line, [...(lines.get(line) ?? []), run]);
    }
    const drawn = [...lines].slice(0, MAX_LINES);
    const series = (palette: Palette): Series[] =>
      drawn.map(([line, runs], place) => ({
        name: line,
        colour: colourOf(place, palette),
        line: true,
        points: sortRuns(runs, columns, OVER_KEYS[what]).map((run) => ({
          x: run[what],
          y: joules(run, run.predicted),
          low: run.low === undefined ? undefined : joules(run, run.low),
          high: run.high === undefined ? undefined : joules(run, run.high),
          measured: run.measured === undefined ? undefined : joules(run, run.measured),
          key: String(run.index),
          said: said(run),
        })),
      }));
    const isLog = app.state.log;
    const xName = OVERS.find(([key]) => key === what)?.[1] ?? "";
    const cut = lines.size > MAX_LINES ? `The first ${MAX_LINES} of ${lines.size} lines` : "";
    chart.draw(
      (sheet) =>
        plot(
          { name: xName, isLog },
          { name: `${unit} ${perText()}`, isLog, fromZero: true },
          series(sheet.palette),
          sheet,
          360,
        ),
      [`Energy ${perText()} (${unit}) over ${xName}; bands are intervals, squares are measurements. ${cut}`],
    );
    chart.setTable(
      plainTable(
        `Energy ${perText()}. ${cut}`,
        ["Run", xName, "Predicted", "Measured"],
        drawn.flatMap(([line, runs]) =>
          runs.map((run) => [
            line,
            String(run[what]),
            formatEnergy(per(run, app.state.per, run.predicted), unit),
            formatEnergy(
              run.measured === undefined ? undefined : per(run, app.state.per, run.measured),
              unit,
            ),
          ]),
        ),
      ),
    );
  };

  const drawScatter = (measured: readonly Run[]): void => {
    const { unit } = app.state;
    const models = [...new Set(measured.map((run) => run.keys["model_name"] ?? ""))];
    const values = measured.flatMap((run) => [run.predicted, run.measured ?? 0]).filter((value) => value > 0);
    const ends = [Math.min(...values), Math.max(...values)].map((value) => ({
      x: inUnit(value, unit),
      y: inUnit(value, unit),
      key: "",
      said: "",
    }));
    const errorText = (run: Run, digits: number): string =>
      formatPercent(percentageError(run.predicted, run.measured), digits);
    scatter.draw(
      (sheet) =>
        plot(
          { name: `measured (${unit})`, isLog: true },
          { name: `predicted (${unit})`, isLog: true },
          [
            ...models.map((model, place) => ({
              name: model,
              colour: colourOf(place, sheet.palette),
              line: false,
              points: measured
                .filter((run) => run.keys["model_name"] === model)
                .map((run) => ({
                  x: inUnit(run.measured ?? 0, unit),
                  y: inUnit(run.predicted, unit),
                  key: String(run.index),
                  isStrong: run === app.view.run,
                  said:
                    `${oneLine(runLabel(data, run))}\npredicted ${formatEnergy(run.predicted, unit)}, ` +
                    `measured ${formatEnergy(run.measured, unit)}\nerror ${errorText(run, 1)}`,
                })),
            })),
            { name: "predicted = measured", colour: sheet.palette.muted, line: "dashed", points: ends },
          ],
          sheet,
          400,
        ),
      [`${measured.length} measured runs`],
    );
    scatter.setTable(
      plainTable(
        "Predicted and measured energy of each run",
        ["Run", "Predicted", "Measured", "Error"],
        measured.map((run) => [
          runLabel(data, run),
          formatEnergy(run.predicted, unit),
          formatEnergy(run.measured, unit),
          errorText(run, 2),
        ]),
      ),
    );
  };

  const drawErrors = (): void => {
    typeErrors ??= data.files.map((_, file) =>
      errorByType(
        data,
        data.runs.filter((run) => run.file === file),
      ),
    );
    const all = typeErrors;
    const rows = (all[0] ?? []).map(({ type }, place) => ({
      name: TYPE_NAMES[type],
      ofFiles: all.map((list) => list[place]),
    }));
    errors.draw(
      (sheet) =>
        bars(
          rows.map(({ name, ofFiles }) => ({
            name,
            values: ofFiles.map((error, file) => {
              const shown = formatPercent(error?.percent, 2);
              const words = `${name}\n${hasTwoFiles(data) ? `${data.files[file] ?? ""}: ` : ""}mean error ${shown} over ${error?.numNodes ?? 0} nodes`;
              return {
                value: error?.percent ?? 0,
                colour: colourOf(file, sheet.palette),
                shown,
                key: "",
                said: words,
              };
            }),
          })),
          "mean absolute error (%)",
          sheet,
        ),
      data.files,
    );
    errors.setTable(
      plainTable(
        "Mean absolute percentage error",
        ["Type", ...data.files.flatMap((file) => [file, "nodes"])],
        rows.map(({ name, ofFiles }) => [
          name,
          ...ofFiles.flatMap((error) => [formatPercent(error?.percent, 2), String(error?.numNodes ?? 0)]),
        ]),
      ),
    );
  };

  /// The table as text, in a format that papers take.
  const asText = (format: "csv" | "md" | "tex"): string => {
    const rows = sortRuns(shown, columns, app.state.sortRuns);
    const numbers = [...columns.filter(({ key }) => key !== "interval")];
    if (format === "csv") {
      const ends = columns.some(({ key }) => key === "interval");
      // Energies in joules, in full.
      return toCsv([
        [...numbers.map(({ key }) => key), ...(ends ? ["low", "high"] : [])],
        ...rows.map((run) => [
          ...numbers.map((column) => column.value(run)),
          ...(ends ? [run.low, run.high] : []),
        ]),
      ]);
    }
    const head = columns.map((column) => column.head);
    const body = rows.map((run) => columns.map((column) => oneLine(column.text(run))));
    if (format === "md") {
      const line = (cells: readonly string[]): string =>
        `| ${cells.map((cell) => cell.replace(/[\\|]/g, "\\$&")).join(" | ")} |\n`;
      return (
        line(head) +
        line(columns.map(({ isNumber }) => (isNumber ? "---:" : "---"))) +
        body.map(line).join("")
      );
    }
    const special: Record<string, string> = {
      "\\": "\\textbackslash{}",
      "~": "\\textasciitilde{}",
      "^": "\\textasciicircum{}",
      "\u2013": "--",
      "\u2212": "$-$",
    };
    const line = (cells: readonly string[]): string =>
      `${cells.map((cell) => cell.replace(/[\\~^\u2013\u2212]|[&%$#_{}]/g, (c) => special[c] ?? `\\${c}`)).join(" & ")} \\\\\n`;
    const format_ = columns.map(({ isNumber }) => (isNumber ? "r" : "l")).join("");
    return `\\begin{tabular}{${format_}}\n\\hline\n${line(head)}\\hline\n${body.map(line).join("")}\\hline\n\\end{tabular}\n`;
  };
  const saves = el(
    "div",
    { class: "saves" },
    saveButton("CSV", "the runs", () => download("runs.csv", asText("csv"), "text/csv")),
    saveButton("Markdown", "the runs", () => download("runs.md", asText("md"), "text/markdown")),
    saveButton("LaTeX", "the runs", () => download("runs.tex", asText("tex"), "application/x-tex")),
  );

  const measured = data.runs.filter((run) => run.measured !== undefined);
  scatter.element.hidden = measured.length === 0;
  errors.element.hidden = measured.length === 0;
  for (const figure of [scatter, chart]) figure.onMark((key) => openRun(app, Number(key)));
  const matrixBox = el(
    "details",
    { class: "numbers" },
    el("summary", { text: "Matrix of models, batches and lengths" }),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Matrix of runs" }, matrix),
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
    drawChart();
    if (measured.length === 0) return;
    drawScatter(shown.filter((run) => run.measured !== undefined));
    drawErrors();
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
      el("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": "Table of runs" }, table),
      more,
      matrixBox,
      chart.element,
      scatter.element,
      errors.element,
    ),
    update() {
      const { state } = app;
      if (filter.value !== state.filter) filter.value = state.filter;
      grouped.value = state.groupRuns;
      pers.value = state.per;
      over.value = state.over;
      log.checked = state.log;
      draw();
    },
  };
}
