"""Attention before there was learning in it (11.2): the Nadaraya–Watson estimator and its kernels."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def gaussian(x: Tensor) -> Tensor:
    """exp(-x² / 2)."""
    return torch.exp(-(x**2) / 2)


def boxcar(x: Tensor) -> Tensor:
    """1 where |x| < 1, else 0."""
    return (x.abs() < 1.0).to(x.dtype)


def constant(x: Tensor) -> Tensor:
    """1 everywhere."""
    return torch.ones_like(x)


def epanechikov(x: Tensor) -> Tensor:
    """max(1 - |x|, 0): what the book calls Epanechikov's; his own falls with x²."""
    return (1 - x.abs()).clamp(min=0)


def nadaraya_watson(
    x_train: Tensor, y_train: Tensor, x_val: Tensor, kernel: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """Mean of the labels, weighted by how near each key is to a query (11.2.2; Nadaraya, Watson, 1964).

    x_train, y_train: (n,); x_val: (m,) -> the estimates, (m,), and the attention weights, (n, m), whose columns sum to
    1. A query that no key is near to has 0 / 0: not a number.
    """
    distances = x_train.reshape((-1, 1)) - x_val.reshape((1, -1))  # (n, m)
    weights = kernel(distances)
    attention_w = weights / weights.sum(0)
    return y_train @ attention_w, attention_w
