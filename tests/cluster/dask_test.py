"""irene.dask on a cluster of two processes: whatever the parts, the bytes of a single run of irene-predict, and refusals
that name the file and line. The script of docs/cluster.md runs as it stands there.

usage: dask_test.py SOURCE TOOLS
  SOURCE   the repository
  TOOLS    the folder with the built commands

Skipped with a sentence where dask is absent; IRENE_CLUSTER_TEST=required makes that a failure.
"""

import logging
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest

try:
    import dask.bag
    import dask.distributed
except ImportError as missing:
    print(f"skipped: irene.dask: {missing}; apt-get install python3-distributed")
    sys.exit(1 if os.environ.get("IRENE_CLUSTER_TEST") == "required" else 77)

import irene
import irene.dask

SOURCE, TOOLS = (pathlib.Path(argument).absolute() for argument in sys.argv[1:3])
INTERVAL = 0.9


def written(runs):
    """What a file of these predictions holds."""
    return "".join(run.line + "\n" for run in runs).encode()


def with_process(runs):
    return [(run, os.getpid()) for run in runs]


class Dask(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="dask.")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.work = pathlib.Path(cls.folder.name)
        # Trees of very different lengths, and no line end behind the last.
        lines = (SOURCE / "datasets" / "simulated.jsonl").read_bytes().splitlines(keepends=True)
        cls.data = cls.work / "data.jsonl"
        cls.data.write_bytes(b"".join(lines).rstrip(b"\n"))
        cls.directory = cls.work / "model"
        cls.command("train", "-q", "--config", SOURCE / "configs" / "additive_specs.json", SOURCE / "datasets" / "simulated.jsonl",
                    cls.directory)
        cls.command("predict", "-q", "--interval", INTERVAL, cls.data, cls.work / "single.jsonl", cls.directory)
        cls.single = (cls.work / "single.jsonl").read_bytes() + b"\n"
        cls.model = irene.load_model(cls.directory)
        cluster = dask.distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
                                                silence_logs=logging.CRITICAL)
        cls.addClassCleanup(cluster.close)
        client = dask.distributed.Client(cluster)
        cls.addClassCleanup(client.close)

    @classmethod
    def command(cls, tool, *arguments, check=True):
        done = subprocess.run([TOOLS / f"irene-{tool}", *map(str, arguments)], cwd=cls.work, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(f"irene-{tool}: {done.stderr}")
        return done

    def refused(self, function):
        with self.assertRaises(irene.Error) as caught:
            function()
        return caught.exception

    def predict(self, given, **settings):
        return irene.dask.predict(given, self.model, interval=INTERVAL, **settings)

    def test_a_file_in_parts_gives_the_bytes_of_the_single_run(self):
        size = self.data.stat().st_size
        # A part that begins with a line, one byte before it and one behind; parts with many lines, and none.
        first = len(self.data.read_bytes().split(b"\n")[0])
        for blocksize in (size + 1, size // 3, size // 100, first, first + 1, first + 2):
            with self.subTest(blocksize=blocksize):
                runs = self.predict(self.data, blocksize=blocksize)
                self.assertEqual(runs.npartitions, -(-size // blocksize))
                self.assertEqual(written(runs.compute()), self.single)

    def test_both_processes_predict(self):
        runs = self.predict(self.data, blocksize=2**16).map_partitions(with_process).compute()
        self.assertEqual(written(run for run, _ in runs), self.single)
        processes = {process for _, process in runs}
        self.assertEqual(len(processes), 2)
        self.assertNotIn(os.getpid(), processes)

    def test_runs_keep_what_was_predicted_of_them(self):
        spread, single = self.predict(self.data).compute(), list(self.model.predict(self.data, interval=INTERVAL))
        self.assertEqual([(run.joules, run.interval) for run in spread], [(run.joules, run.interval) for run in single])

    def test_files_empty_ones_among_them_are_read_one_after_the_other(self):
        empty = self.work / "empty.jsonl"
        empty.touch()
        runs = self.predict([str(empty), self.data, empty, self.data], blocksize=2**19).compute()
        self.assertEqual(written(runs), 2 * self.single)
        self.assertEqual(self.predict(empty).compute(), [])
        self.assertEqual(self.predict(empty).map(lambda run: run.joules).sum().compute(), 0)
        self.assertEqual(self.predict([]).compute(), [])

    def test_marks_and_ends_of_lines_and_blank_ones_are_read_as_in_a_single_run(self):
        odd = self.work / "odd.jsonl"
        odd.write_bytes(b"\xef\xbb\xbf" + self.data.read_bytes().replace(b"\n", b"\r\n \n\n"))
        single = written(self.model.predict(odd, interval=INTERVAL))
        self.assertEqual(single.replace(b"\r", b""), self.single)
        for blocksize in (2**30, 2**16, 7000):
            self.assertEqual(written(self.predict(odd, blocksize=blocksize).compute()), single)

    def test_bags_of_lines_and_of_trees(self):
        trees = [irene.Tree(line) for line in self.data.read_bytes().split(b"\n")]
        for bag in (dask.bag.read_text(str(self.data), blocksize=2**18), dask.bag.from_sequence(trees, npartitions=5)):
            self.assertEqual(written(self.predict(bag).compute()), self.single)

    def test_the_name_of_a_model_does(self):
        runs = irene.dask.predict(self.data, str(self.directory), interval=INTERVAL)
        self.assertEqual(written(runs.compute()), self.single)

    def test_a_relative_path_is_that_of_the_caller(self):
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.work)
        runs = self.predict("data.jsonl")
        os.chdir(before)
        self.assertEqual(written(runs.compute()), self.single)

    def test_a_bad_line_is_refused_as_the_command_does(self):
        bad = self.work / "bad.jsonl"
        bad.write_bytes(self.data.read_bytes() + b'\n\n{"model_name": 3}\n')
        command = self.command("predict", bad, "-", self.directory, check=False)
        self.assertEqual(command.returncode, 65)
        for blocksize in (2**30, 2**16, 7000):
            with self.subTest(blocksize=blocksize):
                error = self.refused(self.predict(str(bad), blocksize=blocksize).compute)
                self.assertEqual(f"irene-predict: error: {error}\n", command.stderr)
                self.assertEqual((error.kind, error.file, error.line), ("data", str(bad), 26))

    def test_a_path_of_odd_bytes(self):
        odd = os.fsdecode(os.fsencode(self.work) + b"/a\xff\nb.jsonl")
        pathlib.Path(odd).write_bytes(self.data.read_bytes() + b"\nx\n")
        error = self.refused(self.predict(odd, blocksize=2**18).compute)
        self.assertEqual(str(error), str(self.refused(lambda: list(self.model.predict(odd)))))
        self.assertEqual((os.fspath(error.file), error.line), (odd, 25))

    def test_what_cannot_be_honoured_is_refused_before_anything_runs(self):
        weighted = self.work / "weighted"
        self.command("train", "-q", SOURCE / "datasets" / "simulated.jsonl", weighted)
        for words, function in (
            ("nofile: cannot be read: No such file or directory", lambda: self.predict("nofile")),
            ("no regular file", lambda: self.predict(self.work)),
            ("from_sequence", lambda: self.predict([irene.Tree(b"{}")])),
            ("found one of int", lambda: self.predict(3)),
            ("blocksize: expected", lambda: self.predict(self.data, blocksize=0)),
            ("blocksize: expected", lambda: self.predict(self.data, blocksize="64 MiB")),
            ("interval: expected", lambda: irene.dask.predict(self.data, self.model, interval=90)),
            ("interval", lambda: irene.dask.predict(self.data, str(weighted), interval=0.9)),
        ):
            with self.subTest(words=words):
                self.assertIn(words, str(self.refused(function)))

    def test_a_file_that_is_gone_when_it_is_read(self):
        gone = self.work / "gone.jsonl"
        gone.write_bytes(self.data.read_bytes())
        runs = self.predict(str(gone))
        gone.unlink()
        error = self.refused(runs.compute)
        self.assertEqual((error.kind, str(error)), ("no_input", f"{gone}: cannot be read: No such file or directory"))

    def test_the_script_of_the_page(self):
        section = (SOURCE / "docs" / "cluster.md").read_text().partition("\n## Dask\n")[2].partition("\n## ")[0]
        blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", section, re.MULTILINE)
        script = next(block for block in blocks if "irene.dask" in block)
        (self.work / "spread.py").write_text(textwrap.dedent(script))
        done = subprocess.run([sys.executable, "spread.py"], cwd=self.work, capture_output=True, text=True, timeout=240, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.command("predict", "-q", self.data, "whole.jsonl", self.directory)
        joined = b"".join(part.read_bytes() for part in sorted((self.work / "predictions").iterdir()))
        self.assertEqual(joined, (self.work / "whole.jsonl").read_bytes() + b"\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
