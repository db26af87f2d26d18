"""How fast: the import, and model.predict on a file against irene-predict, both with the same number of threads. Other
work on the machine falls on both, which take turns; of each the quickest of several times counts."""

import subprocess
import sys
import tempfile
import time
import unittest
import warnings

import irene
from support import DEVICE_1, SIMULATED, SPECS, TOOLS, Case, main

DATA = DEVICE_1 if DEVICE_1.exists() else SIMULATED
BYTES = 200 << 20
THREADS = 2
ROUNDS = 12
ENOUGH = 0.8


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Speed(Case):
    def test_import(self):
        """Beyond what Python takes to begin; of the processor, which other work on the machine does not change."""
        def import_of(modules):
            code = f"import time; begin = time.process_time(); import {modules}; print(time.process_time() - begin)"
            return float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)

        best = min(import_of("irene") for _ in range(20))
        print(f"import irene: {1000 * best:.1f} ms of CPU, the quickest of 20")
        self.assertLess(best, 0.050)

    def test_predicts_as_fast_as_the_command(self):
        if DATA == SIMULATED:
            print(f"skipped: the reference material is not at {DEVICE_1}; the simulated sample was timed")
        model = irene.train(DATA, SPECS)
        model.save(self.folder / "model")
        big = self.folder / "big.jsonl"
        text = DATA.read_bytes()
        with open(big, "wb") as file:
            while file.tell() < BYTES:
                file.write(text)
        words = [str(TOOLS / "irene-predict"), "-q", "--threads", str(THREADS), str(big), "/dev/null",
                 str(self.folder / "model")]
        of_command, of_python = [], []
        for _ in range(ROUNDS):
            of_command.append(seconds_of(lambda: subprocess.run(words, check=True)))
            of_python.append(seconds_of(lambda: sum(len(run.line) for run in model.predict(big, threads=THREADS))))
            ratio = min(of_command) / min(of_python)
            if len(of_python) > 3 and ratio >= ENOUGH:
                break
        size = big.stat().st_size / 1e6
        print(f"{size:.0f} MB: irene-predict {size / min(of_command):.0f} MB/s, "
              f"model.predict {size / min(of_python):.0f} MB/s, {100 * ratio:.0f} % of it")
        self.assertGreaterEqual(ratio, ENOUGH)


if __name__ == "__main__":
    main()
