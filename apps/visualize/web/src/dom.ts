// Elements, made without markup: text is always text.

type Child = Node | string | undefined | false;

export interface Attributes {
  class?: string;
  text?: string;
  [name: string]: string | number | boolean | undefined | ((event: Event) => void);
}

/// An element with attributes (`onclick` and the like as listeners) and children. `true` is an empty attribute;
/// `false` and `undefined` are none, but aria attributes take "false".
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = String(value ?? "");
    else if (name.startsWith("aria-") && value !== undefined) element.setAttribute(name, String(value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

/// An entry of a legend.
export function kind(name: string, colour: string): HTMLElement {
  const swatch = el("span", { class: "swatch", "aria-hidden": true });
  swatch.style.backgroundColor = colour;
  return el("span", { class: "kind" }, swatch, name);
}

let nextId = 0;
export const freshId = (stem: string): string => `${stem}-${++nextId}`;

/// A label with its control.
export function labelled(text: string, control: HTMLElement, hint?: string): HTMLElement {
  control.id ||= freshId("field");
  return el(
    "div",
    { class: "field" },
    el("label", { for: control.id, text }),
    control,
    hint !== undefined && el("span", { class: "hint", text: hint }),
  );
}

/// The head of a column by which a table is sorted; a click on it sorts otherwise.
export function sortHead(
  text: string,
  direction: "ascending" | "descending" | "none",
  attributes: Attributes,
  onclick: () => void,
): HTMLElement {
  const arrow = { ascending: " \u2191", descending: " \u2193", none: "" }[direction];
  const { title, ...others } = attributes;
  return el(
    "th",
    { scope: "col", "aria-sort": direction, ...others },
    el("button", { class: "sort", title, text: text + arrow, onclick }),
  );
}

export function select<T extends string>(
  options: readonly (readonly [T, string])[],
  change: (value: T) => void,
): HTMLSelectElement {
  const control = el("select");
  for (const [value, text] of options) control.append(el("option", { value, text }));
  control.addEventListener("change", () => change(control.value as T));
  return control;
}

/// `text` with the places where one of the words, in lower case, occurs marked.
export function marked(text: string, words: readonly string[]): (Node | string)[] {
  // Lower case may be longer than the text; then nothing is marked.
  const lower = text.toLowerCase();
  if (words.length === 0 || lower.length !== text.length) return [text];
  const escaped = words.map((word) => word.replace(/[^\w\s]/g, "\\$&"));
  // Every second piece is a word.
  return lower
    .split(new RegExp(`(${escaped.join("|")})`))
    .reduce<(Node | string)[]>((pieces, piece, place) => {
      const begin = pieces.reduce(
        (sum, one) => sum + (typeof one === "string" ? one : (one.textContent ?? "")).length,
        0,
      );
      const own = text.slice(begin, begin + piece.length);
      return [...pieces, place % 2 === 1 ? el("mark", { text: own }) : own];
    }, []);
}

export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/// What looks like a link; `name` is for readers who do not see where it stands.
export const linkButton = (text: string, onclick?: () => void, name?: string): HTMLButtonElement =>
  el("button", { class: "link", text, onclick, "aria-label": name });

/// A small button that saves something in a format, which it shows; `what` is for readers who do not see where
/// it stands.
export function saveButton(format: string, what: string, save: () => void): HTMLButtonElement {
  return el("button", {
    class: "small",
    text: format,
    "aria-label": `Save ${what} as ${format}`,
    onclick: save,
  });
}

/// A box that scrolls by itself, also by keyboard.
export const region = (name: string, class_: string, ...children: Child[]): HTMLElement =>
  el("div", { class: `scroll ${class_}`, tabindex: 0, role: "region", "aria-label": name }, ...children);

/// The head of a table; columns after the first are numbers.
export const tableHead = (names: readonly (string | number)[]): HTMLElement =>
  el(
    "thead",
    {},
    el(
      "tr",
      {},
      ...names.map((text, i) =>
        el("th", { scope: "col", text: String(text), class: i === 0 ? "" : "number" }),
      ),
    ),
  );

/// A table from rows of text, the first of each what it is about.
export function plainTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLTableElement {
  const cell = (text: string, column: number): HTMLElement =>
    el("td", { text, class: column === 0 ? "" : "number", "data-head": head[column] ?? "" });
  return el(
    "table",
    { class: "plain cards" },
    el("caption", { text: caption }),
    tableHead(head),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell)))),
  );
}
