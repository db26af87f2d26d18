"""Trees from configs: what irene-extract writes, whatever a config is given as."""

import json
import os
import pathlib
import pickle
import warnings

import irene
from support import SOURCE, Case, command, join, main

LINE = '{"model_type": "gpt2"}'
CONFIGS = SOURCE / "configs" / "models"


class Extract(Case):
    def test_equals_the_command(self):
        for options in (
            {},
            {"batch_size": [1, 8], "seq_len": [32, 64]},
            {"dtype": "bfloat16"},
            {"dtype": "bfloat16", "attention": "flash", "new_tokens": [1, 128], "batch_size": 8, "gpus": 2},
            {"counting": "kernels", "seq_len": 512},
            {"model_name": "mine", "gpus": 4},
        ):
            with self.subTest(options=options):
                words = []
                for name, value in options.items():
                    listed = value if isinstance(value, list) else [value]
                    words += [f"--{name}", ",".join(map(str, listed))]
                config = CONFIGS / "Llama-3.1-8B.json"
                self.assertEqual(
                    join(irene.extract(config, **options)), command("irene-extract", config, *words)
                )

    def test_a_config_is_a_path_a_dict_an_object_or_a_list_of_them(self):
        path = CONFIGS / "bert-base-uncased.json"
        content = json.loads(path.read_text())

        class Config:
            def to_dict(self):
                return content

        expected = join(irene.extract(path, model_name="b"))
        for config in (str(path), content, Config(), [path], [content], (Config(),)):
            self.assertEqual(join(irene.extract(config, model_name="b")), expected)
        both = [CONFIGS / "gpt2.json", {**content, "_name_or_path": "org/b"}]
        self.assertEqual([tree.model_name for tree in irene.extract(both)], ["gpt2", "org/b"])
        several = [CONFIGS / "gpt2.json", CONFIGS / "distilgpt2.json"]
        self.assertEqual(join(irene.extract(several, seq_len=64)), command("irene-extract", *several, "--seq_len", "64"))

    def test_numbers_and_objects_of_other_packages(self):
        class Whole:
            def __index__(self):
                return 384

        class Scalar:
            def item(self):
                return 0.5

        class Dtype:
            def __str__(self):
                return "torch.bfloat16"

        content = {"model_type": "bert", "hidden_size": Whole(), "hidden_dropout_prob": Scalar(), "num_attention_heads": 6,
                   "dtype": Dtype(), "unread": object()}
        plain = {**content, "hidden_size": 384, "hidden_dropout_prob": 0.5, "dtype": "bfloat16", "unread": None}
        self.assertEqual(join(irene.extract(content, counting="kernels")), join(irene.extract(plain, counting="kernels")))
        with self.refused("data", "the config cannot be written as JSON: it is nested too deep"):
            deep = []
            for _ in range(100000):
                deep = [deep]
            irene.extract({"model_type": "bert", "deep": deep})

    def test_names_need_be_no_text(self):
        path = self.folder / os.fsdecode(b"gpt2\xff.json")
        path.write_bytes((CONFIGS / "gpt2.json").read_bytes())
        self.assertEqual(irene.extract(path, model_name="a"), irene.extract(CONFIGS / "gpt2.json", model_name="a"))
        with self.refused("usage", "config: expected a path"):
            irene.extract(LINE)

    def test_a_folder_is_its_config(self):
        (self.folder / "tiny").mkdir()
        (self.folder / "tiny" / "config.json").write_bytes((CONFIGS / "gpt2.json").read_bytes())
        self.assertEqual(irene.extract(self.folder / "tiny")[0].model_name, "tiny")
        self.assertEqual(irene.extract({"model_type": "gpt2"})[0].model_name, "model")

    def test_a_tree_tells_its_run(self):
        tree = irene.extract(
            CONFIGS / "Llama-3.1-8B.json",
            batch_size=8, seq_len=300, new_tokens=16, dtype="int8", attention="flash", gpus=2,
        )[0]
        self.assertEqual(
            (tree.model_name, tree.batch_size, tree.seq_len, tree.new_tokens, tree.dtype, tree.attention,
             tree.gpus, tree.counting),
            ("Llama-3.1-8B", 8, 300, 16, "int8", "flash", 2, "kernels"),
        )
        self.assertEqual(tree.to_dict()["batch_size"], 8)
        self.assertEqual(json.dumps(tree.to_dict()), json.dumps(json.loads(tree.line)))
        root, prefill = tree.nodes[0], tree.nodes[1]
        self.assertEqual((root.scope, root.type, root.parent), ("root", "model", -1))
        self.assertEqual((prefill.scope, prefill.parent, prefill.joules), ("root.prefill", 0, None))
        counts = json.loads(command(
            "irene-extract", CONFIGS / "Llama-3.1-8B.json", "--batch_size", "8", "--seq_len", "300",
            "--new_tokens", "16", "--dtype", "int8", "--attention", "flash", "--gpus", "2", "--params", "--json"))
        self.assertEqual((root.flops, root.bytes), (counts[0]["flops"], counts[0]["bytes"]))
        self.assertEqual(pickle.loads(pickle.dumps(tree)), tree)
        self.assertEqual(irene.Tree(tree.line), tree)
        self.assertIn("Llama-3.1-8B", repr(tree))

    def test_refuses_as_the_command(self):
        bad = self.folder / "bad.json"
        bad.write_text('{"model_type": "bert", "hidden_size": -1}')
        for config, words, options in (
            (bad, [], {}),
            (self.folder / "absent.json", [], {}),
            ("meta-llama/Llama-3.1-8B", [], {}),
            (CONFIGS / "gpt2.json", ["--seq_len", "4096"], {"seq_len": 4096}),
            (CONFIGS / "gpt2.json", ["--seq_len", "8,8"], {"seq_len": [8, 8]}),
            (CONFIGS / "gpt2.json", ["--model_type", "bart"], {"model_type": "bart"}),
        ):
            with self.subTest(config=str(config), options=options):
                process = command("irene-extract", config, *words, check=False)
                with self.assertRaises(irene.Error) as caught:
                    irene.extract(config, **options)
                said = str(caught.exception)
                # What ships lies elsewhere for the package.
                if "come with irene" in said or "comes with irene" in said:
                    said = said.split(" is /")[0]
                    self.assertIn(said, process.stderr.decode())
                else:
                    self.same_refusal(caught.exception, process)

    def test_an_error_tells_its_place(self):
        with self.refused("data", "hidden_size", file="config", field="hidden_size", line=None, node=None):
            irene.extract({"model_type": "bert", "hidden_size": -1})
        with self.refused("no_input", file=str(self.folder / "absent.json")):
            irene.extract(self.folder / "absent.json")
        with self.refused("usage", "dtype: expected"):
            irene.extract({"model_type": "bert"}, dtype="float33")
        with self.refused("usage", "counting='kernels'"):
            irene.extract({"model_type": "bert"}, dtype="float16", counting="paper")
        for sizes in (0, -1, [8, 2**26 + 1], [], 1.5, "8", True, [None]):
            with self.refused("usage", "batch_size: expected"):
                irene.extract({"model_type": "bert"}, batch_size=sizes)
        for arguments in ({"gpus": "two"}, {"gpus": 0}, {"gpus": 2**70}, {"dtype": 16}, {"attention": None},
                          {"model_name": 7}, {"counting": b"paper"}):
            with self.refused("usage", next(iter(arguments)) + ": expected"):
                irene.extract({"model_type": "bert"}, **arguments)
        for config in (7, None, object()):
            with self.refused("usage", "a config is"):
                irene.extract(config)
        with self.refused("usage", "a config is needed"):
            irene.extract([])
        with self.refused("usage", "model_name: expected a text"):
            irene.extract({"model_type": "bert"}, model_name="\udcff")
        error = irene.Error("m", "data", "f", 3, 4, "n", "k")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(again), again.kind, again.file, again.line, again.byte, again.node, again.field),
                         ("m", "data", "f", 3, 4, "n", "k"))

    def test_warns_in_the_line_that_calls(self):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            irene.extract({"model_type": "bert"})
        self.assertEqual([(warning.category, warning.filename) for warning in told], [(irene.Warning, __file__)])
        self.assertIn("no size is given", str(told[0].message))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with self.assertRaises(irene.Warning):
                irene.extract({"model_type": "bert"})

    def test_runs_of_a_table(self):
        table = self.folder / "runs.csv"
        table.write_text("config,batch_size,seq_len,joules\ngpt2,1,64,2.5\nbert-base-uncased,8,32,3\n")
        self.assertEqual(join(irene.extract_runs(table)), command("irene-extract", "--runs", table))
        self.assertEqual(irene.extract_runs(table)[0].nodes[0].measured_joules, 2.5)
        table.write_text("config,batch_size,seq_len\ngpt2,1,zero\n")
        with self.refused("data", "zero", file=str(table), line=2, field="seq_len"):
            irene.extract_runs(table)

    def test_architectures(self):
        listed = command("irene-extract", "--list", "--format", "csv").decode().split()[1:]
        self.assertEqual(irene.known_architectures(), listed)


if __name__ == "__main__":
    main()
