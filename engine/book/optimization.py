"""The loops of the chapter on optimization (12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from engine.book import hub, loops
from engine.book.quickness import epochs
from engine.book.training import Animator
from engine.data.airfoil import standardized
from engine.metrics import Timer

State = Any


def train_2d(trainer: Callable[..., Any], steps: int = 20, f_grad: Any = None) -> list[tuple[float, float]]:
    """Where an optimizer goes from (-5, -2), in so many steps (12.3).

    trainer: (x1, x2, s1, s2[, f_grad]) -> the same after one step; s1 and s2 are its own memory, 0 at first.
    """
    place: tuple[Any, ...] = (-5.0, -2.0, 0.0, 0.0)
    visited: list[tuple[float, float]] = [(-5.0, -2.0)]
    for _ in range(steps):
        place = trainer(*place) if f_grad is None else trainer(*place, f_grad)
        visited.append((place[0], place[1]))
    print(f"after {steps} steps at ({float(place[0]):.6f}, {float(place[1]):.6f})")
    return visited


def get_data_ch11(batch_size: int = 10, n: int = 1500) -> tuple[Any, int]:
    """Minibatches of NASA's airfoil noise, columns of mean 0 and variance 1, and the number of features (12.5)."""
    table = numpy.genfromtxt(hub.download("airfoil"), dtype=numpy.float32, delimiter="\t")
    numbers = torch.from_numpy(standardized(table)[:n])
    features, loudness = numbers[:, :-1], numbers[:, -1]
    return loops.load_array((features, loudness), batch_size), features.shape[1]


def train_ch11(
    trainer_fn: Callable[..., Any],
    states: State,
    hyperparams: dict[str, Any],
    data_iter: Any,
    feature_dim: int,
    num_epochs: int = 2,
) -> tuple[list[float], list[float]]:
    """Linear regression with an optimizer from scratch (12.5). Returns times after each measure, and losses then.

    trainer_fn: (params, states, hyperparams), which takes a step and forgets the gradients.
    """
    w = torch.normal(0.0, 0.01, (feature_dim, 1)).requires_grad_()
    b = torch.zeros(1, requires_grad=True)

    def net(X: Tensor) -> Tensor:
        return loops.linreg(X, w, b)

    def step(X: Tensor, y: Tensor) -> None:
        loops.squared_loss(net(X), y).mean().backward()  # type: ignore[no-untyped-call]
        trainer_fn([w, b], states, hyperparams)

    return _watched(step, net, loops.squared_loss, data_iter, epochs(num_epochs))


def train_concise_ch11(
    trainer_fn: Callable[..., Any], hyperparams: dict[str, Any], data_iter: Any, num_epochs: int = 4
) -> None:
    """The same with an optimizer of PyTorch's; the loss on the chart is half the squared error, as above (12.5)."""
    net = nn.Sequential(nn.Linear(5, 1))
    nn.init.normal_(next(net.parameters()), std=0.01)
    optimizer, loss = trainer_fn(net.parameters(), **hyperparams), nn.MSELoss(reduction="none")

    def step(X: Tensor, y: Tensor) -> None:
        optimizer.zero_grad()
        out = net(X)
        loss(out, y.reshape(out.shape)).mean().backward()
        optimizer.step()

    _watched(step, net, lambda y_hat, y: loss(y_hat, y) / 2, data_iter, epochs(num_epochs))


def _watched(step: Any, net: Any, loss: Any, data_iter: Any, num_epochs: int) -> tuple[list[float], list[float]]:
    """Take all steps; every 200 examples measure the loss over all data, which does not count as time."""
    animator = Animator(xlabel="epoch", ylabel="loss", legend=["loss"], xlim=[0, num_epochs], ylim=[0.22, 0.35])
    timer, seen, size, per_epoch = Timer(), 0, 0, 0
    losses: list[float] = []
    timer.times.clear()
    per_epoch = sum(len(X) for X, _ in data_iter)
    timer.start()
    for _ in range(num_epochs):
        for X, y in data_iter:
            step(X, y)
            seen, size = seen + len(X), size + len(X)
            if size >= 200 or seen % per_epoch == 0:
                size = 0
                timer.stop()
                losses.append(loops.evaluate_loss(net, data_iter, loss))
                animator.add(seen / per_epoch, (losses[-1],))
                timer.start()
    if losses:
        print(f"loss {losses[-1]:.3f}, an epoch in {timer.sum() / num_epochs:.3f} s")
    return timer.cumsum(), losses
