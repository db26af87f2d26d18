// Charts over all runs: energy by length, predicted against measured, error by type of node.
import type { App, Part } from "./app.ts";
import { hasTwoFiles, runLabel } from "./app.ts";
import { axis, FONT, tooltip } from "./chart.ts";
import type { Run } from "./data.ts";
import { el, labelled, plainTable, select } from "./dom.ts";
import { makeFigure } from "./figure.ts";
import type { Per, TypeError } from "./series.ts";
import { energyPer, errorByType, lengthSeries } from "./series.ts";
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
  const colourOf = (place: number): string =>
    app.palette.operations[place % app.palette.operations.length] ?? app.palette.accent;

  const legend = (): object => ({
    type: "scroll",
    pageIconColor: app.palette.ink,
    pageIconInactiveColor: app.palette.line,
    pageTextStyle: { color: app.palette.muted, fontFamily: FONT },
    top: 4,
    left: 0,
    itemWidth: 14,
    itemHeight: 8,
    textStyle: { color: app.palette.ink, fontFamily: FONT },
  });

  const drawLengths = (): void => {
    const { state, view, palette } = app;
    const series = lengthSeries(data.runs, view.run.model, view.run.file, state.per);
    const perText = PERS.find(([key]) => key === state.per)?.[1] ?? "";
    byLength.draw(
      {
        animation: false,
        textStyle: { fontFamily: FONT },
        grid: { left: 44, right: 16, top: 44, bottom: 44, containLabel: true },
        legend: legend(),
        tooltip: tooltip(palette, (item) => {
          const { run } = item as { run: Run };
          return [runLabel(data, run), `${formatEnergy(energyPer(run, state.per), state.unit)} ${perText}`];
        }),
        xAxis: { ...axis(palette, "sequence length (tokens)"), type: "value", min: 0 },
        yAxis: { ...axis(palette, `${state.unit} ${perText}`, { nameGap: 52 }), type: "value", min: 0 },
        series: series.map((line, place) => ({
          name: `batch ${line.batch}`,
          type: "line",
          symbol: "circle",
          symbolSize: 7,
          color: colourOf(place),
          lineStyle: { width: 2 },
          data: line.points.map((point) => ({
            value: [point.length, inUnit(point.energy, state.unit)],
            run: data.runs[point.run],
          })),
        })),
      },
      `Lines: energy ${perText} of ${view.run.model} by sequence length, one for each batch size.`,
      340,
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
    const { state, palette, view } = app;
    const models = [...new Set(measured.map((run) => run.model))];
    const values = measured.flatMap((run) => [run.predicted, run.measured ?? 0]).filter((value) => value > 0);
    const least = inUnit(Math.min(...values), state.unit) * 0.8;
    const most = inUnit(Math.max(...values), state.unit) * 1.25;
    const point = (run: Run): object => ({
      value: [inUnit(run.measured ?? 0, state.unit), inUnit(run.predicted, state.unit)],
      run,
      ...(run === view.run
        ? { symbolSize: 16, itemStyle: { borderColor: palette.ink, borderWidth: 3, opacity: 1 } }
        : {}),
    });
    const log = (name: string, gap: number): object => ({
      ...axis(palette, name, { nameGap: gap }),
      type: "log",
      min: least,
      max: most,
      axisLabel: {
        color: palette.muted,
        fontFamily: FONT,
        formatter: (value: number) => String(Number(value.toPrecision(2))),
      },
    });
    scatter.draw(
      {
        animation: false,
        textStyle: { fontFamily: FONT },
        grid: { left: 44, right: 16, top: 44, bottom: 44, containLabel: true },
        legend: legend(),
        tooltip: tooltip(palette, (item) => {
          const run = (item as { run?: Run }).run;
          if (!run) return ["predicted = measured"];
          return [
            runLabel(data, run),
            `predicted ${formatEnergy(run.predicted, state.unit)}, measured ${formatEnergy(run.measured, state.unit)}`,
            `error ${formatPercent(percentageError(run.predicted, run.measured))}`,
          ];
        }),
        xAxis: log(`measured (${state.unit})`, 34),
        yAxis: log(`predicted (${state.unit})`, 52),
        series: [
          ...models.map((model, place) => ({
            name: model,
            type: "scatter",
            symbolSize: 9,
            color: colourOf(place),
            itemStyle: { opacity: 0.8 },
            data: measured.filter((run) => run.model === model).map(point),
          })),
          {
            name: "predicted = measured",
            type: "line",
            symbol: "none",
            silent: true,
            color: palette.muted,
            lineStyle: { type: "dashed", width: 1 },
            data: [
              [least, least],
              [most, most],
            ],
          },
        ],
      },
      `Points: predicted against measured energy of ${measured.length} runs, with the diagonal where they are equal.`,
      400,
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
    const { palette } = app;
    typeErrors ??= data.files.map((_, file) =>
      errorByType(
        data,
        data.runs.filter((run) => run.file === file),
      ),
    );
    const all = typeErrors;
    const [first = []] = all;
    errors.draw(
      {
        animation: false,
        textStyle: { fontFamily: FONT },
        grid: { left: 16, right: 60, top: hasTwoFiles(data) ? 44 : 12, bottom: 44, containLabel: true },
        ...(hasTwoFiles(data) ? { legend: legend() } : {}),
        tooltip: tooltip(palette, (item) => {
          const { error } = item as { error: TypeError };
          return [
            TYPE_NAMES[error.type],
            `mean error ${formatPercent(error.percent, 2)} over ${error.numNodes} nodes`,
          ];
        }),
        xAxis: { ...axis(palette, "mean absolute error (%)"), type: "value", min: 0 },
        yAxis: {
          ...axis(palette, ""),
          type: "category",
          inverse: true,
          data: first.map((error) => TYPE_NAMES[error.type]),
          axisLabel: { color: palette.ink, fontFamily: FONT },
        },
        series: all.map((list, file) => ({
          name: data.files[file] ?? "",
          type: "bar",
          barMaxWidth: 26,
          color: colourOf(file),
          label: {
            show: true,
            position: "right",
            color: palette.ink,
            fontFamily: FONT,
            formatter: (item: { data: { error: TypeError } }) => formatPercent(item.data.error.percent, 2),
          },
          data: list.map((error) => ({ value: error.percent ?? 0, error })),
        })),
      },
      "Bars: mean absolute percentage error of operations, modules and whole models.",
      110 + 60 * all.length,
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
  scatter.chart.onClick((item) => {
    const run = (item as { run?: Run }).run;
    if (run) app.choose({ run: run.index });
  });
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
