// Links, long names, paper and themes; and data that mean harm.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { summarize, totals } from "../expected.mjs";
import { cutTexts, open, settled } from "./checks.mjs";
import {
  assertShown,
  choose,
  field,
  figure,
  file,
  hostile,
  onPage,
  onRun,
  predict,
  row,
  run,
  runs,
  saved,
  simulated,
  source,
  tools,
  until,
} from "./fixture.mjs";

const screenshots = process.env.IRENE_SCREENSHOTS;

test("8: the view is saved, and a link restores it", async () => {
  let link = "";
  let before = "";
  await onRun("page.html", async (page) => {
    for (const chart of ["Icicle", "Sunburst"]) {
      const svg = (await saved(page, `Save ${chart} as SVG`)).toString();
      assert.match(svg, /^<svg[^>]*>/);
      // Fit for a paper: white, with title, model, run, total with its unit, a legend, and no name cut.
      const [tree] = runs;
      assert.match(svg, /<rect width="\d+" height="[\d.]+" fill="#ffffff"\/>/);
      const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
      const words = texts.join("\n");
      assert.ok(words.startsWith(`${chart}: Energy of additive.jsonl`), words);
      assert.ok(
        words.includes(`${tree.model_name}, batch ${tree.batch_size}, length ${tree.seq_len}`),
        words,
      );
      assertShown(words.match(/, ([\d.]+) J$/m)[1], totals(tree).energy);
      for (const kind of ["Linear", "LayerNorm", "own work", "module"]) assert.ok(texts.includes(kind), kind);
      assert.ok(!words.includes("\u2026"), words);
      // Every number in the picture is explained below it.
      const numbers = texts.filter((text) => /^\d+$/.test(text));
      for (const text of numbers)
        assert.ok(
          texts.some((one) => one.startsWith(`${text}  `)),
          text,
        );
      assert.doesNotMatch(svg, /style=|var\(--|<image|href/);
      assert.ok(svg.includes(runs[0].model_name));
      const png = await saved(page, `Save ${chart} as PNG`);
      assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      assert.ok(png.length > 2000);
    }
    // The tree as irene-summarize writes it.
    const rows = JSON.parse((await saved(page, "Save the table as JSON")).toString());
    const expected = summarize(runs[0], "scope");
    const byScope = (list) => new Map(list.map((one) => [one.scope, one]));
    assert.deepEqual([...byScope(rows).keys()].sort(), [...byScope(expected).keys()].sort());
    for (const line of expected) {
      const found = byScope(rows).get(line.scope);
      assert.deepEqual(Object.keys(found), Object.keys(line));
      for (const [key, value] of Object.entries(line)) {
        if (typeof value !== "number") assert.equal(found[key], value, `${line.scope} ${key}`);
        else assert.ok(Math.abs(found[key] - value) <= 1e-9 * (Math.abs(value) + 1), `${line.scope} ${key}`);
      }
    }
    await page.getByText("Options").click();
    await page.getByRole("button", { name: "Copy link" }).click();
    const shownLink = page.getByLabel("Link to this view");
    await until(
      async () => (await shownLink.isVisible()) || (await page.locator(".said").textContent()) !== "",
    );
    await page.getByLabel("Run", { exact: true }).selectOption("2");
    await choose(page, "Unit", "mJ");
    await choose(page, "Colour by", "share");
    await field(page, "Fold repeated layers").uncheck();
    await row(page, "root").press("ArrowDown");
    await field(page, "Find a component or operation").fill("dense");
    link = await page.evaluate(() => location.hash);
    before = await page.locator("#main").innerText();
  });
  await onPage(
    "page.html",
    async (page) => {
      assert.equal(await page.locator("#main").innerText(), before);
      assert.equal(await field(page, "Colour by").inputValue(), "share");
      assert.equal(await field(page, "Fold repeated layers").isChecked(), false);
      await page.evaluate(() => (location.hash = "#tab=run&run=1"));
      await until(async () => (await page.getByLabel("Run", { exact: true }).inputValue()) === "1");
      assertShown(await figure(page, "predicted"), totals(runs[1]).energy);
    },
    { hash: link },
  );
});

test("8: phone and paper", async () => {
  // Names of 300 characters with ends of lines in them widen nothing.
  const long = structuredClone(runs.slice(0, 3));
  const name = `${"wide".repeat(75)}\nand\nnarrow`;
  for (const tree of long) {
    tree.model_name = name;
    tree.frontend_tree.child_nodes_obj[0].scope = `root.${name}`;
    tree.frontend_tree.child_nodes_obj[0].instance_type = name;
  }
  writeFileSync(file("long.jsonl"), long.map((tree) => JSON.stringify(tree) + "\n").join(""));
  run("irene-visualize", file("long.jsonl"), file("long.html"), "--title", name);
  const faults = [];
  for (const [name, widths] of [
    ["compare.html", [375]],
    ["long.html", [390, 1280, 1440]],
  ]) {
    await onPage(name, async (page) => {
      for (const hash of [
        "",
        "groupRuns=batch_size",
        "tab=run&fold=false",
        "tab=compare&fold=false",
        "tab=compare&order=size",
      ]) {
        await page.evaluate((hash) => (location.hash = hash), hash);
        await settled(page);
        await open(page, ".numbers");
        for (const width of widths) {
          await page.setViewportSize({ width, height: 844 });
          await settled(page);
          for (const line of await cutTexts(page)) faults.push(`${name} ${hash} ${width}: ${line}`);
        }
      }
    });
  }
  assert.deepEqual(faults, []);
  await onRun(
    "page.html",
    async (page) => {
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.locator(".options").isVisible(), false);
      assert.equal(await page.locator("#tree").isVisible(), true);
      assert.ok((await page.pdf()).length > 10_000);
    },
    { colorScheme: "dark" },
  );
  await onPage(
    "page.html",
    async (page) => {
      await page.getByText("Options").click();
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
  await onPage("hostile.html", async (page) => {
    for (const hash of [
      "groupRuns=model_name",
      "tab=run&fold=false",
      "tab=run&group=operation",
      "tab=run&group=class",
      "tab=compare&other=1",
      `tab=run&find=${encodeURIComponent("<img")}`,
    ]) {
      await page.evaluate((hash) => (location.hash = hash), hash);
      await settled(page);
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
    }
  });
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
  const [input, output] = [file("simulated.jsonl"), file("simulated.html")];
  run("irene-visualize", input, output, "--title", "Energy of six transformers (simulated)");
  for (const [name, colorScheme, hash] of [
    ["light", "light", "#groupRuns=seq_len&filter=b8"],
    ["dark", "dark", "#tab=run&run=40"],
  ]) {
    await onPage(
      "simulated.html",
      async (page) => {
        await page.screenshot({ path: join(screenshots, `irene-visualize-${name}.png`) });
      },
      { hash, colorScheme, viewport: { width: 1280, height: 720 } },
    );
  }
});
