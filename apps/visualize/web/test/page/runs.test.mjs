// Several runs: two side by side, charts over all, units.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsByType, nodesOf, sums, totals } from "../expected.mjs";
import {
  assertClose,
  assertShown,
  cells,
  choose,
  figure,
  file,
  number,
  onPage,
  row,
  runs,
  saved,
  tools,
  weighted,
} from "./fixture.mjs";

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
