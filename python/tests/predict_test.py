"""Predictions: the command's bytes, in order, as a stream that ends cleanly."""

import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import unittest
import warnings

import irene
from support import DEVICE_1, SIMULATED, SOURCE, SPECS, Case, command, join, main

LINES = SIMULATED.read_text().splitlines()


def nodes_of(node):
    """A node of a line and all below it, in preorder."""
    return [node] + [below for child in node["child_nodes_obj"] for below in nodes_of(child)]


def of_process(code, **options):
    """Runs Python, whose standard output is returned."""
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60,
                          check=False, **options)


class Predict(Case):
    @classmethod
    def setUpClass(cls):
        cls.model = irene.train(SIMULATED, SPECS)

    def saved(self):
        self.model.save(self.folder / "model")
        return self.folder / "model"

    def test_equals_the_command(self):
        model = self.saved()
        loaded = irene.load_model(model)
        for options, words in (({}, []), ({"plain": True}, ["--plain"]), ({"interval": 0.8}, ["--interval", "0.8"])):
            expected = command("irene-predict", "-q", *words, SIMULATED, "-", model)
            for threads in (1, 3):
                self.assertEqual(join(loaded.predict(SIMULATED, threads=threads, **options)), expected)
            trees = [irene.Tree(line) for line in LINES]
            for runs in (LINES, iter(LINES), trees, [line.encode() for line in LINES], (line + "\n" for line in LINES)):
                self.assertEqual(join(loaded.predict(runs, **options)), expected)
            output = self.folder / "out.jsonl"
            summary = loaded.predict_file(SIMULATED, output, **options)
            self.assertEqual(output.read_bytes(), expected)
            self.assertEqual(summary, (len(LINES), 0))

    @unittest.skipUnless(DEVICE_1.exists(), f"the reference material is not at {DEVICE_1}")
    def test_equals_the_command_on_device_1(self):
        model = irene.train(DEVICE_1, SPECS)
        model.save(self.folder / "device_1")
        expected = command("irene-predict", "-q", "--interval", "0.9", DEVICE_1, "-", self.folder / "device_1")
        loaded = irene.load_model(self.folder / "device_1")
        self.assertEqual(join(loaded.predict(DEVICE_1, interval=0.9)), expected)
        with open(DEVICE_1, "rb") as lines:
            self.assertEqual(join(loaded.predict(lines, interval=0.9)), expected)

    def test_a_run_tells_what_its_line_says(self):
        for run in self.model.predict(LINES[:3], interval=0.9):
            tree = run.to_dict()["frontend_tree"]
            self.assertEqual(run.joules, tree["predicted_energy"])
            self.assertEqual(run.interval, (tree["predicted_energy_low"], tree["predicted_energy_high"]))
            self.assertIsNone(run.seconds)
            self.assertEqual(run.joules_per_token, run.joules / (run.batch_size * run.seq_len))
            again = irene.PredictedRun(run.line)
            self.assertEqual((again.joules, again.interval), (run.joules, run.interval))
            self.assertEqual(pickle.loads(pickle.dumps(run)).joules, run.joules)
        self.assertIsNone(next(self.model.predict(LINES)).interval)
        with self.refused("data", "no predicted_energy"):
            irene.PredictedRun(LINES[0]).joules

    def test_of_a_generation_joules_are_by_new_token(self):
        runs = irene.extract(SOURCE / "configs" / "models" / "Llama-3.1-8B.json", batch_size=16, seq_len=300,
                             new_tokens=100, dtype="bfloat16", attention="flash")
        run = next(irene.load_model("h100-sxm-vllm").predict(runs, interval=0.9))
        self.assertEqual(run.joules_per_token, run.joules / 1600)
        self.assertGreater(run.seconds, 0)
        self.assertTrue(run.interval[0] < run.joules < run.interval[1])

    def test_nodes_and_their_table(self):
        run = next(self.model.predict(LINES, interval=0.9))
        nodes = run.nodes
        self.assertAlmostEqual(sum(node.self_joules for node in nodes), run.joules, delta=1e-9 * run.joules)
        children = sum(node.joules for node in nodes if node.parent == 0)
        self.assertAlmostEqual(nodes[0].self_joules, run.joules - children, delta=1e-9 * run.joules)
        self.assertEqual(nodes[0].share, 1.0)
        self.assertEqual(nodes[5].share, nodes[5].joules / run.joules)
        self.assertTrue(all(node.low < node.joules < node.high for node in nodes if node.low is not None))
        table = run.to_dataframe()
        columns = ["scope", "type", "joules", "self_joules", "share", "low", "high", "arithmetic_joules",
                   "memory_joules", "static_joules", "flops", "bytes"]
        try:
            import pandas
        except ImportError:
            self.lacking("pandas is absent: tables of nodes were tested as lists of dicts")
            self.assertEqual(list(table[0]), columns)
            self.assertEqual(len(table), len(nodes))
            return
        self.assertIsInstance(table, pandas.DataFrame)
        self.assertEqual(list(table.columns), columns)
        self.assertEqual(table["joules"].tolist(), [node.joules for node in nodes])

    def test_the_parts_of_joules_where_the_model_tells_them(self):
        run = next(self.model.predict(LINES))
        self.assertTrue(all(node.arithmetic_joules is None and node.static_joules is None for node in run.nodes))
        trees = irene.extract(SOURCE / "configs/models/gpt2.json", batch_size=8, seq_len=64, new_tokens=16,
                              dtype="float16")
        run = next(irene.load_model("h100-sxm-vllm").predict(trees))
        for node, told in zip(run.nodes, nodes_of(json.loads(run.line)["frontend_tree"])):
            self.assertAlmostEqual(node.arithmetic_joules + node.memory_joules + node.static_joules, node.joules,
                                   delta=1e-9 * node.joules)
            self.assertEqual(node.arithmetic_joules, told["predicted_arithmetic_energy"])
            self.assertEqual(node.memory_joules, told["predicted_memory_energy"])
            self.assertEqual(node.static_joules, told["predicted_static_energy"])

    def test_without_pandas_the_table_is_a_list(self):
        run = next(self.model.predict(LINES))
        hidden = sys.modules.get("pandas")
        sys.modules["pandas"] = None
        try:
            table = run.to_dataframe()
        finally:
            if hidden is None:
                del sys.modules["pandas"]
            else:
                sys.modules["pandas"] = hidden
        self.assertEqual(table[1]["joules"], run.nodes[1].joules)

    def test_what_stands_before_a_bad_line_comes_before_the_error(self):
        bad = self.folder / "bad.jsonl"
        for before in (0, 1, 40):
            lines = (LINES * 3)[:before] + ['{"model_name": 1}'] + LINES * 3
            bad.write_text("\n".join(lines))
            as_of_a_file = [line.encode() + b"\n" for line in lines]
            for runs, name in ((bad, str(bad)), (lines, "input"), (as_of_a_file, "input")):
                for threads in (1, 4):
                    came = []
                    with self.refused("data", file=name, line=before + 1, field="model_name"):
                        for run in self.model.predict(runs, threads=threads):
                            came.append(run.line)
                    self.assertEqual(len(came), before)
                    self.assertEqual(came, [run.line for run in self.model.predict(lines[:before])])

    def test_bad_lines_can_be_skipped(self):
        lines = [LINES[0], "{", LINES[1], '{"a": 1}', LINES[2]]
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            runs = list(self.model.predict(lines, skip_bad_lines=True))
        self.assertEqual(len(runs), 3)
        words = [str(warning.message) for warning in told]
        self.assertTrue(words[0].startswith("skipped: input:2"), words)
        self.assertTrue(words[1].startswith("skipped: input:4"), words)
        self.assertEqual(words[-1], "2 of 5 lines were refused and left out")
        with self.refused("data", "holds no tree"):
            list(self.model.predict(["{"], skip_bad_lines=True))

    def test_what_the_callers_iterator_raises_comes_behind_its_runs(self):
        def lines():
            yield from LINES[:5]
            raise KeyError("mine")

        came = []
        with self.assertRaises(KeyError):
            for run in self.model.predict(lines()):
                came.append(run)
        self.assertEqual(len(came), 5)
        came = []
        with self.refused("usage", "found one of int"):
            for run in self.model.predict([LINES[0], 7]):
                came.append(run)
        self.assertEqual(len(came), 1)

    def test_dicts_that_are_no_json_are_refused(self):
        deep = {}
        for _ in range(100000):
            deep = {"a": deep}
        cyclic = {}
        cyclic["a"] = cyclic
        for run in (deep, cyclic, {"a": {1}}, {1j: 1}, {"a": float("nan")}):
            with self.refused("data", "a tree cannot be written as JSON: "):
                list(self.model.predict([run]))
            with self.refused("usage", "config: it cannot be written as JSON: "):
                irene.train(LINES, run)

    def test_names_need_be_no_text(self):
        name = os.fsdecode(b"model\xff")
        self.model.save(self.folder / name)
        model = irene.load_model(self.folder / name)
        self.assertEqual((model.name, pickle.loads(pickle.dumps(model)).name), (name, name))
        with self.refused("data"):
            irene.Tree('{"\udcff": 1}').model_name
        with self.refused("data", "tree: invalid UTF-8", file="tree"):
            irene.Tree(b"\xff").line
        with self.refused("usage", "a tree is a line of JSON, found one of int"):
            irene.Tree(5)

    def test_nothing_gives_nothing(self):
        empty = self.folder / "empty.jsonl"
        empty.write_text("\n")
        for runs in ([], iter(()), empty, ["", "  "]):
            self.assertEqual(list(self.model.predict(runs)), [])

    def test_arguments_are_refused_at_once(self):
        for options, text in (
            ({"interval": 1.0}, "interval"), ({"interval": "0.9"}, "interval"), ({"interval": True}, "interval"),
            ({"interval": 0.9, "plain": True}, "plain"), ({"threads": 0}, "threads"), ({"threads": 1.0}, "threads"),
            ({"max_line_bytes": 10}, "max_line_bytes: expected a whole number from 262144 to 2147483647"),
            ({"max_line_bytes": 2**31}, "max_line_bytes"), ({"skip_bad_lines": "no"}, "skip_bad_lines: expected True"),
            ({"skip_bad_lines": 1}, "skip_bad_lines"), ({"plain": None}, "plain: expected"),
        ):
            with self.refused("usage", text):
                self.model.predict(SIMULATED, **options)
        with self.refused("usage", "interval"):
            irene.train(SIMULATED, {"training_strategy": "none"}).predict([], interval=0.9)
        with self.refused("usage", "runs are"):
            self.model.predict(7)
        with self.refused("usage", "runs are"):
            self.model.predict(b"{}")
        for runs in (LINES[0], "  " + LINES[0]):
            with self.refused("usage", "runs: a line of JSON is no path; put it into a list", file=None):
                self.model.predict(runs)
        with self.refused("usage", "runs: expected a path, found one with a zero byte"):
            self.model.predict("a\0b")
        with self.refused("no_input", file=str(self.folder / "absent.jsonl")):
            list(self.model.predict(self.folder / "absent.jsonl"))

    def test_more_is_given_than_is_held(self):
        """Of many runs that nobody takes, a few are predicted ahead; all come in order."""
        taken = 0

        def lines():
            nonlocal taken
            for _ in range(20):
                for line in LINES:
                    taken += 1
                    yield line

        iterator = self.model.predict(lines())
        first = next(iterator)
        time.sleep(0.3)
        self.assertLess(taken, 100)
        rest = list(iterator)
        self.assertEqual(len(rest) + 1, 20 * len(LINES))
        expected = [run.line for run in self.model.predict(LINES)]
        self.assertEqual([first.line] + [run.line for run in rest], expected * 20)

    def threads_end(self, before):
        deadline = time.monotonic() + 10
        while len(os.listdir("/proc/self/task")) > before:
            self.assertLess(time.monotonic(), deadline, "threads are left")
            time.sleep(0.01)

    def test_a_dropped_iterator_ends_its_threads(self):
        big = self.folder / "big.jsonl"
        big.write_text("\n".join(LINES * 20))
        before = len(os.listdir("/proc/self/task"))
        for runs in (big, LINES * 20):
            iterator = self.model.predict(runs, threads=2)
            next(iterator)
            self.assertGreater(len(os.listdir("/proc/self/task")), before)
            time.sleep(0.3)  # until as many are ahead as may be
            del iterator
            gc.collect()
            self.threads_end(before)
            with self.model.predict(runs, threads=2) as iterator:
                next(iterator)
            self.assertEqual(list(iterator), [])
            self.threads_end(before)
        waiting = self.folder / "pipe"
        os.mkfifo(waiting)
        keeps_open = os.open(waiting, os.O_RDWR)  # so that a reader has no end to meet
        self.addCleanup(os.close, keeps_open)
        iterator = self.model.predict(waiting)
        time.sleep(0.05)
        iterator.close()
        self.threads_end(before)
        os.mkfifo(self.folder / "unwritten")  # to open it is to wait already
        iterator = self.model.predict(self.folder / "unwritten")
        time.sleep(0.05)
        iterator.close()
        self.threads_end(before)

    def test_other_python_runs_meanwhile(self):
        big = self.folder / "big.jsonl"
        big.write_text("\n".join(LINES * 30))
        count, done = 0, threading.Event()

        def work():
            nonlocal count
            while not done.is_set():
                count += 1
                time.sleep(0)

        thread = threading.Thread(target=work)
        thread.start()
        self.model.predict_file(big, self.folder / "out.jsonl")
        done.set()
        thread.join()
        self.assertGreater(count, 100)

    def test_one_model_serves_several_threads(self):
        expected = join(self.model.predict(LINES))
        results = []

        def work():
            for _ in range(5):
                results.append(join(self.model.predict(LINES, threads=1)))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [expected] * 20)

    def test_one_iterator_serves_several_threads(self):
        """Each run comes to one of them, each in the order of the input; one of them hears of an error."""
        model = self.saved()
        big = self.folder / "big.jsonl"
        big.write_text("\n".join(LINES * 4) + "\n{\n")
        program = f"""
            import collections, faulthandler, irene, sys, threading
            faulthandler.dump_traceback_later(40, exit=True)
            sys.setswitchinterval(1e-5)
            model = irene.load_model({str(model)!r})
            lines = open({str(big)!r}).read().splitlines()
            expected = collections.Counter(run.line for run in model.predict(lines[:-1]))
            def work(iterator, came, errors):
                try:
                    for run in iterator: came.append(run.line)
                except irene.Error as error: errors.append(error.line)
            for given in [lambda: {str(big)!r}, lambda: lines, lambda: (line for line in lines)] * 6:
                iterator, came, errors = model.predict(given()), [], []
                threads = [threading.Thread(target=work, args=(iterator, came, errors)) for _ in range(6)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                assert collections.Counter(came) == expected, (len(came), len(expected))
                assert errors == [len(lines)], errors
            print('end')
        """
        done = of_process(program)
        self.assertEqual((done.stdout, done.returncode), ("end\n", 0), done.stderr)

    def test_interrupts_are_heard(self):
        model = self.saved()
        for code in (
            "list(model.predict(endless, threads=1))",
            "model.predict_file(endless, '/dev/null')",
            "list(model.predict(endless_lines()))",
            "irene.train(endless, {'training_strategy': 'additive', 'feature_sets': ['model_specs']})",
            "next(model.predict(unwritten))",
            "model.predict_file(unwritten, '/dev/null')",
        ):
            program = f"""
                import irene, itertools, os, signal, threading
                model = irene.load_model({str(model)!r})
                endless = {str(self.folder / 'endless')!r}
                unwritten = endless + '_without_writer'
                for pipe in (endless, unwritten):
                    if not os.path.exists(pipe): os.mkfifo(pipe)
                line = open({str(SIMULATED)!r}, 'rb').readline()
                def write():
                    with open(endless, 'wb') as pipe:
                        pipe.write(line * 3)
                        pipe.flush()
                        threading.Event().wait()
                threading.Thread(target=write, daemon=True).start()
                def endless_lines():
                    yield line
                    while True: yield b' '
                threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
                try:
                    {code}
                except KeyboardInterrupt:
                    print('heard')
            """
            done = of_process(program)
            self.assertEqual((done.stdout, done.returncode), ("heard\n", 0), code + done.stderr)

    def test_the_interpreter_ends_while_runs_are_predicted(self):
        model = self.saved()
        big = self.folder / "big.jsonl"
        big.write_text("\n".join(LINES * 20))
        done = of_process(f"""
            import irene, sys
            iterator = irene.load_model({str(model)!r}).predict({str(big)!r})
            next(iterator)
            sys.modules['kept'] = iterator
            print('end')
        """)
        self.assertEqual((done.stdout, done.returncode), ("end\n", 0), done.stderr)

    def test_the_interpreter_ends_while_daemon_threads_are_at_work(self):
        model = self.saved()
        for work in (
            "irene.train(lines, {'training_strategy': 'additive', 'feature_sets': ['model_specs']})",
            "model.predict_file(data, f'{data}.{threading.get_ident()}')",
            "for run in model.predict(itertools.repeat(lines[0])): run.joules",
            "next(model.predict(unwritten))",
        ):
            program = f"""
                import irene, itertools, os, threading, time
                model, data = irene.load_model({str(model)!r}), {str(self.folder / 'data.jsonl')!r}
                lines = open({str(SIMULATED)!r}).read().splitlines()
                open(data, 'w').write('\\n'.join(lines))
                unwritten = data + '.pipe'
                if not os.path.exists(unwritten): os.mkfifo(unwritten)
                def forever():
                    while True:
                        {work}
                for _ in range(4): threading.Thread(target=forever, daemon=True).start()
                time.sleep(0.3)
                print('end')
            """
            for _ in range(3):
                done = of_process(program)
                self.assertEqual((done.stdout, done.stderr, done.returncode), ("end\n", "", 0), work)

    def test_a_forked_process_is_not_held_up(self):
        iterator = self.model.predict(LINES * 20)
        next(iterator)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                next(iterator)
            except irene.Error as error:
                code = 0 if "process" in str(error) else 2
            del iterator
            gc.collect()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        self.assertEqual(status, 0)
        self.assertEqual(len(list(iterator)), 20 * len(LINES) - 1)

    def test_a_forked_process_ends_as_others_do(self):
        """Whatever the threads were at that it has not; what runs at its end may use the package."""
        model = self.saved()
        done = of_process(f"""
            import atexit, os, sys, threading
            atexit.register(lambda: print(len(list(model.predict(lines))), flush=True))
            import irene
            lines = open({str(SIMULATED)!r}).read().splitlines()
            model = irene.load_model({str(model)!r})
            def work():
                while True:
                    irene.train(lines, {str(SPECS)!r})
                    list(model.predict(lines))
            for _ in range(4): threading.Thread(target=work, daemon=True).start()
            for _ in range(10):
                child = os.fork()
                if child == 0: sys.exit(3)
                assert os.waitpid(child, 0)[1] >> 8 == 3
        """)
        self.assertEqual((done.stdout, done.returncode), (f"{len(LINES)}\n" * 11, 0), done.stderr)

    def test_memory_does_not_grow_with_the_file(self):
        model = self.saved()
        peaks = []
        for times in (10, 60):
            big = self.folder / f"{times}.jsonl"
            with open(big, "w") as file:
                for _ in range(times):
                    file.write("\n".join(LINES) + "\n")
            done = of_process(f"""
                import irene, resource
                count = sum(1 for run in irene.load_model({str(model)!r}).predict({str(big)!r}, threads=2))
                print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            """)
            count, peak = map(int, done.stdout.split())
            self.assertEqual(count, times * len(LINES))
            peaks.append(peak)
            size = big.stat().st_size >> 10
        self.assertLess(peaks[1], peaks[0] * 1.25 + 4096)
        self.assertGreater(size, 4 * (peaks[1] - peaks[0]))

    def test_a_notebook_shows_the_page(self):
        run = next(self.model.predict(LINES))
        shown = run._repr_html_()
        if shown is None:
            self.lacking("the build has no page, so a notebook shows text")
            return
        self.assertTrue(shown.startswith('<iframe sandbox="allow-scripts'))
        self.assertNotIn("allow-same-origin", shown)
        self.assertEqual(shown.count('"', shown.index("srcdoc=")), 2)
        import html

        page = html.unescape(shown[shown.index('srcdoc="') + 8 : shown.rindex('"')])
        self.assertIn(run.model_name, page)
        self.assertTrue(page.rstrip().endswith("</html>"))


if __name__ == "__main__":
    main()
