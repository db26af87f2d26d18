// One run: its figures, where its energy goes, search, groups and colours.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matched, nodesOf, numMatched, selfOf, sums, totals } from "../expected.mjs";
import {
  assertClose,
  assertShown,
  choose,
  field,
  figure,
  number,
  onRun,
  parseCsv,
  row,
  runs,
  saved,
  weighted,
} from "./fixture.mjs";

test("1: the figures of a run are right, and the answer stands first", async () => {
  const place = runs.findIndex(
    (tree) => tree.model_name === "gpt2" && tree.batch_size === 8 && tree.seq_len === 128,
  );
  const tree = runs[place];
  await onRun(
    "page.html",
    async (page) => {
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
      // The sentence: the shares of operations and of the modules' own work, as irene-summarize adds them up.
      const sentence = await page.locator(".answer").textContent();
      assertShown(sentence, energy);
      const byType = sums(tree, "instance_type");
      const leaves = new Set(
        [...nodesOf(root)]
          .filter((node) => node.child_nodes_obj.length === 0)
          .map((node) => node.instance_type),
      );
      const named = [...sentence.matchAll(/(?:: |, )([^,:]+?) (\u2212?[\d.]+) %/g)];
      assert.ok(named.length >= 4, sentence);
      const own = Object.entries(byType).reduce(
        (sum, [name, { self }]) => (leaves.has(name) ? sum : sum + self),
        0,
      );
      let rest = 100;
      for (const [, name, share] of named) {
        const joules = name === "own work" ? own : byType[name]?.self;
        const percent = joules === undefined ? rest : (100 * joules) / energy;
        assert.ok(Math.abs(number(share) - percent) <= 0.3, `${name} ${share}: ${percent}`);
        rest -= percent;
      }
      assert.ok(Math.abs(rest) < 0.5, sentence);
      // The bar: widths are shares too.
      const widths = await page
        .locator(".shares span")
        .evaluateAll((all) =>
          all.map((one) => [
            one.dataset.share,
            one.getBoundingClientRect().width / one.parentElement.clientWidth,
          ]),
        );
      const [[most, width]] = widths;
      const positive =
        Object.entries(byType).reduce((sum, [name, { self }]) => (leaves.has(name) ? sum + self : sum), 0) +
        Math.max(own, 0);
      assert.ok(Math.abs(width - byType[most].self / positive) < 0.01, `${most} ${width}`);
      // From run to run, by buttons and by the list.
      await page.getByRole("button", { name: "Next run" }).click();
      assertShown(await figure(page, "predicted"), totals(runs[place + 1]).energy);
      await page.getByLabel("Run", { exact: true }).selectOption(String(runs.length - 1));
      assertShown(await figure(page, "predicted"), totals(runs.at(-1)).energy);
      assert.equal(await page.getByRole("button", { name: "Next run" }).isDisabled(), true);
      await page.goBack();
      assertShown(await figure(page, "predicted"), totals(runs[place + 1]).energy);
    },
    { hash: `#run=${place}` },
  );
  for (const viewport of [
    { width: 1280, height: 720 },
    { width: 390, height: 844 },
  ]) {
    await onRun(
      "page.html",
      async (page) => {
        const answer = await page.locator(".answer").boundingBox();
        const icicle = await page.locator(".icicle svg").boundingBox();
        assert.ok(answer.y + answer.height < icicle.y);
        assert.ok(icicle.y + icicle.height <= viewport.height, `${icicle.y} ${icicle.height}`);
        // Nothing jumps from run to run.
        for (let i = 0; i < 3; ++i) {
          await page.getByRole("button", { name: "Next run" }).click();
          assert.ok(Math.abs((await page.locator(".icicle svg").boundingBox()).y - icicle.y) < 1);
        }
      },
      { viewport },
    );
  }
});

test("2: three views of one tree, and what is selected in one is selected in all", async () => {
  const [tree] = runs;
  const root = tree.frontend_tree;
  await onRun("page.html", async (page) => {
    await field(page, "Fold repeated layers").uncheck();
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
    for (const hash of ["", "#fold=false"]) {
      await onRun(
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
  await onRun(
    "weighted.html",
    async (page) => {
      const notice = await page.locator(".corrections").textContent();
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
    { hash: `#run=${place}&fold=false&node=${encodeURIComponent(nodes[0].scope)}` },
  );
});

test("3: search, groups and folded layers", async () => {
  const [tree] = runs;
  await onRun("page.html", async (page) => {
    const search = field(page, "Find a component or operation");
    for (const query of ["LayerNorm", "attention"]) {
      await search.fill(query);
      const found = await page.locator(".found:visible").textContent();
      assertShown(found.match(/together (.*?),/)[1], matched(tree.frontend_tree, query.toLowerCase()));
      assert.equal(Number(found.match(/^\d+/)[0]), numMatched(tree.frontend_tree, query.toLowerCase()));
      assert.ok((await page.locator("#tree mark").count()) > 0);
      // What is found is to be seen in all three views, however narrow it is.
      const keys = await page
        .locator("#tree tr.match")
        .evaluateAll((all) => all.map((one) => one.dataset.key));
      assert.ok(keys.length > 0);
      for (const chart of ["icicle", "sunburst"]) {
        const bright = await page
          .locator(`.${chart} .node:not([opacity])`)
          .evaluateAll((all) => all.map((one) => one.dataset.key));
        assert.ok(bright.length > 0 && bright.length < (await page.locator(`.${chart} .node`).count()));
        if (chart === "icicle")
          for (const key of keys) assert.ok(bright.includes(key) || query === "attention", key);
      }
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
  await onRun(
    "page.html",
    async (page) => {
      const fills = new Set();
      for (const [colour, legend] of [
        ["operation", /Linear/],
        ["energy", /100 % of the model/],
        ["share", /100 % of the parent/],
        ["flops", /J per GFLOP/],
        ["mem_bytes", /J per GiB/],
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
      assert.equal(fills.size, 6);
    },
    { hash: "#fold=false" },
  );
});

test("4: why: what a node does, and what it spends on it", async () => {
  const [tree] = runs;
  const node = tree.frontend_tree;
  const leaf = [...nodesOf(node)].find((one) => one.child_nodes_obj.length === 0 && one.flops > 0);
  const layers = [...nodesOf(node)].filter(
    (one) => one.scope.replace(/\.\d+/, "") === leaf.scope.replace(/\.\d+/, ""),
  );
  for (const [fold, members] of [
    [false, [leaf]],
    [true, layers],
  ]) {
    const key = fold && layers.length > 1 ? leaf.scope.replace(/\.\d+/, ".*") : leaf.scope;
    await onRun(
      "page.html",
      async (page) => {
        const fact = (name) =>
          page
            .locator(".details dl > div", { has: page.locator(`dt:text-is("${name}")`) })
            .locator("dd")
            .textContent();
        const sum = (value) => members.reduce((total, one) => total + value(one), 0);
        const joules = sum((one) => one.predicted_energy);
        assertShown(
          await fact("parameters"),
          sum((one) => one.num_parameters),
        );
        assertShown(await fact("arithmetic"), sum((one) => one.flops) / 1e3);
        assertShown(await fact("moved"), sum((one) => one.mem_bytes) / 1024);
        assertShown(await fact("J per GFLOP"), joules / (sum((one) => one.flops) / 1e3));
        assertShown(await fact("J per GiB"), joules / (sum((one) => one.mem_bytes) / 1024));
      },
      { hash: `#fold=${fold}&node=${encodeURIComponent(key)}` },
    );
  }
});
