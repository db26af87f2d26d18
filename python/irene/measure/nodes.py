"""Finds in a PyTorch model what the nodes of its tree are, and makes each a piece of work that can be run by itself.

A module is found by its scope: its name in the model, without the lists that hold layers. An operation that a module calls,
such as softmax, has no name; it is caught by a torch function mode while its module runs, and the first product in a module is
the first `matmul` below its node. Inputs are kept as they come by in one pass of the whole model.

Nodes that do the same share one piece, as in the IrEne datasets: of one class, with the same counts, from inputs of the same
shapes and types. So repeated layers are run once, and their inputs are kept once.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any, Callable, Dict, Hashable, Iterator, List, Mapping, Optional, Tuple

from irene.measure.errors import DATA, Refusal
from irene.measure.models import torch_module

torch = torch_module()
overrides = importlib.import_module("torch.overrides")

Module = Any  #: torch.nn.Module, which type checkers do not know where torch is absent
Node = Dict[str, Any]  #: a node of a tree, as in data files
Signature = Tuple[Hashable, ...]

#: Names of torch's functions, and what their nodes are called.
OPERATIONS = {
    "matmul": "matmul",
    "__matmul__": "matmul",
    "__rmatmul__": "matmul",
    "bmm": "matmul",
    "baddbmm": "matmul",
    "einsum": "matmul",
    "softmax": "softmax",
    "scaled_dot_product_attention": "flash_attention",
}


@dataclasses.dataclass
class Piece:
    """Work that can be repeated, and the nodes that it stands for."""

    work: Callable[[], Any]
    nodes: List[Node]


@dataclasses.dataclass
class Call:
    """What a module or an operation was called with."""

    function: Callable[..., Any]
    args: Tuple[Any, ...]
    kwargs: Dict[str, Any]

    def __call__(self) -> Any:
        return self.function(*self.args, **self.kwargs)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the file."""
    yield node
    for child in node["child_nodes_obj"]:
        yield from walk(child)


def modules_by_scope(model: Module) -> Dict[str, Module]:
    """The modules of a model by the scopes that their nodes have: `root.0.attn` for the model's `h.0.attn`. A module that
    stands in several places is there by each.
    """
    found: Dict[str, Module] = {}

    def add(module: Module, scope: str) -> None:
        found.setdefault(scope, module)
        for name, child in module.named_children():
            # Lists have no nodes: their layers are the children of the module that has the list.
            if isinstance(child, torch.nn.ModuleList):
                for number, layer in child.named_children():
                    add(layer, f"{scope}.{number}")
            else:
                add(child, f"{scope}.{name}")

    add(model, "root")
    return found


def check_parameters(model: Module, tree: Node) -> None:
    """Refuses a model that is not the one of the tree: it has another number of parameters."""
    count = sum(parameter.numel() for parameter in model.parameters())
    if count != tree["num_parameters"]:
        raise Refusal(
            f"the PyTorch model has {count} parameters, and the config's tree {tree['num_parameters']}: they are not the same "
            "model",
            DATA,
        )


def pieces(model: Module, inputs: Mapping[str, Any], tree: Node) -> Tuple[List[Piece], List[Node]]:
    """Runs the model once: the pieces of its tree, the whole model first, and the nodes that it did not run or that could
    not be told apart.
    """
    capture = _Capture(modules_by_scope(model), tree)
    with torch.no_grad(), capture:
        model(**inputs)
    calls = capture.calls()
    found: Dict[Signature, Piece] = {}
    missing = []
    for node in walk(tree):
        known = calls.get(id(node))
        if known is None:
            missing.append(node)
            continue
        signature, call = known
        found.setdefault(signature, Piece(call, [])).nodes.append(node)
    return list(found.values()), missing


def _amounts(node: Node) -> Signature:
    return tuple(
        node.get(key) for key in ("instance_type", "num_parameters", "flops", "mem_bytes", "calls", "launches", "dtype")
    )


def _shapes(value: Any) -> Hashable:
    """Shapes and types of all tensors in a value, and all other plain values."""
    if isinstance(value, torch.Tensor):
        return tuple(value.shape), str(value.dtype), value.stride()
    if isinstance(value, (list, tuple)):
        return tuple(_shapes(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _shapes(item)) for key, item in value.items())
    return value if isinstance(value, (int, float, str, bool, type(None))) else type(value).__name__


def _kept(value: Any) -> Any:
    """A copy that later work cannot change."""
    if isinstance(value, torch.Tensor):
        # An expanded tensor would be made larger by a copy.
        return value.detach() if 0 in value.stride() else value.detach().clone()
    if type(value) in (list, tuple):
        return type(value)(_kept(item) for item in value)
    if type(value) is dict:
        return {key: _kept(item) for key, item in value.items()}
    return value


class _Capture:
    """While entered, keeps the inputs of the modules and operations that are nodes of a tree."""

    def __init__(self, modules: Mapping[str, Module], tree: Node) -> None:
        self._parents = [node for node in walk(tree) if node["child_nodes_obj"]]
        by_scope: Dict[str, Node] = {}
        for node in walk(tree):
            by_scope.setdefault(node["scope"], node)
        self._places: Dict[Module, List[Node]] = {}  # the nodes of a module, which may stand in several places
        for scope, module in modules.items():
            nodes = self._places.setdefault(module, [])
            if scope in by_scope:
                nodes.append(by_scope[scope])
        self._running: List[Optional[Node]] = []  # of the modules that run just now, from the outermost
        self._kept: Dict[Signature, Call] = {}
        self._of_modules: Dict[int, Signature] = {}  # by the node's id()
        self._of_operations: Dict[int, List[Tuple[str, Signature]]] = {}  # by that of the node they are below

        # A mode is a subclass of torch's.
        watches = {"__torch_function__": lambda _, func, types, args=(), kwargs=None: self._called(func, args, kwargs or {})}
        self._mode = type("Mode", (overrides.TorchFunctionMode,), watches)()

    def __enter__(self) -> None:
        # A module calls what its attribute `forward` is: unlike hooks, this sees keyword arguments in every torch.
        for module, nodes in self._places.items():
            module.forward = self._watched(module.forward, module, nodes)
        self._mode.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._mode.__exit__(*error)
        for module in self._places:
            del module.forward

    def _watched(self, forward: Callable[..., Any], module: Module, nodes: List[Node]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            # None where the module has no node, or has run in all its places.
            node = next((node for node in nodes if id(node) not in self._of_modules), None)
            if node is not None:
                self._of_modules[id(node)] = self._keep(_amounts(node), module, args, kwargs)
                self._of_operations[id(node)] = []
            elif isinstance(module, torch.nn.Softmax) and self._running:
                node = self._running[-1]  # an operation of the module that has it
            self._running.append(node)
            try:
                return forward(*args, **kwargs)
            finally:
                self._running.pop()

        return watched

    def _called(self, func: Any, args: Any, kwargs: Dict[str, Any]) -> Any:
        """A function of torch's is called while the model runs."""
        kind = OPERATIONS.get(getattr(func, "__name__", ""))
        node = self._running[-1] if self._running else None
        if kind and node is not None:
            signature = self._keep((kind, *_amounts(node)), func, args, kwargs)
            self._of_operations[id(node)].append((kind, signature))
        return func(*args, **kwargs)

    def _keep(self, amounts: Signature, function: Callable[..., Any], args: Any, kwargs: Dict[str, Any]) -> Signature:
        signature = (*amounts, _shapes(args), _shapes(kwargs))
        if signature not in self._kept:
            self._kept[signature] = Call(function, tuple(_kept(arg) for arg in args), _kept(kwargs))
        return signature

    def calls(self) -> Dict[int, Tuple[Signature, Call]]:
        """What stands for each node, by its id()."""
        found = dict(self._of_modules)
        for parent in self._parents:
            captured = self._of_operations.get(id(parent), [])
            for kind in set(OPERATIONS.values()):
                children = [child for child in parent["child_nodes_obj"] if child["type"] == "ml-np"]
                nodes = [child for child in children if child["instance_type"] == kind]
                signatures = [signature for name, signature in captured if name == kind]
                # Where the model runs more or fewer of them than the tree has, none can be told from another.
                if len(nodes) == len(signatures):
                    found.update({id(node): signature for node, signature in zip(nodes, signatures)})
        return {node: (signature, self._kept[signature]) for node, signature in found.items()}
