"""Watches one forward pass: which steps were taken, on which values, inside which modules.

Hooks tell of modules, torch's function mode of all else: additions, concatenations, reshapes between the layers. What
is recorded is what ran. Inside the layers of `torch.nn` nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_SIGNS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "truediv": "÷", "matmul": "@", "mm": "@", "pow": "**",
    "concat": "cat", "getitem": "[…]", "T": "transpose", "mT": "transpose", "t": "transpose", "swapaxes": "transpose",
    "swapdims": "transpose", "multiply": "×", "neg": "−", "iadd": "+", "isub": "−", "imul": "×",
}  # fmt: skip
_SILENT = {
    "contiguous",
    "detach",
    "to",
    "type",
    "float",
    "double",
    "long",
    "clone",
    "requires_grad",
    "is_floating_point",
}
"""Functions that change nothing to look at."""
VIEWS = {"reshape", "permute", "transpose", "view", "squeeze", "unsqueeze", "expand", "flatten", "[…]", "repeat"}


@dataclass(slots=True)
class Call:
    """A module that ran, and made of others."""

    path: str
    kind: str
    number: int
    """In the order of the calls."""
    is_container: bool


@dataclass(slots=True)
class Step:
    """Something that made a value of values."""

    names: list[str]
    inputs: tuple[int, ...]
    shapes: list[tuple[int, ...]]
    inside: tuple[Call, ...] = ()
    """The modules around, the outermost first."""
    path: str = ""
    """Of the layer; empty for a function."""
    is_layer: bool = False
    module: int = 0
    """Identity of the layer: a loop is found by it."""


@dataclass(slots=True)
class Flow:
    """The steps of a forward pass, in the order in which they were taken; inputs first."""

    steps: dict[int, Step] = field(default_factory=dict)
    outputs: tuple[int, ...] = ()


def run(model: nn.Module, inputs: tuple[Any, ...], *, watch: Recorder | None = None) -> Any:
    """What the model makes of the inputs: without dropout, without gradients, and without a trace on its state."""
    training = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            if watch is None:
                return model(*inputs)
            with watch:
                return model(*inputs)
    finally:
        for module, was in training.items():
            module.training = was


def inputs_of(X: Any) -> tuple[Any, ...]:
    """A forward pass's arguments: from a tensor, from several, or from the shape of one, such as (1, 1, 28, 28)."""
    if isinstance(X, tuple | list | torch.Size) and X and all(isinstance(size, int) for size in X):
        return (torch.rand(*X),)
    return tuple(X) if isinstance(X, tuple | list) else (X,)


def record(model: nn.Module, X: Any) -> Flow:
    """One forward pass of `X`, watched."""
    # Views: a tensor that is given twice is two inputs.
    inputs = tuple(x.view_as(x) if isinstance(x, Tensor) else x for x in inputs_of(X))
    recorder = Recorder(model)
    for number, tensor in enumerate(tensors(inputs)):
        recorder.keep(tensor, Step([f"input {number + 1}" if len(list(tensors(inputs))) > 1 else "input"], (), []))
    handles = recorder.attach()
    try:
        result = run(model, inputs, watch=recorder)
    finally:
        for handle in handles:
            handle.remove()
    outputs = tuple(dict.fromkeys(recorder.found(result)))
    return _needed(recorder.steps, outputs)


def tensors(values: Any) -> Iterator[Tensor]:
    """All tensors in a value, however deep."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from tensors(value)
    elif isinstance(values, list | tuple | set):
        for value in values:
            yield from tensors(value)


class Recorder(TorchFunctionMode):
    """Writes down the steps of one forward pass."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.steps: dict[int, Step] = {}
        self._made_by: dict[int, int] = {}
        self._alive: list[Any] = []  # so that no other tensor gets the identity of one that we know
        self._inside: list[Call] = []
        self._quiet = 0
        self._calls = 0
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._weights = {id(weight): path.rpartition(".")[2] for path, weight in model.named_parameters()}

    def attach(self) -> list[Any]:
        """Hooks at all modules; to be removed by who attached them."""
        modules = list(self.model.modules())
        before = [module.register_forward_pre_hook(self._enter, with_kwargs=True) for module in modules]
        return before + [module.register_forward_hook(self._leave, with_kwargs=True) for module in modules]

    def found(self, values: Any) -> Iterator[int]:
        """The steps that made the tensors in `values`."""
        for tensor in tensors(values):
            if (step := self._made_by.get(id(tensor))) is not None:
                yield step

    def keep(self, result: Any, step: Step) -> None:
        """Write a step down, and remember what it made."""
        number = len(self.steps)
        for tensor in tensors(result):
            self._made_by[id(tensor)] = number
            self._alive.append(tensor)
            step.shapes.append(tuple(tensor.shape))
        self.steps[number] = step

    def _enter(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if self._quiet or is_layer_of_torch(module):
            self._quiet += 1
            return
        self._calls += 1
        kind = type(module).__name__
        self._inside.append(Call(self._paths[id(module)], kind, self._calls, isinstance(module, CONTAINERS)))

    def _leave(self, module: nn.Module, args: Any, kwargs: Any, result: Any) -> Any:
        if not self._quiet:
            self._inside.pop()
            return None
        if self._quiet == 1:
            if any(result is tensor for tensor in tensors(args)):
                result = result.view_as(result)  # a layer that does nothing: what it gives is told from what it got
            inputs = tuple(dict.fromkeys(self.found((args, kwargs))))
            if inputs:
                path = self._paths[id(module)]
                step = Step([describe(module)], inputs, [], tuple(self._inside), path, True, id(module))
                self.keep(result, step)
        self._quiet -= 1
        return result

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if self._quiet:
            return func(*args, **kwargs)
        name = _name(func)
        result = args[0].unbind(0) if name == "iter" else func(*args, **kwargs)
        inputs = tuple(dict.fromkeys(self.found((args, kwargs))))
        is_constant = name.endswith("_like") or name.startswith("new_")  # takes only the shape
        if inputs and not is_constant and any(True for _ in tensors(result)):
            if isinstance(result, Tensor) and id(result) in self._made_by and not _in_place(func, kwargs):
                result = result.view_as(result)
            weights = [self._weights[id(tensor)] for tensor in tensors((args, kwargs)) if id(tensor) in self._weights]
            if name in _SILENT and isinstance(result, Tensor):
                self._made_by[id(result)] = inputs[0]
                self._alive.append(result)
            else:
                self.keep(result, Step([" ".join([name, *weights])], inputs, [], tuple(self._inside)))
        return iter(result) if name == "iter" else result


def is_layer_of_torch(module: nn.Module) -> bool:
    """Whether it is one of torch's own, into which nobody looks."""
    return type(module).__module__.startswith("torch.") and not isinstance(module, CONTAINERS)


def _name(func: Callable[..., Any]) -> str:
    full: str = resolve_name(func) or getattr(func, "__name__", "?")
    parts = full.split(".")
    name = parts[-2] if parts[-1] in ("__get__", "__set__") else parts[-1]
    name = name.strip("_")
    name = name[1:] if name.startswith("r") and name[1:] in _SIGNS else name
    return _SIGNS.get(name, name)


def _in_place(func: Callable[..., Any], kwargs: Mapping[str, Any]) -> bool:
    name = getattr(func, "__name__", "")
    return name.endswith("_") or bool(kwargs.get("inplace"))


def describe(module: nn.Module) -> str:
    """A layer in a few words: `Conv2d 3×3 /2`, where /2 is the stride."""
    words = [type(module).__name__]
    kernel, stride = _pair(getattr(module, "kernel_size", None)), _pair(getattr(module, "stride", None))
    if kernel:
        words.append(kernel if "×" in kernel else f"{kernel}×{kernel}")
    if stride and stride != "1":
        words.append(f"/{stride}")
    if isinstance(module, nn.RNNBase) and module.num_layers > 1:
        words.append(f"{module.num_layers} layers")
    if isinstance(module, nn.RNNBase) and module.bidirectional:
        words.append("both ways")
    return " ".join(words)


def _pair(size: Any) -> str:
    if size is None or isinstance(size, int):
        return str(size or "")
    sizes = [str(each) for each in size]
    return sizes[0] if len(set(sizes)) == 1 else "×".join(sizes)


def _needed(steps: Mapping[int, Step], outputs: Iterable[int]) -> Flow:
    """Only the steps that an output depends on, and all inputs."""
    wanted, waiting = set(), list(outputs)
    while waiting:
        number = waiting.pop()
        if number not in wanted:
            wanted.add(number)
            waiting.extend(steps[number].inputs)
    kept = {number: step for number, step in steps.items() if number in wanted or not step.inputs}
    return Flow(kept, tuple(outputs))
