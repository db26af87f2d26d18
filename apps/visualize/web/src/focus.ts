// Where the keyboard is: an element that is drawn anew hands its focus on to the one that stands for it.

/// What an element is called, without the arrow of a column that is sorted, and the row that it lies in.
function nameOf(element: Element): string {
  const { key, run } = element.closest<HTMLElement>("[data-key], [data-run]")?.dataset ?? {};
  const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
  return `${name.replace(/ [\u2191\u2193]$/, "")}\n${key ?? run ?? ""}`;
}

/// Does `draw`, and leaves the focus where it was: on the element of the same name in the same part of the page, or on
/// what holds that part where there is none any more.
export function keepFocus(draw: () => void): void {
  const was = document.activeElement;
  const parts: Element[] = [];
  for (let part = was?.parentElement; part; part = part.parentElement) parts.push(part);
  draw();
  if (!was || was === document.body || (was.isConnected && was.checkVisibility())) return;
  const part = parts.find((one) => one.isConnected && one.checkVisibility());
  const { activeElement: now } = document;
  if (!part || part === document.body || (now !== was && part.contains(now))) return;
  const others = [...part.querySelectorAll<HTMLElement>(was.localName)];
  const heir =
    others.find((one) => nameOf(one) === nameOf(was) && one.checkVisibility()) ??
    part.closest<HTMLElement>("[tabindex]");
  heir?.focus();
}
