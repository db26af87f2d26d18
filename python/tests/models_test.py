"""Models and reports: the commands' files, documents and refusals."""

import json
import os
import pickle
import unittest
import warnings

import irene
from support import SIMULATED, SOURCE, SPECS, Case, command, main

LINES = SIMULATED.read_text().splitlines()
KERNELS = SOURCE / "configs" / "additive_kernels.json"


def same_files(one, other):
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in ("config.json", "model.json"))


class Models(Case):
    def test_trains_what_the_command_trains(self):
        for config, words in (
            (SPECS, ["--config", SPECS]),
            (None, []),
            ({"training_strategy": "none"}, ["--config", "none.json"]),
        ):
            (self.folder / "none.json").write_text('{"training_strategy": "none"}')
            command("irene-train", "-q", *words, SIMULATED, self.folder / "theirs", cwd=self.folder)
            for data in (SIMULATED, LINES, [irene.Tree(line) for line in LINES]):
                irene.train(data, config).save(self.folder / "mine")
                self.assertTrue(same_files(self.folder / "mine", self.folder / "theirs"), str(config))
        irene.train(SIMULATED, seed=1).save(self.folder / "mine")
        self.assertFalse(same_files(self.folder / "mine", self.folder / "theirs"))

    def test_a_model_tells_of_itself(self):
        model = irene.load_model("h100-sxm-vllm")
        self.assertEqual((model.name, model.config["training_strategy"]), ("h100-sxm-vllm", "additive"))
        self.assertEqual(model.explain().encode(), command("irene-explain", "h100-sxm-vllm"))
        self.assertEqual(irene.explain("h100-sxm-vllm"), model.explain())
        self.assertEqual(model.explain_dict(), json.loads(command("irene-explain", "--json", "h100-sxm-vllm")))
        theirs = json.loads(command("irene-explain", "--list", "--format", "json"))
        for mine, known in zip(irene.list_models(), theirs):
            self.assertEqual({**mine, "folder": ""}, {**known, "folder": ""})
        self.assertIn("h100-sxm-vllm", repr(model))

    def test_a_pickled_model_predicts_the_same(self):
        for name in ("h100-sxm-vllm", "irene-device-1"):
            model = irene.load_model(name)
            again = pickle.loads(pickle.dumps(model))
            model.save(self.folder / "one")
            again.save(self.folder / "other")
            self.assertTrue(same_files(self.folder / "one", self.folder / "other"))
            self.assertEqual(again.name, name)

    def test_models_are_refused_as_by_the_command(self):
        (self.folder / "broken").mkdir()
        (self.folder / "broken" / "config.json").write_text("{}")
        (self.folder / "broken" / "model.json").write_text("{")
        with self.refused("data", file=str(self.folder / "broken" / "model.json")):
            irene.load_model(self.folder / "broken")
        with self.refused("no_input", "did you mean h100-sxm-vllm?", file="h100-sxm-vlm"):
            irene.load_model("h100-sxm-vlm")
        (self.folder / "config.json").write_text('{"model_type": "bert"}')
        for given in (None, 5, "a\0b"):
            with self.refused("usage", "name_or_path: expected a path"):
                irene.load_model(given)
        with self.refused("usage", "directory: expected a path"):
            irene.load_model("h100-sxm-vllm").save(5)
        with self.refused("usage", "input: expected a path"):
            irene.load_model("h100-sxm-vllm").predict_file(5, 6)
        with self.refused("cannot_create", "belongs to no energy model"):
            irene.load_model("h100-sxm-vllm").save(self.folder)

    def test_models_of_the_environment_are_found(self):
        irene.load_model("h100-sxm-vllm").save(self.folder / "shelf" / "mine")
        os.environ["IRENE_MODELS"] = str(self.folder / "shelf")
        try:
            self.assertEqual(irene.load_model("mine").name, "mine")
        finally:
            del os.environ["IRENE_MODELS"]

    def test_training_is_refused_as_by_the_command(self):
        bad = self.folder / "bad.jsonl"
        bad.write_text(LINES[0].replace("ground_truth_energy", "energy") + "\n")
        process = command("irene-train", bad, self.folder / "m", check=False)
        with self.assertRaises(irene.Error) as caught:
            irene.train(bad)
        self.same_refusal(caught.exception, process)
        self.assertEqual((caught.exception.kind, caught.exception.line), ("data", 1))
        with self.refused("usage", "config", file="config"):
            irene.train(SIMULATED, {"training_strateg": "none"})
        with self.refused("data", "holds no tree"):
            irene.train([])
        for arguments in ({"seed": -1}, {"seed": "1"}, {"config": 7}):
            with self.refused("usage", next(iter(arguments)) + ": expected"):
                irene.train(SIMULATED, **arguments)
        with self.refused("usage", "no datasheet is named 'T5'", file="device"):
            irene.train(SIMULATED, KERNELS, device="T5")

    def test_calibrates_as_the_command(self):
        command("irene-calibrate", "-q", "--device", "L4", "h100-sxm-eager", "/dev/null", self.folder / "theirs")
        sheet = SOURCE / "configs" / "devices" / "L4.json"
        for known, device in (
            ("h100-sxm-eager", "L4"), (irene.load_model("h100-sxm-eager"), sheet),
            ("h100-sxm-eager", json.loads(sheet.read_text())),
        ):
            irene.calibrate(known, device=device).save(self.folder / "mine")
            self.assertTrue(same_files(self.folder / "mine", self.folder / "theirs"))
        irene.train(SIMULATED, SPECS).save(self.folder / "known")
        some = self.folder / "some.jsonl"
        some.write_text("\n".join(LINES[:3]) + "\n")
        command("irene-calibrate", "-q", self.folder / "known", some, self.folder / "theirs")
        irene.calibrate(self.folder / "known", LINES[:3]).save(self.folder / "mine")
        self.assertTrue(same_files(self.folder / "mine", self.folder / "theirs"))
        with self.refused("data", "holds no tree"):
            irene.calibrate("h100-sxm-eager")
        with self.refused("usage", file="device", field="watts"):
            irene.calibrate("h100-sxm-eager", device={**json.loads(sheet.read_text()), "watts": -1})
        with self.refused("usage", "device: expected"):
            irene.calibrate("h100-sxm-eager", device=7)
        self.assertIn("L4", irene.list_devices())
        self.assertEqual(irene.list_devices(), sorted(file.stem for file in sheet.parent.glob("*.json")))

    def test_warns_as_the_command(self):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            irene.calibrate("h100-sxm-eager", device="L4")
        self.assertEqual({warning.filename for warning in told}, {__file__})
        said = command("irene-calibrate", "--device", "L4", "h100-sxm-eager", "/dev/null", self.folder / "m",
                       check=False).stderr.decode()
        self.assertEqual(len(told), said.count(": warning: "))
        for warning in told:
            self.assertIn(str(warning.message), said)


class Reports(Case):
    @classmethod
    def setUpClass(cls):
        cls.model = irene.train(SIMULATED, SPECS)

    def setUp(self):
        super().setUp()
        self.predictions = self.folder / "predictions.jsonl"
        self.model.predict_file(SIMULATED, self.predictions, interval=0.9)

    def test_crossvalidates_as_the_command(self):
        theirs = json.loads(
            command("irene-crossvalidate", "-q", "--json", "--config", SPECS, SIMULATED, self.folder / "out"))
        self.assertEqual(irene.crossvalidate(SIMULATED, config=SPECS), theirs)
        self.assertEqual(irene.crossvalidate(LINES, self.folder / "mine", SPECS), theirs)
        for file in (self.folder / "out").rglob("*"):
            if file.is_file() and file.name != "predictions.jsonl":
                mine = self.folder / "mine" / file.relative_to(self.folder / "out")
                self.assertEqual(mine.read_bytes(), file.read_bytes())
        groups = self.folder / "groups.json"
        names = sorted({irene.Tree(line).model_name for line in LINES})
        groups.write_text(json.dumps({"a": names[:2], "b": names[2:]}))
        theirs = json.loads(command("irene-crossvalidate", "-q", "--json", "--config", SPECS, "--group_by", groups,
                                    SIMULATED, self.folder / "out"))
        self.assertEqual(irene.crossvalidate(SIMULATED, config=SPECS, group_by=groups), theirs)
        with self.refused("usage", "interval"):
            irene.crossvalidate(SIMULATED, interval=1.5)

    def test_evaluates_as_the_command(self):
        theirs = json.loads(command("irene-evaluate", "-q", "--json", SIMULATED, self.predictions))
        self.assertEqual(irene.evaluate(SIMULATED, self.predictions), theirs)
        only = irene.evaluate(SIMULATED, self.predictions, node_types=["model"])
        self.assertEqual(only["model"], theirs["model"])
        self.assertEqual(irene.evaluate(SIMULATED, self.predictions, node_types="model"), only)
        for arguments, name in (((LINES, self.predictions), "gold"), ((SIMULATED, None), "predictions"),
                                ((SIMULATED, LINES[0]), "predictions")):
            with self.refused("usage", name + ": expected a path"):
                irene.evaluate(*arguments)
        with self.refused("usage", "strict: expected True or False"):
            irene.evaluate(SIMULATED, self.predictions, strict="no")
        with self.refused("usage", "node_types: expected"):
            irene.evaluate(SIMULATED, self.predictions, node_types=["modell"])
        self.predictions.write_text("\n".join(self.predictions.read_text().splitlines()[:5]) + "\n")
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            irene.evaluate(SIMULATED, self.predictions)
        self.assertIn("nodes have no prediction", str(told[0].message))
        with self.refused("data"):
            irene.evaluate(SIMULATED, self.predictions, strict=True)

    def test_summarizes_as_the_command(self):
        for options, words in (
            ({}, []),
            ({"by": ["scope"], "top": 5, "unit": "mJ"}, ["--by", "scope", "--top", "5", "--unit", "mJ"]),
            ({"by": "model_name,instance_type"}, ["--by", "model_name,instance_type"]),
            ({"by": ["model_name", "role"]}, ["--by", "model_name,role"]),
            ({"by": ["scope"], "each_layer": True, "measured": True}, ["--by", "scope", "--each_layer", "--measured"]),
        ):
            theirs = json.loads(command("irene-summarize", "--format", "json", *words, self.predictions))
            self.assertEqual(irene.summarize(self.predictions, **options), theirs)
        with self.refused("usage", "predictions: expected a path, found one of list"):
            irene.summarize(LINES)
        with self.refused("usage", "by: expected one of"):
            irene.summarize(self.predictions, by=["scop"])
        for arguments in ({"unit": "cal"}, {"unit": 1}, {"top": -1}, {"top": 1.5}, {"by": 7}, {"max_line_bytes": "1"}):
            with self.refused("usage", next(iter(arguments)) + ": expected"):
                irene.summarize(self.predictions, **arguments)

    def test_draws_as_the_command(self):
        formats = ["speedscope", "folded", "csv"]
        visualize = "irene-visualize"
        if not (irene._irene.HAS_PAGE and os.path.exists(f"{os.environ['IRENE_TOOLS']}/{visualize}")):
            self.lacking("the build has no page, so none was drawn")
            with self.refused("usage", "no page"):
                irene.visualize(self.predictions, self.folder / "page.html")
            return
        for form in ["html", *formats]:
            mine, theirs = self.folder / "mine", self.folder / "theirs"
            summary = irene.visualize(self.predictions, mine, format=form)
            command(visualize, "-q", "--format", form, self.predictions, theirs)
            self.assertEqual(mine.read_bytes(), theirs.read_bytes())
            self.assertEqual(summary[0], len(LINES))
        with self.refused("usage", "format: expected"):
            irene.visualize(self.predictions, self.folder / "x", format="pdf")
        with self.refused("usage"):
            irene.visualize(self.predictions, self.predictions)


class Additive(Case):
    def trees(self):
        return [irene.Tree(line) for line in LINES]

    def test_fits_and_predicts_as_train_and_predict(self):
        trees = self.trees()
        model = irene.AdditiveModel(features="model_specs").fit(trees[::2])
        config = {"feature_sets": ["model_specs"], "training_strategy": "additive"}
        expected = [run.joules for run in irene.train(trees[::2], config).predict(trees[1::2])]
        self.assertEqual(model.predict(trees[1::2]), expected)
        self.assertEqual([run.joules for run in model.predict_runs(trees[1::2])], expected)
        measured = [tree.nodes[0].measured_joules for tree in trees[1::2]]
        error = sum(abs(a - b) / b for a, b in zip(expected, measured)) / len(measured)
        self.assertAlmostEqual(model.score(trees[1::2]), -error, delta=1e-12)  # not rounded, as reports are
        with self.refused("data", "no run has a measured energy"):
            model.score([LINES[0].replace("ground_truth_energy", "energy")])
        self.assertEqual(model.score(SIMULATED), model.score(trees))

    def test_has_an_estimators_parameters(self):
        model = irene.AdditiveModel(["model_specs", "timing"])
        self.assertEqual(model.get_params(), {"features": ["model_specs", "timing"], "device": None, "threads": None})
        self.assertIs(model.set_params(threads=2), model)
        self.assertEqual(model.threads, 2)
        self.assertEqual(type(model)(**model.get_params()).get_params(), model.get_params())
        with self.refused("usage", "no parameter 'alpha'"):
            model.set_params(alpha=1)
        with self.refused("usage", "not fitted"):
            model.predict(LINES)
        with self.refused("usage"):
            irene.AdditiveModel("specs").fit(LINES)
        with self.refused("usage", "features: expected"):
            irene.AdditiveModel(None).fit(LINES)
        with self.refused("usage", "estimator: expected"):
            irene.cross_val_report(LINES, estimator="x")
        try:
            import sklearn.base
        except ImportError:
            return  # nothing of irene needs it
        self.assertEqual(sklearn.base.clone(model).get_params(), model.get_params())

    def test_reports_how_well_it_predicts(self):
        report = irene.cross_val_report(self.trees(), group_by="model_name")
        config = {"feature_sets": ["model_specs"], "training_strategy": "additive"}
        self.assertEqual(report, irene.crossvalidate(SIMULATED, config=config))
        timing = irene.cross_val_report(LINES, "batch_size", estimator=irene.AdditiveModel(["model_specs", "timing"]))
        self.assertNotEqual(timing, report)
        with self.refused("no_input"):
            irene.cross_val_report(LINES, group_by="absent.json")


if __name__ == "__main__":
    main()
