// A chart with its title, buttons to save it, and the numbers behind it.
import type { App } from "./app.ts";
import { fileName } from "./app.ts";
import { LIGHT } from "./colours.ts";
import { download, el, fill, region, saveButton } from "./dom.ts";
import type { Sheet } from "./svg.ts";
import { drawing, svg, text, textWidth } from "./svg.ts";
import { hideTip, showTips } from "./tip.ts";

type Draw = (sheet: Sheet) => SVGSVGElement;

export interface Figure {
  element: HTMLElement;
  box: HTMLElement;
  /// The controls beside the title.
  tools: HTMLElement;
  /// Draws now, and again whenever the box gets another width; `caption` stands above a saved picture.
  draw(draw: Draw, caption: readonly string[]): void;
  /// The numbers behind the chart as a table.
  setTable(table: HTMLTableElement): void;
  /// What a click, or Enter, on a mark with this key does.
  onMark(listener: (key: string) => void): void;
}

/// Of a picture that is saved, in pixels; vectors fit any page.
const PAPER = 1000;

/// A picture as it is saved: white, with a title, and all that the page says beside it.
function onPaper(draw: Draw, caption: readonly string[]): SVGSVGElement {
  const body = draw({ width: PAPER, palette: LIGHT, isPaper: true });
  const lines = caption.flatMap((line) => wrapped(line, PAPER));
  const top = 18 + 18 * lines.length;
  const height = top + body.height.baseVal.value + 14;
  body.setAttribute("x", "14");
  body.setAttribute("y", String(top));
  const title = lines.map((line, i) =>
    text(14, 18 + 18 * i, LIGHT.ink, line, i === 0 ? { "font-weight": 600, "font-size": 14 } : {}),
  );
  const paper = svg("rect", { width: PAPER + 28, height, fill: "#ffffff" });
  return drawing(PAPER + 28, height, paper, ...title, body);
}

/// A text in lines that fit `width`, cut where a word ends, or within one that is longer.
function wrapped(content: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of content.split(/\s+/).flatMap((whole) => whole.match(/.{1,80}/gu) ?? [])) {
    if (line !== "" && textWidth(`${line} ${word}`, 14) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

const asText = (picture: SVGSVGElement): string => new XMLSerializer().serializeToString(picture);

async function asPng(picture: SVGSVGElement): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([asText(picture)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = url;
  await image.decode();
  URL.revokeObjectURL(url);
  const canvas = el("canvas", { width: 2 * image.width, height: 2 * image.height });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"),
  );
}

export function makeFigure(app: App, title: string, name: string): Figure {
  const box = el("div", { class: "chart", role: "group", "aria-label": title });
  let drawNow: Draw | undefined;
  let caption: readonly string[] = [];
  let width = 0;
  const listeners: ((key: string) => void)[] = [];
  const redraw = (): void => {
    width = box.clientWidth;
    if (!drawNow || width === 0) return;
    const focused = box.contains(document.activeElement);
    hideTip();
    fill(box, drawNow({ width, palette: app.palette, isPaper: false }));
    const stop =
      box.querySelector<SVGElement>("[tabindex='0']") ?? box.querySelector<SVGElement>("[tabindex]");
    stop?.setAttribute("tabindex", "0");
    if (focused) stop?.focus();
  };
  new ResizeObserver(() => {
    if (box.clientWidth !== width) redraw();
  }).observe(box);
  showTips(box);
  const markAt = (event: Event): SVGElement | null => (event.target as Element).closest("[data-item]");
  const tell = (key: string | undefined): void => {
    if (key) for (const listener of listeners) listener(key);
  };
  box.addEventListener("click", (event) => tell(markAt(event)?.dataset["item"]));
  // Arrow keys go from mark to mark.
  box.addEventListener("keydown", (event) => {
    const here = markAt(event);
    if (!here) return;
    if (event.key === "Enter") return tell(here.dataset["item"]);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const marks = [...box.querySelectorAll<SVGElement>("[data-item]")];
    const next = marks[marks.indexOf(here) + step];
    event.preventDefault();
    if (!next) return;
    here.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
  const save = (kind: string, content: () => BlobPart | Promise<BlobPart>, type: string): HTMLElement =>
    saveButton(kind.toUpperCase(), title, () => {
      void Promise.resolve(content()).then((part) =>
        download(fileName(app.view.run, `${name}.${kind}`), part, type),
      );
    });
  const picture = (): SVGSVGElement =>
    onPaper(drawNow ?? (() => drawing(1, 1)), [`${title}: ${app.data.title}`, ...caption]);
  const tools = el("div", { class: "tools" });
  const saves = el(
    "div",
    { class: "saves" },
    save("svg", () => asText(picture()), "image/svg+xml"),
    save("png", () => asPng(picture()), "image/png"),
  );
  const table = el(
    "details",
    { class: "numbers", hidden: true },
    el("summary", { text: "The numbers as a table" }),
  );
  const tableBox = region(`${title}: table`, "");
  table.append(tableBox);
  return {
    element: el(
      "section",
      { class: `figure ${name}`, "aria-label": title },
      el("div", { class: "figure-head" }, el("h3", { text: title }), tools, saves),
      box,
      table,
    ),
    box,
    tools,
    draw(draw, lines) {
      drawNow = draw;
      caption = lines;
      redraw();
    },
    setTable(content) {
      table.hidden = false;
      fill(tableBox, content);
    },
    onMark: (listener) => void listeners.push(listener),
  };
}
