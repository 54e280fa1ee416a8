"""Small measures that the book's own loops use: sums, times, accuracy, perplexity."""

from __future__ import annotations

import math
import time

from torch import Tensor


class Accumulator:
    """Sums over `n` quantities (3.6 of the older edition)."""

    def __init__(self, n: int) -> None:
        self.data = [0.0] * n

    def add(self, *values: float | Tensor) -> None:
        """Add one value to each sum."""
        self.data = [total + float(value) for total, value in zip(self.data, values, strict=True)]

    def reset(self) -> None:
        """Set all sums to zero."""
        self.data = [0.0] * len(self.data)

    def __getitem__(self, index: int) -> float:
        return self.data[index]


class Timer:
    """Running times, in seconds (12.5)."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.start()

    def start(self) -> None:
        """Begin a time."""
        self._began = time.perf_counter()

    def stop(self) -> float:
        """End it, keep it and return it."""
        self.times.append(time.perf_counter() - self._began)
        return self.times[-1]

    def sum(self) -> float:
        """All times together."""
        return math.fsum(self.times)

    def avg(self) -> float:
        """Their mean."""
        return self.sum() / len(self.times)

    def cumsum(self) -> list[float]:
        """The time that was spent after each of them."""
        total, totals = 0.0, []
        for seconds in self.times:
            total += seconds
            totals.append(total)
        return totals


def accuracy(y_hat: Tensor, y: Tensor) -> float:
    """Share of examples whose surest class is the right one. y_hat: (n, classes) or (n,) classes; y: (n,)."""
    predicted = y_hat.argmax(dim=-1) if y_hat.dim() > 1 and y_hat.shape[-1] > 1 else y_hat
    return float((predicted.reshape(-1).to(y.dtype) == y.reshape(-1)).double().mean())


def perplexity(loss: float | Tensor) -> float:
    """exp of a mean cross-entropy in nats (9.3): how many equally likely tokens would be as hard to guess."""
    try:
        return math.exp(float(loss))
    except OverflowError:
        return math.inf
