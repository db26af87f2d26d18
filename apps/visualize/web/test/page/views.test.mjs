// Every view of the page, on every screen, light and dark, and on paper.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { cutTexts, open, paleTexts, settled, violations } from "./checks.mjs";
import { makeFew } from "./few.mjs";
import { onPage, runs } from "./fixture.mjs";

const SCREENS = [
  [1440, 900],
  [1280, 720],
  [390, 844],
];

before(makeFew);

/// Views: what they are called, their links, whether all that opens is open, and what stands above the fold.
function viewsOf([generation, corrected]) {
  const inner = runs[0].frontend_tree.child_nodes_obj.find((node) => node.child_nodes_obj.length > 0);
  const [{ scope }] = inner.child_nodes_obj;
  const ofRun = [".answer", ".shares", ".icicle svg"];
  return [
    { name: "all runs", link: "", above: ["#filter", "#runs tr[data-run]"] },
    {
      name: "runs, grouped and sorted, with options, matrix and numbers",
      link: "groupRuns=seq_len&sortRuns=-energy&filter=b8&per=token&log=true&over=batch",
      isOpen: true,
    },
    { name: "a run with marks", link: "tab=run", above: ofRun },
    { name: "a run by operation", link: "tab=run&run=1&group=operation&colour=energy", above: ofRun },
    {
      name: "zoomed, with matches",
      link: `tab=run&zoom=${inner.scope}&node=${scope}&find=attention&colour=error`,
    },
    { name: "a generation", link: `tab=run&run=${generation}&group=phase&unit=kWh`, above: ofRun },
    {
      name: "corrections, with cost",
      link: `tab=run&run=${corrected}&group=class&sort=self&colour=flops&grams=400&price=0.3&pue=1.5`,
      isOpen: true,
    },
    { name: "two runs", link: "tab=compare&other=2", above: [".headline"] },
    {
      name: "two runs by size, with matches",
      link: "tab=compare&order=size&find=linear&group=operation&colour=share",
    },
  ];
}

/// What lies below the first screen, or is not there.
const belowFold = (page, selectors) =>
  page.evaluate((selectors) => {
    scrollTo(0, 0);
    return selectors
      .map((selector) => [selector, document.querySelector(selector)?.getBoundingClientRect()])
      .filter(([, box]) => !box || box.height === 0 || box.top < 0 || box.top + 12 > innerHeight)
      .map(([selector]) => `not above the fold: ${selector}`);
  }, selectors);

test("8: every view is right, whatever the screen", async () => {
  const faults = new Map(); // what is wrong, and where it was seen first
  await onPage("few.html", async (page) => {
    const visit = async (where, hasFold) => {
      for (const { name, link, isOpen = false, above = [] } of viewsOf([4, 5])) {
        await page.evaluate((link) => (location.hash = link), link);
        await settled(page);
        await open(page, "details", isOpen);
        const found = [
          ...(hasFold ? await belowFold(page, above) : []),
          ...(await violations(page)),
          ...(await cutTexts(page)),
          ...(await paleTexts(page)),
        ];
        for (const line of found) if (!faults.has(line)) faults.set(line, `${where}, ${name}: ${line}`);
      }
    };
    for (const [width, height] of SCREENS) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await visit(`${colorScheme}, ${width} x ${height}`, true);
      }
    }
    // A4, less its margins.
    await page.emulateMedia({ media: "print", colorScheme: "light" });
    await page.setViewportSize({ width: 718, height: 1047 });
    await visit("on paper", false);
  });
  // Many runs: what few do not show.
  await onPage("compare.html", async (page) => {
    for (const link of ["", "tab=compare"]) {
      await page.evaluate((link) => (location.hash = link), link);
      await settled(page);
      for (const line of await violations(page)) faults.set(line, `many runs, ${link}: ${line}`);
    }
  });
  assert.deepEqual([...faults.values()], []);
});
