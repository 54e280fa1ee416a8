"""What a model is made of: `summary(model, X)`, a table of its layers, and `trace(model, X)`, a drawing of its flow.

Both run the real module once on `X` and show what happened, so they cannot lie. Neither leaves a trace on the model:
no gradients, no dropout, no new statistics; only layers that did not know their size know it then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from engine.flow import VIEWS, describe, inputs_of, is_layer_of_torch, record, run, tensors
from engine.folding import fold, rows
from engine.redrawing import Drawn, Flow
from engine.tables import Table
from engine.terminal import Figure

WIDEST = 100
"""Columns of a table or a drawing."""


def trace(model: nn.Module, X: Any, *, folded: bool = True) -> Figure:
    """How values flow through `model`: a line for each step with the shape that it makes, a rail for each value in use.

    X: an input, several as a tuple, or the shape of one, such as `(1, 1, 28, 28)`. Loops, long formulas and blocks that
    look like one above are one line each, unless `folded=False`.
    """
    flow = record(model, X)
    if folded:
        fold(flow, VIEWS)
    return Drawn(Flow(rows(flow), flow.outputs), WIDEST)


def summary(model: nn.Module, X: Any) -> Figure:
    """A table of the layers of `model` in the order in which they ran, the shapes of their outputs, their parameters.

    X: as for `trace`. A layer that is called several times is listed once, with its parameters counted once.
    """
    seen: dict[int, _Layer] = {}

    def enter(module: nn.Module, _args: Any) -> None:
        seen.setdefault(id(module), _Layer(module))

    def leave(module: nn.Module, _args: Any, result: Any) -> None:
        layer = seen[id(module)]
        layer.calls += 1
        layer.shape = next((str(tuple(tensor.shape)) for tensor in tensors(result)), "")

    inputs = inputs_of(X)
    handles = [module.register_forward_pre_hook(enter) for module in model.modules()]
    handles += [module.register_forward_hook(leave) for module in model.modules()]
    try:
        run(model, inputs)
    finally:
        for handle in handles:
            handle.remove()
    return Drawn(_table(model, [layer for layer in seen.values() if layer.calls], inputs), WIDEST)


@dataclass(slots=True)
class _Layer:
    module: nn.Module
    calls: int = 0
    shape: str = ""


def _table(model: nn.Module, layers: list[_Layer], inputs: tuple[Any, ...]) -> Table:
    paths = {id(module): path for path, module in model.named_modules()}
    ran = {id(layer.module) for layer in layers}
    lines: list[tuple[str, str, str, str]] = []
    counted: set[int] = set()
    hidden: set[int] = set()
    for layer in layers:
        module = layer.module
        if id(module) in hidden:
            continue
        if is_layer_of_torch(module):
            hidden |= {id(inner) for inner in module.modules()}
        path = paths[id(module)]
        around = [end for end in _parents(path) if id(model.get_submodule(end)) in ran]
        name = path[len(around[-1]) :].lstrip(".") if around else ""
        own = list(module.parameters() if is_layer_of_torch(module) else module.parameters(recurse=False))
        fresh = [weight for weight in own if id(weight) not in counted]
        counted |= {id(weight) for weight in fresh}
        number = sum(weight.numel() for weight in fresh)
        times = f" ({layer.calls} times)" if layer.calls > 1 else ""
        lines.append(
            ("  " * len(around) + describe(module) + times, name, layer.shape, f"{number:,}" if number else "")
        )
    return Table(("layer", "name", "output shape", "parameters"), lines, _sums(model, inputs))


def _parents(path: str) -> list[str]:
    parts = path.split(".") if path else []
    return ["", *(".".join(parts[:end]) for end in range(1, len(parts)))] if parts else []


def _sums(model: nn.Module, inputs: tuple[Any, ...]) -> list[str]:
    weights = list(model.parameters())
    total = sum(weight.numel() for weight in weights)
    learned = sum(weight.numel() for weight in weights if weight.requires_grad)
    size = sum(weight.numel() * weight.element_size() for weight in weights)
    shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors(inputs))
    fixed = "" if learned == total else f", {learned:,} of them learned"
    return [f"{total:,} parameters{fixed}, {_bytes(size)}. Input: {shapes}."]


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
