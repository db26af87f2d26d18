// A page of few runs for tests that walk over all of it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodesOf, readRuns, selfOf } from "../expected.mjs";
import { file, run, runs, source, weighted } from "./fixture.mjs";

/// few.html: few runs that have between them all that the page can show. Runs 0 to 3 have intervals and measurements, run
/// 0 also nodes outside training; run 4 is a generation with its times; and in a second file run 5 has corrections of
/// the weights.
export function makeFew() {
  const models = [...new Set(runs.map((tree) => tree.model_name))].slice(0, 2);
  const some = models.flatMap((model) => runs.filter((tree) => tree.model_name === model).slice(0, 2));
  const marked = structuredClone(some[0]);
  marked.prediction = { model: "mine", training_strategy: "additive", interval: 0.9 };
  const [first] = marked.frontend_tree.child_nodes_obj;
  first.outside_training = ["rows", "flops"];
  first.no_interval = "too far";
  delete first.predicted_energy_low;
  delete first.predicted_energy_high;
  first.child_nodes_obj[0].unseen_operation = true;
  const sizes = ["--batch_size", "2", "--seq_len", "16", "--new_tokens", "5"];
  run("irene-extract", "-q", join(source, "configs/models/gpt2.json"), ...sizes, "-o", file("tree.jsonl"));
  const [generation] = readRuns(file("tree.jsonl"));
  const { frontend_tree: root } = generation;
  for (const node of nodesOf(root)) node.predicted_energy = node.mem_bytes;
  for (const node of [root, ...root.child_nodes_obj]) node.predicted_seconds = node.mem_bytes / 1024;
  const isCorrected = (tree) =>
    [...nodesOf(tree.frontend_tree)].some(
      (node) => selfOf(node) < -1e-9 * tree.frontend_tree.predicted_energy,
    );
  const write = (name, trees) =>
    writeFileSync(file(name), trees.map((tree) => JSON.stringify(tree) + "\n").join(""));
  write("few_a.jsonl", [marked, ...some.slice(1), generation]);
  write("few_b.jsonl", [weighted.find(isCorrected), weighted[1]]);
  run("irene-visualize", file("few_a.jsonl"), file("few.html"), "--compare", file("few_b.jsonl"));
}
