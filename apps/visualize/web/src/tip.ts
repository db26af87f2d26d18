// What stands beside the pointer: the first line of what a mark is called in bold, the others below it.
import { el, fill } from "./dom.ts";

const tip = el("div", { class: "tip", hidden: true, "aria-hidden": true });

export function hideTip(): void {
  tip.hidden = true;
}

/// Shows what marks in a box are called while the pointer is on them.
export function showTips(box: HTMLElement): void {
  box.addEventListener("pointerleave", hideTip);
  box.addEventListener("pointermove", (event) => {
    const said = (event.target as Element)
      .closest("[aria-label]:not([role=tree])")
      ?.getAttribute("aria-label");
    if (!said || !box.contains(event.target as Element) || said === box.getAttribute("aria-label"))
      return hideTip();
    const [title = "", ...rest] = said.split("\n");
    fill(tip, el("strong", { text: title }), ...rest.map((line) => el("div", { text: line })));
    if (!tip.isConnected) document.body.append(tip);
    tip.hidden = false;
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18;
    const top = below + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : below;
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${Math.max(top, 4)}px`;
  });
}
