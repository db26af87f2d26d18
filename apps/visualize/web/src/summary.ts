// The run's figures: joules, per sample, per token, measured, latency and power, and what they cost.
import type { App, Part } from "./app.ts";
import { hasTwoFiles } from "./app.ts";
import { el, fill } from "./dom.ts";
import { energyPer } from "./series.ts";
import { formatRate, powerOf, tokensBySecond } from "./times.ts";
import { percentageError } from "./tree.ts";
import { footprint, formatEnergy, formatNumber, formatPercent } from "./units.ts";

export function makeSummary(app: App): Part {
  const title = el("h2", { id: "run-title" });
  const figures = el("dl", { class: "figures" });
  const origin = el("p", { class: "origin", hidden: true });
  const notice = el("p", { class: "notice corrections", hidden: true });
  const beyond = el("p", { class: "notice beyond", hidden: true });
  const figure = (name: string, key: string, value: string, hint?: string, class_ = ""): HTMLElement =>
    el(
      "div",
      { class: `item ${class_}`, "data-figure": key },
      el("dt", { text: name }),
      el(
        "dd",
        {},
        el("span", { class: "value", text: value }),
        hint !== undefined && el("span", { class: "hint", text: hint }),
      ),
    );
  return {
    element: el(
      "section",
      { class: "summary", "aria-labelledby": "run-title" },
      title,
      figures,
      origin,
      beyond,
      notice,
    ),
    update() {
      const { run, numCorrections, numBeyond, prices } = app.view;
      const { unit } = app.state;
      const file = hasTwoFiles(app.data) ? ` \u00b7 ${app.data.files[run.file] ?? ""}` : "";
      fill(
        title,
        el("span", { class: "model", text: run.model }),
        el("span", { class: "size", text: ` batch ${run.batch} \u00b7 length ${run.length}${file}` }),
      );
      const interval =
        run.low !== undefined && run.high !== undefined
          ? `interval ${formatEnergy(run.low, unit)} to ${formatEnergy(run.high, unit)}`
          : undefined;
      const error = percentageError(run.predicted, run.measured);
      const { grams, cost } = footprint(run.predicted, prices);
      fill(
        figures,
        figure("Predicted", "predicted", formatEnergy(run.predicted, unit), interval, "main"),
        run.measured !== undefined &&
          figure(
            "Measured",
            "measured",
            formatEnergy(run.measured, unit),
            error === undefined ? undefined : `error ${formatPercent(error)}`,
            "main",
          ),
        figure("Per sample", "sample", formatEnergy(energyPer(run, "sample"), unit)),
        figure("Per token", "token", formatEnergy(energyPer(run, "token"), unit)),
        run.newTokens > 0 &&
          figure("Per new token", "new-token", formatEnergy(energyPer(run, "new-token"), unit)),
        run.seconds !== undefined && figure("Latency", "latency", formatRate(run.seconds, "s")),
        run.seconds !== undefined &&
          figure("Power", "power", formatRate(powerOf(run.predicted, run), "W"), "of all GPUs"),
        run.seconds !== undefined &&
          figure(
            run.newTokens > 0 ? "New tokens a second" : "Tokens a second",
            "rate",
            formatRate(tokensBySecond(run), "/s"),
          ),
        grams !== undefined && figure("CO\u2082", "grams", `${formatNumber(grams)} g`),
        cost !== undefined && figure("Cost", "cost", formatNumber(cost), "in your currency"),
      );
      origin.hidden = run.prediction === "";
      origin.textContent = `Predicted by ${run.prediction}`;
      beyond.hidden = numBeyond === 0;
      beyond.textContent =
        `${numBeyond} ${numBeyond === 1 ? "node rests" : "nodes rest"} on more than training saw: expect larger errors ` +
        "there. They are marked, and the details of each say what it is.";
      notice.hidden = numCorrections === 0;
      notice.textContent =
        `In ${numCorrections} ${numCorrections === 1 ? "node" : "nodes"} the children add up to more than their parent: ` +
        "the difference is shown as a negative self energy. With the paper's tree, which weighs children, it is the " +
        "weights' correction; an additive tree on all features has negative terms too. Charts draw such children " +
        "narrower, so that they fit.";
    },
  };
}
