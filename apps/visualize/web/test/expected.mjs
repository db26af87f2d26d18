// What the page must show, computed from the predictions by other code than the page's.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export function readRuns(path) {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
}

export function* nodesOf(node) {
  yield node;
  for (const child of node.child_nodes_obj) yield* nodesOf(child);
}

export const selfOf = (node) =>
  node.child_nodes_obj.reduce((rest, child) => rest - child.predicted_energy, node.predicted_energy);

/// Rows that irene-summarize prints for one run.
const summaries = new WeakMap();
export function summarize(run, by) {
  const known = summaries.get(run) ?? summaries.set(run, {}).get(run);
  known[by] ??= JSON.parse(
    execFileSync(join(process.env.IRENE_TOOLS, "irene-summarize"), ["--by", by, "--json"], {
      encoding: "utf8",
      input: JSON.stringify(run),
    }),
  );
  return known[by];
}

/// Joules of a run: in all, per sample, per token and per new token; and where it has them, its seconds, watts and
/// tokens a second.
export function totals(run) {
  const [row] = summarize(run, "model_name");
  return {
    energy: row["J/tree"],
    sample: row["J/sample"],
    token: row["J/token"],
    newToken: row["J/new token"],
    latency: row["s/tree"],
    power: row.W,
    rate: row["new tokens/s"] ?? row["tokens/s"],
  };
}

/// Sums by instance type, by phase, or by scope with layers folded: {name: {self, inclusive, seconds, watts}}.
export function sums(run, by) {
  return Object.fromEntries(
    summarize(run, by).map((row) => [
      row[by],
      { self: row["self J/tree"], inclusive: row["J/tree"], seconds: row["s/tree"], watts: row.W },
    ]),
  );
}

/// Nodes that match one word, whatever lies in what.
export const numMatched = (root, query) =>
  [...nodesOf(root)].filter((node) =>
    [node.scope.split(".").pop(), node.instance_type].some((text) => text.toLowerCase().includes(query)),
  ).length;

/// Joules of the matches that do not lie in another match.
export function matched(node, query) {
  const scope = node.scope.split(".").pop();
  if ([scope, node.instance_type].some((text) => text.toLowerCase().includes(query)))
    return node.predicted_energy;
  return node.child_nodes_obj.reduce((sum, child) => sum + matched(child, query), 0);
}

/// {ml, module, model} in percent, as irene-evaluate rounds them.
export function errorsByType(tools, path) {
  return JSON.parse(execFileSync(`${tools}/irene-evaluate`, ["--json", path, path], { encoding: "utf8" }));
}
