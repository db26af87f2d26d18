"""How well models predict, and where the joules go."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from . import _irene, _shipped
from ._check import flag, path, probability, text, texts, whole
from ._data import Path, Runs, data_of, line_bytes_or_default, threads_or_all
from ._errors import warn
from ._models import DEFAULT_SEED, MAX_SEED, Config, Device, Model, _settings, load_model


def crossvalidate(
    data: Runs,
    directory: Optional[Path] = None,
    config: Optional[Config] = None,
    *,
    device: Optional[Device] = None,
    group_by: str = "model_name",
    interval: float = 0.9,
    seed: int = DEFAULT_SEED,
    threads: Optional[int] = None,
    max_line_bytes: Optional[int] = None,
) -> Dict[str, Any]:
    """Trains with one group of runs left out and predicts it, in turn for each, as irene-crossvalidate does.

    Args:
        data: the path of a file of measured trees, or lines, trees or dicts.
        directory: where the folds' models and predictions go; None: they are not kept.
        config, device, seed: see :func:`irene.train`.
        group_by: the key of a run by which folds are made, or the path of a file of groups of models.
        interval: the probability of the intervals whose coverage is reported.

    Returns:
        The report of ``irene-crossvalidate --json``: percentage errors by fold and overall, baselines, coverage.

    Raises:
        irene.Error: as irene-crossvalidate refuses.
    """
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        report: Dict[str, Any] = json.loads(
            _irene.crossvalidate(
                data_of(data),
                folder if directory is None else path("directory", directory),
                _settings(config, device),
                path("group_by", group_by),
                probability("interval", interval),
                whole("seed", seed, 0, MAX_SEED),
                threads_or_all(threads),
                line_bytes_or_default(max_line_bytes),
                _shipped.folders(),
            )
        )
    return report


def evaluate(
    gold: Path,
    predictions: Path,
    *,
    node_types: Sequence[str] = ("ml", "module", "model"),
    strict: bool = False,
    threads: Optional[int] = None,
    max_line_bytes: Optional[int] = None,
) -> Dict[str, Optional[float]]:
    """Mean absolute percentage errors of a file of predictions against one of measured trees, by type of node;
    ``"seconds"`` is that of the predicted times. None where nothing could be scored.

    Raises:
        irene.Error: as irene-evaluate refuses; where ``strict``, for a node without a prediction too.
    """
    import json

    document, missing, unmeasured, unknown, without_seconds = _irene.evaluate(
        path("gold", gold),
        path("predictions", predictions),
        texts("node_types", node_types),
        flag("strict", strict),
        threads_or_all(threads),
        line_bytes_or_default(max_line_bytes),
    )
    errors: Dict[str, Optional[float]] = json.loads(document)
    told = (
        (missing, "nodes have no prediction; they count as a prediction of 0 J"),
        (unmeasured, "nodes have no measured energy, or one of 0 J; they are left out"),
        (unknown, "predicted nodes are not in the gold file; they are left out"),
        (without_seconds, "runs that took a time have no predicted seconds; they count as a prediction of 0 s"),
    )
    for count, words in told:
        if count:
            warn(f"{count} {words}")
    for node_type in texts("node_types", node_types):
        if errors.get(node_type) is None:
            warn(f"no node of type {node_type} could be scored")
    return errors


def summarize(
    predictions: Path,
    *,
    by: Sequence[str] = (),
    unit: str = "J",
    top: int = 0,
    measured: bool = False,
    each_layer: bool = False,
    max_line_bytes: Optional[int] = None,
) -> List[Dict[str, Any]]:
    """Where the energy goes: a file of predictions summed, a dict for each row of irene-summarize's table.

    Args:
        by: keys of rows: of runs, such as ``"model_name"``, or of nodes: ``"scope"``, ``"instance_type"``,
            ``"type"``, ``"phase"``, ``"role"``. Empty: the runs.
        unit: ``"J"``, ``"mJ"``, ``"Wh"`` or ``"kWh"``.
        top: how many of the costliest rows; 0: all.
        measured: sum what was measured in place of what is predicted.
        each_layer: tell layers apart.

    Raises:
        irene.Error: as irene-summarize refuses.
    """
    import json

    rows, _ = _irene.summarize(
        path("predictions", predictions),
        texts("by", by),
        text("unit", unit),
        whole("top", top, 0, 1000000000),
        flag("measured", measured),
        flag("each_layer", each_layer),
        line_bytes_or_default(max_line_bytes),
    )
    table: List[Dict[str, Any]] = json.loads(rows)
    return table


def explain(model: Union[Model, Path]) -> str:
    """What a model learned, in words and numbers with their units, as irene-explain prints it."""
    return (model if isinstance(model, Model) else load_model(model)).explain()


def visualize(
    predictions: Path,
    output: Path,
    *,
    format: str = "html",
    compare: Optional[Path] = None,
    title: str = "",
    only: Sequence[str] = (),
    sample: Optional[int] = None,
    max_line_bytes: Optional[int] = None,
) -> Tuple[int, int]:
    """Writes predicted trees to look at, as irene-visualize does.

    Args:
        format: ``"html"``, one offline page; ``"speedscope"``, ``"folded"`` or ``"csv"``.
        compare: other predictions, to be compared on the page.
        title: of the page; empty: named after the file.
        only: conditions such as ``"model_name=gpt2"``.
        sample: of each file take this many runs, evenly spaced; None: all.

    Returns:
        How many runs and nodes were written.

    Raises:
        irene.Error: as irene-visualize refuses, and for a page where the build of the package has none.
    """
    return _irene.visualize(
        path("predictions", predictions),
        path("output", output),
        text("format", format),
        None if compare is None else path("compare", compare),
        text("title", title),
        [only] if isinstance(only, str) else texts("only", only),
        None if sample is None else whole("sample", sample, 1, 1000000),
        line_bytes_or_default(max_line_bytes),
    )
