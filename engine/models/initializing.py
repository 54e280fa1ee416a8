"""Initial weights for layers that do not know their size yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin


def when_sized(net: nn.Module, init: Callable[[nn.Module], None]) -> None:
    """Apply `init` to every layer of `net`: at once, or as soon as a lazy layer has found its size."""
    for module in net.modules():
        if isinstance(module, LazyModuleMixin):
            _at_first_input(module, init)
        else:
            init(module)


def _at_first_input(module: nn.Module, init: Callable[[nn.Module], None]) -> None:
    # A lazy layer sizes itself in a hook that it registered when it was made: this one comes after it.
    def initialize(layer: nn.Module, _inputs: Any) -> None:
        init(layer)
        handle.remove()

    handle = module.register_forward_pre_hook(initialize)
