"""The names by which the book's code for all frameworks calls PyTorch's functions, and small checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

import engine

_NAMES = (
    "abs arange cos cosh exp eye float32 int32 int64 linspace log matmul meshgrid normal ones ones_like rand randn "
    "sigmoid sin sinh stack tanh tensor zeros zeros_like"
)
globals().update({name: getattr(torch, name) for name in _NAMES.split()})

nn_Module = nn.Module  # noqa: N816 -- the book's name
batch_matmul = torch.bmm
concat = torch.cat


def _method(name: str) -> Callable[..., Any]:
    """The function f(x, …) that calls x's method of that name."""

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, name)(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"`x.{name}(…)`."
    return call


size, reshape, to, swapaxes, repeat = map(_method, ("numel", "reshape", "to", "swapaxes", "repeat"))
reduce_sum, reduce_mean, argmax = map(_method, ("sum", "mean", "argmax"))
astype, transpose, expand_dims = map(_method, ("type", "t", "unsqueeze"))


def numpy(x: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
    """The tensor's values as an array, wherever it is (the book's fails for one on a GPU)."""
    return x.detach().cpu().numpy(*args, **kwargs)


def cpu() -> torch.device:
    """The CPU (6.7)."""
    return torch.device("cpu")


def gpu(i: int = 0) -> torch.device:
    """The i-th GPU, whether it is there or not (6.7)."""
    return torch.device(f"cuda:{i}")


def num_gpus() -> int:
    """How many GPUs PyTorch sees (6.7)."""
    return torch.cuda.device_count()


def try_gpu(i: int = 0) -> torch.device:
    """The i-th GPU if it is there and computes, else the CPU."""
    return torch.device(engine.try_gpu(i))


def try_all_gpus() -> list[torch.device]:
    """All GPUs, or only the CPU. The book's list is empty without a GPU, and its loops then fail."""
    return [torch.device("cuda", i) for i in range(num_gpus())] or [cpu()]


def check_len(a: Any, n: int) -> None:
    """Raise `AssertionError` unless `a` has length n."""
    assert len(a) == n, f"length {len(a)}, expected {n}"


def check_shape(a: Any, shape: Any) -> None:
    """Raise `AssertionError` unless `a` has this shape."""
    assert tuple(a.shape) == tuple(shape), f"shape {tuple(a.shape)}, expected {tuple(shape)}"
