"""Small loops and measures of the book's older sections, which its later chapters still call."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.book.quickness import BATCHES, EXAMPLES, epochs, rows, shortened
from engine.book.training import Animator
from engine.config import quick
from engine.data import clothing
from engine.loaders import TensorLoader
from engine.metrics import Accumulator

__all__ = ["Accumulator"]


def load_array(data_arrays: Sequence[Tensor], batch_size: int, is_train: bool = True) -> Any:
    """Minibatches of some tensors, shuffled if `is_train` (3.3 of the older edition)."""
    return shortened(TensorLoader(data_arrays, batch_size, shuffle=is_train), max(BATCHES, -(-EXAMPLES // batch_size)))


def synthetic_data(w: Tensor, b: float, num_examples: int) -> tuple[Tensor, Tensor]:
    """X ~ N(0, 1), (num_examples, d), and y = X w + b + ε, (num_examples, 1), ε ~ N(0, 0.01²)."""
    X = torch.randn(num_examples, len(w))
    y = (X @ w).reshape(-1, 1) + b
    return X, y + 0.01 * torch.randn_like(y)


def linreg(X: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """X w + b."""
    return X @ w + b


def squared_loss(y_hat: Tensor, y: Tensor) -> Tensor:
    """Half the squared error of each example."""
    return 0.5 * (y_hat - y.reshape(y_hat.shape)).square()


def sgd(params: Sequence[Tensor], lr: float, batch_size: int) -> None:
    """One step of minibatch gradient descent on summed losses; the gradients are forgotten."""
    with torch.no_grad():
        for param in params:
            if param.grad is not None:
                param.sub_(param.grad, alpha=lr / batch_size)
                param.grad.zero_()


def grad_clipping(net: Any, theta: float) -> None:
    """Scale the gradients so that their norm together is at most `theta` (9.5). `net`: a module, or has `params`."""
    params = list(net.parameters()) if isinstance(net, nn.Module) else list(net.params)
    nn.utils.clip_grad_norm_([param for param in params if param.requires_grad], theta)


def get_dataloader_workers() -> int:
    """Processes that read data beside the training: half of the cores, four at most; none in a quick run."""
    return 0 if quick() else min(4, (os.cpu_count() or 1) // 2)


def get_fashion_mnist_labels(labels: Any) -> list[str]:
    """The names of kinds of clothing."""
    return [clothing.KINDS[int(label)] for label in labels]


def load_data_fashion_mnist(batch_size: int, resize: int | tuple[int, int] | None = None) -> tuple[Any, Any]:
    """Minibatches of Fashion-MNIST to learn from, and to test with."""
    from engine.data.images import FashionMNIST

    size = (28, 28) if resize is None else (resize, resize) if isinstance(resize, int) else tuple(resize)
    data = FashionMNIST(rows(batch_size), (size[0], size[1]))
    return shortened(data.train_dataloader()), shortened(data.val_dataloader())


def accuracy(y_hat: Tensor, y: Tensor) -> float:
    """How many predictions are right: a count, as in the book (`engine.accuracy` is a share)."""
    if y_hat.dim() > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(dim=1)
    return float((y_hat.type(y.dtype) == y).sum())


def evaluate_loss(net: Any, data_iter: Any, loss: Any) -> float:
    """The mean loss of a model over a data set."""
    total = Accumulator(2)
    for X, y in data_iter:
        out = net(X)
        each = loss(out, y.reshape(out.shape))
        total.add(each.sum().detach(), each.numel())
    return total[0] / total[1]


def evaluate_accuracy_gpu(net: Any, data_iter: Any, device: torch.device | None = None) -> float:
    """The share of right predictions over a data set, on `device` or where the model is."""
    if isinstance(net, nn.Module):
        net.eval()
        device = device or next(iter(net.parameters())).device
    right = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            X = [x.to(device) for x in X] if isinstance(X, list) else X.to(device)
            y = y.to(device)
            right.add(accuracy(net(X), y), y.numel())
    return right[0] / right[1]


def train_ch6(net: Any, train_iter: Any, test_iter: Any, num_epochs: int, lr: float, device: torch.device) -> None:
    """Train a classifier with plain SGD from Xavier's weights (7.6 of the older edition)."""
    net.apply(_start).to(device)
    print("training on", device)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)

    def step(X: Tensor, y: Tensor) -> tuple[float, float, int, int]:
        X, y = X.to(device), y.to(device)
        scores = net.train()(X)
        mean = nn.functional.cross_entropy(scores, y)
        optimizer.zero_grad()
        mean.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return float(mean.detach()) * len(X), accuracy(scores, y), len(X), y.numel()

    follow(step, lambda: evaluate_accuracy_gpu(net, shortened(test_iter)), shortened(train_iter), num_epochs, device)


def follow(
    step: Callable[..., tuple[float, float, int, int]],
    test: Callable[[], float],
    train_iter: Any,
    num_epochs: int,
    where: Any,
) -> None:
    """Take all steps, five points an epoch on a chart, and say how it ended.

    step: a minibatch -> the sum of its losses, how many predictions were right, examples, predictions.
    """
    chart = Animator(xlabel="epoch", legend=["train loss", "train acc", "test acc"])
    every, seconds, examples = max(1, len(train_iter) // 5), 0.0, 0
    means, tested = (math.nan, math.nan), math.nan
    for epoch in range(epochs(num_epochs)):
        sums = [0.0, 0.0, 0.0, 0.0]
        for number, batch in enumerate(train_iter, start=1):
            began = time.perf_counter()
            told = step(*batch)
            seconds += time.perf_counter() - began
            examples += told[2]
            sums = [total + float(value) for total, value in zip(sums, told, strict=True)]
            means = sums[0] / sums[2], sums[1] / sums[3]
            if number % every == 0:
                chart.add(epoch + number / len(train_iter), (*means, None))
        tested = test()
        chart.add(epoch + 1, (None, None, tested))
    print(f"loss {means[0]:.3f}, accuracy {means[1]:.3f} in training and {tested:.3f} in the test")
    print(f"{examples / max(seconds, 1e-9):,.0f} examples a second on {where!s}")


def _start(layer: nn.Module) -> None:
    if type(layer) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(layer.weight)  # type: ignore[arg-type]
