"""Trees of transformers from their configs alone."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Mapping, Optional, Protocol, Sequence, Tuple, Union, cast

from . import _irene, _shipped
from ._check import json_text, path, path_bytes, text, text_or_none, whole
from ._errors import Error
from ._trees import Tree


class HasToDict(Protocol):
    """A config object of the library transformers."""

    def to_dict(self) -> Dict[str, Any]: ...


Path = Union[str, "os.PathLike[str]"]
Config = Union[Path, Mapping[str, Any], HasToDict]
Sizes = Union[int, Sequence[int]]


_GREATEST = 1 << 26


def _sizes(name: str, sizes: Sizes, least: int = 1) -> List[int]:
    listed = list(sizes) if isinstance(sizes, Iterable) and not isinstance(sizes, str) else [sizes]
    if not listed:
        raise Error(f"{name}: expected a whole number or a list of them, found none", "usage")
    return [whole(name, size, least, _GREATEST) for size in listed]


def _config(config: Config) -> Tuple[bool, Union[str, bytes], str]:
    """Whether it is a path, the path or the text, and what messages call it."""
    if isinstance(config, (str, os.PathLike)):
        return True, path_bytes("config", config), ""
    if not isinstance(config, Mapping):
        if not hasattr(config, "to_dict"):
            raise Error(
                "a config is a path, a dict or an object with to_dict(), found one of "
                + type(config).__name__,
                "usage",
            )
        config = config.to_dict()
    return False, json_text("the config", config, "data", lenient=True), "config"


def _of_kernels(new_tokens: List[int], dtype: Optional[str], attention: str, gpus: int) -> List[str]:
    """The arguments that the paper's counting does not know and that say something."""
    given = {
        "dtype": dtype is not None,
        "attention": attention != "eager",
        "new_tokens": new_tokens != [0],
        "gpus": gpus != 1,
    }
    return [name for name, is_given in given.items() if is_given]


def extract(
    config: Union[Config, Iterable[Config]],
    *,
    batch_size: Sizes = 1,
    seq_len: Sizes = 128,
    new_tokens: Sizes = 0,
    dtype: Optional[str] = None,
    attention: str = "eager",
    gpus: int = 1,
    counting: Optional[str] = None,
    model_name: Optional[str] = None,
    model_type: Optional[str] = None,
) -> List[Tree]:
    """The trees of transformers, from their Hugging Face configs alone: nothing is downloaded, loaded or run.

    Args:
        config: the path of a config.json or of a folder that holds one, a dict, an object with ``to_dict()``
            (a config of transformers), or a list of these.
        batch_size: sequences, a number or a list.
        seq_len: tokens of a sequence, or of its prompt.
        new_tokens: tokens that are generated for each sequence; 0 is one forward pass without a head.
        dtype: the numbers that weights are stored in: float32, float16, bfloat16, float8, int8, int4 or mxfp4;
            None: what the config says.
        attention: ``"eager"``: scores are written to memory; ``"flash"``: one fused kernel.
        gpus: GPUs that share every layer (tensor parallel).
        counting: ``"paper"`` counts as the IrEne datasets do, in float32; ``"kernels"`` what runs, in its dtype.
            None: kernels where dtype, attention, new_tokens or gpus says something, else paper.
        model_name: what the model of a single config is called; None: its ``_name_or_path``, else its file's
            name.
        model_type: the architecture of configs that do not say theirs.

    Returns:
        A tree for every config, batch size, length and number of new tokens, in this order.

    Raises:
        irene.Error: as irene-extract refuses.
    """
    is_one = isinstance(config, (str, os.PathLike, Mapping)) or not isinstance(config, Iterable)
    configs = [cast(Config, config)] if is_one else list(cast(Iterable[Config], config))
    if model_name == "":
        raise Error("model_name: expected a name that is not empty", "usage")
    tokens = _sizes("new_tokens", new_tokens, 0)
    lines = _irene.extract(
        [_config(one) for one in configs],
        _sizes("batch_size", batch_size),
        _sizes("seq_len", seq_len),
        tokens,
        text_or_none("dtype", dtype),
        text("attention", attention),
        whole("gpus", gpus, 1, 1024),
        text_or_none("counting", counting),
        _of_kernels(tokens, dtype, attention, gpus),
        text_or_none("model_name", model_name) or "",
        text_or_none("model_type", model_type) or "",
        _shipped.folders(),
    )
    return [Tree(line) for line in lines]


def extract_runs(
    table: Path,
    *,
    configs: Optional[Path] = None,
    new_tokens: int = 0,
    dtype: Optional[str] = None,
    attention: str = "eager",
    gpus: int = 1,
    counting: Optional[str] = None,
) -> List[Tree]:
    """The trees of runs that stand in a table with what was measured of them, a row each.

    Args:
        table: a file of comma-separated values with the columns config, batch_size, seq_len and any of
            model_name, new_tokens, dtype, attention, gpus, joules (J), seconds (s).
        configs: a folder where the configs are, beside the table's own and those that come with irene.
        new_tokens, dtype, attention, gpus: of rows that do not say theirs, see :func:`extract`.
        counting: see :func:`extract`; None: kernels.

    Raises:
        irene.Error: as ``irene-extract --runs`` refuses.
    """
    lines = _irene.extract_runs(
        path("table", table),
        [] if configs is None else [path("configs", configs)],
        whole("new_tokens", new_tokens, 0, _GREATEST),
        text_or_none("dtype", dtype),
        text("attention", attention),
        whole("gpus", gpus, 1, 1024),
        text_or_none("counting", counting),
        _of_kernels([new_tokens], dtype, attention, gpus),
        _shipped.folders(),
    )
    return [Tree(line) for line in lines]


def known_architectures() -> List[str]:
    """The values of ``model_type`` that are known, in alphabetical order."""
    return _irene.known_architectures()
