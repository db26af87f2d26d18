"""Measures runs: whole ones, or node by node."""

from __future__ import annotations

import copy
import dataclasses
import gc
import os
import pathlib
import time
import warnings
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

import irene
from irene.measure import machine
from irene.measure.errors import DATA, NO_INPUT, USAGE, Refusal, reason
from irene.measure.journal import Journal, Printed, Record, identity, in_words
from irene.measure.meters import Meter
from irene.measure.models import DTYPES, Build, Subject, config_file, read_config, torch_module
from irene.measure.windows import Measurement, Settings, idle_watts, measure

#: Told what the user should know, a line each.
Tell = Callable[[str], None]
Output = Union[Journal, Printed]


@dataclasses.dataclass(frozen=True)
class Run:
    """A run that is to be measured: the line of its tree, without measurements, and where its config lies."""

    config: pathlib.Path
    line: Record

    @property
    def dtype(self) -> str:
        """Of its weights."""
        return str(self.line.get("dtype", "float32"))

    @property
    def attention(self) -> str:
        """`eager` or `flash`."""
        return str(self.line.get("attention", "eager"))

    @property
    def new_tokens(self) -> int:
        """Tokens that are generated for each sequence; 0, one forward pass."""
        return int(self.line.get("new_tokens", 0))


def plan(configs: Sequence["os.PathLike[str] | str"], tell: Tell, **sizes: Any) -> List[Run]:
    """The runs of all combinations, as `irene.extract` has them and with its keywords. Refusal where it refuses, and of what
    no PyTorch model with random weights runs.
    """
    runs: List[Run] = []
    seen = set()
    for config in configs:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                trees = irene.extract(config, **sizes)
            except irene.Error as error:
                raise Refusal(str(error), {"usage": USAGE, "no_input": NO_INPUT}.get(error.kind, DATA)) from None
        for warning in warned:
            tell(str(warning.message))
        for tree in trees:
            run = Run(config_file(config), tree.to_dict())
            if run.dtype not in DTYPES:
                raise Refusal(f"{config}: runs in {run.dtype}; what is measured here is " + ", ".join(DTYPES))
            if identity(run.line) in seen:
                raise Refusal(f"two models are called '{run.line['model_name']}'")
            seen.add(identity(run.line))
            runs.append(run)
    return runs


class Bench:
    """A meter, how long it measures, and the model that stands before it: one at a time is in memory."""

    def __init__(self, meter: Meter, settings: Settings, build: Build, device: str, tell: Tell) -> None:
        settings.check()
        self.meter = meter
        self.tell = tell
        self._settings = settings
        self._build = build
        self._device = device
        self._subject: Optional[Subject] = None
        self._subject_key: Optional[Tuple[Any, ...]] = None
        self._idle: Optional[Tuple[float, float]] = None  # when the last was measured, and its watts
        self._machine = machine.describe()

    def settings(self) -> Record:
        """All that must be the same for measurements to stand in one file."""
        record: Record = dataclasses.asdict(self._settings)
        record.update(meter=self.meter.name, joules_of=self.meter.joules_of, device=self._device)
        name = self.meter.describe().get("name")
        if name:
            record["device_name"] = name
        return record

    def subject(self, run: Run) -> Subject:
        """The model of a run, which takes the place of the one before."""
        key = (run.config, run.dtype, run.attention, run.new_tokens > 0)
        if self._subject is None or key != self._subject_key:
            self.clear()
            self._subject = Subject(
                read_config(run.config), self._build, run.dtype, run.attention, run.new_tokens > 0, self._device
            )
            self._subject_key = key
        return self._subject

    def clear(self) -> None:
        """Takes the model out of memory."""
        self._subject = self._subject_key = None
        gc.collect()
        if self._device.startswith("cuda"):
            torch_module().cuda.empty_cache()

    def measure(self, work: Callable[[], Any], subject: Subject) -> Measurement:
        """A piece of work, without gradients."""
        with torch_module().no_grad():
            return measure(work, self.meter, self._settings, subject.synchronize)

    def idle(self, afresh: bool = False) -> float:
        """Watts of the device at rest; unless `afresh`, those of the last five seconds will do."""
        if afresh or self._idle is None or time.perf_counter() - self._idle[0] > 5:
            watts = idle_watts(self.meter, self._settings)
            self._idle = time.perf_counter(), watts
        return self._idle[1]

    def record(self, idle: List[float], **more: Any) -> Record:
        """What a line tells of how it was measured."""
        return {
            "settings": self.settings(),
            "joules_of": self.meter.joules_of,
            "device": self.meter.describe(),
            "machine": self._machine,
            "idle_watts": idle,
            **more,
        }


def measure_whole(bench: Bench, run: Run, folder: "os.PathLike[str] | str" = ".") -> Record:
    """Joules and seconds of one run: a forward pass, or a generation. `folder` is that of the table to be, from which its
    configs are found.
    """
    from irene.measure.nodes import check_parameters

    subject = bench.subject(run)
    check_parameters(subject.model, run.line["frontend_tree"])
    inputs = subject.inputs(run.line["batch_size"], run.line["seq_len"])
    if run.new_tokens:
        work = subject.generation(inputs["input_ids"], run.new_tokens)
    else:
        work = subject.forward(inputs)
    idle = [bench.idle()]
    found = bench.measure(work, subject)
    idle.append(bench.idle(afresh=True))
    record = {key: value for key, value in run.line.items() if key != "frontend_tree"}
    return {
        **record,
        "config": os.path.relpath(run.config, folder),
        "joules": found.joules,
        "seconds": found.seconds,
        "measurement": bench.record(idle, whole_run=found.to_dict()),
    }


def measure_nodes(
    bench: Bench, run: Run, progress: Callable[[List[Any]], Iterator[Any]] = iter, deadline: Optional[float] = None
) -> Record:
    """The line of a run whose nodes have joules and seconds, each node by itself. Past the `deadline`, a time of
    time.monotonic(), no further node is measured; all others stay as they are.
    """
    from irene.measure import nodes

    if run.new_tokens:
        raise Refusal("nodes are measured of a forward pass: --new_tokens goes with --runs-only")
    subject = bench.subject(run)
    line = copy.deepcopy(run.line)
    tree = line.pop("frontend_tree")
    nodes.check_parameters(subject.model, tree)
    found, missing = nodes.pieces(subject.model, subject.inputs(line["batch_size"], line["seq_len"]), tree)
    if missing:
        scopes = sorted({node["scope"] for node in missing})
        bench.tell(f"{in_words(line)}: {len(missing)} nodes were not met in the model and stay unmeasured, such as {scopes[0]}")
    idle = [bench.idle()]
    notes = []
    for piece in progress(found):
        if deadline is not None and time.monotonic() > deadline:
            break
        measured = bench.measure(piece.work, subject)
        for node in piece.nodes:
            _put(node, measured, bench.meter.name == "nvml")
        notes.append({"scope": piece.nodes[0]["scope"], "nodes": len(piece.nodes), **measured.to_dict()})
    idle.append(bench.idle(afresh=True))
    count = sum(1 for node in nodes.walk(tree) if "ground_truth_energy" not in node)
    measurement = bench.record(idle, unmeasured_nodes=count, nodes=notes)
    return {**line, "measurement": measurement, "frontend_tree": _ordered(tree)}


def _put(node: Record, measured: Measurement, by_gpu: bool) -> None:
    node.update(measured.loads)
    node["times_mean"] = measured.seconds
    node["ground_truth_energy"] = measured.joules
    if by_gpu:
        node["gpu_energy_mean"] = measured.joules


#: Keys of nodes, in the order that data files have, which is read fastest.
_KEYS = (
    "id scope parent_name level instance_type type num_parameters flops mem_bytes cpu mem gpu gpu_mem gpu_clk gpu_mem_clk "
    "times_mean gpu_energy_mean calls launches ground_truth_energy dtype child_nodes_obj child_nodes"
).split()


def _ordered(node: Mapping[str, Any]) -> Record:
    record = {key: node[key] for key in _KEYS if key in node}
    record["child_nodes_obj"] = [_ordered(child) for child in node["child_nodes_obj"]]
    return record


def measure_all(
    runs: Sequence[Run], output: Output, one: Callable[[Run], Record], tell: Tell, deadline: Optional[float] = None
) -> Tuple[int, List[str]]:
    """Measures what is not in `output` yet, each by `one`. How many were measured, and what could not be, with the reason.

    What torch or the model refuses, such as a run that does not fit the memory, leaves out that run alone. Refusal where the
    meter, the model's making or the output fails. Past the `deadline`, a time of time.monotonic(), no run begins.
    """
    left_out = []
    measured = 0
    for run in runs:
        if identity(run.line) in output.done:
            continue
        if deadline is not None and time.monotonic() > deadline:
            left_out.append(f"{in_words(run.line)}: the time was over")
            continue
        try:
            record = one(run)
        except Refusal:
            raise
        except Exception as error:  # whatever a model's code raises
            left_out.append(f"{in_words(run.line)}: {type(error).__name__}: {reason(error)}")
            tell("left out " + left_out[-1])
            continue
        output.add(record)
        measured += 1
    return measured, left_out
