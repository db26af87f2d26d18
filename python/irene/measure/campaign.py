"""A plan for a machine that is there for a few minutes: the runs that tell most of a GPU, the most telling first.

Six models with random weights, of which whole runs are measured, forward passes and generations, and two of them node by
node. What is written stays, wherever the time ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import time
from typing import Any, Callable, Dict, Iterator, List, Tuple

from irene import _shipped
from irene.measure import machine
from irene.measure.errors import CANNOT_CREATE, NO_INPUT, Refusal
from irene.measure.journal import Journal, Record, Table, in_words
from irene.measure.models import read_config
from irene.measure.runs import Bench, Run, Tell, measure_all, measure_nodes, measure_whole, plan
from irene.measure.windows import Settings

#: Shorter than else: two windows or three, so that many runs have their turn.
SETTINGS = Settings(seconds=1.0, max_seconds=3.0, error=0.01, warm_up=0.25)
TINY_SETTINGS = Settings(seconds=0.02, max_seconds=0.1, error=0.05, warm_up=0.01)

#: Sizes of a rehearsal, of those that a config has.
TINY: Dict[str, Any] = {
    "vocab_size": 500,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 128,
    "n_embd": 64,
    "n_layer": 2,
    "n_head": 4,
}


@dataclasses.dataclass(frozen=True)
class Item:
    """A run of the plan."""

    config: str  #: its name among the configs that come with irene
    batch_size: int
    seq_len: int
    new_tokens: int = 0
    attention: str = "eager"
    nodes: bool = False  #: node by node too

    def tiny(self) -> "Item":
        """The same in small, as any torch runs it."""
        return dataclasses.replace(
            self,
            batch_size=min(self.batch_size, 2),
            seq_len=min(self.seq_len, 32),
            new_tokens=min(self.new_tokens, 4),
            attention="eager",
        )


def items() -> List[Item]:
    """The plan, in the order of worth: small and large runs of each class first, which tell host and GPU apart."""
    small, middle, large = "Llama-3.2-1B", "Qwen3-1.7B", "Llama-3.1-8B"
    found = [Item("bert-large-uncased", 8, 128, nodes=True)]
    found += [Item(small, 1, 128), Item(small, 8, 512, nodes=True)]
    found += [Item(small, 1, 256, 64, "flash"), Item(small, 16, 256, 64, "flash")]
    found += [Item(large, 1, 128, 0, "flash"), Item(large, 8, 512, 0, "flash")]
    found += [Item(large, 1, 256, 32, "flash"), Item(large, 32, 256, 32, "flash")]
    found += [Item("Qwen3-8B", 1, 128, 0, "flash"), Item("Qwen3-8B", 4, 2048, 0, "flash")]
    found += [Item("Qwen3-8B", 8, 256, 32, "flash")]
    found += [Item(middle, 1, 128), Item(middle, 8, 512)]
    found += [Item(middle, 16, 256, 64, "flash"), Item(middle, 4, 2048, 0, "flash")]
    found += [Item("gpt2-xl", 1, 128), Item("gpt2-xl", 8, 512), Item("gpt2-xl", 8, 128, 64)]
    found += [Item("bert-large-uncased", 1, 128), Item("bert-large-uncased", 32, 128), Item("bert-large-uncased", 32, 512)]
    found += [Item(small, 32, 128), Item(small, 4, 2048), Item(small, 4, 2048, 0, "flash")]
    found += [Item(middle, 1, 256, 64, "flash")]
    found += [Item(large, 4, 2048, 0, "flash"), Item(large, 8, 256, 32, "flash"), Item("Qwen3-8B", 32, 256, 32, "flash")]
    return found


def measure_campaign(
    folder: pathlib.Path,
    bench: Bench,
    budget: float,
    is_tiny: bool,
    tell: Tell,
    progress: Callable[[List[Any]], Iterator[Any]] = iter,
) -> Tuple[int, List[str]]:
    """Measures the plan for `budget` seconds from now; what is begun then is ended. How many were measured now, and what was
    left out and why.

    Into the folder go `configs/`, `runs.csv` with its journal, `nodes.jsonl` and `machine.json`. A campaign that was
    interrupted goes on there. Refusal as of measure_all(), and where the folder cannot be made.
    """
    deadline = time.monotonic() + budget
    chosen = list(dict.fromkeys(item.tiny() if is_tiny else item for item in items()))
    configs = _write_configs(folder, {item.config for item in chosen}, is_tiny)
    runs = [(item, _run(item, configs[item.config], is_tiny, tell)) for item in chosen]
    known = {"machine": machine.describe(), "settings": bench.settings(), "device": bench.meter.describe()}
    _write(folder / "machine.json", known)
    measured, left_out = 0, []
    with contextlib.closing(Table(folder / "runs.csv", bench.settings(), tell)) as table, contextlib.closing(
        Journal(folder / "nodes.jsonl", bench.settings(), tell)
    ) as by_node:

        def whole(run: Run) -> Record:
            return measure_whole(bench, run, folder)

        def node_by_node(run: Run) -> Record:
            return measure_nodes(bench, run, progress, deadline)

        for number, (item, run) in enumerate(runs, 1):
            tell(f"{number} of {len(runs)}: {in_words(run.line)}" + (", node by node too" if item.nodes else ""))
            ways: List[Tuple[Journal, Callable[[Run], Record]]] = [(table, whole)]
            if item.nodes:
                ways.append((by_node, node_by_node))
            for output, way in ways:
                count, reasons = measure_all([run], output, way, tell, deadline)
                measured += count
                left_out += reasons
    _write(folder / "machine.json", {**known, "left_out": left_out})
    return measured, left_out


def _run(item: Item, config: pathlib.Path, is_tiny: bool, tell: Tell) -> Run:
    (run,) = plan(
        [config],
        tell,
        batch_size=item.batch_size,
        seq_len=item.seq_len,
        new_tokens=item.new_tokens,
        attention=item.attention,
        dtype="float32" if is_tiny else "bfloat16",
    )
    return run


def _write_configs(folder: pathlib.Path, names: "set[str]", is_tiny: bool) -> Dict[str, pathlib.Path]:
    """Copies of the configs, by name, so that the folder can be read elsewhere."""
    written = {}
    try:
        (folder / "configs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be made: {error.strerror}", CANNOT_CREATE) from None
    for name in sorted(names):
        config = read_config(shipped_config(name))
        if is_tiny:
            config.update({key: value for key, value in TINY.items() if key in config})
        written[name] = folder / "configs" / (name + ".json")
        _write(written[name], config)
    return written


def shipped_config(name: str) -> pathlib.Path:
    """The config of a public transformer that comes with irene. Refusal where it is not found."""
    folders = [pathlib.Path(folder, "configs", "models") for folder in _shipped.folders()]
    for folder in folders:
        if (folder / (name + ".json")).is_file():
            return folder / (name + ".json")
    places = ", ".join(map(str, folders)) or "no folder"
    raise Refusal(f"the config {name} that comes with irene is not found; looked in {places}", NO_INPUT)


def _write(file: pathlib.Path, content: Record) -> None:
    try:
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{file}: cannot be written: {error.strerror}", CANNOT_CREATE) from None
