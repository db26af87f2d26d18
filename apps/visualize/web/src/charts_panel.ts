// Charts over all runs: energy by length, predicted against measured, error by type of node.
import type { App, Part } from "./app.ts";
import { runLabel } from "./app.ts";
import type { Palette } from "./colours.ts";
import { at } from "./data.ts";
import { el, labelled, plainTable, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import { bars, plot } from "./plot.ts";
import type { Per, TypeError } from "./series.ts";
import { errorByType, lengthSeries } from "./series.ts";
import { percentageError } from "./tree.ts";
import { formatEnergy, formatPercent, inUnit } from "./units.ts";

const PERS: readonly (readonly [Per, string])[] = [
  ["run", "per run"],
  ["sample", "per sample"],
  ["token", "per token"],
  ["new-token", "per new token"],
];

const TYPE_NAMES = { ml: "operations (ml)", module: "modules", model: "whole models" } as const;

export function makeChartsPanel(app: App): Part {
  const { data } = app;
  const byLength = makeFigure(app, "Energy by sequence length", "by-length");
  const pers = PERS.filter(([key]) => key !== "new-token" || data.runs.some((run) => run.newTokens > 0));
  const per = select(pers, (value) => app.choose({ per: value }));
  byLength.tools.append(labelled("Energy", per));
  const scatter = makeFigure(app, "Predicted against measured", "predicted-measured");
  const errors = makeFigure(app, "Error by type of node", "error-by-type");
  const unmeasured = el("p", {
    class: "notice",
    text: "The data hold no measured energies: nothing to compare the predictions with.",
  });
  const measured = data.runs.filter((run) => run.measured !== undefined);
  // Counted once: it goes over every node of every run.
  let typeErrors: TypeError[][] | undefined;
  const colourOf = (place: number, palette: Palette): string =>
    palette.operations[place % palette.operations.length] ?? palette.accent;

  const drawLengths = (): void => {
    const { state, view } = app;
    const series = lengthSeries(data.runs, view.run.model, view.run.file, state.per);
    const perText = PERS.find(([key]) => key === state.per)?.[1] ?? "";
    byLength.draw(
      (sheet) =>
        plot(
          { name: "sequence length (tokens)", isLog: false, fromZero: true },
          { name: `${state.unit} ${perText}`, isLog: false, fromZero: true },
          series.map((line, place) => ({
            name: `batch ${line.batch}`,
            colour: colourOf(place, sheet.palette),
            line: true,
            points: line.points.map((point) => ({
              x: point.length,
              y: inUnit(point.energy, state.unit),
              key: String(point.run),
              said: `${runLabel(data, at(data.runs, point.run))}\n${formatEnergy(point.energy, state.unit)} ${perText}`,
            })),
          })),
          sheet,
          340,
        ),
      [`${view.run.model}, energy ${perText} by sequence length`],
    );
    const lengths = [...new Set(series.flatMap((line) => line.points.map((point) => point.length)))].sort(
      (a, b) => a - b,
    );
    byLength.setTable(
      plainTable(
        `${view.run.model}, energy ${perText}`,
        ["Length", ...series.map((line) => `batch ${line.batch}`)],
        lengths.map((length) => [
          String(length),
          ...series.map((line) =>
            formatEnergy(line.points.find((point) => point.length === length)?.energy, state.unit),
          ),
        ]),
        0,
      ),
    );
  };

  const drawScatter = (): void => {
    const { state, view } = app;
    const models = [...new Set(measured.map((run) => run.model))];
    const values = measured.flatMap((run) => [run.predicted, run.measured ?? 0]).filter((value) => value > 0);
    const ends = [Math.min(...values), Math.max(...values)].map((joules) => {
      const value = inUnit(joules, state.unit);
      return { x: value, y: value, key: "", said: "" };
    });
    scatter.draw(
      (sheet) =>
        plot(
          { name: `measured (${state.unit})`, isLog: true },
          { name: `predicted (${state.unit})`, isLog: true },
          [
            ...models.map((model, place) => ({
              name: model,
              colour: colourOf(place, sheet.palette),
              line: false,
              points: measured
                .filter((run) => run.model === model)
                .map((run) => ({
                  x: inUnit(run.measured ?? 0, state.unit),
                  y: inUnit(run.predicted, state.unit),
                  key: String(run.index),
                  isStrong: run === view.run,
                  said:
                    `${runLabel(data, run)}\npredicted ${formatEnergy(run.predicted, state.unit)}, ` +
                    `measured ${formatEnergy(run.measured, state.unit)}\n` +
                    `error ${formatPercent(percentageError(run.predicted, run.measured))}`,
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
          formatEnergy(run.predicted, state.unit),
          formatEnergy(run.measured, state.unit),
          formatPercent(percentageError(run.predicted, run.measured), 2),
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
    const [first = []] = all;
    errors.draw(
      (sheet) =>
        bars(
          first.map((error, place) => ({
            name: TYPE_NAMES[error.type],
            values: all.flatMap((list, file) => {
              const one = list[place];
              if (!one) return [];
              const shown = formatPercent(one.percent, 2);
              return [
                {
                  value: one.percent ?? 0,
                  colour: colourOf(file, sheet.palette),
                  shown,
                  key: "",
                  said: `${TYPE_NAMES[one.type]}\nmean error ${shown} over ${one.numNodes} nodes`,
                },
              ];
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
        first.map((error, place) => [
          TYPE_NAMES[error.type],
          ...all.flatMap((list) => [
            formatPercent(list[place]?.percent, 2),
            String(list[place]?.numNodes ?? 0),
          ]),
        ]),
      ),
    );
  };

  const hasMeasured = measured.length > 0;
  unmeasured.hidden = hasMeasured;
  scatter.element.hidden = !hasMeasured;
  errors.element.hidden = !hasMeasured;
  for (const figure of [scatter, byLength]) figure.onMark((key) => app.choose({ run: Number(key) }));
  return {
    element: el("div", { class: "charts" }, byLength.element, unmeasured, scatter.element, errors.element),
    update() {
      per.value = app.state.per;
      drawLengths();
      if (!hasMeasured) return;
      drawScatter();
      drawErrors();
    },
  };
}
