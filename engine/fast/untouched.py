"""Whether a model is the engine's own, as it was written: only then does a fast path compute what the model would."""

from __future__ import annotations

import types
from functools import partial
from typing import Any

from torch import nn
from torch.nn.modules import module as torchs
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import is_lazy

_OURS, _TORCHS, _FAST = "engine.", "torch.nn.modules.", "engine.fast."
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def is_untouched(model: nn.Module) -> bool:
    """Whether nobody has written a part of `model` anew, nor listens to one.

    Every module is of a class of the engine or of torch, has no method of its own and no hook; and no method of the
    engine's classes was put there by somebody else, as the book's `add_to_class` does.
    """
    if torchs._has_any_global_hook():  # type: ignore[no-untyped-call]
        return False
    modules = list(model.modules())
    return all(map(_is_plain, modules)) and all(map(_is_as_written, {type(module) for module in modules}))


def is_sized(model: nn.Module) -> bool:
    """Whether all lazy layers have met their first input."""
    return not any(is_lazy(parameter) for parameter in model.parameters())


def _is_plain(module: nn.Module) -> bool:
    kind = type(module)
    if not kind.__module__.startswith((_OURS, _TORCHS)):
        return False
    listening = (hook for hooks in _HOOKS for hook in getattr(module, hooks).values())
    if not all(_is_of_lazy_layers(hook) for hook in listening):
        return False
    own = [value for name, value in vars(module).items() if isinstance(getattr(kind, name, None), types.FunctionType)]
    return all(isinstance(value, partial) and value.func.__module__.startswith(_FAST) for value in own)


def _is_of_lazy_layers(hook: Any) -> bool:
    """Whether a lazy layer listens to itself: with weights that were loaded it does so up to its first input."""
    return getattr(hook, "__func__", None) is LazyModuleMixin._infer_parameters


def _is_as_written(kind: type) -> bool:
    for each in kind.__mro__:
        if not each.__module__.startswith(_OURS):
            continue
        methods = (value for value in vars(each).values() if isinstance(value, types.FunctionType))
        if any(not method.__module__.startswith(_OURS) for method in methods):
            return False
    return True
