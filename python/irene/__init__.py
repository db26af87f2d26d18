"""How many joules does a transformer cost, and where do they go?

    import irene

    runs = irene.extract("config.json", batch_size=[1, 8], seq_len=512, new_tokens=128, dtype="bfloat16")
    model = irene.load_model("h100-sxm-vllm")
    for run in model.predict(runs, interval=0.9):
        print(run.model_name, run.joules, run.interval, run.joules_per_token)

Everything that the commands do, with the same names, defaults and refusals. Energies are in joules, times in
seconds.
"""

from ._additive import AdditiveModel, cross_val_report
from ._errors import Error
from ._errors import Warning as Warning  # not in __all__: a star would replace the builtin
from ._extract import extract, extract_runs, known_architectures
from ._irene import __version__
from ._models import (
    Device,
    FileSummary,
    Model,
    Predictions,
    calibrate,
    list_devices,
    list_models,
    load_model,
    train,
)
from ._reports import crossvalidate, evaluate, explain, summarize, visualize
from ._trees import Node, PredictedRun, Tree

__all__ = [
    "AdditiveModel",
    "Device",
    "Error",
    "FileSummary",
    "Model",
    "Node",
    "PredictedRun",
    "Predictions",
    "Tree",
    "__version__",
    "calibrate",
    "cross_val_report",
    "crossvalidate",
    "evaluate",
    "explain",
    "extract",
    "extract_runs",
    "known_architectures",
    "list_devices",
    "list_models",
    "load_model",
    "summarize",
    "train",
    "visualize",
]
