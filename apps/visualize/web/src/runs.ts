// The list of runs, with a search field.
import type { App, Part } from "./app.ts";
import { hasTwoFiles } from "./app.ts";
import type { Run } from "./data.ts";
import { at } from "./data.ts";
import { el, fill, labelled, select } from "./dom.ts";
import type { RunOrder } from "./times.ts";
import { formatFigure, RUN_ORDERS, sortedRuns } from "./times.ts";

/// Whether each word of a query occurs in what a run is called: "gpt2 b8 128", "batch 8".
export function matchesRun(run: Run, file: string, query: string): boolean {
  const text =
    `${run.model} batch ${run.batch} b${run.batch} length ${run.length} l${run.length} ${file}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => (/^\d+$/.test(word) ? text.split(/[\s,()]+/).includes(word) : text.includes(word)));
}

export function makeRunList(app: App): Part {
  const { data } = app;
  const list = el("div", { class: "runs", role: "listbox", tabindex: 0, "aria-label": "Runs", id: "runs" });
  const filter = el("input", {
    type: "search",
    id: "run-search",
    placeholder: "e.g. gpt2 batch 8",
    "aria-controls": "runs",
    autocomplete: "off",
  });
  const count = el("p", { class: "count", role: "status" });
  const energies = data.runs.map(() => el("span", { class: "run-energy number" }));
  const options = data.runs.map((run, index) =>
    el(
      "div",
      { role: "option", id: `run-${index}`, class: "run", "data-run": index, "aria-selected": false },
      el("span", { class: "run-name", text: run.model }),
      energies[index],
      el("span", {
        class: "run-size",
        text: `batch ${run.batch} \u00b7 length ${run.length}${hasTwoFiles(data) ? ` \u00b7 ${data.files[run.file] ?? ""}` : ""}`,
      }),
    ),
  );
  list.append(...options);
  let sorted = data.runs;
  let order: RunOrder = "file";
  let drawnFor = "";
  const shown = (): number[] => sorted.map((run) => run.index).filter((index) => !options[index]?.hidden);
  const drawFigures = (): void => {
    const now = `${app.state.unit} ${order}`;
    if (drawnFor === now) return;
    drawnFor = now;
    for (const run of data.runs)
      fill(energies[run.index] as Element, formatFigure(run, order, app.state.unit));
  };
  const sort = select(RUN_ORDERS, (chosen) => {
    order = chosen;
    sorted = sortedRuns(data.runs, order);
    list.append(...sorted.map((run) => at(options, run.index)));
    drawFigures();
  });

  const applyFilter = (): void => {
    for (const run of data.runs) {
      const option = options[run.index];
      if (option) option.hidden = !matchesRun(run, data.files[run.file] ?? "", filter.value);
    }
    const left = shown().length;
    count.textContent = left === data.runs.length ? `${left} runs` : `${left} of ${data.runs.length} runs`;
  };
  filter.addEventListener("input", applyFilter);
  filter.addEventListener("keydown", (event) => {
    const first = shown()[0];
    if (event.key === "ArrowDown") list.focus();
    else if (event.key === "Enter" && first !== undefined) app.choose({ run: first });
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("[data-run]");
    if (option) app.choose({ run: Number(option.dataset["run"]) });
  });
  list.addEventListener("keydown", (event) => {
    const places = shown();
    const here = places.indexOf(app.state.run);
    const target = {
      ArrowDown: places[here + 1],
      ArrowUp: places[Math.max(here - 1, 0)],
      Home: places[0],
      End: places[places.length - 1],
      PageDown: places[Math.min(here + 10, places.length - 1)],
      PageUp: places[Math.max(here - 10, 0)],
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    app.choose({ run: target });
  });
  applyFilter();

  let selected = -1;
  return {
    element: el(
      "aside",
      { class: "sidebar", "aria-label": "Choose a run" },
      el("label", { for: "run-search", text: "Run" }),
      filter,
      data.runs.some((run) => run.seconds !== undefined) && labelled("Sort runs by", sort),
      list,
      count,
    ),
    update() {
      drawFigures();
      if (selected === app.state.run) return;
      options[selected]?.setAttribute("aria-selected", "false");
      selected = app.state.run;
      const option = options[selected];
      if (!option) return;
      option.setAttribute("aria-selected", "true");
      list.setAttribute("aria-activedescendant", option.id);
      // Not scrollIntoView, which would scroll the page too.
      const top = option.offsetTop - list.offsetTop;
      if (top < list.scrollTop) list.scrollTop = top;
      const bottom = top + option.offsetHeight - list.clientHeight;
      if (bottom > list.scrollTop) list.scrollTop = bottom;
    },
  };
}
