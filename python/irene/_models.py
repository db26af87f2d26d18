"""Trained models, and what they predict."""

from __future__ import annotations

import os
import threading
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

from . import _irene, _shipped
from ._check import flag, json_text, path, path_bytes, probability, whole
from ._data import Path, Runs, data_of, line_bytes_or_default, lines_of, path_of, threads_or_all
from ._errors import Error
from ._trees import PredictedRun

DEFAULT_SEED = 13370
"""Seed of the initial weights in the paper's code."""
MAX_SEED = (1 << 32) - 1

Config = Union[Path, Mapping[str, Any]]
Device = Union[Path, Mapping[str, Any]]
"""A GPU's datasheet: the name of one that ships, such as ``"L4"``, the path of a file, or a dict; docs/formats.md has
its keys."""


class FileSummary(NamedTuple):
    """What :meth:`Model.predict_file` did."""

    num_trees: int
    """Runs that were predicted."""
    num_bad_lines: int
    """Lines that were refused and left out."""


class Predictions(Iterator[PredictedRun]):
    """Runs in the order of the input, as they are predicted on threads of their own. A few are predicted ahead,
    and no more are held, so that memory does not grow with the input.

    What stands before a line that is refused comes before :class:`irene.Error` is raised. The work ends with the
    last run, with an error, with :meth:`close`, or when nobody holds the iterator any more.

    Several threads may share one: each run comes to one of them, and one of them hears of an error.
    """

    _CHUNK_LINES = 32
    _CHUNK_BYTES = 1 << 18

    def __init__(
        self, stream: "_irene.Stream", lines: Optional[Iterator[bytes]], skips_bad_lines: bool
    ) -> None:
        self._stream: Optional[_irene.Stream] = stream
        self._lines = lines
        self._feeding = threading.RLock()  # of self._lines; the caller's iterator may itself ask for a run
        self._skips_bad_lines = skips_bad_lines
        self._error: Optional[BaseException] = None

    def __iter__(self) -> "Predictions":
        return self

    def __next__(self) -> PredictedRun:
        while True:
            stream = self._stream
            if stream is None:
                raise StopIteration
            try:
                line = stream.next()
            except BaseException:
                self.close()
                raise
            if line is None:
                self._feed(stream)
            elif line is False:
                self._finish(stream)
            else:
                return PredictedRun._of(line)  # type: ignore[return-value]

    def close(self) -> None:
        """Ends the work; no more runs come."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        self._lines = None

    def __enter__(self) -> "Predictions":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _feed(self, stream: "_irene.Stream") -> None:
        """Gives the stream some more lines. What the caller's iterator raises is raised behind the runs that it
        gave."""
        with self._feeding:
            lines = self._lines
            chunk: List[bytes] = []
            size = 0
            has_ended = lines is None
            while lines is not None and len(chunk) < self._CHUNK_LINES and size < self._CHUNK_BYTES:
                try:
                    line = next(lines)
                except StopIteration:
                    has_ended = True
                    break
                except Exception as error:
                    self._error = error
                    has_ended = True
                    break
                except BaseException:  # such as KeyboardInterrupt: what was taken is not to be missing among later runs
                    self.close()
                    raise
                chunk.append(line or b" ")
                size += len(line)
            if chunk:
                stream.push(b"\n".join(chunk))
            if has_ended:
                self._lines = None
                stream.end_input()

    def _finish(self, stream: "_irene.Stream") -> None:
        self._stream = None
        found = stream.finish()
        if found is None:  # another thread heard of the end
            return
        error, self._error = self._error, None
        summary = FileSummary(*found)
        if error is not None:
            raise error
        if summary.num_bad_lines:
            from ._errors import warn

            total = summary.num_bad_lines + summary.num_trees
            warn(f"{summary.num_bad_lines} of {total} lines were refused and left out")


class Model:
    """A trained model. It never changes, may be used by several threads, and can be pickled."""

    __slots__ = ("_model",)

    def __init__(self, model: "_irene.Model") -> None:
        """For the package; see :func:`irene.load_model`, :func:`irene.train` and :func:`irene.calibrate`."""
        self._model = model

    @property
    def name(self) -> str:
        """That of the folder it was loaded from; empty for one that was not."""
        return self._model.name

    @property
    def num_trees(self) -> int:
        """Trained on."""
        return self._model.num_trees

    @property
    def num_nodes(self) -> int:
        """Trained on."""
        return self._model.num_nodes

    @property
    def seed(self) -> int:
        """Of the initial weights; 0 for models that draw nothing."""
        return self._model.seed

    @property
    def config(self) -> Dict[str, Any]:
        """How it was trained, as config.json has it."""
        import json

        config: Dict[str, Any] = json.loads(self._model.config())
        return config

    def predict(
        self,
        runs: Runs,
        *,
        interval: Optional[float] = None,
        threads: Optional[int] = None,
        skip_bad_lines: bool = False,
        plain: bool = False,
        max_line_bytes: Optional[int] = None,
    ) -> Predictions:
        """Predicts the joules of every node of runs, in their order, as they are asked for.

        Args:
            runs: the path of a file of trees (JSONL; ``"-"`` is standard input), or lines, trees or dicts, one
                or many; of an iterator a few are taken ahead. A text is a path, so a line alone stands in a list.
                An item is one line; those that are blank are left out, without a run.
            interval: the probability of prediction intervals, above 0 and below 1; needs an additive model.
            threads: that read and predict; None: all processors. The result does not depend on it.
            skip_bad_lines: leave out lines that are refused, each with a warning.
            plain: add ``predicted_energy`` alone to the lines.
            max_line_bytes: a longer line is refused; None: 64 MiB.

        Raises:
            irene.Error: as irene-predict refuses, from the iterator, behind the runs that stand before it; for
                arguments at once.
        """
        _check_interval(interval, plain)
        file = path_of(runs)
        lines = None if file is not None else lines_of(runs)
        stream = _irene.Stream(
            self._model,
            file,
            interval,
            threads_or_all(threads),
            flag("skip_bad_lines", skip_bad_lines),
            flag("plain", plain),
            line_bytes_or_default(max_line_bytes),
        )
        return Predictions(stream, lines, skip_bad_lines)

    def predict_file(
        self,
        input: Path,
        output: Path,
        *,
        interval: Optional[float] = None,
        threads: Optional[int] = None,
        skip_bad_lines: bool = False,
        plain: bool = False,
        max_line_bytes: Optional[int] = None,
    ) -> FileSummary:
        """Copies a file of trees with the joules of every node, as irene-predict does; the output is whole or
        absent. The arguments are those of :meth:`predict`.

        Raises:
            irene.Error: as irene-predict refuses.
        """
        _check_interval(interval, plain)
        return FileSummary(
            *self._model.predict_file(
                path("input", input),
                path("output", output),
                interval,
                threads_or_all(threads),
                flag("skip_bad_lines", skip_bad_lines),
                flag("plain", plain),
                line_bytes_or_default(max_line_bytes),
            )
        )

    def save(self, directory: Path) -> None:
        """Writes config.json and model.json into a folder, which is made where it is missing."""
        self._model.save(path("directory", directory))

    def explain(self) -> str:
        """What it learned, in words and numbers with their units."""
        return self._model.explain()

    def explain_dict(self) -> Dict[str, Any]:
        """The same as ``irene-explain --json`` has it."""
        import json

        explained: Dict[str, Any] = json.loads(self._model.explain_json())
        return explained

    def __reduce__(self) -> Tuple[object, ...]:
        return (_model_of_documents, (*self._model.documents(), self.name))

    def __repr__(self) -> str:
        name = f"{self.name}, " if self.name else ""
        return f"<irene.Model {name}{self.config['training_strategy']}, trained on {self.num_trees} trees>"


def _model_of_documents(config: str, model: str, name: str) -> Model:
    return Model(_irene.model_from_documents(config, model, os.fsencode(name)))


def _check_interval(interval: Optional[float], plain: bool) -> None:
    if interval is None:
        return
    probability("interval", interval)
    if plain:
        raise Error("plain writes predicted_energy alone, and leaves no place for an interval", "usage")


def _document(name: str, value: Union[Path, Mapping[str, Any], None]) -> Tuple[Optional[bytes], Optional[str]]:
    """The path or the name, and the text, of which one is there or none."""
    if value is None:
        return None, None
    if isinstance(value, (str, os.PathLike)):
        return path_bytes(name, value), None
    if not isinstance(value, Mapping):
        raise Error(f"{name}: expected a path or a dict, found one of {type(value).__name__}", "usage")
    return None, json_text(f"{name}: it", value, "usage")


def _settings(config: Optional[Config], device: Optional[Device]) -> "_irene.Settings":
    return _irene.Settings(*_document("config", config), _irene.DeviceSource(*_document("device", device)))


def list_devices() -> List[str]:
    """The names of the datasheets of GPUs that come with irene."""
    return _irene.device_names(_shipped.folders())


def load_model(name_or_path: Path) -> Model:
    """A trained model: the folder that holds one, or the name of one that comes with irene, such as
    ``"h100-sxm-vllm"``, or that lies in a folder of the environment's IRENE_MODELS.

    Raises:
        irene.Error: of kind no_input with the names that are known; data for files that are malformed.
    """
    return Model(_irene.load_model(path_bytes("name_or_path", name_or_path), _shipped.folders()))


def list_models() -> List[Dict[str, Any]]:
    """The models that :func:`load_model` knows by name, as ``irene-explain --list`` has them."""
    import json

    models: List[Dict[str, Any]] = json.loads(_irene.list_models(_shipped.folders()))
    return models


def train(
    data: Runs,
    config: Optional[Config] = None,
    *,
    device: Optional[Device] = None,
    seed: int = DEFAULT_SEED,
    threads: Optional[int] = None,
    max_line_bytes: Optional[int] = None,
) -> Model:
    """Trains a model on measured trees, as irene-train does.

    Args:
        data: the path of a file, or lines, trees or dicts.
        config: the path of a config or a dict, see docs/formats.md; None: the paper's.
        device: a GPU's datasheet, its name, file or a dict, in place of the config's.
        seed: of the initial weights, for the paper's methods.

    Raises:
        irene.Error: as irene-train refuses.
    """
    return Model(
        _irene.train(
            data_of(data),
            _settings(config, device),
            whole("seed", seed, 0, MAX_SEED),
            threads_or_all(threads),
            line_bytes_or_default(max_line_bytes),
            _shipped.folders(),
        )
    )


def calibrate(
    model: Union[Model, Path],
    data: Runs = (),
    *,
    device: Optional[Device] = None,
    threads: Optional[int] = None,
    max_line_bytes: Optional[int] = None,
) -> Model:
    """Carries a model to another device, by a few runs that were measured there, by its datasheet, or both.

    Args:
        model: a model of strategy additive, or what :func:`load_model` takes.
        data: measured trees; may be empty where a datasheet is given.
        device: the other GPU's datasheet, its name, file or a dict.

    Raises:
        irene.Error: as irene-calibrate refuses.
    """
    known = model if isinstance(model, Model) else load_model(model)
    return Model(
        _irene.calibrate(
            known._model,
            data_of(data),
            _irene.DeviceSource(*_document("device", device)),
            threads_or_all(threads),
            line_bytes_or_default(max_line_bytes),
            _shipped.folders(),
        )
    )
