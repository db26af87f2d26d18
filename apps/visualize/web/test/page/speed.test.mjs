// How soon the page is there, and how fast it changes; run by itself.
import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { file, onPage, onRun, run, runs, until } from "./fixture.mjs";

/// Medians, of pages that are loaded afresh: a single load or click may wait for other work on the machine.
const median = (times) => [...times].sort((a, b) => a - b)[(times.length - 1) / 2];
const spread = (times) =>
  [Math.min(...times), median(times), Math.max(...times)].map((time) => time.toFixed(0)).join(" | ");

test("the page is small, there at once, and changes run at once", async () => {
  const { size } = statSync(file("page.html"));
  assert.ok(size < 350e3, `${size}`);
  assert.ok(statSync(join(dirname(fileURLToPath(import.meta.url)), "../../page.html")).size <= 100e3);
  const firstViews = [];
  const withCharts = [];
  const changes = [];
  for (let round = 0; round < 5; ++round) {
    await onRun("page.html", async (page) => {
      const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
      await until(async () => (await page.evaluate(painted)) !== undefined);
      assert.equal(await page.locator("#tree tbody tr").first().isVisible(), true);
      firstViews.push(await page.evaluate(painted));
      await until(async () => (await page.locator(".figure .node").count()) >= 2);
      withCharts.push(await page.evaluate(() => performance.now()));
      const waits = await page.evaluate(async () => {
        const channel = new MessageChannel();
        // Charts are drawn in the next frame; a message sent from it arrives when the frame is done.
        const frame = () =>
          new Promise((done) => {
            channel.port1.onmessage = done;
            requestAnimationFrame(() => channel.port2.postMessage(0));
          });
        const choice = document.querySelector(".chooser select");
        const all = [];
        for (let i = 1; i <= 15; ++i) {
          const begin = performance.now();
          choice.value = String((i * 7) % choice.options.length);
          choice.dispatchEvent(new Event("change"));
          await frame();
          all.push(performance.now() - begin);
        }
        return all;
      });
      changes.push(...waits);
    });
  }
  console.log(
    `page of ${runs.length} runs: ${size} bytes; least | median | most: ` +
      `first view ${spread(firstViews)} ms, with charts ${spread(withCharts)} ms; change of run ${spread(changes)} ms`,
  );
  assert.ok(median(firstViews) < 1500, `the first view took ${spread(firstViews)} ms`);
  assert.ok(median(changes) < 100, `a change of run took ${spread(changes)} ms`);
});

test("a page of 2,000 runs", async () => {
  const all = Array.from({ length: 2000 }, (_, i) => ({ ...runs[i % runs.length], seq_len: 1 + i }));
  writeFileSync(file("many.jsonl"), all.map((tree) => JSON.stringify(tree) + "\n").join(""));
  run("irene-visualize", file("many.jsonl"), file("many.html"));
  const firstViews = [];
  const changes = [];
  for (let round = 0; round < 5; ++round) {
    await onPage("many.html", async (page) => {
      const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
      await until(async () => (await page.evaluate(painted)) !== undefined);
      firstViews.push(await page.evaluate(painted));
      await page.getByRole("tab", { name: "Where it goes" }).click();
      changes.push(
        await page.evaluate(async () => {
          const begin = performance.now();
          document.querySelector('[aria-label="Next run"]').click();
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          return performance.now() - begin;
        }),
      );
    });
  }
  // Told, not judged: it is for a machine that does nothing else.
  console.log(
    `page of 2,000 runs: ${statSync(file("many.html")).size} bytes; first view ${spread(firstViews)} ms; change of run ${spread(changes)} ms`,
  );
});
