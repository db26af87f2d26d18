#!/usr/bin/env python3
"""Measures whole executables against one nlohmann parse of the same file, in one run; prints Markdown tables.

    measure.py BIN DATA [--runs N] [--growth] [--large GIB]

BIN is the folder of the built tools, DATA a JSONL file. Every command runs N times, in turn with the yardstick; the
figures are medians. --growth repeats DATA 1, 2, 4 and 8 times (with ids of their own) and times each job;
--large predicts a file of so many GiB, with one thread and with two, to a file and to /dev/null (what the tool
itself costs, without the kernel's pages for the output).
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def run(command):
    """CPU seconds, wall seconds and peak MiB of one run."""
    with open(os.devnull, "wb") as null:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=null, stderr=null)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def median(samples):
    return [statistics.median(column) for column in zip(*samples)]


def jobs(tools, data, work):
    return [
        ("irene-crossvalidate", [f"{tools}/irene-crossvalidate", data, f"{work}/out"]),
        ("irene-train", [f"{tools}/irene-train", "-q", data, f"{work}/model"]),
        ("irene-predict --threads 1",
         [f"{tools}/irene-predict", "--threads", "1", data, f"{work}/predictions.jsonl", f"{work}/model"]),
        ("irene-evaluate", [f"{tools}/irene-evaluate", data, f"{work}/predictions.jsonl"]),
    ]


def against_yardstick(tools, data, work, runs):
    yardstick = [f"{tools}/irene_parse_yardstick", data]
    commands = jobs(tools, data, work)
    for _, command in commands:
        run(command)  # warms the caches, and makes the model and the predictions that later jobs read
    samples = {name: [] for name, _ in commands}
    parses = []
    for _ in range(runs):
        parses.append(run(yardstick))
        for name, command in commands:
            samples[name].append(run(command))
    parse = median(parses)[0]
    print(f"One nlohmann parse, P: {parse:.3f} s of CPU (median of {runs})\n")
    print("| job | CPU s | CPU / P | wall s | peak MiB |\n| --- | --- | --- | --- | --- |")
    for name, _ in commands:
        cpu, wall, peak = median(samples[name])
        print(f"| `{name}` | {cpu:.3f} | {cpu / parse:.2f} | {wall:.3f} | {peak:.0f} |")


def growth(tools, data, work, runs):
    # Files are copied piece by piece: what this process held would count as its children's peak memory.
    with open(data, "rb") as source:
        num_trees = sum(1 for _ in source)
    print("\n| trees | " + " | ".join(name for name, _ in jobs(tools, data, work)) + " |\n| --- | --- | --- | --- | --- |")
    for times in (1, 2, 4, 8):
        path = f"{work}/{times}.jsonl"
        with open(path, "wb") as out:
            for copy in range(times):
                with open(data, "rb") as source:
                    for line in source:
                        out.write(line.replace(b'"id": "', b'"id": "%d-' % copy))
        row = []
        for _, command in jobs(tools, path, work):
            row.append(median([run(command) for _ in range(runs)])[1])
        print(f"| {times * num_trees} | " + " | ".join(f"{wall:.3f} s" for wall in row) + " |")


def large(tools, data, work, gib):
    small_bytes = os.path.getsize(data)
    times = int(gib * 2**30) // small_bytes + 1
    path = f"{work}/large.jsonl"
    with open(path, "wb") as out:
        for _ in range(times):
            with open(data, "rb") as source:
                shutil.copyfileobj(source, out)
    print("\n| `irene-predict` | to | CPU ns a byte | wall s | peak MiB |\n| --- | --- | --- | --- | --- |")
    cases = [(data, 1), (path, 1), (path, 2)]
    for output in (f"{work}/large-predictions.jsonl", os.devnull):
        samples = [[] for _ in cases]
        for _ in range(5):  # in turn, since the machine's speed drifts; the small file as often as takes a while
            for i, (source, threads) in enumerate(cases):
                command = [f"{tools}/irene-predict", "--threads", str(threads), source, output, f"{work}/model"]
                if output != os.devnull and os.path.exists(output):
                    os.remove(output)
                    time.sleep(5)  # until a virtual machine has given the memory back: each run begins without
                samples[i] += [run(command) for _ in range(9 if source == data else 1)]
        for (source, threads), runs in zip(cases, samples):
            cpu, wall, peak = median(runs)
            size = os.path.getsize(source)
            name = f"{size / 1e6:.0f} MB, {threads} thread{'s' if threads > 1 else ''}"
            to = "/dev/null" if output == os.devnull else "a file"
            print(f"| {name} | {to} | {1e9 * cpu / size:.2f} | {wall:.3f} | {peak:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("data")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--large", type=float, metavar="GIB")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        against_yardstick(arguments.bin, arguments.data, work, arguments.runs)
        if arguments.growth:
            growth(arguments.bin, arguments.data, work, arguments.runs)
        if arguments.large:
            large(arguments.bin, arguments.data, work, arguments.large)


if __name__ == "__main__":
    main()
