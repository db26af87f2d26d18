#!/usr/bin/env python3
"""How fast Python predicts a file: model.predict, every line read, against irene-predict, both with two threads.

    PYTHONPATH=build/test/python tests/benchmarks/python_speed.py build/test/bin DATA

DATA is repeated to 200 MB. The two take turns, so that a busy machine slows both; prints MB/s, the median of five turns, and
their ratio.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import irene

BYTES = 200 << 20
THREADS = 2
TURNS = 5
CONFIG = pathlib.Path(__file__).resolve().parents[2] / "configs" / "additive_specs.json"


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    tools, data = map(pathlib.Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        model = irene.train(data, CONFIG)
        model.save(f"{folder}/model")
        big = pathlib.Path(folder) / "big.jsonl"
        text = data.read_bytes()
        with open(big, "wb") as file:
            while file.tell() < BYTES:
                file.write(text)
        size = big.stat().st_size / 1e6
        command = [tools / "irene-predict", "-q", "--threads", str(THREADS), big, "/dev/null", f"{folder}/model"]
        of_command, of_python = [], []
        for _ in range(TURNS):
            of_command.append(seconds_of(lambda: subprocess.run(command, check=True)))
            of_python.append(seconds_of(lambda: sum(len(run.line) for run in model.predict(big, threads=THREADS))))
    command, python = statistics.median(of_command), statistics.median(of_python)
    print(f"{size:.0f} MB: irene-predict {size / command:.0f} MB/s, model.predict {size / python:.0f} MB/s, "
          f"{100 * command / python:.0f} % of it")


if __name__ == "__main__":
    main()
