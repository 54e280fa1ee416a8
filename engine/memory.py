"""Out of memory: caught, and answered with the batch size that would fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.config import EngineError


class OutOfMemory(EngineError, MemoryError):
    """The device has no room for a step."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that an allocation failed, on a GPU or on the CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def explain(device: str, batch: Sequence[Any], step: Callable[[Sequence[Any]], None]) -> OutOfMemory:
    """The error to raise for a `batch` that did not fit: halves it until `step` goes through, to name the size."""
    size = num_examples(batch)
    fits = _largest(batch, size, step)
    if fits:
        advice = f"{fits} fit: pass batch_size={fits} to the data."
    else:
        advice = "not even one example fits: use a smaller model or picture, or another device (D2L_TUTOR_DEVICE)."
    return OutOfMemory(f"{device} ran out of memory in a step of {size} examples; {advice}")


def num_examples(batch: Sequence[Any]) -> int:
    """Rows of a minibatch: the length of its last item, or of the first tensor in it."""
    item = batch[-1]
    while isinstance(item, list | tuple) and item:
        item = item[0]
    return item.shape[0] if isinstance(item, Tensor) and item.dim() else 1


def _largest(batch: Sequence[Any], size: int, step: Callable[[Sequence[Any]], None]) -> int:
    while size > 1:
        size //= 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        try:
            step([_rows(item, size) for item in batch])
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        else:
            return size
    return 0


def _rows(item: Any, size: int) -> Any:
    if isinstance(item, Tensor):
        return item[:size] if item.dim() else item
    if isinstance(item, list | tuple):
        return type(item)(_rows(part, size) for part in item)
    return item
