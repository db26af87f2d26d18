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

export function select<T extends string>(
  options: readonly (readonly [T, string])[],
  change: (value: T) => void,
): HTMLSelectElement {
  const control = el("select");
  for (const [value, text] of options) control.append(el("option", { value, text }));
  control.addEventListener("change", () => change(control.value as T));
  return control;
}

/// `text` with the places where `query` occurs marked.
export function marked(text: string, query: string): (Node | string)[] {
  const wanted = query.trim().toLowerCase();
  const lower = text.toLowerCase();
  // Lower case may be longer than the text; then nothing is marked.
  if (wanted === "" || lower.length !== text.length) return [text];
  const pieces: (Node | string)[] = [];
  let begin = 0;
  for (let found = lower.indexOf(wanted); found >= 0; found = lower.indexOf(wanted, begin)) {
    pieces.push(text.slice(begin, found), el("mark", { text: text.slice(found, found + wanted.length) }));
    begin = found + wanted.length;
  }
  return [...pieces, text.slice(begin)];
}

export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/// A small button that saves something in a format, which it shows; `what` is for readers who do not see where
/// it stands.
export function saveButton(format: string, what: string, save: () => void): HTMLButtonElement {
  return el("button", {
    type: "button",
    class: "small",
    text: format,
    "aria-label": `Save ${what} as ${format}`,
    onclick: save,
  });
}

/// A table from rows of text; columns after the first `numText` are numbers.
export function plainTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numText = 1,
): HTMLTableElement {
  const cell = (tag: "th" | "td", text: string, column: number): HTMLElement =>
    el(tag, { text, class: column < numText ? "" : "number", ...(tag === "th" ? { scope: "col" } : {}) });
  return el(
    "table",
    { class: "plain" },
    el("caption", { text: caption }),
    el("thead", {}, el("tr", {}, ...head.map((text, column) => cell("th", text, column)))),
    el(
      "tbody",
      {},
      ...rows.map((row) => el("tr", {}, ...row.map((text, column) => cell("td", text, column)))),
    ),
  );
}
