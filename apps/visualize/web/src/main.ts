// The page: reads its data, builds its parts, and keeps link, state and view in step.
import type { App, Part } from "./app.ts";
import { makeChartsPanel } from "./charts_panel.ts";
import { assignOperations, DARK, LIGHT } from "./colours.ts";
import { makeComparePanel } from "./compare_panel.ts";
import type { PageData } from "./data.ts";
import { at, decode } from "./data.ts";
import { el, fill, labelled, select } from "./dom.ts";
import { makeEnergyPanel } from "./energy_panel.ts";
import { makeRunList } from "./runs.ts";
import type { State, Tab } from "./state.ts";
import { decodeState, encodeState, TABS } from "./state.ts";
import { makeSummary } from "./summary.ts";
import { parseAmount, parsePue, UNITS } from "./units.ts";
import { makeView } from "./view.ts";

type Theme = "auto" | "light" | "dark";

const TAB_NAMES: Record<Tab, string> = { energy: "Where it goes", compare: "Compare", charts: "Charts" };

const STEPS = ["tab", "run", "zoom"] as const;

function start(): void {
  const text = document.getElementById("data")?.textContent ?? "";
  const raw = JSON.parse(text) as PageData;
  const data = decode(raw);
  const leaves = raw.shapes.class.filter((_, shape) => raw.shapes.size[shape] === 0);
  const operations = assignOperations(leaves.map((name) => at(raw.strings, name)));
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  let theme: Theme = "auto";
  let isPrinting = false;
  const palette = () =>
    !isPrinting && (theme === "dark" || (theme === "auto" && systemIsDark.matches)) ? DARK : LIGHT;

  const state = decodeState(location.hash, data.runs.length);
  const app: App = {
    data,
    operations,
    state,
    palette: palette(),
    view: makeView(data, state, operations),
    choose(change) {
      // Back undoes what takes the reader elsewhere.
      const isStep = STEPS.some((key) => key in change && change[key] !== app.state[key]);
      app.state = { ...app.state, ...change };
      const fragment = encodeState(app.state);
      const url = fragment === "" ? location.pathname + location.search : `#${fragment}`;
      if (isStep) history.pushState(null, "", url);
      else history.replaceState(null, "", url);
      render();
    },
  };

  // ---- what stands above the tabs ----

  const unit = select(
    UNITS.map((name) => [name, name] as const),
    (value) => app.choose({ unit: value }),
  );
  const themeChoice = select<Theme>(
    [
      ["auto", "as the system"],
      ["light", "light"],
      ["dark", "dark"],
    ],
    (value) => {
      theme = value;
      applyTheme();
    },
  );
  const amount = (key: "grams" | "price" | "pue", isRight: (typed: string) => boolean): HTMLInputElement => {
    const input = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 7 });
    input.addEventListener("input", () => {
      input.setAttribute("aria-invalid", String(input.value.trim() !== "" && !isRight(input.value)));
      app.choose({ [key]: input.value });
    });
    return input;
  };
  const amounts = {
    grams: amount("grams", (typed) => parseAmount(typed) !== undefined),
    price: amount("price", (typed) => parseAmount(typed) !== undefined),
    pue: amount("pue", (typed) => parsePue(typed) !== undefined),
  };
  const link = el("input", { type: "text", readonly: true, hidden: true, "aria-label": "Link to this view" });
  const said = el("span", { class: "said", role: "status" });
  const copyLink = el("button", {
    type: "button",
    text: "Copy link",
    onclick: () => {
      // A page opened from disk may have no clipboard; then the link is shown for the reader to copy.
      const copied =
        navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error("no clipboard"));
      copied.then(
        () => (said.textContent = "Link copied"),
        () => {
          link.value = location.href;
          link.hidden = false;
          link.focus();
          link.select();
        },
      );
    },
  });
  const main = el("main", { id: "main", tabindex: -1 });
  const skip = el("button", {
    type: "button",
    class: "skip",
    text: "Skip to the run",
    onclick: () => main.focus(),
  });
  const header = el(
    "header",
    { class: "top" },
    el(
      "div",
      { class: "names" },
      el("h1", { text: data.title }),
      el("p", { class: "files", text: data.files.join(" and ") }),
    ),
    el(
      "div",
      { class: "actions" },
      labelled("Unit", unit),
      labelled("Theme", themeChoice),
      el("button", { type: "button", text: "Print", onclick: () => window.print() }),
      copyLink,
      link,
      said,
    ),
  );
  const costs = el(
    "details",
    { class: "costs" },
    el("summary", { text: "Carbon and cost" }),
    el(
      "div",
      { class: "toolbar" },
      labelled("CO\u2082, grams per kWh", amounts.grams),
      labelled("Price per kWh", amounts.price),
      labelled("PUE", amounts.pue, "1 if left empty"),
    ),
  );

  // ---- tabs ----

  const panels: Record<Tab, Part> = {
    energy: makeEnergyPanel(app, () => text),
    compare: makeComparePanel(app),
    charts: makeChartsPanel(app),
  };
  const tabs = TABS.map((tab) =>
    el("button", {
      type: "button",
      role: "tab",
      id: `tab-${tab}`,
      "aria-controls": `panel-${tab}`,
      text: TAB_NAMES[tab],
      onclick: () => app.choose({ tab }),
    }),
  );
  const tabList = el("div", { class: "tabs", role: "tablist", "aria-label": "Views" }, ...tabs);
  tabList.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const place = (TABS.indexOf(app.state.tab) + step + TABS.length) % TABS.length;
    app.choose({ tab: at(TABS, place) });
    tabs[place]?.focus();
    event.preventDefault();
  });
  const boxes = TABS.map((tab) =>
    el(
      "div",
      { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, class: "panel" },
      panels[tab].element,
    ),
  );

  const runs = makeRunList(app);
  const summary = makeSummary(app);
  main.append(summary.element, costs, tabList, ...boxes);
  fill(
    document.getElementById("app") ?? document.body,
    skip,
    header,
    el("div", { class: "layout" }, runs.element, main),
  );

  // ---- drawing ----

  function render(): void {
    app.palette = palette();
    app.view = makeView(data, app.state, operations);
    unit.value = app.state.unit;
    for (const key of ["grams", "price", "pue"] as const) {
      if (amounts[key].value !== app.state[key]) amounts[key].value = app.state[key];
    }
    if (app.state.grams + app.state.price + app.state.pue !== "") costs.open = true;
    said.textContent = "";
    link.hidden = true;
    TABS.forEach((tab, place) => {
      const isShown = tab === app.state.tab;
      tabs[place]?.setAttribute("aria-selected", String(isShown));
      tabs[place]?.setAttribute("tabindex", isShown ? "0" : "-1");
      const box = boxes[place];
      if (box) box.hidden = !isShown;
    });
    summary.update();
    panels[app.state.tab].update();
    runs.update();
  }

  function applyTheme(): void {
    document.documentElement.dataset["theme"] = palette() === DARK ? "dark" : "light";
    render();
  }

  systemIsDark.addEventListener("change", applyTheme);
  // Paper is white: charts are drawn for it.
  addEventListener("beforeprint", () => {
    isPrinting = true;
    applyTheme();
  });
  addEventListener("afterprint", () => {
    isPrinting = false;
    applyTheme();
  });
  addEventListener("hashchange", () => {
    const restored: State = decodeState(location.hash, data.runs.length);
    app.state = restored;
    render();
  });
  applyTheme();
}

start();
