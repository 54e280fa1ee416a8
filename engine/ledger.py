"""Values of steps, left on the device until somebody looks: no step waits for a number.

`Module.plot` records here, some hundred nanoseconds a value. `fetch` brings all that is new over in one transfer and
turns it into points: the training curve is averaged over stretches of steps, validation over its whole pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.events import MetricPoint


@dataclass(slots=True)
class Mean:
    """A weighted mean that grows."""

    total: float = 0.0
    weight: float = 0.0
    steps: int = 0
    first: int = 0
    last: int = 0

    def add(self, value: float, weight: float, step: int) -> None:
        """Take in one value."""
        if not self.steps:
            self.first = step
        self.total += value * weight
        self.weight += weight
        self.steps += 1
        self.last = step

    @property
    def value(self) -> float:
        """The mean so far; nan if there is nothing in it."""
        return self.total / self.weight if self.weight else math.nan


@dataclass(frozen=True, slots=True)
class Recorded:
    """One training value that arrived."""

    key: str
    step: int
    value: float


@dataclass(slots=True)
class Ledger:
    """Keeps what a model reports, and makes the points of its curves."""

    run: str
    points_per_epoch: float = 50.0
    steps_per_epoch: int = 1
    step: int = 0
    """Training steps before this one, over all epochs."""
    examples: int = 1
    """In the current minibatch: the weight of a validation value."""
    count: int = 0
    """Values recorded so far."""
    arrived: list[Recorded] = field(default_factory=list)
    """Training values of the last fetch, for whoever watches over them."""
    last: dict[str, float] = field(default_factory=dict)
    """The last value of each series."""
    points: list[tuple[str, float, float]] = field(default_factory=list)
    """All points so far: (series, x, y)."""
    combine: Callable[[Tensor | float], Tensor] | None = None
    """Makes one value of those of several processes; None: there is one."""
    _pending: list[tuple[str, int, int, Tensor | float]] = field(default_factory=list)
    _stretches: dict[str, Mean] = field(default_factory=dict)
    _epoch: dict[str, Mean] = field(default_factory=dict)
    _validation: dict[str, Mean] = field(default_factory=dict)

    def record(self, key: str, value: Tensor | float, train: bool) -> None:
        """Take one value of the current step, without waiting for the device."""
        self.count += 1
        if isinstance(value, Tensor):
            # A leaf (a parameter, a count) may be changed in place before it is fetched; what was computed is not.
            value = value.detach().clone() if value.is_leaf else value.detach()
        if self.combine is not None:
            value = self.combine(value)
        self._pending.append((key, self.step if train else -1, self.examples, value))

    def fetch(self) -> list[MetricPoint]:
        """Wait for the device, and return the points that are complete."""
        pending, self._pending = self._pending, []
        self.arrived = []
        points: list[MetricPoint] = []
        size = max(1, round(self.steps_per_epoch / self.points_per_epoch))
        for (key, step, examples, _), value in zip(pending, _to_floats([entry[3] for entry in pending]), strict=True):
            if step < 0:
                self._validation.setdefault(key, Mean()).add(value, examples, step)
                continue
            self.arrived.append(Recorded(key, step, value))
            self._epoch.setdefault(key, Mean()).add(value, 1.0, step)
            stretch = self._stretches.setdefault(key, Mean())
            stretch.add(value, 1.0, step)
            if step == 0 and size > 1:
                # The loss of a fresh model says whether it was initialized well: a point of its own, at 0.
                points.append(self._point(f"train_{key}", 0.0, value))
            if stretch.steps >= size or not math.isfinite(value):
                points.append(self._close(key))
        return points

    def end_training(self) -> list[MetricPoint]:
        """The points that an epoch leaves when its training steps are over."""
        points = self.fetch()
        points += [self._close(key) for key in list(self._stretches)]
        return points

    def end_epoch(self, x: float) -> tuple[list[MetricPoint], dict[str, float]]:
        """The points of the validation pass, at `x` epochs, and the epoch's mean of every series."""
        points = self.end_training()
        points += [self._point(f"val_{key}", x, mean.value) for key, mean in self._validation.items()]
        metrics = {f"train_{key}": mean.value for key, mean in self._epoch.items()}
        metrics |= {f"val_{key}": mean.value for key, mean in self._validation.items()}
        self._epoch, self._validation = {}, {}
        return points, metrics

    def drop_validation(self) -> None:
        """Forget a validation pass that was not finished: half a mean is not comparable."""
        self._pending = [entry for entry in self._pending if entry[1] >= 0]
        self._validation = {}

    def _close(self, key: str) -> MetricPoint:
        stretch = self._stretches.pop(key)
        return self._point(f"train_{key}", (stretch.first + stretch.last) / 2 / self.steps_per_epoch, stretch.value)

    def _point(self, series: str, x: float, y: float) -> MetricPoint:
        self.last[series] = y
        self.points.append((series, x, y))
        return MetricPoint(self.run, series, x, y)


def _to_floats(values: list[Tensor | float]) -> list[float]:
    """All values as Python floats, in one transfer where they are alike."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    if not tensors:
        return [float(value) for value in values]
    alike = all(t.device == tensors[0].device and t.dtype == tensors[0].dtype for t in tensors)
    stacked = torch.stack([t.reshape(()) for t in tensors]).tolist() if alike else [t.item() for t in tensors]
    numbers = iter(stacked)
    return [float(next(numbers)) if isinstance(value, Tensor) else float(value) for value in values]
