"""Files that grow run by run."""

import json

import support
from irene.measure.errors import Refusal
from irene.measure.journal import Journal, Table, identity

SETTINGS = {"seconds": 1.0, "meter": "watts"}


def record(batch_size, **more):
    return {"model_name": "a", "batch_size": batch_size, "seq_len": 8, "measurement": {"settings": SETTINGS}, **more}


class JournalTest(support.Folder):
    def setUp(self):
        super().setUp()
        self.told = []
        self.path = self.folder / "measured.jsonl"

    def open(self, settings=SETTINGS, path=None):
        journal = Journal(path or self.path, settings, self.told.append)
        self.addCleanup(journal.close)
        return journal

    def test_what_was_written_is_there_again(self):
        journal = self.open()
        journal.add(record(1))
        journal.add(record(2, dtype="bfloat16"))
        journal.close()
        again = self.open()
        self.assertEqual(again.records, [record(1), record(2, dtype="bfloat16")])
        self.assertIn(identity(record(1)), again.done)
        self.assertNotIn(identity(record(1, dtype="bfloat16")), again.done)
        self.assertEqual(self.told, [])

    def test_a_half_written_line_is_dropped_and_told(self):
        whole = json.dumps(record(1)) + "\n"
        for half in (json.dumps(record(2))[:-7], '{"mod', "\u00fc"[:1]):
            with self.subTest(half):
                self.path.write_text(whole + half)
                self.told.clear()
                journal = self.open()
                self.assertEqual(journal.records, [record(1)])
                self.assertEqual(self.told, [f"{self.path}: dropped line 2, which was half written"])
                journal.add(record(3))
                journal.close()
                self.assertEqual(self.path.read_text(), whole + json.dumps(record(3)) + "\n")

    def test_a_whole_line_that_lacks_its_end_stays(self):
        self.path.write_text(json.dumps(record(1)))
        journal = self.open()
        journal.add(record(2))
        journal.close()
        self.assertEqual([json.loads(line) for line in self.path.read_text().splitlines()], [record(1), record(2)])
        self.assertEqual(self.told, [])

    def test_what_was_measured_otherwise_is_refused(self):
        self.path.write_text(json.dumps(record(1)) + "\n")
        with self.assertRaisesRegex(Refusal, r"measured.jsonl:1: was measured otherwise \(seconds 1.0, now 2.0\)"):
            self.open({"seconds": 2.0, "meter": "watts"})

    def test_what_is_not_ours_is_refused_and_stays(self):
        for text in ('{"model_type": "bert"}\n', "words\n", "[1]\n", json.dumps({"model_name": "a", "frontend_tree": {}}) + "\n"):
            with self.subTest(text):
                self.path.write_text(text)
                with self.assertRaisesRegex(Refusal, ":1: is no line that this command wrote") as refused:
                    self.open()
                self.assertEqual(refused.exception.exit_code, 65)
                self.assertEqual(self.path.read_text(), text)

    def test_two_commands_do_not_write_one_file(self):
        self.open()
        with self.assertRaisesRegex(Refusal, "another command is writing it"):
            self.open()

    def test_what_cannot_be_created_is_a_sentence(self):
        with self.assertRaisesRegex(Refusal, "cannot be written: No such file") as refused:
            self.open(path=self.folder / "nowhere" / "file")
        self.assertEqual(refused.exception.exit_code, 73)

    def test_what_is_no_file_is_refused(self):
        with self.assertRaisesRegex(Refusal, "/dev/null: is no regular file.*standard output") as refused:
            self.open(path=support.pathlib.Path("/dev/null"))
        self.assertEqual(refused.exception.exit_code, 73)

    def test_a_full_disk_is_a_sentence(self):
        journal = self.open()
        journal.close()
        journal._file = open("/dev/full", "ab", buffering=0)
        self.addCleanup(journal._file.close)
        with self.assertRaisesRegex(Refusal, "No space left") as refused:
            journal.add(record(1))
        self.assertEqual(refused.exception.exit_code, 74)

    def test_no_number_is_no_line(self):
        with self.assertRaises(ValueError):
            self.open().add(record(1, joules=float("nan")))


class TableTest(support.Folder):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "runs.csv"

    def open(self):
        table = Table(self.path, SETTINGS, self.fail)
        self.addCleanup(table.close)
        return table

    def test_the_table_has_what_the_journal_has(self):
        table = self.open()
        table.add(record(1, config="a.json", joules=2.5, seconds=0.1))
        table.close()
        head = "config,batch_size,seq_len,model_name,new_tokens,dtype,attention,gpus,joules,seconds\n"
        first = "a.json,1,8,a,0,float32,eager,1,2.5,0.1\n"
        self.assertEqual(self.path.read_text(), head + first)
        # The command was killed between the journal and the table.
        self.path.unlink()
        again = self.open()
        self.assertEqual(self.path.read_text(), head + first)
        again.add(record(2, config="a, b.json", joules=5, seconds=0.2, dtype="float16", new_tokens=3))
        self.assertEqual(self.path.read_text(), head + first + '"a, b.json",2,8,a,3,float16,eager,1,5,0.2\n')
        self.assertEqual(sorted(file.name for file in self.folder.iterdir()), ["runs.csv", "runs.csv.journal"])

    def test_a_table_of_somebody_elses_is_refused_and_stays(self):
        self.path.write_text("config,joules\n")
        with self.assertRaisesRegex(Refusal, "without a journal runs.csv.journal") as refused:
            self.open()
        self.assertEqual(refused.exception.exit_code, 73)
        self.assertEqual(self.path.read_text(), "config,joules\n")


if __name__ == "__main__":
    support.unittest.main()
