"""Initial weights: of layers from scratch, and of layers that do not know their size yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin


def dense(rows: int, columns: int, sigma: float) -> tuple[nn.Parameter, nn.Parameter]:
    """A dense layer from scratch: weights (rows, columns) from N(0, sigma²), and biases (columns,) at 0."""
    return nn.Parameter(sigma * torch.randn(rows, columns)), nn.Parameter(torch.zeros(columns))


def recurrent(num_inputs: int, num_hiddens: int, sigma: float) -> tuple[nn.Parameter, nn.Parameter, nn.Parameter]:
    """What a recurrent layer, or one of its gates, learns: weights for the input and for the hidden state, and a bias.

    (num_inputs, num_hiddens) and (num_hiddens, num_hiddens) from N(0, sigma²), and (num_hiddens,) at 0.
    """
    of_input, _ = dense(num_inputs, num_hiddens, sigma)
    of_state, bias = dense(num_hiddens, num_hiddens, sigma)
    return of_input, of_state, bias


def when_sized(net: nn.Module, init: Callable[[nn.Module], None]) -> None:
    """Apply `init` to every layer of `net`: at once, or as soon as a lazy layer has found its size.

    Weights that are loaded into a lazy layer before its first input stay as they are.
    """
    for module in net.modules():
        if isinstance(module, LazyModuleMixin):
            _Waiting(init).at(module)
        else:
            init(module)


class _Waiting:
    """Waits at one lazy layer for its first input. An object and no closure, so that models can be copied and saved."""

    def __init__(self, init: Callable[[nn.Module], None]) -> None:
        self.init = init

    def at(self, layer: nn.Module) -> None:
        # A lazy layer sizes itself in a hook that it registered when it was made: this one comes after it.
        layer.register_forward_pre_hook(self.initialize)
        layer.register_load_state_dict_post_hook(self.leave)  # type: ignore[no-untyped-call]

    def initialize(self, layer: nn.Module, _inputs: Any) -> None:
        self.leave(layer)
        self.init(layer)

    def leave(self, layer: nn.Module, _keys: Any = None) -> None:
        hooks = layer._forward_pre_hooks
        for key in [key for key, hook in hooks.items() if getattr(hook, "__self__", None) is self]:
            del hooks[key]
