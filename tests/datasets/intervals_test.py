#!/usr/bin/env python3
"""Holds intervals of the simulated sample's model against the simulated device's law without noise.

usage: intervals_test.py SIMULATE TOOLS MODELS SAMPLE CONFIG

Whole runs of all architectures at batch 1 and 16 and length 16, 256 and 2048, most of them far from the
sample's: of those that have a 90 % interval at least 85 % lie in it, and at most a third have none. Runs that
do not lie outside of training in any node have a median half width of at most 6 %.
"""

import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile


def run(*arguments, output=None):
    return subprocess.run(arguments, check=True, stdout=output, stderr=subprocess.DEVNULL)


def nodes(node):
    yield node
    for child in node["child_nodes_obj"]:
        yield from nodes(child)


def main():
    simulate, tools, models, sample, config = map(pathlib.Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        run(tools / "irene-train", "--config", config, sample, work / "model")

        def predictions(*extract):
            with open(work / "trees.jsonl", "w") as trees:
                run(tools / "irene-extract", "--counting", "paper", *extract, output=trees)
            run(tools / "irene-predict", "--interval", "0.9", work / "trees.jsonl", work / "predicted.jsonl", work / "model")
            with open(work / "predicted.jsonl") as lines:
                for line in lines:
                    yield json.loads(line)["frontend_tree"]

        def half_width(root):
            return math.log(root["predicted_energy"] / root["predicted_energy_low"])

        with open(work / "runs.csv", "w") as table:
            run(simulate, models, "noise-free", output=table)
        count = without = inside = 0
        for root in predictions("--runs", work / "runs.csv", "--configs", models):
            count += 1
            if "no_interval" in root:
                without += 1
            elif root["predicted_energy_low"] <= root["ground_truth_energy"] <= root["predicted_energy_high"]:
                inside += 1
        print(f"{count} runs: {without} without an interval, {inside} of the others inside")
        assert count > 500
        assert without <= count / 3
        assert inside >= 0.85 * (count - without)

        configs = sorted(str(path) for path in models.glob("*.json"))
        near = [
            half_width(root)
            for root in predictions("--batch_size", "16", "--seq_len", "64", *configs)
            if not any("outside_training" in node for node in nodes(root))
        ]
        print(f"{len(near)} runs within the range of training: median half width {statistics.median(near):.4f}")
        assert len(near) >= 6
        assert statistics.median(near) <= 0.06


if __name__ == "__main__":
    main()
