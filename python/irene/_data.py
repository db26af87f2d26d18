"""What the functions take as data: the path of a file, or trees that a program has."""

from __future__ import annotations

import os
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Union

from ._check import json_text, path, whole
from ._errors import Error
from ._trees import Tree

Path = Union[str, "os.PathLike[str]"]
Run = Union[str, bytes, Tree, Mapping[str, Any]]
Runs = Union[Path, Tree, Mapping[str, Any], Iterable[Run]]

MAX_LINE_BYTES = 64 << 20
"""The longest line that is read, in bytes, unless the caller says otherwise."""
_MIN_LINE_BYTES, _MAX_LINE_BYTES = 1 << 18, (1 << 31) - 1  # as the commands take


def threads_or_all(threads: Optional[int]) -> int:
    """None: as many as the process may use."""
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return min(max(len(os.sched_getaffinity(0)), 1), 1024)
        return min(max(os.cpu_count() or 1, 1), 1024)
    return whole("threads", threads, 1, 1024)


def line_bytes_or_default(max_line_bytes: Optional[int]) -> int:
    return MAX_LINE_BYTES if max_line_bytes is None else whole("max_line_bytes", max_line_bytes, _MIN_LINE_BYTES, _MAX_LINE_BYTES)


def path_of(runs: Runs) -> Optional[str]:
    """The path, where it is one."""
    if isinstance(runs, str) and runs.lstrip().startswith("{"):
        raise Error("runs: a line of JSON is no path; put it into a list", "usage")
    return path("runs", runs) if isinstance(runs, (str, os.PathLike)) else None


def _line(run: Run) -> bytes:
    if isinstance(run, Tree):
        return run._line.bytes
    if isinstance(run, bytes):
        return run[:-1] if run.endswith(b"\n") else run
    if isinstance(run, str):
        return (run[:-1] if run.endswith("\n") else run).encode("utf-8", "surrogatepass")
    if isinstance(run, Mapping):
        return json_text("a tree", run, "data").encode()
    raise Error(f"a run is a line of JSON, an irene.Tree or a dict, found one of {type(run).__name__}", "usage")


def lines_of(runs: Runs) -> Iterator[bytes]:
    """The lines of runs that are no path, as they are asked for."""
    if isinstance(runs, (Tree, Mapping)):
        return iter([_line(runs)])
    if isinstance(runs, (bytes, bytearray)) or not hasattr(runs, "__iter__"):
        raise Error(
            "runs are a path or a list of lines, trees or dicts, found one of " + type(runs).__name__, "usage"
        )
    return map(_line, runs)  # type: ignore[arg-type]


def data_of(runs: Runs) -> Union[str, List[bytes]]:
    """The path, or all lines."""
    found = path_of(runs)
    return list(lines_of(runs)) if found is None else found
