"""Files of measurements that grow run by run: what was written stays, whatever happens next.

A journal has one JSON object a line. Each is flushed to the disk before the next run begins, so that a command that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pathlib
import sys
from typing import Any, Callable, Dict, List, Optional, Tuple

from irene import _irene
from irene.measure.errors import CANNOT_CREATE, CANNOT_WRITE, DATA, USAGE, Refusal

Record = Dict[str, Any]

#: What keys of a run are where a record lacks them.
RUN_KEYS: Dict[str, Any] = {
    "model_name": None,
    "batch_size": None,
    "seq_len": None,
    "counting": "paper",
    "dtype": "float32",
    "attention": "eager",
    "new_tokens": 0,
    "gpus": 1,
}

Identity = Tuple[Any, ...]


def identity(record: Record) -> Identity:
    """Of the run that a record is of: whatever key the library has tells runs apart."""
    return tuple(record.get(key, RUN_KEYS.get(key)) for key in _irene.RUN_KEYS)


def in_words(record: Record) -> str:
    """The run of a record: "gpt2, batch size 8, length 128, dtype bfloat16"."""
    words = f"{record['model_name']}, batch size {record['batch_size']}, length {record['seq_len']}"
    for key in ("dtype", "attention", "new_tokens"):
        value = record.get(key, RUN_KEYS[key])
        if value != RUN_KEYS[key]:
            words += f", {key} {value}"
    return words


class Journal:
    """A file of records, open for more of them. No other process may write it meanwhile."""

    def __init__(self, path: pathlib.Path, settings: Record, tell: Callable[[str], None]) -> None:
        """Reads what is there, which must have been measured with the same `settings`. A line that was half written when
        its command ended is dropped, which is told.

        Refusal where the file cannot be opened, is not one of ours, or was measured otherwise.
        """
        self.path = path
        self.records: List[Record] = []
        if path.exists() and not path.is_file():
            raise Refusal(f"{path}: is no regular file, as one that grows must be; '-' is standard output", CANNOT_CREATE)
        try:
            self._file = open(path, "a+b")
        except OSError as error:
            raise Refusal(f"{path}: cannot be written: {error.strerror}", CANNOT_CREATE) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise Refusal(f"{path}: another command is writing it", CANNOT_CREATE) from None
        try:
            self._read(settings, tell)
        except BaseException:
            self._file.close()
            raise
        self.done = {identity(record) for record in self.records}

    def _read(self, settings: Record, tell: Callable[[str], None]) -> None:
        self._file.seek(0)
        kept = 0
        for number, line in enumerate(self._file, 1):
            record = _parse(line)
            whole = line.endswith(b"\n")
            if record is None and not whole:
                tell(f"{self.path}: dropped line {number}, which was half written")
                break
            if record is None or not isinstance(record.get("measurement"), dict) or record.get("model_name") is None:
                raise Refusal(f"{self.path}:{number}: is no line that this command wrote; give another file", DATA)
            before = record["measurement"].get("settings")
            if before != settings:
                raise Refusal(
                    f"{self.path}:{number}: was measured otherwise ({_difference(before, settings)}); give another file, or "
                    "the same settings",
                    USAGE,
                )
            self.records.append(record)
            kept += len(line)
            if not whole:
                self._write(b"\n")
                kept += 1
        try:
            self._file.truncate(kept)
        except OSError as error:
            raise Refusal(f"{self.path}: cannot be written: {error.strerror}", CANNOT_WRITE) from None

    def add(self, record: Record) -> None:
        """Writes a record; it is on the disk when this returns. Refusal where it cannot be."""
        self._write(_line(record))
        self.records.append(record)
        self.done.add(identity(record))

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Refusal(f"{self.path}: cannot be written: {error.strerror}", CANNOT_WRITE) from None

    def close(self) -> None:
        """Lets others write the file."""
        self._file.close()


class Table(Journal):
    """A table of runs as `irene-extract --runs` reads it, and beside it a journal with all that is known of them.

    The table is made again from the journal whenever a run is there, and is whole at any time.
    """

    COLUMNS = (
        *("config", "batch_size", "seq_len", "model_name", "new_tokens"),
        *("dtype", "attention", "gpus", "joules", "seconds"),
    )

    def __init__(self, path: pathlib.Path, settings: Record, tell: Callable[[str], None]) -> None:
        journal = path.with_name(path.name + ".journal")
        if path.exists() and not journal.exists():
            raise Refusal(
                f"{path}: is there, without a journal {journal.name} of this command; give another file", CANNOT_CREATE
            )
        super().__init__(journal, settings, tell)
        self.table = path
        self._write_table()

    def add(self, record: Record) -> None:
        super().add(record)
        self._write_table()

    def _write_table(self) -> None:
        beside = self.table.with_name(f".{self.table.name}-{os.getpid()}")
        try:
            with open(beside, "w", encoding="utf-8", newline="") as file:
                file.write(table_text(self.records))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.table)
        except OSError as error:
            raise Refusal(f"{self.table}: cannot be written: {error.strerror}", CANNOT_WRITE) from None


def table_text(records: List[Record], header: bool = True) -> str:
    """Records of whole runs as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(Table.COLUMNS)
    for record in records:
        writer.writerow([record.get(column, RUN_KEYS.get(column)) for column in Table.COLUMNS])
    return text.getvalue()


class Printed:
    """Standard output in place of a file: nothing is there, and nothing can be gone on with."""

    def __init__(self, is_table: bool) -> None:
        self.records: List[Record] = []
        self.done: "set[Identity]" = set()
        self._is_table = is_table

    def add(self, record: Record) -> None:
        """Prints a record."""
        try:
            if self._is_table:
                sys.stdout.write(table_text([record], header=not self.records))
            else:
                sys.stdout.write(_line(record).decode())
            sys.stdout.flush()
        except OSError as error:
            raise Refusal(f"standard output: cannot be written: {error.strerror}", CANNOT_WRITE) from None
        self.records.append(record)

    def close(self) -> None:
        """Nothing is to be done."""


def _line(record: Record) -> bytes:
    # No NaN: it would be no JSON, and no number that anybody measured.
    return (json.dumps(record, allow_nan=False) + "\n").encode()


def _parse(line: bytes) -> Optional[Record]:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _difference(before: Any, now: Record) -> str:
    if not isinstance(before, dict):
        return "it has no settings"
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    return ", ".join(f"{key} {before.get(key)}, now {now.get(key)}" for key in keys)
