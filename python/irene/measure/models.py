"""PyTorch models with random weights from configs, and their inputs.

Hugging Face's transformers builds them, imported when it is needed, or a function of the caller's.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import json
import os
import pathlib
import sys
from typing import Any, Callable, Dict, Iterator, Mapping

from irene.measure.errors import DATA, NO_INPUT, Refusal, reason

#: Builds a model: `build(config, attention, head)` for the fields of a config.json, "eager" or "flash", and whether it is to
#: have a language-model head and `generate()`. Called with the run's dtype and device as torch's defaults.
Build = Callable[[Dict[str, Any], str, bool], Any]

#: What runs here. Quantised weights would need kernels that random ones do not have.
DTYPES = ("float32", "float16", "bfloat16")


def torch_module() -> Any:
    """PyTorch. Refusal with the remedy where it is absent."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        raise Refusal("PyTorch is absent, which runs the models: pip install torch, or Debian's python3-torch") from None


def config_file(path: "os.PathLike[str] | str") -> pathlib.Path:
    """The file itself, or the config.json in the folder that it is."""
    file = pathlib.Path(path)
    return file / "config.json" if file.is_dir() else file


def read_config(path: "os.PathLike[str] | str") -> Dict[str, Any]:
    """The fields of a config.json, or of the one in a folder. Refusal where it cannot be read or is no JSON object."""
    file = config_file(path)
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal(f"{file}: {error.strerror or reason(error)}", NO_INPUT) from None
    except ValueError as error:
        raise Refusal(f"{file}: is no JSON: {reason(error)}", DATA) from None
    if not isinstance(fields, dict):
        raise Refusal(f"{file}: expected a JSON object", DATA)
    return fields


def with_transformers(config: Dict[str, Any], attention: str, head: bool) -> Any:
    """Builds by Hugging Face's library. Refusal where it is absent or does not know the architecture."""
    try:
        transformers = importlib.import_module("transformers")
    except ImportError:
        raise Refusal(
            "Hugging Face's transformers is absent, which builds models from configs: pip install transformers, or give "
            "--build MODULE:FUNCTION of your own"
        ) from None
    fields = {key: value for key, value in config.items() if key != "model_type"}
    kind = config.get("model_type")
    try:
        settings = transformers.AutoConfig.for_model(kind, **fields)
        auto = transformers.AutoModelForCausalLM if head else transformers.AutoModel
        kernels = {"eager": "eager", "flash": "sdpa"}[attention]
        return auto.from_config(settings, attn_implementation=kernels)
    except (KeyError, TypeError, ValueError, ImportError) as error:
        version = getattr(transformers, "__version__", "")
        raise Refusal(f"transformers {version} cannot build a '{kind}' with {attention} attention: {reason(error)}") from None


def builder(name: str) -> Build:
    """The function of the caller's that `MODULE:FUNCTION` or `FILE.py:FUNCTION` names."""
    place, _, function = name.rpartition(":")
    if not place or not function:
        raise Refusal(f"--build {name}: expected MODULE:FUNCTION or FILE.py:FUNCTION")
    try:
        if place.endswith(".py"):
            if not os.path.isfile(place):
                raise Refusal(f"--build: {place} does not exist", NO_INPUT)
            spec = importlib.util.spec_from_file_location(pathlib.Path(place).stem, place)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules.setdefault(spec.name, module)
            spec.loader.exec_module(module)
        else:
            module = importlib.import_module(place)
    except ImportError as error:
        raise Refusal(f"--build {name}: {reason(error)}") from None
    build = getattr(module, function, None)
    if not callable(build):
        raise Refusal(f"--build {name}: {place} has no function '{function}'")
    return build  # type: ignore[no-any-return]


class Subject:
    """A model on its device, whose runs are measured."""

    def __init__(self, config: Dict[str, Any], build: Build, dtype: str, attention: str, head: bool, device: str) -> None:
        """Refusal where this torch, the device or `build` cannot make it. Its weights are random."""
        self._torch = torch = torch_module()
        self.device = check_device(device)
        if attention == "flash" and not hasattr(torch.nn.functional, "scaled_dot_product_attention"):
            raise Refusal(f"flash attention needs torch 2.0, this is {torch.__version__}; --attention eager runs")
        self._fields = config
        with self._defaults(dtype):
            model = build(config, attention, head)
        self.model = model.to(device=self.device, dtype=getattr(torch, dtype)).eval()
        self._inputs: Dict[str, Any] = {}

    @contextlib.contextmanager
    def _defaults(self, dtype: str) -> Iterator[None]:
        """Numbers of the dtype, made where they will be: from torch 2.0 on on the device."""
        torch = self._torch
        before = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, dtype))
        torch.manual_seed(0)
        try:
            with torch.device(self.device) if hasattr(torch, "set_default_device") else contextlib.nullcontext():
                yield
        finally:
            torch.set_default_dtype(before)

    def inputs(self, batch_size: int, seq_len: int) -> Dict[str, Any]:
        """Keyword arguments of one forward pass over random tokens, without a cache."""
        torch = self._torch
        vocabulary = int(self._fields.get("vocab_size", 0)) or self._vocabulary()
        # The first tokens of a vocabulary often are special: padding is left out by some models.
        first = min(10, vocabulary - 1)
        tokens = torch.randint(first, vocabulary, (batch_size, seq_len), device=self.device)
        accepted = inspect.signature(self.model.forward).parameters
        inputs = {"input_ids": tokens}
        if "decoder_input_ids" in accepted:
            inputs["decoder_input_ids"] = tokens.clone()
        if "use_cache" in accepted:
            inputs["use_cache"] = False  # which would grow with each repetition
        return inputs

    def _vocabulary(self) -> int:
        """Of a config that leaves it to its class: what the model's own config says."""
        size = getattr(getattr(self.model, "config", None), "vocab_size", None)
        if not isinstance(size, int):
            raise Refusal("the config has no 'vocab_size', and neither has the model's own", DATA)
        return size

    def forward(self, inputs: Mapping[str, Any]) -> Callable[[], Any]:
        """One forward pass, as work."""
        return lambda: self.model(**inputs)

    def generation(self, tokens: Any, new_tokens: int) -> Callable[[], Any]:
        """So many new tokens for each sequence, chosen greedily, as work. Refusal where the model writes no text."""
        generate: Any = getattr(self.model, "generate", None)
        if generate is None:
            raise Refusal("the model has no generate(): --new_tokens is for models that write text")
        mask = self._torch.ones_like(tokens)
        return lambda: generate(
            input_ids=tokens,
            attention_mask=mask,
            min_new_tokens=new_tokens,
            max_new_tokens=new_tokens,
            do_sample=False,
            pad_token_id=0,
        )

    def synchronize(self) -> None:
        """Waits for what the device has still to do."""
        if self.device.type == "cuda":
            self._torch.cuda.synchronize(self.device)


def check_device(name: str) -> Any:
    """torch's device of that name. Refusal where it is none, or is not there."""
    torch = torch_module()
    try:
        device = torch.device(name)
    except RuntimeError:
        raise Refusal(f"--device {name}: expected cpu, cuda or cuda:N") from None
    if device.type not in ("cpu", "cuda"):
        raise Refusal(f"--device {name}: no meter of such a device is known; expected cpu, cuda or cuda:N")
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise Refusal(f"--device {name}: this PyTorch finds no GPU; --device cpu measures the processor")
        if device.index is not None and device.index >= torch.cuda.device_count():
            raise Refusal(f"--device {name}: there are {torch.cuda.device_count()} GPUs, counted from 0")
        if device.index is None:  # one GPU, one name
            return torch.device("cuda", torch.cuda.current_device())
    return device
