// Several runs: two side by side, charts over all, units.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { errorsByType, nodesOf, sums, totals } from "../expected.mjs";
import {
  assertClose,
  assertShown,
  cells,
  choose,
  field,
  figure,
  file,
  number,
  onPage,
  onRun,
  parseCsv,
  row,
  run,
  runs,
  saved,
  source,
  tools,
  weighted,
  writeRuns,
} from "./fixture.mjs";

test("5: parts of two families stand side by side by their roles, as irene-summarize sums them", async () => {
  const configs = ["gpt2", "Llama-3.2-1B"].map((name) => join(source, "configs/models", `${name}.json`));
  run("irene-extract", "-q", "--counting", "kernels", ...configs, "-o", file("families.jsonl"));
  const model = join(source, "models/h100-sxm-eager");
  run("irene-predict", "-q", file("families.jsonl"), file("roles.jsonl"), model);
  run("irene-visualize", "-q", file("roles.jsonl"), file("roles.html"));
  const byRole = JSON.parse(run("irene-summarize", "--json", "--by", "model_name,role", file("roles.jsonl")));
  const joules = (model, role) =>
    byRole.find((one) => one.model_name === model && one.role === role)?.["J/tree"] ?? assert.fail(role);
  const inJoules = (text) => number(text) * ({ m: 1e-3, "\u00b5": 1e-6 }[/ (.)J$/.exec(text)?.[1]] ?? 1);
  const assertJoules = (text, value) => assertClose(inJoules(text), value, 5.1e-4);
  await onPage(
    "roles.html",
    async (page) => {
      const rows = await cells(page, "#compare-table tbody tr");
      const both = new Map([
        ["attn / self_attn", "attention"],
        ["mlp", "mlp"],
        ["wte / embed_tokens", "embeddings.token"],
        ["c_fc / up_proj", "mlp.up"],
        ["c_proj / down_proj", "mlp.down"],
        ["c_proj / o_proj", "attention.output"],
      ]);
      for (const [name, role] of both) {
        const [, a, b] = rows.find(([first]) => first === name) ?? assert.fail(name);
        assertJoules(a, joules("gpt2", role));
        assertJoules(b, joules("Llama-3.2-1B", role));
      }
      const norms = ["ln_1 / input_layernorm", "ln_2 / post_attention_layernorm", "ln_f / norm"];
      const ofNorms = rows.filter(([name]) => norms.includes(name));
      assert.equal(ofNorms.length, 3);
      for (const [place, model] of [
        [1, "gpt2"],
        [2, "Llama-3.2-1B"],
      ])
        assertClose(
          ofNorms.reduce((sum, cells) => sum + inJoules(cells[place]), 0),
          joules(model, "norm"),
          5.1e-4,
        );
      // Llama's three products stand in a part like the fused one of GPT-2; what has no partner is told by name.
      const only = rows
        .filter((cells) => cells[4].startsWith("only in"))
        .map(([name, , , , side]) => [name, side]);
      assert.deepEqual(
        new Set(only.map(String)),
        new Set(
          [
            ["wpe", "only in A"],
            ["q_proj", "only in B"],
            ["k_proj", "only in B"],
            ["v_proj", "only in B"],
            ["gate_proj", "only in B"],
          ].map(String),
        ),
      );
      const [, , c_attn] = rows.find(([name]) => name === "c_attn");
      const parts = ["query", "key", "value"].map((part) => joules("Llama-3.2-1B", `attention.${part}`));
      assertJoules(
        c_attn,
        parts.reduce((sum, part) => sum + part),
      );
      const headline = await page.locator(".headline").textContent();
      assert.match(headline, /in A 1 \([^)]*, wpe\), in B 4 \([^)]*gate_proj[^)]*\)/);
    },
    { hash: "#tab=compare&other=1" },
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
      await choose(page, "Compare with", String(b));
      const [first, second] = [energies(runs[0]), energies(runs[b])];
      const rows = await page
        .locator("#compare-table tbody tr")
        .evaluateAll((all) =>
          all.map((one) => [
            one.dataset.key,
            one.dataset.self,
            one.dataset.nodes,
            ...[...one.cells].map((cell) => cell.textContent),
          ]),
        );
      const headline = await page.locator(".headline").textContent();
      const [a, total] = [totals(runs[0]).energy, totals(runs[b]).energy - totals(runs[0]).energy];
      assertShown(headline.match(/spends ([^ ]+) /)[1], total);
      // Own differences add up to it, in the data and below the table.
      const own = rows.reduce((sum, [, self]) => sum + Number(self), 0);
      assert.ok(Math.abs(own - total) < 1e-9 * a, `${own} is not ${total}`);
      const [sum] = await cells(page, "#compare-table tfoot tr");
      assertShown(sum[1], total);
      // Every node of either run stands in one row; those without a counterpart are told.
      const alone = { A: 0, B: 0 };
      const seen = [0, 0];
      for (const [key, , nodes, , x, , , percent] of rows) {
        nodes.split(" ").forEach((count, side) => (seen[side] += Number(count)));
        if (percent.startsWith("only in ")) ++alone[percent.at(-1)];
        if (!percent.startsWith("only in B") && first.has(key)) assertShown(x, first.get(key));
      }
      assert.deepEqual(seen, [first.size, second.size]);
      const [inA, inB] = headline
        .match(/in A (\d+) .*in B (\d+)/)
        .slice(1)
        .map(Number);
      assert.deepEqual(alone, { A: inA, B: inB });
      // What is clicked is selected in the picture of both; a search leaves the rest dim.
      const picked = rows[3][0];
      await page.locator(`#compare-table tr[data-key="${picked}"] button`).click();
      assert.equal(await page.locator(".differences .selected").getAttribute("data-key"), picked);
      await field(page, "Find a component or operation").fill("layernorm");
      const dim = page.locator("#compare-table tr.dim");
      assert.ok((await dim.count()) > 0 && (await dim.count()) < rows.length);
      assert.ok((await page.locator(".differences .node[opacity]").count()) > 0);
      await field(page, "Find a component or operation").fill("");
      await choose(page, "Group by", "operation");
      const kinds = new Map(
        await page
          .locator("#compare-table tbody tr")
          .evaluateAll((all) => all.map((one) => [one.dataset.key, one.dataset.self])),
      );
      const [ofFirst, ofSecond] = [sums(runs[0], "instance_type"), sums(runs[b], "instance_type")];
      assertClose(
        Number(kinds.get("root/layernorm")),
        ofSecond.LayerNorm.self - ofFirst.LayerNorm.self,
        1e-6,
      );
      await choose(page, "Group by", "tree");
      await choose(page, "Order", "size");
      const differences = await page
        .locator("#compare-table tbody tr")
        .evaluateAll((all) => all.map((one) => Math.abs(Number(one.dataset.self))));
      assert.deepEqual(
        differences,
        [...differences].sort((x, y) => y - x),
      );
      await page.getByRole("button", { name: "Swap" }).click();
      assertShown((await page.locator(".headline").textContent()).match(/spends ([^ ]+) /)[1], -total);
    },
    { hash: "#tab=compare&fold=false" },
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
    await page.getByRole("tab", { name: "Where it goes" }).click();
    assertShown(await figure(page, "predicted"), totals(runs[1]).energy);
  });
});

test("6: all runs in a table, which is filtered, sorted and grouped, and names the cheapest", async () => {
  await onPage("page.html", async (page) => {
    const rows = page.locator("#runs tr[data-run]");
    const read = () =>
      rows.evaluateAll((all) =>
        all.map((one) => [
          Number(one.dataset.run),
          ...[...one.cells].slice(1).map((cell) => cell.textContent),
        ]),
      );
    const head = await page.locator("#runs thead th + th").allTextContents();
    assert.deepEqual(head.slice(0, 3), ["Model", "Batch", "Length"]);
    assert.equal(await page.locator(".found:visible").textContent(), `${runs.length} runs`);
    const of = (line, name) => line[1 + head.indexOf(name)];
    const all = await read();
    assert.equal(all.length, runs.length);
    for (const line of all.filter((_, place) => place % 10 === 0)) {
      const tree = runs[line[0]];
      assert.deepEqual(line.slice(1, 4), [tree.model_name, String(tree.batch_size), String(tree.seq_len)]);
      assertShown(of(line, "Energy (J)"), totals(tree).energy);
      assertShown(of(line, "per sample (J)"), totals(tree).sample);
      assertShown(of(line, "per token (J)"), totals(tree).token);
      assertShown(of(line, "Measured (J)"), tree.frontend_tree.ground_truth_energy);
      const [low, high] = of(line, "90 % interval (J)").split(" to ");
      assertShown(low, tree.frontend_tree.predicted_energy_low);
      assertShown(high, tree.frontend_tree.predicted_energy_high);
    }
    // "gpt2" is that model and no other.
    const filter = page.getByLabel("Filter runs");
    await filter.fill("gpt2 b8 l128");
    const wanted = runs.findIndex(
      (tree) => tree.model_name === "gpt2" && tree.batch_size === 8 && tree.seq_len === 128,
    );
    assert.deepEqual(
      (await read()).map(([place]) => place),
      [wanted],
    );
    await filter.fill("gpt b8");
    const named = runs.filter((tree) => tree.model_name.includes("gpt") && tree.batch_size === 8);
    assert.equal(await rows.count(), named.length);
    await filter.fill("no such model");
    assert.equal(await rows.count(), 0);
    await filter.fill("");
    await page.locator("#runs thead").getByRole("button", { name: "Energy" }).click();
    const sorted = (await read()).map(([place]) => totals(runs[place]).energy);
    assert.deepEqual(
      sorted,
      [...sorted].sort((a, b) => a - b),
    );

    // By batch and length the cheapest is named where its interval lies below all others.
    await filter.fill("b8");
    await choose(page, "Group by", "seq_len");
    const groups = await page
      .locator("#runs tbody")
      .evaluateAll((bodies) =>
        bodies.map((body) => [
          body.querySelector(".group").textContent,
          ...[...body.querySelectorAll("[data-run]")].map((one) => Number(one.dataset.run)),
        ]),
      );
    const lengths = new Set(runs.filter((tree) => tree.batch_size === 8).map((tree) => tree.seq_len));
    assert.equal(groups.length, lengths.size);
    for (const [text, ...places] of groups) {
      const members = places.map((place) => runs[place]);
      assert.equal(new Set(members.map((tree) => tree.seq_len)).size, 1);
      const [least, ...others] = members.sort((a, b) => totals(a).energy - totals(b).energy);
      const top = least.frontend_tree.predicted_energy_high;
      const rivals = others.filter((tree) => tree.frontend_tree.predicted_energy_low <= top);
      assert.match(text, rivals.length === 0 ? /Cheapest per run/ : /Not decided per run/);
      assert.ok(text.includes(least.model_name), text);
    }
    await choose(page, "Group by", "");
    await filter.fill("");

    // A matrix, and what papers take.
    await page.getByText("Matrix of models").click();
    const matrix = await cells(page, "#matrix tr");
    const [, ...columns] = matrix[0];
    for (const [name, ...values] of matrix.slice(1)) {
      values.forEach((text, i) => {
        const tree = runs.find(
          (one) =>
            `${one.model_name}, batch ${one.batch_size}` === name && one.seq_len === Number(columns[i]),
        );
        if (tree) assertShown(text, totals(tree).energy);
        else assert.equal(text, "\u2013");
      });
    }
    await filter.fill("gpt2 b8");
    const csv = parseCsv((await saved(page, "Save the runs as CSV")).toString());
    const few = runs.filter((tree) => tree.model_name === "gpt2" && tree.batch_size === 8);
    assert.equal(csv.length, few.length);
    for (const line of csv) {
      const tree = few.find((one) => one.seq_len === Number(line.seq_len));
      assert.equal(Number(line.energy), totals(tree).energy);
      assert.equal(Number(line.high), tree.frontend_tree.predicted_energy_high);
      assert.equal(Number(line.interval), 0.9);
    }
    const markdown = (await saved(page, "Save the runs as Markdown")).toString().trim().split("\n");
    assert.equal(markdown.length, few.length + 2);
    assert.match(markdown[1], /^\| --- \| ---: \|/);
    const latex = (await saved(page, "Save the runs as LaTeX")).toString();
    assert.equal(latex.match(/\\\\\n/g).length, few.length + 1);
    assert.match(latex, /Error & |& Error/);
    // A click opens a run; two ticks compare two.
    await rows.first().click();
    assert.match(await page.locator("#run-title").textContent(), /^gpt2 batch 8/);
    await page.goBack();
    assert.equal(await page.getByRole("button", { name: "Compare two" }).isDisabled(), true);
    const ends = [0, (await rows.count()) - 1];
    for (const place of ends) await rows.nth(place).getByRole("checkbox").check();
    const pair = (await read()).map(([place]) => place).filter((_, i) => ends.includes(i));
    await page.getByRole("button", { name: "Compare two" }).click();
    const [a, b] = pair.map((place) => totals(runs[place]).energy);
    const headline = await page.locator(".headline").textContent();
    assertShown(headline.match(/spends ([^ ]+)/)[1], b - a);
  });
});

test("6: charts over all runs", async () => {
  await onPage("page.html", async (page) => {
    await page.getByLabel("Filter runs").fill("gpt2");
    for (const details of await page.locator("details.numbers:visible").all())
      await details.locator("summary").click();
    const same = runs.filter((tree) => tree.model_name === "gpt2");
    for (const [per, key] of [
      ["run", "energy"],
      ["sample", "sample"],
      ["token", "token"],
    ]) {
      await choose(page, "Energy", per);
      const lines = await cells(page, ".energy-of-runs tbody tr");
      assert.equal(lines.length, same.length);
      for (const [name, length, predicted] of lines) {
        const tree = same.find(
          (one) => `gpt2, batch ${one.batch_size}` === name && one.seq_len === Number(length),
        );
        assertShown(predicted, totals(tree)[key]);
      }
    }
    // A mark for each run with its measurement, a band for each line; a click opens the run.
    const chart = page.locator(".energy-of-runs .chart");
    assert.equal(await chart.locator(".mark").count(), same.length);
    assert.equal(await chart.locator(".measured").count(), same.length);
    assert.equal(await chart.locator(".band").count(), new Set(same.map((tree) => tree.batch_size)).size);
    assert.match(await chart.locator("svg").textContent(), /band: 90 % interval/);
    const said = await chart.locator(".mark").first().getAttribute("aria-label");
    assert.match(said, /\n90 % interval .* to /);
    const before = await chart.locator("circle").first().getAttribute("cx");
    await page.getByLabel("Log axes").check();
    assert.notEqual(await chart.locator("circle").first().getAttribute("cx"), before);
    const scatter = await cells(page, ".predicted-measured tbody tr");
    assert.equal(scatter.length, same.length);
    scatter.forEach(([, predicted, measured], place) => {
      assertShown(predicted, totals(same[place]).energy);
      assertShown(measured, same[place].frontend_tree.ground_truth_energy);
    });
    const svg = (await saved(page, "Save Predicted against measured as SVG")).toString();
    assert.match(svg, /stroke-dasharray/); // the diagonal
    const expected = errorsByType(tools, file("additive.jsonl"));
    const shown = await cells(page, ".error-by-type tbody tr");
    ["ml", "module", "model"].forEach((type, i) =>
      assert.ok(Math.abs(number(shown[i][1]) - expected[type]) <= 0.0101, `${shown[i]}: ${expected[type]}`),
    );
    await chart.locator(".mark").first().press("Enter");
    assert.match(await page.locator("#run-title").textContent(), /^gpt2 batch/);
  });
});

test("6: intervals of two levels stand apart", async () => {
  const [first] = runs;
  const same = runs.filter((tree) => tree.model_name === first.model_name && tree.seq_len === first.seq_len);
  const narrow = structuredClone(same);
  for (const tree of narrow) {
    tree.prediction.interval = 0.5;
    const root = tree.frontend_tree;
    root.predicted_energy_low = 0.9 * root.predicted_energy;
    root.predicted_energy_high = 1.1 * root.predicted_energy;
  }
  writeRuns("wide.jsonl", same);
  writeRuns("narrow.jsonl", narrow);
  run("irene-visualize", file("wide.jsonl"), file("levels.html"), "--compare", file("narrow.jsonl"));
  await onPage("levels.html", async (page) => {
    const head = await page.locator("#runs thead th + th").allTextContents();
    assert.ok(!head.includes("Interval (J)"), head.join());
    const lines = await cells(page, "#runs tr[data-run]");
    const of = (line, name) => lines[line][1 + head.indexOf(name)];
    const root = narrow[0].frontend_tree;
    assertShown(of(0, "90 % interval (J)").split(" to ")[0], first.frontend_tree.predicted_energy_low);
    assert.equal(of(0, "50 % interval (J)"), "\u2013");
    assertShown(of(same.length, "50 % interval (J)").split(" to ")[1], root.predicted_energy_high);
    assert.equal(of(same.length, "90 % interval (J)"), "\u2013");
    // Neither is a band under the other's name, nor decides over the other.
    await choose(page, "Over", "batch");
    const legend = await page.locator(".energy-of-runs svg").textContent();
    for (const level of ["90 % interval", "50 % interval"]) assert.ok(legend.includes(level), legend);
    assert.ok(!legend.includes("band:"), legend);
    assert.equal(await page.locator(".energy-of-runs .band").count(), 2);
    await page.getByLabel("Filter runs").fill(`b${first.batch_size}`);
    assert.match(await page.locator("#runs .verdict").first().textContent(), /not decided/);
    await page.locator("#runs tr[data-run]").last().click();
    assert.match(
      await page.locator('[data-figure="predicted"] .hint').textContent(),
      /^50 % interval .* to /,
    );
    assert.match(await page.locator(".details").innerText(), /50 % interval/);
    const [line] = parseCsv((await saved(page, "Save the table as CSV")).toString());
    assert.equal(Number(line.interval), 0.5);
  });
});

test("7: units, carbon and cost", async () => {
  const { energy } = totals(runs[0]);
  await onRun("page.html", async (page) => {
    // No powers of ten.
    const isSmall = energy < 3.6;
    for (const [unit, joules, shown = unit] of [
      ["mJ", 1e-3],
      isSmall ? ["Wh", 3.6e-3, "\u00b5Wh"] : ["Wh", 3600],
      isSmall ? ["kWh", 3.6e-3, "\u00b5Wh"] : ["kWh", 3.6, "mWh"],
      ["J", 1],
    ]) {
      await choose(page, "Unit", unit);
      const text = await figure(page, "predicted");
      assert.ok(text.endsWith(` ${shown}`), text);
      assertShown(text, energy / joules);
      const cell = await row(page, "root").locator(".energy").textContent();
      assert.equal(cell.endsWith(shown), shown !== unit, cell);
      assertShown(cell, energy / joules);
    }
    assert.equal(await page.locator('[data-figure="grams"], [data-figure="cost"]').count(), 0);
    await page.getByText("Options").click();
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
