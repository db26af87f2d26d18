// What the page must show, computed from the predictions by other code than the page's.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

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

/// Joules of a run: in all, per sample and per token.
export function totals(run) {
  const energy = run.frontend_tree.predicted_energy;
  return { energy, sample: energy / run.batch_size, token: energy / (run.batch_size * run.seq_len) };
}

/// Sums by instance type or by scope with layers folded: {name: {self, inclusive}}.
export function sums(run, by) {
  const groups = {};
  for (const node of nodesOf(run.frontend_tree)) {
    const name = by === "scope" ? node.scope.replace(/\.\d+(?=\.|$)/g, ".*") : node.instance_type;
    groups[name] ??= { self: 0, inclusive: 0 };
    groups[name].self += selfOf(node);
    groups[name].inclusive += node.predicted_energy;
  }
  return groups;
}

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
