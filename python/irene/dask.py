"""Prediction over the workers of a Dask cluster.

    import irene.dask

    runs = irene.dask.predict("data.jsonl", "h100-sxm-vllm", interval=0.9)
    runs.map(lambda run: run.joules).sum().compute()

Runs are predicted one by one, so that spreading them changes no byte of a prediction. What a worker warns of goes to its
log, with the lines of its part; what predictions mark, such as ``outside_training``, is in the runs. Needs dask: Debian's
``python3-distributed``, or ``pip install 'dask[distributed]'``.
"""

from __future__ import annotations

import importlib
import os
import stat
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Union

from ._errors import Error
from ._models import Model, load_model
from ._trees import PredictedRun

try:
    _bag: Any = importlib.import_module("dask.bag")
    _delayed: Any = importlib.import_module("dask.delayed").delayed
except ImportError as missing:
    raise ImportError(
        f"irene.dask needs dask ({missing}): apt-get install python3-distributed, or pip install 'dask[distributed]'"
    ) from None

__all__ = ["predict"]

Path = Union[str, "os.PathLike[str]"]
Bag = Any
"""A ``dask.bag.Bag``; dask exports no types."""


def predict(
    bag_or_paths: Union[Bag, Path, Sequence[Path]],
    model: Union[Model, Path],
    *,
    interval: Optional[float] = None,
    plain: bool = False,
    blocksize: int = 2**25,
) -> Bag:
    """Predicts runs on the workers of a cluster.

    Args:
        bag_or_paths: a bag of what :meth:`irene.Model.predict` takes one by one, lines or trees; or the path of a
            data file, or a list of these, which the workers read, each a part of whole lines.
        model: a model, or what :func:`irene.load_model` takes here; it goes to each worker once.
        interval: probability in (0, 1) of prediction intervals.
        plain: write predicted_energy alone into the lines.
        blocksize: bytes of a part of a file; a worker holds the predictions of a part at once.

    Returns:
        A bag of :class:`irene.PredictedRun`, in the order of what was given. Nothing is computed yet, so that
        refusals of what is in the lines come with ``compute()``.

    Raises:
        irene.Error: for arguments that cannot be honoured and files that cannot be read. What workers refuse is
            an :class:`irene.Error` too, with the file and the line; of a bag, with the line of its partition.
    """
    known = model if isinstance(model, Model) else load_model(model)
    if isinstance(blocksize, bool) or not isinstance(blocksize, int) or blocksize < 1:
        raise Error(f"blocksize: expected a whole number of bytes above 0, found {blocksize!r}", "usage")
    settings: Dict[str, Any] = {"interval": interval, "plain": plain, "threads": 1}
    # What the model cannot honour is refused here, before anything is sent anywhere.
    list(known.predict([], **settings))
    # Once in the graph, not in each of its tasks.
    shared = _delayed(known, traverse=False)
    if isinstance(bag_or_paths, _bag.Bag):
        return bag_or_paths.map_partitions(_predict, shared, settings)
    parts = [part for path in _paths(bag_or_paths) for part in _parts(path, blocksize)]
    return _bag.from_delayed([_delayed(_predict_part)(part, shared, settings) for part in parts])


class _Part:
    """The lines of a file whose first bytes lie from ``begin`` on and before ``end``."""

    def __init__(self, path: str, begin: int, end: int) -> None:
        self.path = path  # as it was given, for messages
        self.place = os.path.abspath(path)  # workers may be in another folder
        self.begin = begin
        self.end = end

    def lines(self) -> Iterator[bytes]:
        with open(self.place, "rb") as file:
            if self.begin > 0:
                # A line that begins here has a line end before it; of any other the rest is skipped.
                file.seek(self.begin - 1)
                file.readline()
            while file.tell() < self.end:
                line = file.readline()
                if not line:
                    break
                yield line

    def num_lines_before(self) -> int:
        """Lines of the file that earlier parts have."""
        count = position = 0
        with open(self.place, "rb") as file:
            for line in file:
                if position >= self.begin:
                    break
                position += len(line)
                count += 1
        return count


def _shown(path: str) -> str:
    """A path in a message of one line: bytes that are no text, and what steers terminals, are spelt out."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" if c < "\u0100" else ascii(c)[1:-1] for c in text)


def _cannot_be_read(path: str, error: OSError) -> Error:
    return Error(f"{_shown(path)}: cannot be read: {error.strerror}", "no_input", file=path)


def _paths(given: Union[Path, Iterable[Path]]) -> List[str]:
    is_one = isinstance(given, (str, os.PathLike)) or not isinstance(given, Iterable)
    listed: List[Any] = [given] if is_one else list(given)  # type: ignore[arg-type]
    paths = []
    for path in listed:
        if not isinstance(path, (str, os.PathLike)):
            raise Error(
                f"expected a bag or paths, found one of {type(path).__name__}; dask.bag.from_sequence(runs) makes a bag",
                "usage",
            )
        paths.append(os.fspath(path))
    return paths


def _parts(path: str, blocksize: int) -> List[_Part]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise _cannot_be_read(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise Error(f"{_shown(path)}: cannot be read in parts: it is no regular file", "no_input", file=path)
    size = status.st_size
    return [_Part(path, begin, min(begin + blocksize, size)) for begin in range(0, size, blocksize)]


def _predict(lines: Iterable[Any], model: Model, settings: Dict[str, Any]) -> List[PredictedRun]:
    return list(model.predict(lines, **settings))


def _predict_part(part: _Part, model: Model, settings: Dict[str, Any]) -> List[PredictedRun]:
    try:
        return _predict(part.lines(), model, settings)
    except OSError as error:
        raise _cannot_be_read(part.path, error) from None
    except Error as error:
        raise _of_file(error, part) from None


def _of_file(error: Error, part: _Part) -> Error:
    """The refusal of a line of a part, as one of the file."""
    if error.line is None:
        return error
    line = error.line + part.num_lines_before()
    words = str(error).replace(f"{error.file}:{error.line}", f"{_shown(part.path)}:{line}", 1)
    return Error(words, error.kind, part.path, line, error.byte, error.node, error.field)
