import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nextOrder } from "../../src/sort.ts";
import { firstView } from "../../src/state.ts";

const folder = process.env["IRENE_PAGE_SOURCES"] ?? "src";
const sources = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);

/// The names in the object literal that begins at `begin`.
function keysOf(source: string, begin: number): string[] {
  let depth = 0;
  let own = "";
  for (let i = begin; i < source.length; ++i) {
    const c = source[i] ?? "";
    if ("([{".includes(c)) ++depth;
    if (depth === 1 && !"{}".includes(c)) own += c;
    if (")]}".includes(c) && --depth === 0) break;
  }
  return own
    .split(",")
    .map((member) => member.split(":")[0]?.trim() ?? "")
    .filter(Boolean);
}

test("each field of the state is written in one place", () => {
  const writers = new Map(Object.keys(firstView([])).map((field): [string, string[]] => [field, []]));
  let whole = 0;
  for (const [name, source] of sources) {
    const found = (field: string, at: number): void => {
      const place = `${name}:${source.slice(0, at).split("\n").length}`;
      const list = writers.get(field);
      assert.ok(list, `${place} writes ${field}, which is no field`);
      list.push(place);
    };
    for (const { index, 1: argument = "" } of source.matchAll(/\bchoose\((.)/g)) {
      // Where it is declared, and where it is what a change does.
      if (/^\w*change\b/.test(source.slice(index + "choose(".length))) continue;
      assert.equal(argument, "{", `${name} chooses what cannot be read off`);
      for (const field of keysOf(source, index + "choose(".length)) found(field, index);
    }
    for (const { index, 1: field = "" } of source.matchAll(/\bstate\.(\w+) [-+*|&?]*= /g))
      found(field, index);
    whole += [...source.matchAll(/\.state = /g)].length;
    assert.doesNotMatch(source, /assign\([^)]*state/, name);
  }
  for (const [field, places] of writers) assert.equal(places.length, 1, `${field}: ${places.join(", ")}`);
  assert.equal(whole, 1);
});

test("the head of a column sorts one way, then the other, then not at all", () => {
  const clicks = (greatestFirst: boolean): string[] => {
    const orders = ["other"];
    for (let i = 0; i < 3; ++i) orders.push(nextOrder(orders.at(-1) ?? "", "energy", greatestFirst));
    return orders.slice(1);
  };
  assert.deepEqual(clicks(true), ["-energy", "energy", ""]);
  assert.deepEqual(clicks(false), ["energy", "-energy", ""]);
});
