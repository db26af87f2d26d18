// The page without a mouse: every control is reached, everything can be done, and the focus is always to be seen.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { totals } from "../expected.mjs";
import { makeFew } from "./few.mjs";
import { assertShown, figure, onPage, runs, until } from "./fixture.mjs";
import { goAround, goTo, here, pick, press, save, watch } from "./keys.mjs";

before(makeFew);

const parameter = (page, name) =>
  page.evaluate((name) => new URLSearchParams(location.hash.slice(1)).get(name), name);
const count = (page, selector) => page.locator(`${selector} >> visible=true`).count();
const text = (page, selector) => page.locator(`${selector} >> visible=true`).first().textContent();
async function retype(page, label, typed) {
  await goTo(page, label, { kind: "input" });
  await press(page, "Control+a", "Backspace");
  await page.keyboard.type(typed);
}

test("8: the keyboard reaches every control of every view, and shows where it is", async () => {
  for (const hash of ["", "#tab=run", "#tab=compare&other=2"]) {
    await onPage(
      "few.html",
      async (page) => {
        await goAround(page);
        const report = await page.evaluate(() => [window.keys.unreached(), window.keys.unseen()]);
        assert.deepEqual(report, [[], []], hash);
      },
      { hash, script: watch },
    );
  }
});

test("8: what stands above the views is done by keyboard", async () => {
  await onPage(
    "few.html",
    async (page) => {
      await press(page, "Tab");
      assert.equal((await here(page)).name, "Skip to the content");
      await press(page, "Enter");
      assert.match((await here(page)).what, /^main: main/);
      await press(page, "Shift+Tab");
      assert.equal((await here(page)).name, "Options");
      await press(page, "Enter");
      for (const [label, typed] of [
        ["CO\u2082, grams per kWh", "400"],
        ["Price per kWh", "0,30"],
        ["PUE", "1.5"],
      ])
        await retype(page, label, typed);
      const { energy } = totals(runs[0]);
      assertShown(await figure(page, "grams"), (energy / 3.6e6) * 600);
      assertShown(await figure(page, "cost"), (energy / 3.6e6) * 0.45);
      await goTo(page, "Print");
      await press(page, "Enter");
      assert.equal(await page.evaluate(() => window.printed), true);
      await goTo(page, "Copy link");
      await press(page, "Enter");
      const isCopied = async () =>
        (await text(page, ".said")) !== "" || (await here(page)).name === "Link to this view";
      await until(isCopied);
      await pick(page, "Theme", "dark", { key: "Shift+Tab" });
      assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
      await pick(page, "Theme", "as the system");
      await pick(page, "Unit", "mJ", { key: "Shift+Tab" });
      assertShown(await figure(page, "predicted"), 1e3 * energy);
      await goTo(page, "Where it goes", { kind: "tab", key: "Shift+Tab" });
      await press(page, "ArrowRight");
      assert.equal((await here(page)).name, "Compare");
      await press(page, "ArrowRight", "ArrowRight", "ArrowLeft");
      assert.equal(await parameter(page, "tab"), null);
    },
    { hash: "#tab=run", script: watch },
  );
});

test("6: runs are found, sorted, grouped, saved, opened and compared by keyboard", async () => {
  await onPage(
    "few.html",
    async (page) => {
      const all = await count(page, "#runs tr[data-run]");
      const batch = `b${runs[0].batch_size}`;
      await retype(page, "Filter runs", batch);
      assert.ok((await count(page, "#runs tr[data-run]")) < all);
      await pick(page, "Group by", "length");
      assert.ok((await count(page, "#runs .group")) > 1);
      await pick(page, "Energy", "per sample");
      for (const [format, suffix] of [
        ["CSV", "csv"],
        ["Markdown", "md"],
        ["LaTeX", "tex"],
      ])
        assert.equal(await save(page, `Save the runs as ${format}`), `runs.${suffix}`);
      for (const order of ["energy", "-energy", null, "energy"]) {
        await goTo(page, "Energy (J)", { kind: "button" });
        await press(page, "Enter");
        assert.equal(await parameter(page, "sortRuns"), order);
        assert.equal((await here(page)).name, "Energy (J)");
      }
      for (let i = 0; i < 2; ++i) {
        await press(page, "Tab");
        await goTo(page, /^Compare /, { kind: "input" });
        await press(page, "Space");
      }
      assert.equal(await page.locator("#runs input:checked").count(), 2);
      await goTo(page, "Matrix of models, batches and lengths");
      await press(page, "Enter", "Tab", "Tab");
      assert.match((await here(page)).what, /^matrix: button/);
      await goTo(page, "Over", { kind: "select" });
      await press(page, "ArrowDown");
      assert.equal(await parameter(page, "over"), "batch");
      await goTo(page, "Log axes");
      await press(page, "Space");
      assert.equal(await parameter(page, "log"), "true");
      for (const kind of ["SVG", "PNG"])
        assert.match(await save(page, `Save Energy of runs as ${kind}`), /energy-of-runs/);
      await press(page, "Tab");
      assert.equal((await here(page)).kind, "img");
      // Where the focus is can be seen, also in a picture.
      const box = await page.locator(":focus").boundingBox();
      const clip = { x: box.x - 6, y: box.y - 6, width: box.width + 12, height: box.height + 12 };
      const [{ what }, seen] = [await here(page), await page.screenshot({ clip })];
      await press(page, "ArrowRight");
      assert.notEqual((await here(page)).what, what);
      assert.notDeepEqual(await page.screenshot({ clip }), seen);
      await press(page, "Enter");
      assert.equal(await parameter(page, "tab"), "run");
      await page.goBack();
      assert.equal(await parameter(page, "tab"), null);
      await goTo(page, "Compare two");
      await press(page, "Enter");
      assert.equal(await parameter(page, "tab"), "compare");
      await page.goBack();
      // By the link of a row, and by a cell of the matrix.
      for (const place of ["runs", "matrix"]) {
        for (let i = 0; i < 200 && !(await here(page)).what.startsWith(`${place}: button`); ++i)
          await page.keyboard.press("Tab");
        if (place === "runs") await goTo(page, runs[0].model_name, { kind: "button" });
        await press(page, "Enter");
        assert.equal(await parameter(page, "tab"), "run", place);
        await page.goBack();
      }
    },
    { script: watch },
  );
});

test("2, 3, 4: a run is looked through by keyboard", async () => {
  await onPage(
    "few.html",
    async (page) => {
      for (const [name, run] of [
        ["Next run", "1"],
        ["Next run", "2"],
        ["Previous run", "1"],
      ]) {
        await goTo(page, name);
        await press(page, "Enter");
        assert.equal(await parameter(page, "run"), run);
        assert.equal((await here(page)).name, name);
      }
      await goTo(page, "Run", { kind: "select" });
      await press(page, "ArrowUp");
      assert.equal(await parameter(page, "run"), null);
      // The two pictures: out, along, in, and back.
      for (const [chart, place] of [
        ["Icicle", "icicle"],
        ["Sunburst", "sunburst"],
      ]) {
        for (const kind of ["SVG", "PNG"])
          assert.match(await save(page, `Save ${chart} as ${kind}`), new RegExp(place));
        await press(page, "Tab", "ArrowDown", "ArrowRight", "ArrowLeft");
        const node = await parameter(page, "node");
        assert.equal((await here(page)).kind, "treeitem");
        assert.equal(await page.locator(`.${place} .selected`).getAttribute("data-key"), node);
        assert.equal(await page.locator(".details .scope").textContent(), node);
        await press(page, "Enter");
        assert.equal(await parameter(page, "zoom"), node);
        await press(page, "Escape");
        assert.equal(await parameter(page, "zoom"), null);
        await press(page, "ArrowUp");
      }
      await retype(page, "Find a component or operation", "attention");
      assert.match(await text(page, ".found"), /^\d+ nodes/);
      await press(page, "Control+a", "Backspace");
      for (const [grouping, value] of [
        ["operation", "operation"],
        ["the model's tree", null],
      ]) {
        await pick(page, "Group by", grouping);
        assert.equal(await parameter(page, "group"), value);
      }
      await goTo(page, "Fold repeated layers");
      await press(page, "Space", "Space");
      await pick(page, "Colour by", "J per GFLOP");
      assert.equal(await parameter(page, "colour"), "flops");
      assert.match(await save(page, "Save the table as CSV"), /csv$/);
      assert.match(await save(page, "Save the table as JSON"), /json$/);
      await goTo(page, /^Energy/, { kind: "button" });
      await press(page, "Enter");
      assert.match(await parameter(page, "sort"), /energy/);
      assert.match((await here(page)).name, /^Energy/);
      // The table: to a row that holds others, shut, open, and in.
      for (let i = 0; i < 20 && !(await here(page)).isRow; ++i) await press(page, "Tab");
      await press(page, "Home", "ArrowDown", "End", "ArrowUp", "Home");
      const isOpen = () => page.evaluate(() => document.activeElement.getAttribute("aria-expanded"));
      for (const [key, state] of [
        ["ArrowLeft", "false"],
        ["ArrowRight", "true"],
        ["Space", "false"],
        ["Space", "true"],
      ]) {
        await press(page, key);
        assert.equal(await isOpen(), state, key);
      }
      for (let i = 0; i < 50; ++i) {
        await press(page, "ArrowDown");
        if ((await isOpen()) !== null) break;
      }
      const node = await parameter(page, "node");
      await press(page, "Enter");
      assert.equal(await parameter(page, "zoom"), node);
      await page.goBack();
      assert.equal(await parameter(page, "zoom"), null);
      // And from what is told of it.
      await goTo(page, "Zoom to it", { key: "Shift+Tab" });
      await press(page, "Enter");
      assert.equal(await parameter(page, "zoom"), node);
    },
    { hash: "#tab=run", script: watch },
  );
});

test("5: two runs are compared by keyboard", async () => {
  await onPage(
    "few.html",
    async (page) => {
      await goTo(page, "Compare with", { kind: "select" });
      await press(page, "ArrowDown");
      assert.equal(await parameter(page, "other"), "3");
      await goTo(page, "Swap");
      await press(page, "Enter");
      assert.deepEqual([await parameter(page, "run"), await parameter(page, "other")], ["3", "0"]);
      assert.equal((await here(page)).name, "Swap");
      await retype(page, "Find a component or operation", "linear");
      assert.ok((await count(page, "#compare-table tr.dim")) > 0);
      await press(page, "Control+a", "Backspace");
      await pick(page, "Group by", "operation");
      await pick(page, "Group by", "the model's tree");
      await goTo(page, "Fold repeated layers");
      const folded = await count(page, "#compare-table tbody tr");
      await press(page, "Space");
      assert.ok((await count(page, "#compare-table tbody tr")) > folded);
      await press(page, "Space");
      await pick(page, "Order", "largest difference first");
      assert.equal(await parameter(page, "order"), "size");
      assert.match(await save(page, "Save Differences as SVG"), /differences/);
      await press(page, "Tab", "Tab", "ArrowDown");
      assert.equal((await here(page)).kind, "treeitem");
      assert.equal(
        await page.locator(".differences .selected").getAttribute("data-key"),
        await parameter(page, "node"),
      );
      assert.match(await save(page, "Save the comparison as CSV"), /csv$/);
      await press(page, "Tab", "Tab", "Tab", "Enter");
      assert.match((await here(page)).what, /^compare-table: button/);
      assert.equal(
        await page.locator("#compare-table tr[aria-current]").getAttribute("data-key"),
        await page.evaluate(() => document.activeElement.closest("tr").dataset.key),
      );
      for (let i = 0; i < 200 && !(await here(page)).what.startsWith("files-table: button"); ++i)
        await press(page, "Tab");
      await press(page, "Enter");
      assert.match(await text(page, "#compare-table caption"), /few_a.jsonl.*few_b.jsonl/);
    },
    { hash: "#tab=compare&other=2", script: watch },
  );
});
