"""Runs of transformers as trees, and what was predicted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Tuple, Union

from . import _irene
from ._errors import Error

if TYPE_CHECKING:
    import pandas  # type: ignore[import]

_KEY = {key: index for index, key in enumerate(_irene.RUN_KEYS)}


class Node(NamedTuple):
    """A node of a run's tree. Energies are in joules, times in seconds; what is not known is None."""

    scope: str
    """Where it lies, such as ``root.encoder.0.attention``."""
    type: str
    """``"model"`` for the root, ``"module"``, or ``"ml"`` for an operation, which has no children."""
    instance_type: str
    """Class of the module or operation, such as ``Linear``."""
    parent: int
    """Index in the list of nodes, which is in preorder; -1 for the root."""
    joules: Optional[float]
    """Predicted, of the node with all below it."""
    self_joules: Optional[float]
    """Predicted, without what its children spend; they add up to the run's."""
    share: Optional[float]
    """The part of the run's joules that it spends with all below it, from 0 to 1."""
    low: Optional[float]
    """Joules, where the interval of the prediction begins."""
    high: Optional[float]
    """Joules, where it ends."""
    arithmetic_joules: Optional[float]
    """The part of ``joules`` that flops take; None where the model is not one of ``kernel_counts``."""
    memory_joules: Optional[float]
    """The part that moving bytes takes."""
    static_joules: Optional[float]
    """The rest, spent whatever is computed: watts by seconds, and what serving takes."""
    seconds: Optional[float]
    """Predicted, of the run and the calls in it."""
    flops: Optional[int]
    """Floating-point operations over all calls."""
    bytes: Optional[int]
    """Bytes moved over all calls."""
    measured_joules: Optional[float]
    """As the tree has it: ``ground_truth_energy``."""
    id: str


class Tree:
    """A run of a transformer as a tree of its modules and operations: one line of a data file.

    Trees come from :func:`irene.extract` or from a line of JSON.
    """

    __slots__ = ("_line",)

    def __init__(self, line: Union[str, bytes]) -> None:
        """``line`` is one line of JSON; it is read when something in it is asked for."""
        if not isinstance(line, (str, bytes)):
            raise Error(f"a tree is a line of JSON, found one of {type(line).__name__}", "usage")
        self._line = _irene.Line(line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line)

    @classmethod
    def _of(cls, line: "_irene.Line") -> "Tree":
        tree = cls.__new__(cls)
        tree._line = line
        return tree

    @property
    def line(self) -> str:
        """The JSON text, as the commands write it, without a line end."""
        return self._line.text

    @property
    def model_name(self) -> str:
        """What the transformer is called."""
        return str(self._line.key(_KEY["model_name"]))

    @property
    def batch_size(self) -> int:
        """Sequences."""
        return int(self._line.key(_KEY["batch_size"]))

    @property
    def seq_len(self) -> int:
        """Tokens of a sequence, or of its prompt."""
        return int(self._line.key(_KEY["seq_len"]))

    @property
    def new_tokens(self) -> int:
        """Tokens that are generated for each sequence; 0 for one forward pass."""
        return int(self._line.key(_KEY["new_tokens"]))

    @property
    def dtype(self) -> str:
        """The numbers that weights are stored in, such as ``"bfloat16"``."""
        return str(self._line.key(_KEY["dtype"]))

    @property
    def attention(self) -> str:
        """``"eager"`` or ``"flash"``."""
        return str(self._line.key(_KEY["attention"]))

    @property
    def gpus(self) -> int:
        """GPUs that share every layer."""
        return int(self._line.key(_KEY["gpus"]))

    @property
    def counting(self) -> str:
        """The convention by which work is counted, ``"paper"`` or ``"kernels"``."""
        return str(self._line.key(_KEY["counting"]))

    @property
    def nodes(self) -> List[Node]:
        """All nodes in preorder, the root first. They are read anew each time."""
        return [Node(*node) for node in self._line.nodes()]

    def to_dict(self) -> Dict[str, Any]:
        """The line as nested dicts and lists."""
        import json

        found: Dict[str, Any] = json.loads(self.line)
        return found

    def _keys(self) -> Tuple[Union[str, int], ...]:
        return tuple(self._line.key(index) for index in range(len(_KEY)))

    def __repr__(self) -> str:
        return f"<irene.{type(self).__name__} {self._words()}>"

    def _words(self) -> str:
        words = f"{self.model_name}, batch size {self.batch_size}, length {self.seq_len}"
        if self.new_tokens:
            words += f", {self.new_tokens} new tokens"
        if self.counting == "kernels":
            words += f", {self.dtype}, {self.attention} attention"
        if self.gpus > 1:
            words += f", {self.gpus} GPUs"
        return words

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tree):
            return NotImplemented
        return self._line.bytes == other._line.bytes

    def __hash__(self) -> int:
        return hash(self._line.bytes)

    def __reduce__(self) -> Tuple[object, ...]:
        return (type(self), (self._line.bytes,))


class PredictedRun(Tree):
    """A run with what a model predicted of it: one line of a file of predictions."""

    __slots__ = ()

    @property
    def joules(self) -> float:
        """Of the whole run."""
        joules = self._line.joules
        if joules is None:
            raise Error("the run has no predicted_energy", "data")
        return joules

    @property
    def interval(self) -> Optional[Tuple[float, float]]:
        """Where the interval of the prediction begins and ends, in joules; None where none was asked for, or
        where no honest one exists: the line's ``no_interval`` says why."""
        low, high = self._line.low, self._line.high
        return None if low is None or high is None else (low, high)

    @property
    def seconds(self) -> Optional[float]:
        """Of the whole run: its latency. None where the model knows no times."""
        return self._line.seconds

    @property
    def joules_per_token(self) -> float:
        """Joules by token: of a generation, by token that is generated, over all sequences; of a forward pass,
        by token of all sequences."""
        return self.joules / (self.batch_size * (self.new_tokens or self.seq_len))

    def to_dataframe(self) -> Union["pandas.DataFrame", List[Dict[str, Any]]]:
        """A row a node: scope, type, joules, self_joules, share, low, high (J), arithmetic_joules, memory_joules,
        static_joules, flops, bytes. A ``pandas.DataFrame`` where pandas is installed, else a list of dicts."""
        columns = ("scope", "type", "joules", "self_joules", "share", "low", "high", "arithmetic_joules",
                   "memory_joules", "static_joules", "flops", "bytes")
        rows = [{column: getattr(node, column) for column in columns} for node in self.nodes]
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(rows, columns=list(columns))

    def _repr_html_(self) -> Optional[str]:
        """In a notebook: the page of irene-visualize in a frame of its own, which can reach nothing of the
        notebook. None, so that the notebook shows the text, where the build of the package has no page."""
        if not _irene.HAS_PAGE:
            return None
        import html
        import os
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            predictions = os.path.join(folder, "run.jsonl")
            page = os.path.join(folder, "page.html")
            with open(predictions, "wb") as file:
                file.write(self._line.bytes + b"\n")
            _irene.visualize(predictions, page, "html", None, self._words(), [], None, len(self._line.bytes) + 1)
            with open(page, encoding="utf-8") as written:
                text = written.read()
        return (
            '<iframe sandbox="allow-scripts allow-downloads" style="width: 100%; height: 640px; border: 0" '
            f'srcdoc="{html.escape(text)}"></iframe>'
        )

    def __repr__(self) -> str:
        low_high = self.interval
        interval = "" if low_high is None else f" ({low_high[0]:.4g} to {low_high[1]:.4g})"
        return f"<irene.PredictedRun {self._words()}: {self.joules:.4g} J{interval}>"
