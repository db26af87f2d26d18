// What a run comes to: where its joules go in one sentence and one bar, and its figures.
import { openRun } from "./actions.ts";
import type { Share } from "./answer.ts";
import { inWords, phasesOf, sharesOf, spentShares } from "./answer.ts";
import type { App, Part } from "./app.ts";
import { hasTwoFiles, runLabel } from "./app.ts";
import { colouring } from "./colours.ts";
import { el, fill, kind, select } from "./dom.ts";
import type { Told } from "./marks.ts";
import { isNoInterval, NAMES, NO_INTERVAL, OUTSIDE, UNSEEN, usualIn } from "./marks.ts";
import { per } from "./series.ts";
import { formatRate, powerOf, tokensBySecond } from "./times.ts";
import { percentageError, walk } from "./tree.ts";
import { footprint, formatEnergy, formatNumber, formatPercent, intervalName, oneLine } from "./units.ts";

export function makeSummary(app: App): Part {
  const title = el("h2", { id: "run-title" });
  const choice = select(
    app.data.runs.map((run) => [String(run.index), oneLine(runLabel(app.data, run))] as const),
    (value) => openRun(app, Number(value)),
  );
  choice.setAttribute("aria-label", "Run");
  const step = (by: number, text: string, name: string): HTMLButtonElement =>
    el("button", {
      text,
      "aria-label": name,
      onclick: () => openRun(app, app.state.run + by),
    });
  const previous = step(-1, "\u2039", "Previous run");
  const next = step(1, "\u203a", "Next run");
  const answer = el("p", { class: "answer" });
  const bar = el("div", { class: "shares", role: "img" });
  const parts = el("div", { class: "shares spent", role: "img" });
  const partNames = el("div", { class: "kinds" });
  const figures = el("dl", { class: "figures" });
  const figure = (name: string, key: string, value: string, hint?: string): HTMLElement =>
    el(
      "div",
      { class: "item", "data-figure": key },
      el("dt", { text: name }),
      el(
        "dd",
        {},
        el("span", { class: "value", text: value }),
        hint !== undefined && el("span", { class: "hint", text: hint }),
      ),
    );

  const drawAnswer = (): void => {
    const { run, nodes } = app.view;
    const shares = sharesOf(nodes, colouring("operation", nodes, app.palette, app.operations), app.palette);
    const phases = run.newTokens > 0 ? `; ${inWords(phasesOf(nodes), nodes.energy)}` : "";
    const words = nodes.energy > 0 ? `: ${inWords(shares, nodes.energy)}${phases}` : "";
    fill(answer, el("strong", { text: formatEnergy(run.predicted, app.state.unit) }), `${words}.`);
    bar.setAttribute("aria-label", `Shares of the energy${words}`);
    drawBar(bar, shares);
    const spent = spentShares(nodes, app.palette);
    parts.hidden = partNames.hidden = spent.length === 0;
    parts.setAttribute("aria-label", `What the energy is spent on: ${inWords(spent, nodes.energy)}`);
    drawBar(parts, spent);
    fill(partNames, ...spent.map((share) => kind(inWords([share], nodes.energy), share.fill)));
  };
  const drawBar = (box: HTMLElement, shares: readonly Share[]): void => {
    const positive = shares.filter(({ joules }) => joules > 0);
    const sum = positive.reduce((total, { joules }) => total + joules, 0);
    const pieces = positive.map(({ name, joules, fill: colour }) => {
      const part = el("span", {
        title: `${name} ${formatEnergy(joules, app.state.unit)}`,
        "data-share": name,
      });
      part.style.width = `${(100 * joules) / sum}%`;
      part.style.backgroundColor = colour;
      return part;
    });
    fill(box, ...pieces);
  };

  return {
    element: el(
      "section",
      { class: "summary", "aria-labelledby": "run-title" },
      el("div", { class: "run-head" }, title, el("div", { class: "chooser" }, previous, choice, next)),
      answer,
      bar,
      parts,
      partNames,
      figures,
    ),
    update() {
      const { run, prices } = app.view;
      const { unit } = app.state;
      const file = hasTwoFiles(app.data) ? ` \u00b7 ${app.data.files[run.file] ?? ""}` : "";
      fill(
        title,
        el("span", { class: "model", text: run.model }),
        el("span", { class: "size", text: ` batch ${run.batch} \u00b7 length ${run.length}${file}` }),
      );
      title.title = runLabel(app.data, run);
      choice.value = String(run.index);
      previous.disabled = run.index === 0;
      next.disabled = run.index + 1 === app.data.runs.length;
      drawAnswer();
      const interval =
        run.low !== undefined && run.high !== undefined
          ? `${intervalName(run.level)} ${formatEnergy(run.low, unit)} to ${formatEnergy(run.high, unit)}`
          : undefined;
      const error = percentageError(run.predicted, run.measured);
      const { grams, cost } = footprint(run.predicted, prices);
      const isGeneration = run.newTokens > 0;
      fill(
        figures,
        figure("Predicted", "predicted", formatEnergy(run.predicted, unit), interval),
        run.measured !== undefined &&
          figure(
            "Measured",
            "measured",
            formatEnergy(run.measured, unit),
            error === undefined ? undefined : `error ${formatPercent(error)}`,
          ),
        figure("Per sample", "sample", formatEnergy(per(run, "sample", run.predicted), unit)),
        figure(
          isGeneration ? "Per new token" : "Per token",
          "token",
          formatEnergy(per(run, "token", run.predicted), unit),
        ),
        run.seconds !== undefined && figure("Latency", "latency", formatRate(run.seconds, "s")),
        run.seconds !== undefined &&
          figure("Power", "power", formatRate(powerOf(run.predicted, run), "W"), "of all GPUs"),
        run.seconds !== undefined &&
          figure(
            isGeneration ? "New tokens a second" : "Tokens a second",
            "rate",
            formatRate(tokensBySecond(run), "/s"),
          ),
        grams !== undefined && figure("CO\u2082", "grams", `${formatNumber(grams)} g`),
        cost !== undefined && figure("Cost", "cost", formatNumber(cost), "in your currency"),
      );
    },
  };
}

const num = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/// What is told of the run as a whole, and how many nodes have something told beside it.
function noticeOf(nodes: readonly Told[]): string {
  const usual = usualIn(nodes);
  const inNodes = ([fact, count]: [string, number]): string =>
    `${fact.slice(1)} (${count === nodes.length ? "all" : `${count} of`} ${num(nodes.length, "node", "nodes")})`;
  const whole = Object.entries(NAMES).flatMap(([sign, name]) => {
    const texts = [...usual].filter(([fact]) => fact.startsWith(sign)).map(inNodes);
    return texts.length > 0 ? [`${name}: ${texts.join(", ")}`] : [];
  });
  const count = (sign: string): number => nodes.filter(({ signs }) => signs.includes(sign)).length;
  const [outside, unseen, without] = [OUTSIDE, UNSEEN, NO_INTERVAL].map(count);
  const odd = [
    outside && num(outside, "node lies", "nodes lie") + " outside the range of training",
    unseen && num(unseen, "is an operation", "are operations") + " that it did not see",
    without && num(without, "has", "have") + " no interval",
  ].filter(Boolean);
  return [
    whole.length > 0 &&
      `Of the run as a whole: ${whole.join("; ")}. ` +
        ([...usual.keys()].every(isNoInterval) ? "" : "Expect larger errors than usual. ") +
        "Signs mark only what differs from this.",
    odd.length > 0 &&
      `${whole.length > 0 ? "Beside that, " : ""}${odd.join(", ")}: expect larger errors there. ` +
        "The charts hatch the first, and draw a dashed border around the second; the details of each say what it is.",
  ]
    .filter(Boolean)
    .join(" ");
}

/// Who predicted, and what of it is to be trusted less.
export function makeTrust(app: App): Part {
  const origin = el("p", { class: "origin", hidden: true });
  const beyond = el("p", { class: "notice beyond", hidden: true });
  const notice = el("p", { class: "notice corrections", hidden: true });
  return {
    element: el("section", { class: "trust", "aria-label": "Trust" }, origin, beyond, notice),
    update() {
      const { run, nodes, numCorrections } = app.view;
      origin.hidden = run.prediction === "";
      origin.textContent = `Predicted by ${run.prediction}`;
      beyond.textContent = noticeOf([...walk(nodes)].map(({ told }) => told));
      beyond.hidden = beyond.textContent === "";
      notice.hidden = numCorrections === 0;
      notice.textContent =
        `In ${numCorrections} ${numCorrections === 1 ? "node" : "nodes"} the children add up to more than their parent: ` +
        "the difference is shown as a negative self energy. With the paper's tree, which weighs children, it is the " +
        "weights' correction; an additive tree on all features has negative terms too. Charts draw such children " +
        "narrower, so that they fit.";
    },
  };
}
