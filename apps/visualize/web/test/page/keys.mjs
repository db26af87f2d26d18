// What a keyboard does, and which controls it reached. A page is watched from its first line on: where the focus goes,
// and what listens to a mouse.

/// To be run in a page before its own script.
export function watch() {
  const listens = new WeakSet();
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (["click", "dblclick", "mousedown", "pointerdown"].includes(type)) listens.add(this);
    return add.call(this, type, ...rest);
  };
  window.print = () => (window.printed = true);

  /// The same for an element that is drawn anew.
  const nameOf = (element) => {
    const text =
      element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
    return (text ?? "").replace(/ [\u2191\u2193]$/, "");
  };
  const describe = (element) => {
    const place = element.closest("[id]:not(input, select, button), section[aria-label], header, .figure");
    const of = place?.id || place?.getAttribute("aria-label") || place?.localName;
    const { key, run, own } = element.closest("[data-key], [data-run]")?.dataset ?? {};
    const which = `${key ?? run ?? ""}${own === undefined ? "" : " own"}`;
    return `${of}: ${element.localName} ${nameOf(element).slice(0, 200)} ${which}`;
  };
  const reached = new Set();
  const unseen = new Set();
  add.call(document, "focusin", ({ target }) => {
    reached.add(describe(target));
    const { outlineStyle, outlineWidth } = getComputedStyle(target);
    const box = target.getBoundingClientRect();
    const isThere = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
    if (outlineStyle === "none" || !(parseFloat(outlineWidth) > 0) || !isThere) unseen.add(describe(target));
  });

  const CONTROLS =
    "button, input, select, textarea, summary, a[href], [tabindex], [contenteditable], " +
    "[role=button], [role=link], [role=tab], [role=checkbox], [role=treeitem], [role=row], [role=option]";
  const isForMouse = (element) =>
    element.matches(CONTROLS) ||
    listens.has(element) ||
    (getComputedStyle(element).cursor === "pointer" &&
      getComputedStyle(element.parentElement).cursor !== "pointer");
  /// Whether the keyboard was on it, on something in it, as with a row and its link, or on the row that it opens. What a
  /// module spends itself is its own node's, and its label a control's.
  const isReached = (element) =>
    reached.has(describe(element)) ||
    (element.control && reached.has(describe(element.control))) ||
    (element.closest("tr[tabindex]") && reached.has(describe(element.closest("tr[tabindex]")))) ||
    element.matches("#main, [data-own], :disabled, [aria-hidden=true] *") ||
    [...element.querySelectorAll("*")].some((inner) => reached.has(describe(inner)));
  window.keys = {
    unreached: () =>
      [...document.querySelectorAll("#app *")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .filter((element) => isForMouse(element) && !isReached(element))
        .map(describe),
    unseen: () => [...unseen],
    here: () => {
      const { activeElement: element } = document;
      return {
        name: element === document.body ? undefined : nameOf(element).split("\n")[0],
        what: describe(element),
        kind: element.getAttribute("role") ?? element.localName,
        isShut: element.localName === "summary" && !element.parentElement.open,
        isRow: element.matches("tr"),
        value: element.localName === "select" ? element.selectedOptions[0]?.textContent : element.value,
      };
    },
  };
}

export const here = (page) => page.evaluate(() => window.keys.here());

/// Presses keys one after the other, and makes sure that the focus is somewhere after each.
export async function press(page, ...all) {
  for (const key of all) {
    await page.keyboard.press(key);
    const { name } = await here(page);
    if (name === undefined) throw new Error(`${key} lost the focus`);
  }
}

/// Goes on with Tab, or with another key, until the focus is on what is called like that.
export async function goTo(page, wanted, { kind = undefined, key = "Tab" } = {}) {
  const seen = [];
  for (let i = 0; i < 260; ++i) {
    const at = await here(page);
    const isNamed = typeof wanted === "string" ? at.name === wanted : wanted.test(at.name ?? "");
    if (isNamed && (kind === undefined || at.kind === kind)) return at;
    seen.push(at.name);
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not reach ${wanted}: ${[...new Set(seen)].join("; ")}`);
}

/// Chooses in a list by its label, as by arrow keys.
export async function pick(page, label, wanted, options = {}) {
  await goTo(page, label, { ...options, kind: "select" });
  for (const key of ["ArrowDown", "ArrowUp"]) {
    for (let last; ;) {
      const { value } = await here(page);
      if (value === wanted) return;
      if (value === last) break;
      last = value;
      await press(page, key);
    }
  }
  throw new Error(`${label} has no ${wanted}`);
}

/// What a button saves: goes to it, and presses Enter.
export async function save(page, name) {
  await goTo(page, name);
  const waiting = page.waitForEvent("download");
  await press(page, "Enter");
  return (await waiting).suggestedFilename();
}

/// Goes once around the page: opens what is shut, through all tabs, and within charts and trees from mark to mark.
export async function goAround(page) {
  const first = await goTo(page, "Skip to the content");
  const done = new Set();
  for (let i = 0; i < 400; ++i) {
    const { what, kind, isShut, isRow } = await here(page);
    const widget = kind === "tab" || kind === "treeitem" || kind === "img" || isRow ? what.split(":")[0] : "";
    if (isShut) await page.keyboard.press("Enter");
    if (widget !== "" && !done.has(widget)) {
      done.add(widget);
      if (kind === "tab") for (let tab = 0; tab < 3; ++tab) await press(page, "ArrowRight");
      else await goWithin(page, kind === "treeitem" ? "tree" : isRow ? "rows" : "marks");
    }
    await page.keyboard.press("Tab");
    const { name, what: next } = await here(page);
    if (next === first.what || (name === undefined && i > 0)) return;
  }
  throw new Error("Tab never comes back");
}

async function goWithin(page, kind) {
  if (kind === "rows") await press(page, "Home");
  const step = async (key) => {
    const before = (await here(page)).what;
    await press(page, key);
    return (await here(page)).what !== before;
  };
  if (kind !== "tree") {
    while (await step(kind === "rows" ? "ArrowDown" : "ArrowRight"));
    return;
  }
  while (await step("ArrowUp"));
  // Into the first child, on to the next sibling, else up and on.
  for (;;) {
    if ((await step("ArrowDown")) || (await step("ArrowRight"))) continue;
    for (;;) {
      if (!(await step("ArrowUp"))) return;
      if (await step("ArrowRight")) break;
    }
  }
}
