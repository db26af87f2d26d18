// Drives the page in Chromium through what a reader can do with it, and compares what it shows with the predictions
// that it was made from.
//
// Environment: IRENE_TOOLS, the folder of the tools; IRENE_SOURCE, the top of the source; IRENE_MEASUREMENTS, a data
// file to predict, by default the simulated sample; CHROMIUM, by default /usr/bin/chromium; IRENE_SCREENSHOTS, a
// folder that pictures of the page go to; IRENE_PAGE_SPEED, "only" or "no", to measure the page's speed by itself, and
// the rest beside other work. Ends with 77 where there is no Chromium, unless IRENE_PAGE_TEST is "required".
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test as anyTest } from "node:test";
import { pathToFileURL } from "node:url";
import { errorsByType, matched, nodesOf, readRuns, selfOf, sums, totals } from "./expected.mjs";

const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const {
  IRENE_TOOLS: tools,
  IRENE_SOURCE: source,
  IRENE_SCREENSHOTS: screenshots,
  IRENE_PAGE_SPEED: speed,
} = process.env;
const leftOut = () => {};
const test = speed === "only" ? leftOut : anyTest;
const testSpeed = speed === "no" ? leftOut : anyTest;
if (!existsSync(chromiumPath) || !tools || !source) {
  console.log("skipped: needs Chromium, IRENE_TOOLS and IRENE_SOURCE");
  process.exit(process.env.IRENE_PAGE_TEST === "required" ? 1 : 77);
}
const { chromium } = await import("playwright-core");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const simulated = join(source, "datasets/simulated.jsonl");
const measurements = [process.env.IRENE_MEASUREMENTS, simulated].find((path) => path && existsSync(path));
const hostile = "</script><img src=x onerror=alert(1)>";
const folder = mkdtempSync(join(tmpdir(), "irene-page-"));
const file = (name) => join(folder, name);
const run = (tool, ...args) =>
  execFileSync(join(tools, tool), args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let browser;
let runs; // what additive.jsonl holds
let weighted;

function predict(data, name, ...config) {
  run("irene-train", "-q", data, file(name), ...config);
  const interval = config.length > 0 ? ["--interval", "0.9"] : [];
  run("irene-predict", "-q", ...interval, data, file(`${name}.jsonl`), file(name));
  return readRuns(file(`${name}.jsonl`));
}

before(async () => {
  runs = predict(measurements, "additive", "--config", join(source, "configs/additive.json"));
  weighted = predict(measurements, "weighted");
  run("irene-visualize", file("additive.jsonl"), file("page.html"));
  run("irene-visualize", file("weighted.jsonl"), file("weighted.html"));
  writeFileSync(
    file("few.jsonl"),
    [...weighted.slice(1, 4), { ...weighted[4], model_name: "another" }]
      .map((tree) => JSON.stringify(tree) + "\n")
      .join(""),
  );
  run(
    "irene-visualize",
    file("additive.jsonl"),
    file("compare.html"),
    "--compare",
    file("few.jsonl"),
    "--title",
    "Two files",
  );
  const bad = structuredClone(runs.slice(0, 2));
  for (const tree of bad) {
    tree.model_name = hostile;
    const [first] = tree.frontend_tree.child_nodes_obj;
    first.scope = `root.${hostile}`;
    first.instance_type = hostile;
    for (const leaf of first.child_nodes_obj) leaf.instance_type = hostile;
  }
  writeFileSync(file("hostile.jsonl"), bad.map((tree) => JSON.stringify(tree) + "\n").join(""));
  run(
    "irene-visualize",
    file("hostile.jsonl"),
    file("hostile.html"),
    "--title",
    hostile,
    "--compare",
    file("hostile.jsonl"),
  );
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/// Opens a page, has `work` look at it, and makes sure that it complained of nothing and asked the network nothing.
async function onPage(name, work, { hash = "", ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const complaints = [];
  const url = pathToFileURL(file(name)).href;
  try {
    const page = await context.newPage();
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (request.url().split("#")[0] !== url && !request.url().startsWith("blob:"))
        complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url + hash);
    await work(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/// The number in "4.230 J" or "1.500 x 10^-7 kWh".
function number(text) {
  const digits = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
  const plain = text
    .replace(
      / \u00d7 10(\S+)/,
      (_, power) => "e" + [...power].map((c) => (c === "\u207b" ? "-" : digits.indexOf(c))).join(""),
    )
    .replaceAll("\u2212", "-")
    .replace("+", "");
  assert.match(plain, /\d/, text);
  return Number.parseFloat(plain);
}

/// Shown to four digits.
const assertShown = (text, value) =>
  assert.ok(Math.abs(number(text) - value) <= 5.1e-4 * Math.abs(value), `${text} is not ${value}`);
const assertClose = (value, expected, tolerance = 1e-9) =>
  assert.ok(
    Math.abs(value - expected) <= tolerance * Math.max(Math.abs(expected), 1e-30),
    `${value} is not ${expected}`,
  );

/// Playwright's own waiting would need eval in the page, which its policy forbids.
async function until(isSo) {
  for (let attempt = 0; !(await isSo()); ++attempt) {
    assert.ok(attempt < 100, "waited for too long");
    await new Promise((done) => setTimeout(done, 20));
  }
}

const figure = (page, name) => page.locator(`[data-figure="${name}"] .value`).textContent();
const row = (page, key) => page.locator(`#tree tr[data-key="${key}"]`);
const choose = (page, label, value) =>
  page.getByLabel(label, { exact: true }).locator("visible=true").selectOption(value);
const cells = (page, selector) =>
  page
    .locator(selector)
    .evaluateAll((rows) => rows.map((one) => [...one.cells].map((cell) => cell.textContent)));

async function saved(page, label, index = 0) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: label }).nth(index).click();
  return readFileSync(await (await waiting).path());
}

function parseCsv(text) {
  const [head, ...lines] = text
    .trim()
    .split("\r\n")
    .map((line) => line.split(","));
  return lines.map((line) => Object.fromEntries(head.map((key, i) => [key, line[i]])));
}

testSpeed("the page is small, there at once, and changes run at once", async () => {
  const { size } = statSync(file("page.html"));
  assert.ok(size < 4e6);
  // Medians, of pages that are loaded afresh: a single load or click may wait for other work on the machine.
  const firstViews = [];
  const withCharts = [];
  const changes = [];
  for (let round = 0; round < 5; ++round) {
    await onPage("page.html", async (page) => {
      const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
      await until(async () => (await page.evaluate(painted)) !== undefined);
      assert.equal(await page.locator("#tree tbody tr").first().isVisible(), true);
      firstViews.push(await page.evaluate(painted));
      await until(async () => (await page.locator(".figure canvas").count()) >= 2);
      withCharts.push(await page.evaluate(() => performance.now()));
      const waits = await page.evaluate(async () => {
        const channel = new MessageChannel();
        // Charts are drawn in the next frame; a message sent from it arrives when the frame is done.
        const frame = () =>
          new Promise((done) => {
            channel.port1.onmessage = done;
            requestAnimationFrame(() => channel.port2.postMessage(0));
          });
        const options = [...document.querySelectorAll("[data-run]")];
        const all = [];
        for (let i = 1; i <= 15; ++i) {
          const begin = performance.now();
          options[(i * 7) % options.length].click();
          await frame();
          all.push(performance.now() - begin);
        }
        return all;
      });
      changes.push(...waits);
    });
  }
  const median = (times) => [...times].sort((a, b) => a - b)[(times.length - 1) / 2];
  const spread = (times) =>
    [Math.min(...times), median(times), Math.max(...times)].map((time) => time.toFixed(0)).join(" | ");
  console.log(
    `page of ${runs.length} runs: ${size} bytes; least | median | most: ` +
      `first view ${spread(firstViews)} ms, with charts ${spread(withCharts)} ms; change of run ${spread(changes)} ms`,
  );
  assert.ok(median(firstViews) < 1500, `the first view took ${spread(firstViews)} ms`);
  assert.ok(median(changes) < 100, `a change of run took ${spread(changes)} ms`);
});

test("1: a run is found, and its figures are right", async () => {
  await onPage("page.html", async (page) => {
    const wanted = runs.findIndex(
      (tree) => tree.model_name === "gpt2" && tree.batch_size === 8 && tree.seq_len === 128,
    );
    await page.getByLabel("Run", { exact: true }).fill("gpt2 b8 128");
    const left = page.locator(".run:visible");
    const named = runs.filter(
      (tree) => tree.model_name.includes("gpt2") && tree.batch_size === 8 && tree.seq_len === 128,
    );
    assert.equal(await left.count(), named.length);
    await page.locator(`#run-${wanted}`).click();
    const tree = runs[wanted];
    const { energy, sample, token } = totals(tree);
    assert.match(await page.locator("#run-title").textContent(), /gpt2 batch 8 . length 128/);
    assertShown(await figure(page, "predicted"), energy);
    assertShown(await figure(page, "sample"), sample);
    assertShown(await figure(page, "token"), token);
    const root = tree.frontend_tree;
    assertShown(await figure(page, "measured"), root.ground_truth_energy);
    const [, low, high] = (await page.locator('[data-figure="predicted"] .hint').textContent()).match(
      /interval (.*) to (.*)/,
    );
    assertShown(low, root.predicted_energy_low);
    assertShown(high, root.predicted_energy_high);
    const error = (100 * Math.abs(energy - root.ground_truth_energy)) / root.ground_truth_energy;
    assert.equal(
      await page.locator('[data-figure="measured"] .hint').textContent(),
      `error ${error.toFixed(1)} %`,
    );
    // By keyboard: the next run, then the last.
    await page.getByLabel("Run", { exact: true }).fill("");
    await page.getByRole("listbox", { name: "Runs" }).focus();
    await page.keyboard.press("ArrowDown");
    assertShown(await figure(page, "predicted"), totals(runs[wanted + 1]).energy);
    await page.keyboard.press("End");
    assertShown(await figure(page, "predicted"), totals(runs.at(-1)).energy);
    await page.getByLabel("Run", { exact: true }).fill("no such model");
    assert.equal(await left.count(), 0);
  });
});

test("2: three views of one tree, and what is selected in one is selected in all", async () => {
  const [tree] = runs;
  const root = tree.frontend_tree;
  await onPage("page.html", async (page) => {
    await page.getByLabel("Fold repeated layers").uncheck();
    const shown = await row(page, "root").locator("td").allTextContents();
    assertShown(shown[1], root.predicted_energy);
    const largest = root.child_nodes_obj.reduce((a, b) => (a.predicted_energy > b.predicted_energy ? a : b));
    assertClose(
      Number(await row(page, largest.scope).locator(".self").getAttribute("data-joules")),
      selfOf(largest),
      1e-6,
    );

    // In the icicle: the children lie side by side in their order, on the second row.
    await page.locator(".icicle .chart").scrollIntoViewIfNeeded();
    const box = await page.locator(".icicle .chart").boundingBox();
    const widths = root.child_nodes_obj.map((child) => child.predicted_energy);
    const sum = widths.reduce((a, b) => a + b, 0);
    const scale = 1 / Math.max(sum, root.predicted_energy);
    const place = root.child_nodes_obj.indexOf(largest);
    const left = widths.slice(0, place).reduce((a, b) => a + b, 0);
    const levels = 1 + Math.max(...[...nodesOf(root)].map((node) => node.scope.split(".").length - 1));
    await page.mouse.click(
      box.x + box.width * (left + largest.predicted_energy / 2) * scale,
      box.y + (box.height / levels) * 1.5,
    );
    assert.equal(await row(page, largest.scope).getAttribute("aria-selected"), "true");
    assert.equal(await page.locator(".details .scope").textContent(), largest.scope);
    assert.deepEqual(await page.locator(".crumbs li").allTextContents(), [
      "root",
      largest.scope.split(".").pop(),
    ]);
    assert.match(
      await page.locator(".sunburst .chart").getAttribute("aria-label"),
      new RegExp(`Selected: ${largest.scope.split(".").pop()}`),
    );
    await page.locator(".crumbs button").first().click();
    assert.equal(await page.locator(".crumbs li").count(), 1);

    // In the sunburst: the disc in the middle is the root, and a click on it selects it everywhere.
    await row(page, largest.scope).click();
    await page.locator(".sunburst .chart").scrollIntoViewIfNeeded();
    const burst = await page.locator(".sunburst .chart").boundingBox();
    await page.mouse.click(burst.x + burst.width / 2, burst.y + burst.height / 2);
    assert.equal(await row(page, "root").getAttribute("aria-selected"), "true");

    // The table opens, shuts and sorts.
    const before = await page.locator("#tree tbody tr").count();
    await row(page, largest.scope).locator(".twist").click();
    const shut = await page.locator("#tree tbody tr").count();
    assert.equal(before - shut, largest.child_nodes_obj.length);
    await page.getByRole("button", { name: /^Energy/ }).click();
    const order = await page
      .locator('#tree tr[aria-level="2"]')
      .evaluateAll((rows) => rows.map((one) => one.dataset.key));
    const sorted = [...root.child_nodes_obj]
      .sort((a, b) => b.predicted_energy - a.predicted_energy)
      .map((node) => node.scope);
    assert.deepEqual(order, sorted);
  });
});

test("2: self energies add up to the root", async () => {
  for (const [name, trees] of [
    ["page.html", runs],
    ["weighted.html", weighted],
  ]) {
    for (const hash of ["", "#fold=0"]) {
      await onPage(
        name,
        async (page) => {
          const table = parseCsv((await saved(page, "Save the table as CSV")).toString());
          const sum = table.reduce((total, line) => total + Number(line.self_energy), 0);
          assertClose(sum, trees[0].frontend_tree.predicted_energy);
          if (hash === "") return;
          assert.equal(table.length, [...nodesOf(trees[0].frontend_tree)].length);
          const energies = [...nodesOf(trees[0].frontend_tree)].map((node) => node.predicted_energy);
          assert.deepEqual(
            table.map((line) => Number(line.predicted_energy)),
            energies,
          );
        },
        { hash },
      );
    }
  }
});

test("2: the weights' correction of the paper's strategy is shown", async () => {
  const limit = (tree) => -1e-9 * tree.frontend_tree.predicted_energy;
  const place = weighted.findIndex((tree) =>
    [...nodesOf(tree.frontend_tree)].some((node) => selfOf(node) < limit(tree)),
  );
  assert.ok(place >= 0, "no run of the weighted tree has a correction");
  const nodes = [...nodesOf(weighted[place].frontend_tree)].filter(
    (node) => selfOf(node) < limit(weighted[place]),
  );
  await onPage(
    "weighted.html",
    async (page) => {
      const notice = await page.locator(".summary .notice").textContent();
      assert.ok(notice.startsWith(`In ${nodes.length} node`), notice);
      assert.match(notice, /the weights' correction/);
      const details = await page.locator(".details").textContent();
      assert.match(details, /the weights' correction/);
      assertClose(
        Number(await row(page, nodes[0].scope).locator(".self").getAttribute("data-joules")),
        selfOf(nodes[0]),
        1e-6,
      );
    },
    { hash: `#run=${place}&fold=0&node=${encodeURIComponent(nodes[0].scope)}` },
  );
});

test("3: search, groups and folded layers", async () => {
  const [tree] = runs;
  await onPage("page.html", async (page) => {
    const search = page.getByLabel("Find a component or operation");
    for (const query of ["LayerNorm", "attention"]) {
      await search.fill(query);
      const found = await page.locator(".found").textContent();
      assertShown(found.match(/together (.*?),/)[1], matched(tree.frontend_tree, query.toLowerCase()));
      assert.ok((await page.locator("#tree mark").count()) > 0);
      const icicle = (await saved(page, "Save Icicle as SVG")).toString();
      assert.match(icicle, /fill-opacity="0.22"/); // what is not meant is dim
      assert.match((await saved(page, "Save Sunburst as SVG")).toString(), /fill-opacity="0.22"/);
    }
    await search.fill("");
    const byType = sums(tree, "instance_type");
    const leaves = new Set(
      [...nodesOf(tree.frontend_tree)]
        .filter((node) => node.child_nodes_obj.length === 0)
        .map((node) => node.instance_type),
    );
    await choose(page, "Group by", "operation");
    for (const operation of leaves) {
      const energy = await row(page, `root/${operation.toLowerCase()}`)
        .locator(".energy")
        .getAttribute("data-joules");
      assertClose(Number(energy), byType[operation].self);
    }
    await choose(page, "Group by", "class");
    for (const [name, { self }] of Object.entries(byType)) {
      if (leaves.has(name)) continue;
      const group = Number(
        await row(page, `root/${name.toLowerCase()}`).locator(".self").getAttribute("data-joules"),
      );
      assert.ok(Math.abs(group - self) < 1e-9 * tree.frontend_tree.predicted_energy, name);
    }
    await choose(page, "Group by", "tree");
    const folded = sums(tree, "scope");
    const names = await page.locator("#tree .name .text").allTextContents();
    const layers = tree.frontend_tree.child_nodes_obj
      .flatMap((node) => [node, ...node.child_nodes_obj])
      .filter((node) => /\.\d+$/.test(node.scope));
    assert.ok(
      names.some((name) => name.endsWith(`.* \u00d7 ${layers.length}`)),
      names.join(),
    );
    for (const key of await page
      .locator("#tree tbody tr")
      .evaluateAll((rows) => rows.map((one) => one.dataset.key))) {
      assertClose(
        Number(await row(page, key).locator(".energy").getAttribute("data-joules")),
        folded[key].inclusive,
      );
    }
  });
});

test("4: colours", async () => {
  const errors = [...nodesOf(runs[0].frontend_tree)].map(
    (node) => (100 * Math.abs(node.predicted_energy - node.ground_truth_energy)) / node.ground_truth_energy,
  );
  await onPage(
    "page.html",
    async (page) => {
      const fills = new Set();
      for (const [colour, legend] of [
        ["operation", /Linear/],
        ["energy", /100 % of the model/],
        ["share", /100 % of the parent/],
        ["error", new RegExp(`0 %${Math.max(...errors).toFixed(1)} %`)],
      ]) {
        await choose(page, "Colour by", colour);
        assert.match(await page.locator(".legend").textContent(), legend);
        const swatch = row(page, "root").locator(".swatch");
        const fill = await swatch.evaluate((element) => getComputedStyle(element).backgroundColor);
        fills.add(fill);
        const hex =
          "#" +
          fill
            .match(/\d+/g)
            .map((channel) => Number(channel).toString(16).padStart(2, "0"))
            .join("");
        for (const chart of ["Icicle", "Sunburst"]) {
          const svg = (await saved(page, `Save ${chart} as SVG`)).toString();
          assert.ok(
            svg.includes(`fill="${hex}"`) || svg.includes(`fill="${fill.replaceAll(" ", "")}"`),
            `${chart} by ${colour}`,
          );
        }
      }
      assert.equal(fills.size, 4);
    },
    { hash: "#fold=0" },
  );
});

test("5: two runs, and two files, side by side", async () => {
  const b = runs.findIndex((tree) => tree.model_name !== runs[0].model_name);
  const energies = (tree) => {
    const byKey = new Map(); // two products of an attention have one scope
    for (const node of nodesOf(tree.frontend_tree)) {
      let key = node.scope;
      for (let i = 2; byKey.has(key); ++i) key = `${node.scope}#${i}`;
      byKey.set(key, node.predicted_energy);
    }
    return byKey;
  };
  await onPage(
    "page.html",
    async (page) => {
      await page.getByRole("tab", { name: "Compare" }).click();
      await choose(page, "Compare with", String(b));
      const [first, second] = [energies(runs[0]), energies(runs[b])];
      const rows = await page
        .locator("#compare-table tbody tr")
        .evaluateAll((all) =>
          all.map((one) => [
            one.dataset.key,
            one.dataset.joules,
            ...[...one.cells].map((cell) => cell.textContent),
          ]),
        );
      assert.equal(rows.length, new Set([...first.keys(), ...second.keys()]).size);
      for (const [key, joules, , x, y, , percent] of rows) {
        if (first.has(key)) assertShown(x, first.get(key));
        else assert.equal(rows.find((one) => one[0] === key)[5], "only in B");
        if (second.has(key)) assertShown(y, second.get(key));
        else assert.equal(rows.find((one) => one[0] === key)[5], "only in A");
        if (!first.has(key) || !second.has(key)) continue;
        assertClose(Number(joules), second.get(key) - first.get(key), 1e-6);
        const expected = (100 * (second.get(key) - first.get(key))) / first.get(key);
        assert.ok(Math.abs(number(percent) - expected) <= 0.0501, `${percent} is not ${expected}`);
      }
      await choose(page, "Group by", "operation");
      const kinds = new Map(
        await page
          .locator("#compare-table tbody tr")
          .evaluateAll((all) => all.map((one) => [one.dataset.key, one.dataset.joules])),
      );
      const [ofFirst, ofSecond] = [sums(runs[0], "instance_type"), sums(runs[b], "instance_type")];
      assertClose(
        Number(kinds.get("root/layernorm")),
        ofSecond.LayerNorm.self - ofFirst.LayerNorm.self,
        1e-6,
      );
      await choose(page, "Group by", "tree");
      await choose(page, "Order", "size");
      const differences = await page.locator("#compare-table tbody tr").evaluateAll((all) =>
        all
          .map((one) => one.dataset.joules)
          .filter(Boolean)
          .map(Number),
      );
      assert.deepEqual(
        differences,
        [...differences].sort((x, y) => Math.abs(y) - Math.abs(x)),
      );
    },
    { hash: "#fold=0" },
  );
  await onPage("compare.html", async (page) => {
    assert.equal(await page.locator("h1").textContent(), "Two files");
    await page.getByRole("tab", { name: "Compare" }).click();
    const rows = await cells(page, "#files-table tbody tr");
    assert.equal(rows.length, runs.length + 1);
    const onlyFirst = rows.filter((cells) => cells[3] === "only in additive.jsonl").length;
    assert.equal(onlyFirst, runs.length - 3);
    assert.equal(rows.filter((cells) => cells[3] === "only in few.jsonl").length, 1);
    for (const place of [1, 2, 3]) {
      assertShown(rows[place][1], totals(runs[place]).energy);
      assertShown(rows[place][2], totals(weighted[place]).energy);
    }
    const [total] = await cells(page, "#files-table tfoot tr");
    assert.equal(total[0], "3 runs in both");
    assertShown(
      total[2],
      [1, 2, 3].reduce((sum, place) => sum + totals(weighted[place]).energy, 0),
    );
    await page.locator("#files-table tbody button").first().click();
    assert.match(await page.locator("#compare-table caption").textContent(), /additive.jsonl.*few.jsonl/);
    assertShown(await figure(page, "predicted"), totals(runs[1]).energy);
  });
});

test("6: charts over all runs", async () => {
  await onPage("page.html", async (page) => {
    await page.getByRole("tab", { name: "Charts" }).click();
    for (const details of await page.locator("details.numbers:visible").all())
      await details.locator("summary").click();
    const same = runs.filter((tree) => tree.model_name === runs[0].model_name);
    const batches = [...new Set(same.map((tree) => tree.batch_size))].sort((a, b) => a - b);
    for (const [per, key] of [
      ["run", "energy"],
      ["sample", "sample"],
      ["token", "token"],
    ]) {
      await choose(page, "Energy", per);
      for (const [length, ...shown] of await cells(page, ".by-length tbody tr")) {
        shown.forEach((text, i) => {
          const tree = same.find((one) => one.batch_size === batches[i] && one.seq_len === Number(length));
          if (tree) assertShown(text, totals(tree)[key]);
          else assert.equal(text, "\u2013");
        });
      }
    }
    const scatter = await cells(page, ".predicted-measured tbody tr");
    assert.equal(scatter.length, runs.length);
    scatter.forEach(([, predicted, measured], place) => {
      assertShown(predicted, totals(runs[place]).energy);
      assertShown(measured, runs[place].frontend_tree.ground_truth_energy);
    });
    const svg = (await saved(page, "Save Predicted against measured as SVG")).toString();
    assert.match(svg, /stroke-dasharray/); // the diagonal
    const expected = errorsByType(tools, file("additive.jsonl"));
    const shown = await cells(page, ".error-by-type tbody tr");
    ["ml", "module", "model"].forEach((type, i) =>
      assert.ok(Math.abs(number(shown[i][1]) - expected[type]) <= 0.0101, `${shown[i]}: ${expected[type]}`),
    );
  });
});

test("7: units, carbon and cost", async () => {
  const { energy } = totals(runs[0]);
  await onPage("page.html", async (page) => {
    for (const [unit, joules] of [
      ["mJ", 1e-3],
      ["Wh", 3600],
      ["kWh", 3.6e6],
      ["J", 1],
    ]) {
      await choose(page, "Unit", unit);
      const text = await figure(page, "predicted");
      assert.ok(text.endsWith(` ${unit}`), text);
      assertShown(text, energy / joules);
      assertShown(await row(page, "root").locator(".energy").textContent(), energy / joules);
    }
    assert.equal(await page.locator('[data-figure="grams"], [data-figure="cost"]').count(), 0);
    await page.getByText("Carbon and cost").click();
    await page.getByLabel("CO\u2082, grams per kWh").fill("400");
    assertShown(await figure(page, "grams"), (energy / 3.6e6) * 400);
    await page.getByLabel("Price per kWh").fill("0,30");
    await page.getByLabel("PUE").fill("1.5");
    assertShown(await figure(page, "grams"), (energy / 3.6e6) * 600);
    assertShown(await figure(page, "cost"), (energy / 3.6e6) * 0.45);
    await page.getByLabel("Price per kWh").fill("cheap");
    assert.equal(await page.getByLabel("Price per kWh").getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator('[data-figure="cost"]').count(), 0);
  });
});

test("8: the view is saved, and a link restores it", async () => {
  let link = "";
  let before = "";
  await onPage("page.html", async (page) => {
    for (const chart of ["Icicle", "Sunburst"]) {
      const svg = (await saved(page, `Save ${chart} as SVG`)).toString();
      assert.match(svg, /^<svg[^>]*>/);
      assert.match(svg, /root/);
      const png = await saved(page, `Save ${chart} as PNG`);
      assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      assert.ok(png.length > 2000);
    }
    const data = JSON.parse((await saved(page, "Save the data of all runs as JSON")).toString());
    assert.equal(data.runs.root.length, runs.length);
    assert.equal(data.nodes.predicted[data.runs.root[0]], totals(runs[0]).energy);
    await page.getByRole("button", { name: "Copy link" }).click();
    const shownLink = page.getByLabel("Link to this view");
    await until(
      async () => (await shownLink.isVisible()) || (await page.locator(".said").textContent()) !== "",
    );
    await page.locator("#run-2").click();
    await choose(page, "Unit", "mJ");
    await choose(page, "Colour by", "share");
    await page.getByLabel("Fold repeated layers").uncheck();
    await row(page, "root").press("ArrowDown");
    await page.getByLabel("Find a component or operation").fill("dense");
    link = await page.evaluate(() => location.hash);
    before = await page.locator("#main").innerText();
  });
  await onPage(
    "page.html",
    async (page) => {
      assert.equal(await page.locator("#main").innerText(), before);
      assert.equal(await page.getByLabel("Colour by").inputValue(), "share");
      assert.equal(await page.getByLabel("Fold repeated layers").isChecked(), false);
      await page.evaluate(() => (location.hash = "#run=1"));
      await until(async () => (await page.locator("#run-1").getAttribute("aria-selected")) === "true");
      assertShown(await figure(page, "predicted"), totals(runs[1]).energy);
    },
    { hash: link },
  );
});

test("8: the keyboard reaches everything", async () => {
  await onPage("page.html", async (page) => {
    const reached = new Set();
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press("Tab");
      reached.add(
        await page.evaluate(() => {
          const element = document.activeElement;
          return (
            element.getAttribute("role") ??
            element.labels?.[0]?.textContent ??
            element.getAttribute("aria-label") ??
            element.textContent ??
            element.tagName
          );
        }),
      );
    }
    for (const name of [
      "Skip to the run",
      "Unit",
      "Theme",
      "Print",
      "Copy link",
      "Run",
      "listbox",
      "Carbon and cost",
      "tab",
      "Find a component or operation",
      "Group by",
      "Colour by",
      "Fold repeated layers",
      "Save Icicle as SVG",
      "img",
      "Save Sunburst as PNG",
      "Save the table as CSV",
      "Save the data of all runs as JSON",
    ]) {
      assert.ok(reached.has(name), `${name} is not among ${[...reached].join("; ")}`);
    }
    await row(page, "root").focus();
    await page.keyboard.press("ArrowDown");
    const first = runs[0].frontend_tree.child_nodes_obj[0].scope;
    assert.equal(await page.evaluate(() => document.activeElement.dataset.key), first);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await row(page, first).getAttribute("aria-expanded"), "false");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".crumbs li").count(), 2);
    await page.locator(".icicle .chart").focus();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".crumbs li").count(), 1);
    await page.keyboard.press("ArrowRight");
    assert.equal(
      await page.locator(".details .scope").textContent(),
      runs[0].frontend_tree.child_nodes_obj[1].scope,
    );
    await page.getByRole("tab", { name: "Where it goes" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByRole("tab", { name: "Compare" }).getAttribute("aria-selected"), "true");
  });
});

test("8: no violation that axe knows, light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, hash] of [
      ["page.html", ""],
      ["page.html", "#fold=0&find=attention&colour=error&grams=400&price=x"],
      ["weighted.html", "#group=class&sort=self-down"],
      ["compare.html", "#tab=compare"],
      ["compare.html", "#tab=charts"],
    ]) {
      await onPage(
        name,
        async (page) => {
          await page.evaluate(axeSource);
          const violations = await page.evaluate(async () => {
            const result = await window.axe.run(document, { preload: false });
            return result.violations.map(
              ({ id, nodes }) =>
                `${id}: ${nodes
                  .slice(0, 3)
                  .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`)
                  .join("\n")}`,
            );
          });
          assert.deepEqual(violations, [], `${name}${hash} ${colorScheme}`);
        },
        { hash, colorScheme },
      );
    }
  }
});

test("8: phone and paper", async () => {
  for (const tab of ["energy", "compare", "charts"]) {
    await onPage(
      "compare.html",
      async (page) => {
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 375, tab);
      },
      { hash: `#tab=${tab}`, viewport: { width: 375, height: 812 } },
    );
  }
  await onPage(
    "page.html",
    async (page) => {
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.locator(".sidebar").isVisible(), false);
      assert.equal(await page.locator("#tree").isVisible(), true);
      assert.ok((await page.pdf()).length > 10_000);
    },
    { colorScheme: "dark" },
  );
  await onPage(
    "page.html",
    async (page) => {
      await choose(page, "Theme", "dark");
      assert.equal(
        await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
        "rgb(17, 22, 29)",
      );
      await choose(page, "Theme", "light");
      assert.equal(
        await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
        "rgb(246, 247, 249)",
      );
    },
    { colorScheme: "dark" },
  );
});

test("hostile names are text", async () => {
  for (const hash of [
    "#fold=0",
    "#group=operation",
    "#group=class",
    "#tab=compare&with=1",
    "#tab=charts",
    `#find=${encodeURIComponent("<img")}`,
  ]) {
    await onPage(
      "hostile.html",
      async (page) => {
        assert.equal(await page.locator("h1").textContent(), hostile);
        assert.equal(await page.title(), hostile);
        assert.equal(await page.locator("img").count(), 0);
        assert.ok((await page.locator("body").innerText()).includes(hostile));
        for (const chart of await page.locator(".chart:visible").all()) {
          const box = await chart.boundingBox();
          for (const x of [0.1, 0.3, 0.5, 0.7])
            for (const y of [0.3, 0.5, 0.7])
              await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
        }
        assert.equal(await page.locator("img").count(), 0);
        for (const button of await page.getByRole("button", { name: /^Save .* as SVG$/ }).all()) {
          const waiting = page.waitForEvent("download");
          await button.click();
          assert.doesNotMatch(readFileSync(await (await waiting).path(), "utf8"), /<img/);
        }
      },
      { hash },
    );
  }
});

test("more trees than a page can hold are refused at once", () => {
  const tree = structuredClone(runs[0]);
  tree.frontend_tree.child_nodes_obj.splice(1); // so that the test need not hold 800 MB
  const line = JSON.stringify(tree) + "\n";
  const begin = performance.now();
  const refused = spawnSync(join(tools, "irene-visualize"), ["-", file("never.html")], {
    input: line.repeat(10_000),
    maxBuffer: 2 ** 30,
    encoding: "utf8",
  });
  assert.equal(refused.status, 65);
  assert.match(refused.stderr, /--only .*--sample/);
  assert.equal(existsSync(file("never.html")), false);
  console.log(`10,000 trees refused after ${(performance.now() - begin).toFixed(0)} ms`);
});

test("pictures of the page", { skip: !screenshots }, async () => {
  // Only of the sample that may be shown to everyone.
  predict(simulated, "simulated", "--config", join(source, "configs/additive_specs.json"));
  run(
    "irene-visualize",
    file("simulated.jsonl"),
    file("simulated.html"),
    "--title",
    "Energy of six transformers (simulated)",
  );
  for (const colorScheme of ["light", "dark"]) {
    await onPage(
      "simulated.html",
      async (page) => {
        await page.screenshot({ path: join(screenshots, `irene-visualize-${colorScheme}.png`) });
      },
      { colorScheme, viewport: { width: 1280, height: 1010 } },
    );
  }
});
