"""The additive model with the habits of scikit-learn, which need not be installed."""

from __future__ import annotations

import math
import os
from typing import Any, Dict, List, Optional, Sequence, Union

from ._check import texts
from ._data import Runs
from ._errors import Error
from ._models import Device, Model, train
from ._reports import crossvalidate
from ._trees import PredictedRun

Features = Union[str, Sequence[str]]


def _config(features: Features, device: Optional[Device]) -> Dict[str, Any]:
    sets = [features] if isinstance(features, str) else list(texts("features", features))
    config: Dict[str, Any] = {"feature_sets": sets, "training_strategy": "additive"}
    if device is not None:
        config["device"] = os.fspath(device) if isinstance(device, os.PathLike) else device
    return config


class AdditiveModel:
    """The joules of a run as sums of prices times counts, with an estimator's methods.

        model = irene.AdditiveModel(features="model_specs").fit(trees)
        joules = model.predict(others)

    Args:
        features: a feature set or a list of them: ``"model_specs"`` (counts alone), with ``"timing"`` or
            ``"resource_utilization"`` beside it; or ``"kernel_counts"``, for trees counted so.
        device: the name of the datasheet of the GPU of the measurements, for ``"kernel_counts"``.
        threads: that read and predict; None: all processors.

    Attributes:
        model_: what :meth:`fit` learned, an :class:`irene.Model`.
    """

    def __init__(
        self,
        features: Features = "model_specs",
        device: Optional[Device] = None,
        threads: Optional[int] = None,
    ) -> None:
        self.features = features
        self.device = device
        self.threads = threads

    def fit(self, trees: Runs, y: None = None) -> "AdditiveModel":
        """Learns from measured trees, whose joules stand in them; ``y`` is not used.

        Raises:
            irene.Error: as :func:`irene.train`.
        """
        self.model_: Model = train(trees, _config(self.features, self.device), threads=self.threads)
        return self

    def predict(self, trees: Runs) -> List[float]:
        """The joules of each run."""
        return [run.joules for run in self._fitted().predict(trees, threads=self.threads)]

    def predict_runs(self, trees: Runs, interval: Optional[float] = None) -> List[PredictedRun]:
        """Each run with all that is predicted of it, see :meth:`irene.Model.predict`."""
        return list(self._fitted().predict(trees, interval=interval, threads=self.threads))

    def score(self, trees: Runs, y: None = None) -> float:
        """The negative mean absolute error of the runs' joules, as a part of what was measured: 0 is best, and
        -0.05 is off by 5 % on average."""
        errors = []
        for run in self._fitted().predict(trees, threads=self.threads):
            measured = run._line.measured
            if measured is not None and measured > 0.0:
                errors.append(abs(run.joules - measured) / measured)
        if not errors:
            raise Error("no run has a measured energy to be scored against", "data")
        return -math.fsum(errors) / len(errors)

    def get_params(self, deep: bool = True) -> Dict[str, Any]:
        """The arguments it was made with."""
        return {"features": self.features, "device": self.device, "threads": self.threads}

    def set_params(self, **params: Any) -> "AdditiveModel":
        """Sets arguments; what was learned stays until the next :meth:`fit`."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise Error(f"AdditiveModel has no parameter {name!r}; it has {', '.join(known)}", "usage")
            setattr(self, name, value)
        return self

    def _fitted(self) -> Model:
        if not hasattr(self, "model_"):
            raise Error("this AdditiveModel is not fitted yet; call fit() first", "usage")
        return self.model_

    def __repr__(self) -> str:
        return f"irene.AdditiveModel(features={self.features!r})"


def cross_val_report(
    trees: Runs,
    group_by: str = "model_name",
    *,
    estimator: Optional[AdditiveModel] = None,
    interval: float = 0.9,
    threads: Optional[int] = None,
) -> Dict[str, Any]:
    """How well an additive model predicts runs that are left out of its training, a group at a time.

    Args:
        trees: measured; a path, or lines, trees or dicts.
        group_by: the key of a run by which groups are made, such as ``"model_name"`` or ``"batch_size"``.
        estimator: whose parameters are used; None: those of ``AdditiveModel()``.
        interval: the probability of the intervals whose coverage is reported.

    Returns:
        As :func:`irene.crossvalidate`.
    """
    if estimator is not None and not isinstance(estimator, AdditiveModel):
        raise Error(f"estimator: expected an irene.AdditiveModel, found {estimator!r}", "usage")
    used = AdditiveModel() if estimator is None else estimator
    return crossvalidate(
        trees,
        config=_config(used.features, used.device),
        group_by=group_by,
        interval=interval,
        threads=threads if threads is not None else used.threads,
    )
