"""Linear regression with its gradients written down, as a book of statistics has them.

With e = Xw + b - y the mean squared error has the gradients 2 Xᵀe / n and 2 Σe / n. For a minibatch of 32 rows torch's
backward pass takes ten times as long to organize as to compute; here are the products and sums that it comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor


def step_of(model: Any) -> Callable[[Sequence[Any]], Tensor | None]:
    """The step of a linear regression, as a function of its minibatch; None: this one is for the model."""
    return partial(half_squares if hasattr(model, "w") else squares, model)


@torch.no_grad()
def half_squares(model: Any, batch: Sequence[Any]) -> Tensor | None:
    """One minibatch of `LinearRegressionScratch`, X: (n, d), whose loss is the mean of e² / 2."""
    X, y = batch
    if X.dim() != 2:
        return None
    w, b = model.w, model.b
    error = torch.addmm(b, X, w).sub_(y.reshape(-1, 1))  # (n, 1)
    n = len(error)
    w.grad = torch.mm(X.t(), error).div_(n)
    b.grad = error.mean(0)
    loss = torch.dot(error.view(-1), error.view(-1)).div_(2 * n)
    model.plot("loss", loss, train=True)
    return loss


@torch.no_grad()
def squares(model: Any, batch: Sequence[Any]) -> Tensor | None:
    """One minibatch of `LinearRegression`, X: (n, d), whose loss is the mean of e²."""
    X, y = batch
    if X.dim() != 2 or y.shape != (len(X), 1):
        return None  # torch would broadcast
    weight, bias = model.net.weight, model.net.bias
    error = torch.addmm(bias, X, weight.t()).sub_(y)  # (n, 1)
    n = len(error)
    weight.grad = torch.mm(error.t(), X).mul_(2 / n)
    bias.grad = error.mean(0).mul_(2)
    loss = torch.dot(error.view(-1), error.view(-1)).div_(n)
    model.plot("loss", loss, train=True)
    return loss
