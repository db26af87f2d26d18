"""What the tests of the package share. Environment: IRENE_TOOLS, the folder of the commands; IRENE_SOURCE, the
repository; IRENE_REFERENCE, the folder of the reference's measurements, which may be absent; IRENE_PYTHON_TEST, which is
"required" where a machine lacks nothing else, so that what cannot be tested is a failure."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

import irene

TOOLS = pathlib.Path(os.environ["IRENE_TOOLS"])
SOURCE = pathlib.Path(os.environ["IRENE_SOURCE"])
DEVICE_1 = pathlib.Path(os.environ.get("IRENE_REFERENCE", "absent")) / "datasets" / "irene_device_1.jsonl"
SIMULATED = SOURCE / "datasets" / "simulated.jsonl"
SPECS = SOURCE / "configs" / "additive_specs.json"


def command(*words, check=True, data=b"", **options):
    """What a command prints, as bytes; its process where it may fail."""
    done = subprocess.run(
        [str(TOOLS / words[0]), *map(str, words[1:])], input=data, capture_output=True, check=False, **options
    )
    if not check:
        return done
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.stderr.decode()}")
    return done.stdout


class Case(unittest.TestCase):
    """A test with a folder of its own, in which warnings of the package are no noise."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        caught = warnings.catch_warnings()
        caught.__enter__()
        self.addCleanup(caught.__exit__, None, None, None)
        warnings.simplefilter("ignore", irene.Warning)

    @contextlib.contextmanager
    def refused(self, kind, text="", **place):
        """An irene.Error of this kind, whose line has the text, and which has the place."""
        with self.assertRaises(irene.Error) as caught:
            yield
        error = caught.exception
        self.assertEqual(error.kind, kind, str(error))
        self.assertIn(text, str(error))
        self.assertNotIn("\n", str(error))
        for name, value in place.items():
            self.assertEqual(getattr(error, name), value, str(error))

    def lacking(self, what):
        """Says what this machine lacks, and that a part of the test was left out for it."""
        self.assertNotEqual(os.environ.get("IRENE_PYTHON_TEST"), "required", what)
        print(f"skipped: {what}")

    def same_refusal(self, error, process):
        """The error says what the command said."""
        said = process.stderr.decode().rstrip("\n").split("\n")[-1]
        self.assertTrue(said.endswith(": error: " + str(error)), f"{said}\nand\n{error}")


def join(runs):
    """The bytes of a file of these runs."""
    return "".join(run.line + "\n" for run in runs).encode()


def main():
    """Runs the tests of a file; those that were skipped are said in lines that begin so."""
    program = unittest.main(exit=False, argv=[sys.argv[0], *sys.argv[1:]])
    for _, reason in program.result.skipped:
        print(f"skipped: {reason}")
    sys.exit(0 if program.result.wasSuccessful() else 1)
