// What every view of the page must be, whatever its size and colours: functions that look at a page as it is and return
// what is wrong with it, a line each.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/// Waits until the page has drawn what its state and size ask for.
export const settled = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done)))));

/// Opens, or shuts, all <details> that a selector means.
export async function open(page, selector, isOpen = true) {
  await page.evaluate(
    ([selector, isOpen]) => {
      for (const details of document.querySelectorAll(selector)) details.open = isOpen;
    },
    [selector, isOpen],
  );
  await settled(page);
}

/// What axe finds with every rule that it has: also those of best practice, of AAA, and those on trial.
export async function violations(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const rules = Object.fromEntries(window.axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
    const result = await window.axe.run(document, { preload: false, resultTypes: ["violations"], rules });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
    );
  });
}

/// What is wider than it may be: the page itself, and on a phone its tables; and texts that are cut where nothing says
/// the whole of them.
export const cutTexts = (page) =>
  page.evaluate(() => {
    const wrong = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) wrong.push(`the page is ${scrollWidth} wide in ${innerWidth}`);
    for (const box of document.querySelectorAll(".scroll")) {
      if (innerWidth < 500 && box.scrollWidth > box.clientWidth)
        wrong.push(`${box.getAttribute("aria-label")} is ${box.scrollWidth} wide in ${box.clientWidth}`);
    }
    for (const element of document.querySelectorAll("#app :not(select, option, input, svg *, .scroll)")) {
      const { clientWidth, scrollWidth } = element;
      if (clientWidth <= 1 || scrollWidth <= clientWidth + 1 || !element.checkVisibility()) continue;
      if (getComputedStyle(element).overflowX === "visible") continue;
      if (!element.closest("[title]")) wrong.push(`cut: ${element.outerHTML.slice(0, 200)}`);
    }
    // In pictures: nothing beyond their borders, and no text over another.
    for (const picture of document.querySelectorAll(".chart svg")) {
      const box = picture.getBoundingClientRect();
      if (box.width === 0) continue;
      for (const text of picture.querySelectorAll("text")) {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        if (left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1)
          wrong.push(`beyond its picture: ${text.textContent}`);
      }
    }
    return wrong;
  });

/// Texts of pictures, of which axe knows nothing, that are hard to tell from what they lie on.
export const paleTexts = (page) =>
  page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const luminance = (colour) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data]
        .map((channel) => channel / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (x, y) => {
      for (const element of document.elementsFromPoint(x, y)) {
        const style = getComputedStyle(element);
        if (element.closest("svg") && element.localName !== "svg") {
          const fill = element.getAttribute("fill");
          if (element.localName !== "text" && fill && fill !== "none" && !fill.startsWith("url")) return fill;
        } else if (style.backgroundColor !== "rgba(0, 0, 0, 0)") return style.backgroundColor;
      }
      return "white";
    };
    const wrong = [];
    const top = scrollY;
    for (const picture of document.querySelectorAll(".chart svg")) {
      if (picture.getBoundingClientRect().width === 0) continue;
      for (const text of picture.querySelectorAll("text")) {
        if (text.hasAttribute("opacity")) continue; // what is not meant by a search
        text.scrollIntoView({ block: "center" });
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const ground = behind((left + right) / 2, (top + bottom) / 2);
        const [dark, bright] = [luminance(text.getAttribute("fill")), luminance(ground)].sort(
          (a, b) => a - b,
        );
        const contrast = (bright + 0.05) / (dark + 0.05);
        if (contrast < 4.5)
          wrong.push(
            `contrast ${contrast.toFixed(2)}: ${text.textContent}, ${text.getAttribute("fill")} on ${ground}`,
          );
      }
    }
    scrollTo(0, top);
    return wrong;
  });
