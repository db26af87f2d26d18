// Every view of the page, on every screen, light and dark, and on paper.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { nodesOf, readRuns, selfOf } from "../expected.mjs";
import { cutTexts, open, paleTexts, settled, violations } from "./checks.mjs";
import { file, onPage, run, runs, source, weighted } from "./fixture.mjs";

const SCREENS = [
  [1440, 900],
  [1280, 720],
  [390, 844],
];

/// Few runs that have between them all that the page can show: intervals, measurements, nodes outside training, a
/// generation with its times; and in a second file corrections of the weights.
before(() => {
  const models = [...new Set(runs.map((tree) => tree.model_name))].slice(0, 2);
  const some = models.flatMap((model) => runs.filter((tree) => tree.model_name === model).slice(0, 2));
  const marked = structuredClone(some[0]);
  marked.prediction = { model: "mine", training_strategy: "additive", interval: 0.9 };
  const [first] = marked.frontend_tree.child_nodes_obj;
  first.outside_training = ["rows", "flops"];
  first.no_interval = "too far";
  delete first.predicted_energy_low;
  delete first.predicted_energy_high;
  first.child_nodes_obj[0].unseen_operation = true;
  const sizes = ["--batch_size", "2", "--seq_len", "16", "--new_tokens", "5"];
  run("irene-extract", "-q", join(source, "configs/models/gpt2.json"), ...sizes, "-o", file("tree.jsonl"));
  const [generation] = readRuns(file("tree.jsonl"));
  const { frontend_tree: root } = generation;
  for (const node of nodesOf(root)) node.predicted_energy = node.mem_bytes;
  for (const node of [root, ...root.child_nodes_obj]) node.predicted_seconds = node.mem_bytes / 1024;
  const isCorrected = (tree) =>
    [...nodesOf(tree.frontend_tree)].some(
      (node) => selfOf(node) < -1e-9 * tree.frontend_tree.predicted_energy,
    );
  const write = (name, trees) =>
    writeFileSync(file(name), trees.map((tree) => JSON.stringify(tree) + "\n").join(""));
  write("some.jsonl", [marked, ...some.slice(1), generation]);
  write("other.jsonl", [weighted.find(isCorrected), weighted[1]]);
  run("irene-visualize", file("some.jsonl"), file("views.html"), "--compare", file("other.jsonl"));
});

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
  await onPage("views.html", async (page) => {
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
