"""What the tests of measuring share."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SMALL_MODELS = f"{HERE / 'small_models.py'}:build"
TOOLS = pathlib.Path(os.environ.get("IRENE_TOOLS", "build/dev/bin"))  # the folder of the built commands

BERT = dict(
    model_type="bert", vocab_size=500, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=256,
    max_position_embeddings=128,
)
LLAMA = dict(
    model_type="llama", vocab_size=500, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    intermediate_size=160,
)
GPT2 = dict(model_type="gpt2", vocab_size=500, n_embd=64, n_layer=2, n_head=4, n_positions=128)
QWEN3 = dict(LLAMA, model_type="qwen3", head_dim=16)

QUICK = ["--seconds", "0.005", "--max_seconds", "0.02", "--warm_up", "0.001", "--error", "0.2"]


def torch_or_skip():
    """PyTorch; the test is skipped where it is absent."""
    try:
        import torch
    except ImportError:
        raise unittest.SkipTest("measuring models needs PyTorch (python3-torch), which is absent") from None
    return torch


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write_config(self, name, config):
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(config))
        return file

    def command(self, *arguments, code=0, **options):
        """Runs the command, which must end with the code: what it printed, and the lines of words."""
        done = self.started(*arguments, **options)
        out, words = done.communicate(timeout=300)
        self.assertEqual(done.returncode, code, words)
        return out, words.splitlines()

    def started(self, *arguments, environment=None):
        return subprocess.Popen(
            [sys.executable, "-m", "irene.measure", *map(str, arguments)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def tool(self, name, *arguments, text=None):
        """What a command of irene prints on standard output."""
        done = subprocess.run(
            [str(TOOLS.absolute() / name), *map(str, arguments)],
            cwd=self.folder, input=text, capture_output=True, text=True, check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class Powercap:
    """A folder as Linux has it for RAPL, whose counters go on with the time, some watts each, and begin again at their end."""

    def __init__(self, folder, zones):
        """`zones`: folder, name, watts, and the counter's range and present value in microjoules."""
        self.folder = pathlib.Path(folder)
        self._zones = zones
        self._end = threading.Event()
        for place, name, _, size, value in zones:
            at = self.folder / place
            at.mkdir(parents=True)
            (at / "name").write_text(name + "\n")
            (at / "max_energy_range_uj").write_text(f"{size}\n")
            self._put(at, value)

    @staticmethod
    def _put(at, value):
        (at / "new").write_text(f"{value}\n")
        os.replace(at / "new", at / "energy_uj")  # a reader sees the old value or the new one

    def set(self, place, value):
        self._put(self.folder / place, value)

    def __enter__(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self):
        begin = time.perf_counter()
        while not self._end.wait(0.002):
            gone = time.perf_counter() - begin
            for place, _, watts, size, value in self._zones:
                self._put(self.folder / place, int(value + 1e6 * watts * gone) % (size + 1))

    def __exit__(self, *error):
        self._end.set()
        self._thread.join()


def walk(node):
    """A node of a tree and all below it."""
    yield node
    for child in node["child_nodes_obj"]:
        yield from walk(child)


def spin(seconds):
    """Work that takes so long."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
