// One run: its figures, where its energy goes, search, groups and colours.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matched, nodesOf, selfOf, sums, totals } from "../expected.mjs";
import {
  assertClose,
  assertShown,
  choose,
  figure,
  onPage,
  parseCsv,
  row,
  runs,
  saved,
  weighted,
} from "./fixture.mjs";

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
    for (const chart of [".icicle", ".sunburst"])
      assert.equal(await page.locator(`${chart} .selected`).getAttribute("data-key"), largest.scope);
    // A double click zooms: what is above stays as a strip, and Back undoes it.
    const widthOf = async (key) =>
      (await page.locator(`.icicle [data-key="${key}"] rect`).first().boundingBox()).width;
    const share = (await widthOf(largest.scope)) / (await widthOf("root"));
    assert.ok(Math.abs(share - largest.predicted_energy * scale) < 0.01, `${share}`);
    await page.locator(`.icicle [data-key="${largest.scope}"]:not([data-own])`).dblclick();
    assert.ok(Math.abs((await widthOf(largest.scope)) - (await widthOf("root"))) < 2);
    await page.goBack();
    assert.ok((await widthOf(largest.scope)) / (await widthOf("root")) < 0.99);
    // What the model spends beside its parts is drawn too, and what is drawn adds up.
    const drawn = await page
      .locator('.icicle .node[aria-level="2"] rect')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width + 1));
    const whole = await widthOf("root");
    assert.ok(Math.abs(drawn.reduce((a, b) => a + b, 0) - whole) < 3, `${drawn} ${whole}`);

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
      const notice = await page.locator(".summary .corrections").textContent();
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
      assert.match(icicle, / opacity="0.22"/); // what is not meant is dim
      assert.match((await saved(page, "Save Sunburst as SVG")).toString(), / opacity="0.22"/);
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
