// Charts over all runs: energy over length, batch or new tokens; predicted against measured; error by type of node.
import { openRun } from "./actions.ts";
import type { App } from "./app.ts";
import { hasTwoFiles, runLabel } from "./app.ts";
import type { Palette } from "./colours.ts";
import type { Run } from "./data.ts";
import { el, freshId, labelled, plainTable, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import type { Series } from "./plot.ts";
import { bars, plot } from "./plot.ts";
import type { RunColumn } from "./runs.ts";
import { allBut, intervalText, levelsOf, sortRuns } from "./runs.ts";
import type { TypeError } from "./series.ts";
import { errorByType, per, PER_NAMES } from "./series.ts";
import type { Over } from "./state.ts";
import { percentageError } from "./tree.ts";
import { formatEnergy, formatPercent, intervalName, inUnit, oneLine } from "./units.ts";

const OVERS: readonly (readonly [Over, string])[] = [
  ["length", "sequence length"],
  ["batch", "batch size"],
  ["newTokens", "new tokens"],
];
const OVER_KEYS: Record<Over, string> = { length: "seq_len", batch: "batch_size", newTokens: "new_tokens" };
const TYPE_NAMES = { ml: "operations (ml)", module: "modules", model: "whole models" } as const;
/// More lines are a tangle.
const MAX_LINES = 20;

const colourOf = (place: number, palette: Palette): string =>
  palette.operations[place % palette.operations.length] ?? palette.accent;

export interface RunCharts {
  elements: HTMLElement[];
  draw(shown: readonly Run[], columns: readonly RunColumn[]): void;
}

export function makeRunCharts(app: App): RunCharts {
  const { data } = app;
  const over = select(
    OVERS.filter(([what]) => what !== "newTokens" || data.runs.some((run) => run.newTokens > 0)),
    (value) => app.choose({ over: value }),
  );
  const log = el("input", {
    type: "checkbox",
    id: freshId("log"),
    onchange: () => app.choose({ log: log.checked }),
  });
  const chart = makeFigure(app, "Energy of runs", "energy-of-runs");
  chart.tools.append(
    labelled("Over", over),
    el("div", { class: "check" }, log, el("label", { for: log.id, text: "Log axes" })),
  );
  const scatter = makeFigure(app, "Predicted against measured", "predicted-measured");
  const errors = makeFigure(app, "Error by type of node", "error-by-type");
  // Counted once: it goes over every node of every run.
  let typeErrors: TypeError[][] | undefined;

  let columns: readonly RunColumn[] = [];
  let shown: readonly Run[] = [];
  const perText = (): string => PER_NAMES[app.state.per];
  const joules = (run: Run, value: number): number => inUnit(per(run, app.state.per, value), app.state.unit);
  const said = (run: Run): string =>
    `${oneLine(runLabel(data, run))}\n${formatEnergy(per(run, app.state.per, run.predicted), app.state.unit)} ${perText()}` +
    (run.low === undefined
      ? ""
      : `\n${intervalName(run.level)} ${intervalText(run, app.state.unit)} ${app.state.unit} per run`) +
    (run.measured === undefined ? "" : `\nmeasured ${formatEnergy(run.measured, app.state.unit)} per run`);

  const drawChart = (): void => {
    const { over: what, unit } = app.state;
    const name = allBut(columns, data.runs);
    const lines = new Map<string, Run[]>();
    const levels = levelsOf(shown);
    for (const run of shown) {
      const hasOwn = levels.length > 1 && run.low !== undefined;
      const line = (hasOwn ? `${intervalName(run.level)}: ` : "") + name(run, OVER_KEYS[what]);
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
          [
            levels.length === 1 && `band: ${intervalName(levels[0])}`,
            shown.some((run) => run.measured !== undefined) && "square: measured",
          ],
        ),
      [`Energy ${perText()} (${unit}) over ${xName}. ${cut}`],
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

  const measured = data.runs.filter((run) => run.measured !== undefined);
  scatter.element.hidden = measured.length === 0;
  errors.element.hidden = measured.length === 0;
  for (const figure of [scatter, chart]) figure.onMark((key) => openRun(app, Number(key)));
  return {
    elements: [chart.element, scatter.element, errors.element],
    draw(runs, of) {
      shown = runs;
      columns = of;
      over.value = app.state.over;
      log.checked = app.state.log;
      drawChart();
      if (measured.length === 0) return;
      drawScatter(shown.filter((run) => run.measured !== undefined));
      drawErrors();
    },
  };
}
