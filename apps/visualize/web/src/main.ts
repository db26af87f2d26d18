// The page: reads its data, builds its parts, and keeps link, state and view in step.
import { goTo } from "./actions.ts";
import type { App, Part } from "./app.ts";
import { assignOperations, DARK, LIGHT } from "./colours.ts";
import { makeComparePanel } from "./compare_panel.ts";
import type { PageData } from "./data.ts";
import { at, decode } from "./data.ts";
import { el, fill, labelled, select } from "./dom.ts";
import { keepFocus } from "./focus.ts";
import { makeRunPanel } from "./run_panel.ts";
import { makeRunsPanel } from "./runs_panel.ts";
import type { State, Tab } from "./state.ts";
import { decodeState, encodeState, firstView, TABS } from "./state.ts";
import { parseAmount, parsePue, UNITS } from "./units.ts";
import { makeView } from "./view.ts";

type Theme = "auto" | "light" | "dark";

const TAB_NAMES: Record<Tab, string> = { runs: "Runs", run: "Where it goes", compare: "Compare" };
/// Back undoes what takes the reader elsewhere.
const STEPS = ["tab", "run", "zoom"] as const;
const THEME_KEY = "irene-theme";

/// A browser may keep nothing for a page that was opened from disk.
function remembered(): Theme {
  try {
    const theme = localStorage.getItem(THEME_KEY);
    return theme === "light" || theme === "dark" ? theme : "auto";
  } catch {
    return "auto";
  }
}
function remember(theme: Theme): void {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // It is as the system is when the page is opened again.
  }
}

function start(): void {
  const text = document.getElementById("data")?.textContent ?? "";
  const raw = JSON.parse(text) as PageData;
  const data = decode(raw);
  const leaves = raw.shapes.class.filter((_, shape) => raw.shapes.size[shape] === 0);
  const operations = assignOperations(leaves.map((name) => at(raw.strings, name)));
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  let theme = remembered();
  let isPrinting = false;
  const palette = () =>
    !isPrinting && (theme === "dark" || (theme === "auto" && systemIsDark.matches)) ? DARK : LIGHT;

  const first = firstView(data.runs);
  const read = (): State => decodeState(location.hash, data.runs.length, first);
  const state = read();
  const app: App = {
    data,
    operations,
    state,
    palette: palette(),
    view: makeView(data, state, operations),
    choose(change) {
      const next = { ...app.state, ...change };
      const fragment = encodeState(next, first);
      const url = fragment === "" ? location.pathname + location.search : `#${fragment}`;
      if (STEPS.some((key) => next[key] !== app.state[key])) history.pushState(null, "", url);
      else history.replaceState(null, "", url);
      keepFocus(() => show(next));
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
      remember(theme);
      applyTheme();
    },
  );
  themeChoice.value = theme;
  /// A field for a number. While its text is none, the state has nothing of it.
  const amount = (parse: typeof parseAmount, change: (typed: string) => void): HTMLInputElement => {
    const input = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 7 });
    input.addEventListener("input", () => {
      const isRight = parse(input.value) !== undefined;
      input.setAttribute("aria-invalid", String(input.value.trim() !== "" && !isRight));
      change(isRight ? input.value : "");
    });
    return input;
  };
  const amounts = {
    grams: amount(parseAmount, (grams) => app.choose({ grams })),
    price: amount(parseAmount, (price) => app.choose({ price })),
    pue: amount(parsePue, (pue) => app.choose({ pue })),
  };
  const link = el("input", { type: "text", readonly: true, hidden: true, "aria-label": "Link to this view" });
  const said = el("span", { class: "said", role: "status" });
  const copyLink = el("button", {
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
    class: "skip",
    text: "Skip to the content",
    onclick: () => main.focus(),
  });
  const options = el(
    "details",
    { class: "options" },
    el("summary", { text: "Options" }),
    el(
      "div",
      { class: "toolbar" },
      labelled("Theme", themeChoice),
      labelled("CO\u2082, grams per kWh", amounts.grams),
      labelled("Price per kWh", amounts.price),
      labelled("PUE", amounts.pue, "1 if left empty"),
      el("button", { text: "Print", onclick: () => window.print() }),
      copyLink,
      link,
      said,
    ),
  );

  // ---- tabs ----

  // Made when it is first looked at: with thousands of runs each takes its time.
  const makers: Record<Tab, (app: App) => Part> = {
    runs: makeRunsPanel,
    run: makeRunPanel,
    compare: makeComparePanel,
  };
  const panels: Partial<Record<Tab, Part>> = {};
  const tabs = TABS.map((tab) =>
    el("button", {
      role: "tab",
      id: `tab-${tab}`,
      "aria-controls": `panel-${tab}`,
      text: TAB_NAMES[tab],
      onclick: () => goTo(app, tab),
    }),
  );
  const tabList = el("div", { class: "tabs", role: "tablist", "aria-label": "Views" }, ...tabs);
  tabList.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const place = (TABS.indexOf(app.state.tab) + step + TABS.length) % TABS.length;
    goTo(app, at(TABS, place));
    tabs[place]?.focus();
    event.preventDefault();
  });
  const boxes = TABS.map((tab) =>
    el("div", { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, class: "panel" }),
  );
  const names = el(
    "div",
    { class: "names" },
    el("h1", { text: data.title, title: data.title }),
    el("p", { class: "files", text: data.files.join(" and ") }),
  );
  const header = el("header", { class: "top" }, names, tabList, labelled("Unit", unit), options);
  main.append(...boxes);
  fill(document.getElementById("app") ?? document.body, skip, header, main);

  // ---- drawing ----

  function show(state: State): void {
    app.state = state;
    render();
  }

  function render(): void {
    app.palette = palette();
    app.view = makeView(data, app.state, operations);
    unit.value = app.state.unit;
    for (const key of ["grams", "price", "pue"] as const) {
      if (document.activeElement !== amounts[key]) amounts[key].value = app.state[key];
    }
    said.textContent = "";
    link.hidden = true;
    TABS.forEach((tab, place) => {
      const isShown = tab === app.state.tab;
      tabs[place]?.setAttribute("aria-selected", String(isShown));
      tabs[place]?.setAttribute("tabindex", isShown ? "0" : "-1");
      const box = boxes[place];
      if (box) box.hidden = !isShown;
    });
    const { tab } = app.state;
    if (!panels[tab]) {
      panels[tab] = makers[tab](app);
      boxes[TABS.indexOf(tab)]?.append(panels[tab].element);
    }
    panels[tab].update();
  }

  function applyTheme(): void {
    document.documentElement.dataset["theme"] = palette() === DARK ? "dark" : "light";
    render();
  }

  systemIsDark.addEventListener("change", applyTheme);
  // Paper is white: charts are drawn for it.
  for (const [event, isPaper] of [
    ["beforeprint", true],
    ["afterprint", false],
  ] as const) {
    addEventListener(event, () => {
      isPrinting = isPaper;
      applyTheme();
    });
  }
  // A link, or Back.
  addEventListener("popstate", () => show(read()));
  applyTheme();
}

start();
