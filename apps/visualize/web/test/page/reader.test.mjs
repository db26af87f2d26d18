// Links, keyboard, accessibility, phone and paper; and data that mean harm.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { totals } from "../expected.mjs";
import {
  assertShown,
  axeSource,
  choose,
  figure,
  file,
  hostile,
  onPage,
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
      "treeitem",
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
    const zoom = () => page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("zoom"));
    assert.equal(await zoom(), first);
    await page.locator(".icicle .selected").focus();
    await page.keyboard.press("Escape");
    assert.equal(await zoom(), null);
    await row(page, first).click();
    await page.locator(".icicle .selected").focus();
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
          // Dark differs in its colours alone.
          const rules = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
          const violations = await page.evaluate(async (rules) => {
            const result = await window.axe.run(document, { preload: false, ...rules });
            return result.violations.map(
              ({ id, nodes }) =>
                `${id}: ${nodes
                  .slice(0, 3)
                  .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`)
                  .join("\n")}`,
            );
          }, rules);
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
