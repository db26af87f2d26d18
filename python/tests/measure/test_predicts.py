"""From nothing to predictions: two small models are measured, half of their runs train a model, and the other half is predicted.

A bound for a noisy machine, no claim of accuracy. Neighbours on a shared machine only add time, some for seconds on end. So the runs
are measured in passes, of which each node keeps its fastest, until three passes one after the other find hardly anything faster.
"""

import json
import time

import support
from irene.measure.__main__ import main

# Small ones: a run is over before the system gives its processor to a neighbour.
BERT, LLAMA = support.BERT, support.LLAMA
WATTS = 40
BOUND = 0.25  # mean error of the joules of whole runs
SECONDS = 60  # after which no pass begins


class PredictsTest(support.Folder):
    def setUp(self):
        support.torch_or_skip()
        super().setUp()
        self.write_config("bert", BERT)
        self.write_config("llama", LLAMA)
        (self.folder / "specs.json").write_text('{"feature_sets": ["model_specs"], "training_strategy": "additive"}')

    def one_pass(self, name):
        code = main([
            *(str(self.folder / config) for config in ("bert.json", "llama.json")), "--build", support.SMALL_MODELS,
            "--device", "cpu", "--watts", str(WATTS), "--batch_size", "1,3", "--seq_len", "12,32", "--seconds", "0.003",
            "--max_seconds", "0.03", "--warm_up", "0.001", "--error", "1e-9", "--take", "fastest", "-o", str(self.folder / name),
        ])
        self.assertEqual(code, 0)
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def measured(self):
        begin = time.monotonic()
        kept = self.one_pass("pass0.jsonl")
        passes, calm = 1, 0
        while calm < 3 and time.monotonic() - begin < SECONDS:
            gains = []
            for line, other in zip(kept, self.one_pass(f"pass{passes}.jsonl")):
                for node, again in zip(support.walk(line["frontend_tree"]), support.walk(other["frontend_tree"])):
                    faster = min(node["times_mean"], again["times_mean"])
                    gains.append(1 - faster / node["times_mean"])
                    node.update(times_mean=faster, ground_truth_energy=WATTS * faster)
            passes += 1
            calm = calm + 1 if sum(gains) / len(gains) < 0.01 else 0
        print(f"{passes} passes in {time.monotonic() - begin:.0f} s, the last {calm} of which found hardly anything faster")
        return kept

    def test_half_of_the_runs_predicts_the_other(self):
        lines = self.measured()
        self.assertEqual(len(lines), 8)
        # Each half has both models, both batch sizes and both lengths.
        halves = [[], []]
        for place, line in enumerate(lines):
            halves[(place // 2 + place) % 2].append(line)
        errors = []
        for train, test in (halves, halves[::-1]):
            self.assertEqual(len({(line["batch_size"], line["model_name"]) for line in train}), 4)
            self.assertEqual(len({(line["seq_len"], line["model_name"]) for line in train}), 4)
            (self.folder / "train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in train))
            self.tool("irene-train", "-q", "--config", "specs.json", "train.jsonl", "model")
            text = "".join(json.dumps(line) + "\n" for line in test)
            for line in map(json.loads, self.tool("irene-predict", "-q", "-", "-", "model", text=text).splitlines()):
                root = line["frontend_tree"]
                errors.append(abs(root["predicted_energy"] / (WATTS * root["times_mean"]) - 1))
        self.assertEqual(len(errors), 8)
        mean = sum(errors) / len(errors)
        print(f"mean error of the joules of runs that training lacked: {100 * mean:.1f} %, greatest {100 * max(errors):.1f} %")
        self.assertLess(mean, BOUND, errors)


if __name__ == "__main__":
    support.unittest.main()
