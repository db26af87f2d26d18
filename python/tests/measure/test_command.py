"""python -m irene.measure: what it writes, what it refuses, and how it goes on."""

import contextlib
import csv
import io
import json
import os
import signal
import time

import irene
import support
from irene.measure.__main__ import main


class CommandTest(support.Folder):
    def setUp(self):
        support.torch_or_skip()
        super().setUp()
        self.bert = self.write_config("bert", support.BERT)
        self.llama = self.write_config("llama", support.LLAMA)
        self.small = ["--build", support.SMALL_MODELS, "--device", "cpu"]

    def lines(self, name):
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def rows(self, table):
        return list(csv.DictReader(table.read_text().splitlines()))

    def measure(self, *arguments, **options):
        return self.command(*arguments, *self.small, *support.QUICK, **options)


class NodesTest(CommandTest):
    def test_the_tree_is_that_of_extract_and_every_node_is_measured(self):
        self.measure("bert.json", "llama.json", "--batch_size", "1,2", "--seq-len", "8", "--watts", "40", "-o", "out.jsonl")
        lines = self.lines("out.jsonl")
        trees = irene.extract([self.bert, self.llama], batch_size=[1, 2], seq_len=8)
        self.assertEqual(len(lines), 4)
        added = {"cpu", "mem", "times_mean", "ground_truth_energy"}
        for line, tree in zip(lines, trees):
            measurement = line.pop("measurement")
            for node in support.walk(line["frontend_tree"]):
                self.assertAlmostEqual(node["ground_truth_energy"], 40 * node["times_mean"], delta=0.2 * node["ground_truth_energy"])
                self.assertGreater(node["times_mean"], 0)
                for key in added:
                    del node[key]
            self.assertEqual(line, tree.to_dict())
            self.assertIn("an estimate", measurement["joules_of"])
            self.assertEqual(measurement["unmeasured_nodes"], 0)
            self.assertEqual(len(measurement["idle_watts"]), 2)
            for watts in measurement["idle_watts"]:
                self.assertAlmostEqual(watts, 40, delta=8)
            self.assertEqual(measurement["nodes"][0]["scope"], "root")
            self.assertEqual(sum(note["nodes"] for note in measurement["nodes"]), len(list(support.walk(line["frontend_tree"]))))
            self.assertLessEqual({"date", "python", "torch", "irene", "processor"}, set(measurement["machine"]))
            self.assertEqual(measurement["settings"]["seconds"], 0.005)

    def test_training_and_prediction_read_the_lines_and_keep_what_is_told(self):
        self.measure("bert.json", "--seq_len", "8,16,24,32", "--dtype", "float32", "--watts", "40", "-o", "out.jsonl")
        (self.folder / "specs.json").write_text('{"feature_sets": ["model_specs"], "training_strategy": "additive"}')
        self.tool("irene-train", "-q", "--config", "specs.json", "out.jsonl", "model")
        predicted = json.loads(self.tool("irene-predict", "-q", "out.jsonl", "-", "model").splitlines()[0])
        self.assertEqual(predicted["measurement"], self.lines("out.jsonl")[0]["measurement"])
        self.assertGreater(predicted["frontend_tree"]["predicted_energy"], 0)
        self.tool("irene-calibrate", "-q", "model", "out.jsonl", "calibrated")

    def test_measures_by_rapl(self):
        zones = [("intel-rapl:0", "package-0", 30.0, 20_000_000, 19_900_000)]
        with support.Powercap(self.folder / "powercap", zones) as powercap:
            self.command(
                "bert.json", *self.small, "--seq_len", "16", "--powercap", powercap.folder, "-o", "out.jsonl",
                "--seconds", "0.05", "--max_seconds", "0.2", "--warm_up", "0.01", "--error", "0.2",
            )
        (line,) = self.lines("out.jsonl")
        self.assertIn("package-0", line["measurement"]["joules_of"])
        watts = sorted(node["ground_truth_energy"] / node["times_mean"] for node in support.walk(line["frontend_tree"]))
        self.assertAlmostEqual(watts[len(watts) // 2], 30, delta=10)

    def test_standard_output_has_the_lines(self):
        out, words = self.measure("bert.json", "--seq_len", "8", "--watts", "40")
        self.assertEqual(json.loads(out)["model_name"], "bert")
        self.assertEqual(words[-1], "irene.measure: info: measured 1 of 1 runs; joules are of: an estimate: the measured seconds times 40 W")


class ResumeTest(CommandTest):
    ARGUMENTS = ["bert.json", "--seq_len", "8:48:8", "--watts", "40", "-o", "out.jsonl"]

    def interrupted(self, number):
        """The command, ended by the signal when some lines are there."""
        process = self.started(*self.ARGUMENTS, *self.small, *support.QUICK)
        end = time.monotonic() + 120
        file = self.folder / "out.jsonl"
        while not file.exists() or file.read_bytes().count(b"\n") < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)
        process.send_signal(number)
        _, words = process.communicate(timeout=60)
        return process.returncode, words

    def test_after_a_kill_it_goes_on_where_it_stopped(self):
        code, _ = self.interrupted(signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        file = self.folder / "out.jsonl"
        whole = file.read_bytes()
        before = whole[: whole.rindex(b"\n") + 1]
        file.write_bytes(before + b'{"model_name": "bert", "batch_')  # as a kill may leave it
        _, words = self.measure(*self.ARGUMENTS)
        kept = before.count(b"\n")
        self.assertIn(f"irene.measure: info: out.jsonl: dropped line {kept + 1}, which was half written", words)
        self.assertIn(f"irene.measure: info: out.jsonl: {kept} runs are there and stay", words)
        self.assertTrue(file.read_bytes().startswith(before))
        self.assertEqual([line["seq_len"] for line in self.lines("out.jsonl")], [8, 16, 24, 32, 40, 48])
        _, words = self.measure(*self.ARGUMENTS)
        self.assertRegex(words[-1], "measured 0 of 6 runs")

    def test_signals_end_it_with_a_sentence(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                (self.folder / "out.jsonl").unlink(missing_ok=True)
                found, words = self.interrupted(number)
                self.assertEqual(found, code, words)
                self.assertIn("interrupted; what is written stays", words)
                self.assertNotIn("Traceback", words)

    def test_other_settings_do_not_go_into_one_file(self):
        self.measure(*self.ARGUMENTS)
        before = (self.folder / "out.jsonl").read_bytes()
        arguments = [word.replace("40", "50") if word == "40" else word for word in self.ARGUMENTS]
        _, words = self.measure(*arguments, code=64)
        self.assertRegex(words[-1], "out.jsonl:1: was measured otherwise .*40 W, now an estimate.*50 W")
        self.assertEqual((self.folder / "out.jsonl").read_bytes(), before)


class RunsOnlyTest(CommandTest):
    def test_the_table_is_read_by_extract(self):
        (self.folder / "results").mkdir()
        self.measure(
            "llama.json", "--batch_size", "2", "--seq_len", "8", "--new_tokens", "0,1,15", "--runs-only", "--watts", "40",
            "-o", "results/runs.csv",
        )
        rows = self.rows(self.folder / "results" / "runs.csv")
        self.assertEqual([row["new_tokens"] for row in rows], ["0", "1", "15"])
        self.assertGreater(float(rows[2]["seconds"]), float(rows[1]["seconds"]))
        for row in rows:
            self.assertEqual(row["config"], "../llama.json")
            self.assertAlmostEqual(float(row["joules"]), 40 * float(row["seconds"]), delta=0.2 * float(row["joules"]))
        trees = [json.loads(line) for line in self.tool("irene-extract", "--runs", "results/runs.csv").splitlines()]
        for tree, row in zip(trees, rows):
            self.assertEqual(tree["model_name"], "llama")
            self.assertEqual(tree["frontend_tree"]["ground_truth_energy"], float(row["joules"]))
            self.assertEqual(tree["frontend_tree"]["times_mean"], float(row["seconds"]))
        journal = self.lines("results/runs.csv.journal")
        self.assertEqual(journal[0]["measurement"]["whole_run"]["joules"], float(rows[0]["joules"]))
        _, words = self.measure(
            "llama.json", "--batch_size", "2", "--seq_len", "8,16", "--new_tokens", "0", "--runs-only", "--watts", "40",
            "-o", "results/runs.csv",
        )
        self.assertRegex(words[-1], "measured 1 of 2 runs")

    def test_a_generation_has_the_tokens_that_are_asked_for(self):
        import torch
        from irene.measure.models import Subject

        class Writer(torch.nn.Module):
            def generate(self, **asked):
                self.asked = asked

        subject = Subject(support.LLAMA, lambda config, attention, head: Writer(), "float32", "eager", True, "cpu")
        subject.generation(torch.ones(2, 8), 15)()
        asked = subject.model.asked
        self.assertEqual((asked["min_new_tokens"], asked["max_new_tokens"], asked["do_sample"]), (15, 15, False))
        self.assertEqual((asked["input_ids"].shape, asked["attention_mask"].shape), ((2, 8), (2, 8)))

    def test_a_model_that_writes_no_text_is_refused(self):
        (self.folder / "mute.py").write_text(
            f"import sys; sys.path.insert(0, {str(support.HERE)!r})\n"
            "import small_models\n"
            "def build(config, attention, head):\n"
            "    model = small_models.build(config, attention, head)\n"
            "    del type(model).generate\n"
            "    return model\n"
        )
        _, words = self.command("llama.json", "--device", "cpu", "--new_tokens", "2", "--runs_only", "--watts", "40", "--build", "mute.py:build", code=64)
        self.assertIn("the model has no generate()", words[-1])

    def test_a_run_that_fails_is_left_out_and_said(self):
        fails = self.folder / "fails.py"
        fails.write_text(
            "import importlib.util, torch\n"
            f"spec = importlib.util.spec_from_file_location('small', {str(support.HERE / 'small_models.py')!r})\n"
            "small = importlib.util.module_from_spec(spec); spec.loader.exec_module(small)\n"
            "def build(config, attention, head):\n"
            "    model = small.build(config, attention, head)\n"
            "    forward = model.forward\n"
            "    def picky(input_ids):\n"
            "        if input_ids.shape[0] == 2: raise RuntimeError('CUDA out of memory.\\nTried to allocate')\n"
            "        return forward(input_ids)\n"
            "    model.forward = picky\n"
            "    return model\n"
        )
        _, words = self.command(
            "bert.json", "--build", "fails.py:build", "--device", "cpu", "--batch_size", "1,2,3", "--seq_len", "8", "--runs_only",
            "--watts", "40", *support.QUICK, "-o", "runs.csv", code=64,
        )
        self.assertIn("irene.measure: warning: left out bert, batch size 2, length 8: RuntimeError: CUDA out of memory.", words)
        self.assertEqual([row["batch_size"] for row in self.rows(self.folder / "runs.csv")], ["1", "3"])


class RefusalTest(CommandTest):
    def test_each_is_one_line_with_its_code(self):
        self.write_config("int8", dict(support.BERT, num_hidden_layers=-1))
        (self.folder / "nojson.json").write_text("{")
        (self.folder / "other.jsonl").write_text('{"model_name": "x", "frontend_tree": {}}\n')
        cases = [
            ([], 64, "a config is needed"),
            (["bert.json", "--seq_len", "0"], 64, "--seq_len: expected numbers from 1, found 0"),
            (["bert.json", "--seq_len", "8;16"], 64, "found '8;16'"),
            (["bert.json", "--seq_len", "64:8:8"], 64, "the range 64:8:8 is empty"),
            (["bert.json", "--dtype", "float8"], 64, "--dtype: invalid choice: 'float8'"),
            (["bert.json", "--secnds", "1"], 64, "--secnds"),
            (["bert.json", "--seconds", "nan"], 64, "expected a number above 0, found 'nan'"),
            (["bert.json", "--watts", "-3"], 64, "--watts"),
            (["bert.json", "--watts", "4", "--seconds", "3", "--max_seconds", "1"], 64, "is less than the window"),
            (["bert.json", "--watts", "4", "--new_tokens", "3"], 64, "--new_tokens goes with --runs_only"),
            (["bert.json", "--watts", "4", "--meter", "rapl"], 64, "--watts does not go with --meter rapl"),
            (["bert.json", "--meter", "watts"], 64, "--meter watts needs --watts N"),
            (["bert.json", "--meter", "nvml"], 64, "--meter nvml measures a GPU, and the device is cpu"),
            (["bert.json", "--powercap", "nowhere"], 66, "no RAPL counter"),
            (["nowhere.json", "--watts", "4"], 66, "nowhere.json"),
            (["nojson.json", "--watts", "4"], 65, "nojson.json"),
            (["int8.json", "--watts", "4"], 65, "num_hidden_layers"),
            (["bert.json", "--watts", "4", "--seq_len", "4096"], 65, "positions"),
            (["bert.json", "bert.json", "--watts", "4"], 64, "two models are called 'bert'"),
            (["bert.json", "--watts", "4", "-o", "other.jsonl"], 65, "is no line that this command wrote"),
            (["bert.json", "--watts", "4", "-o", "bert.json"], 65, "is no line that this command wrote"),
            (["bert.json", "--watts", "4", "-o", "no/where"], 73, "cannot be written"),
            (["bert.json", "--device", "gpu"], 64, "expected cpu, cuda or cuda:N"),
            (["bert.json", "--device", "cuda:77"], 64, "GPU"),
            (["bert.json", "--device", "meta"], 64, "no meter"),
            (["bert.json", "--watts", "4", "--build", "nowhere.py:build"], 66, "nowhere.py does not exist"),
            (["bert.json", "--watts", "4", "--build", "json:build"], 64, "has no function 'build'"),
            (["bert.json", "--watts", "4", "--build", "json"], 64, "expected MODULE:FUNCTION"),
            (["llama.json", "--watts", "4", "--attention", "flash"], 64, "flash"),
            (["--campaign", "out", "bert.json"], 64, "--campaign has its own configs"),
            (["bert.json", "--tiny"], 64, "--tiny goes with --campaign"),
        ]
        config = self.bert.read_bytes()
        for arguments, code, sentence in cases:
            with self.subTest(arguments):
                small = [] if "--build" in arguments else self.small[:2]
                device = [] if "--device" in arguments else self.small[2:]
                found, words = self.called(*arguments, *small, *device)
                self.assertEqual(len(words), 1, words)
                self.assertTrue(words[0].startswith("irene.measure: error: "), words)
                self.assertIn(sentence, words[0])
                self.assertEqual(found, code)
        self.assertEqual(self.bert.read_bytes(), config)

    def called(self, *arguments):
        """The command within this process, which imports torch once: its exit code, and the lines of words."""
        words = io.StringIO()
        before, handler = os.getcwd(), signal.getsignal(signal.SIGTERM)
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stderr(words), contextlib.redirect_stdout(io.StringIO()):
                code = main(list(map(str, arguments)))
        finally:
            os.chdir(before)
            signal.signal(signal.SIGTERM, handler)
        return code, words.getvalue().splitlines()

    def test_packages_that_are_absent_are_named_with_the_remedy(self):
        absent = self.folder / "absent"
        for package, remedy in (("torch", "PyTorch is absent.*pip install torch"), ("transformers", "pip install transformers.*--build")):
            (absent / package).mkdir(parents=True)
            (absent / package / "__init__.py").write_text("raise ImportError('not here')\n")
            path = os.pathsep.join([str(absent), os.environ.get("PYTHONPATH", "")])
            _, words = self.command("bert.json", "--watts", "4", "--device", "cpu", code=64, environment={"PYTHONPATH": path})
            self.assertEqual(len(words), 1, words)
            self.assertRegex(words[0], remedy)
            (absent / package / "__init__.py").unlink()
            (absent / package).rmdir()


class CampaignTest(CommandTest):
    def test_a_rehearsal_leaves_a_folder_that_can_be_copied_away(self):
        rehearse = ["--campaign", "results", "--tiny", *self.small, "--watts", "40", "--warm_up", "0.001", "--seconds", "0.002", "--max_seconds", "0.006"]
        _, words = self.command(*rehearse)
        self.assertFalse([line for line in words if "left out" in line], words)
        moved = self.folder / "elsewhere"
        (self.folder / "results").rename(moved)
        rows = self.rows(moved / "runs.csv")
        models = {"bert-large-uncased", "gpt2-xl", "Llama-3.2-1B", "Llama-3.1-8B", "Qwen3-1.7B", "Qwen3-8B"}
        self.assertEqual({row["model_name"] for row in rows}, models)
        self.assertTrue([row for row in rows if row["new_tokens"] != "0"])
        trees = [json.loads(line) for line in self.tool("irene-extract", "--runs", moved / "runs.csv").splitlines()]
        self.assertEqual(len(trees), len(rows))
        by_node = [json.loads(line) for line in (moved / "nodes.jsonl").read_text().splitlines()]
        self.assertEqual({line["model_name"] for line in by_node}, {"bert-large-uncased", "Llama-3.2-1B"})
        for line in by_node:
            self.assertEqual(line["measurement"]["unmeasured_nodes"], 0)
        machine = json.loads((moved / "machine.json").read_text())
        self.assertEqual(machine["left_out"], [])
        self.assertIn("torch", machine["machine"])
        moved.rename(self.folder / "results")
        _, words = self.command(*rehearse)
        self.assertRegex(words[-1], "measured 0 runs")

    def test_the_budget_ends_it_and_what_was_left_out_is_written(self):
        self.command("--campaign", "results", "--tiny", *self.small, "--watts", "40", "--budget", "0.000001")
        machine = json.loads((self.folder / "results" / "machine.json").read_text())
        self.assertRegex(machine["left_out"][0], "bert-large-uncased, batch size 2, length 32: the time was over")
        self.assertEqual(len((self.folder / "results" / "runs.csv").read_text().splitlines()), 1)


if __name__ == "__main__":
    support.unittest.main()
