// A chart with its title, buttons to save it, and what a screen reader is told.
import type { App } from "./app.ts";
import { fileName } from "./app.ts";
import type { Chart, Option } from "./chart.ts";
import { makeChart } from "./chart.ts";
import { download, el, fill, saveButton } from "./dom.ts";

export interface Figure {
  element: HTMLElement;
  chart: Chart;
  /// The controls beside the title.
  tools: HTMLElement;
  draw(option: Option, description: string, height: number): void;
  /// The numbers behind the chart, for those who cannot see it.
  setTable(table: HTMLTableElement): void;
}

function pngBytes(url: string): Blob {
  // No request may leave the page, not even for a data URL: it is decoded by hand.
  const bytes = atob(url.slice(url.indexOf(",") + 1));
  return new Blob([Uint8Array.from(bytes, (c) => c.charCodeAt(0))], { type: "image/png" });
}

export function makeFigure(app: App, title: string, name: string): Figure {
  const box = el("div", { class: "chart", role: "img", "aria-label": title });
  const chart = makeChart(box);
  const save = (kind: string, content: () => Promise<BlobPart>, type: string): HTMLElement =>
    saveButton(kind.toUpperCase(), title, () => {
      void content().then((part) => download(fileName(app.view.run, `${name}.${kind}`), part, type));
    });
  const tools = el("div", { class: "tools" });
  const saves = el(
    "div",
    { class: "saves" },
    save("svg", () => chart.svg(), "image/svg+xml"),
    save("png", () => chart.png(app.palette.surface).then(pngBytes), "image/png"),
  );
  const table = el(
    "details",
    { class: "numbers", hidden: true },
    el("summary", { text: "The numbers as a table" }),
  );
  const tableBox = el("div", {
    class: "scroll",
    tabindex: 0,
    role: "region",
    "aria-label": `${title}: table`,
  });
  table.append(tableBox);
  return {
    element: el(
      "section",
      { class: `figure ${name}`, "aria-label": title },
      el("div", { class: "figure-head" }, el("h3", { text: title }), tools, saves),
      box,
      table,
    ),
    chart,
    tools,
    draw(option, description, height) {
      box.setAttribute("aria-label", description);
      chart.draw(option, height);
    },
    setTable(content) {
      table.hidden = false;
      fill(tableBox, content);
    },
  };
}
