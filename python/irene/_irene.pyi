"""The compiled module; see python/src."""

import os
from typing import List, Literal, Optional, Sequence, Tuple, Union

__version__: str
RUN_KEYS: Tuple[str, ...]
HAS_PAGE: bool

_Data = Union[str, List[bytes]]
_NodeTuple = Tuple[
    str,
    str,
    str,
    int,
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[float],
    Optional[int],
    Optional[int],
    Optional[float],
    str,
]

class Line:
    def __init__(self, text: Union[str, bytes]) -> None: ...
    @property
    def text(self) -> str: ...
    @property
    def bytes(self) -> bytes: ...
    @property
    def joules(self) -> Optional[float]: ...
    @property
    def low(self) -> Optional[float]: ...
    @property
    def high(self) -> Optional[float]: ...
    @property
    def seconds(self) -> Optional[float]: ...
    @property
    def measured(self) -> Optional[float]: ...
    def key(self, key: int) -> Union[str, int]: ...
    def nodes(self) -> List[_NodeTuple]: ...

class Model:
    @property
    def name(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def num_trees(self) -> int: ...
    @property
    def num_nodes(self) -> int: ...
    def config(self) -> str: ...
    def explain(self) -> str: ...
    def explain_json(self) -> str: ...
    def save(self, directory: str) -> None: ...
    def documents(self) -> Tuple[str, str]: ...
    def predict_file(
        self,
        input: str,
        output: str,
        interval: Optional[float],
        threads: int,
        skip_bad_lines: bool,
        plain: bool,
        max_line_bytes: int,
    ) -> Tuple[int, int]: ...

class DeviceSource:
    def __init__(self, argument: Union[str, bytes, None], text: Optional[str]) -> None: ...

class Settings:
    def __init__(self, path: Union[str, bytes, None], text: Optional[str], device: DeviceSource) -> None: ...

class Stream:
    def __init__(
        self,
        model: Model,
        input: Optional[str],
        interval: Optional[float],
        threads: int,
        skip_bad_lines: bool,
        plain: bool,
        max_line_bytes: int,
    ) -> None: ...
    def push(self, lines: bytes) -> None: ...
    def end_input(self) -> None: ...
    def next(self) -> Union[Line, None, Literal[False]]: ...
    def finish(self) -> Optional[Tuple[int, int]]: ...
    def close(self) -> None: ...

def extract(
    configs: Sequence[Tuple[bool, Union[str, bytes], str]],
    batch_sizes: Sequence[int],
    seq_lens: Sequence[int],
    new_tokens: Sequence[int],
    dtype: Optional[str],
    attention: str,
    gpus: int,
    counting: Optional[str],
    of_kernels: Sequence[str],
    model_name: str,
    model_type: str,
    shipped: Sequence[str],
) -> List[str]: ...
def extract_runs(
    table: str,
    config_folders: Sequence[str],
    new_tokens: int,
    dtype: Optional[str],
    attention: str,
    gpus: int,
    counting: Optional[str],
    of_kernels: Sequence[str],
    shipped: Sequence[str],
) -> List[str]: ...
def known_architectures() -> List[str]: ...
def load_model(argument: Union[str, bytes], shipped: Sequence[str]) -> Model: ...
def model_from_documents(config: str, model: str, name: Union[str, bytes]) -> Model: ...
def device_names(shipped: Sequence[str]) -> List[str]: ...
def list_models(shipped: Sequence[str]) -> str: ...
def train(
    data: _Data, settings: Settings, seed: int, threads: int, max_line_bytes: int, shipped: Sequence[str]
) -> Model: ...
def calibrate(
    known: Model,
    data: _Data,
    device: DeviceSource,
    threads: int,
    max_line_bytes: int,
    shipped: Sequence[str],
) -> Model: ...
def crossvalidate(
    data: _Data,
    directory: str,
    settings: Settings,
    group_by: str,
    interval: float,
    seed: int,
    threads: int,
    max_line_bytes: int,
    shipped: Sequence[str],
) -> str: ...
def evaluate(
    gold: str,
    predictions: str,
    node_types: Sequence[str],
    strict: bool,
    threads: int,
    max_line_bytes: int,
) -> Tuple[str, int, int, int, int]: ...
def summarize(
    predictions: str,
    by: Sequence[str],
    unit: str,
    top: int,
    measured: bool,
    each_layer: bool,
    max_line_bytes: int,
) -> Tuple[str, List[str]]: ...
def visualize(
    predictions: str,
    output: str,
    format: str,
    compare: Optional[str],
    title: str,
    only: Sequence[str],
    sample: Optional[int],
    max_line_bytes: int,
) -> Tuple[int, int]: ...
