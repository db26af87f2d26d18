"""Measures transformers on the machine at hand, for training and calibrating.

    python -m irene.measure config.json --batch_size 1,8 --seq_len 128,512 --dtype bfloat16 -o measured.jsonl

runs a PyTorch model with random weights and writes the trees of `irene.extract` with the joules (J) and seconds (s) of every
node: `irene-train` and `irene-calibrate` read them. With `--runs-only` it measures whole runs alone, and generations, and
writes the table that `irene-extract --runs` reads. PyTorch is imported when something is measured, no sooner.

From Python:

    from irene.measure import Bench, Settings, Watts, measure_nodes, plan, with_transformers

    runs = plan(["config.json"], print, batch_size=[1, 8], seq_len=128)
    bench = Bench(Watts(50), Settings(), with_transformers, "cpu", print)
    line = measure_nodes(bench, runs[0])
"""

from irene.measure.errors import Refusal
from irene.measure.meters import Meter, Nvml, NvmlDevice, Rapl, Watts, Zeus
from irene.measure.models import with_transformers
from irene.measure.runs import Bench, Run, measure_all, measure_nodes, measure_whole, plan
from irene.measure.windows import Measurement, Settings, measure

__all__ = [
    "Bench",
    "Measurement",
    "Meter",
    "Nvml",
    "NvmlDevice",
    "Rapl",
    "Refusal",
    "Run",
    "Settings",
    "Watts",
    "Zeus",
    "measure",
    "measure_all",
    "measure_nodes",
    "measure_whole",
    "plan",
    "with_transformers",
]
