"""What a chart shows of training: the curves of one or more runs, gathered from events, within bounds. No torch.

A run may send any number of points; a series never keeps more than `LIMIT` of them. When it is full, neighbours are
averaged in pairs, and from then on every kept point stands for twice as many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from engine.events import (
    CheckpointKept,
    CostEstimated,
    EpochFinished,
    Event,
    MetricPoint,
    RunDiverged,
    RunFinished,
    RunStarted,
    StepsDone,
)

LIMIT = 2000
"""Points that a series keeps at most."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    previous: bool = False
    """Whether it belongs to an earlier run, to be drawn behind and dim."""
    kind: Literal["auto", "line"] = "auto"
    """How it is drawn: by its name (training as a line, validation as dots on a line), or as a line."""


@dataclass(slots=True)
class Series:
    """Points of one series, in the order of arrival, thinned out when they are too many."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    per_point: int = 1
    """How many points that arrived a kept one stands for."""
    _sum: tuple[float, float, int] = (0.0, 0.0, 0)

    def add(self, x: float, y: float) -> None:
        """Take in one point."""
        if not self.x:
            self.x.append(x)  # the very first is never averaged: it says where the curve begins
            self.y.append(y)
            return
        sum_x, sum_y, count = self._sum
        sum_x, sum_y, count = sum_x + x, sum_y + y, count + 1
        if count < self.per_point:
            self._sum = (sum_x, sum_y, count)
            return
        self._sum = (0.0, 0.0, 0)
        self.x.append(sum_x / count)
        self.y.append(sum_y / count)
        if len(self.x) > LIMIT:
            self._halve()

    def _halve(self) -> None:
        for values in (self.x, self.y):
            values[1:] = [(a + b) / 2 for a, b in zip(values[1::2], values[2::2], strict=False)]
        self.per_point *= 2


@dataclass(slots=True)
class RunCurves:
    """One run: what it is, its series, and where it stands."""

    run: str
    started: RunStarted | None = None
    series: dict[str, Series] = field(default_factory=dict)
    cost: CostEstimated | None = None
    progress: StepsDone | None = None
    epoch: EpochFinished | None = None
    kept: CheckpointKept | None = None
    diverged: RunDiverged | None = None
    finished: RunFinished | None = None
    last: dict[str, float] = field(default_factory=dict)
    """The last value of each series."""
    cut_off: bool = False
    """Whether its process ended in the middle: nobody else says so, for it could not."""

    @property
    def can_go_on(self) -> bool:
        """Whether it was cut short, and a checkpoint of it was kept."""
        if self.finished is None:
            return self.kept is not None and self.cut_off
        return self.kept is not None and self.finished.reason not in ("completed", "diverged")

    @property
    def title(self) -> str:
        """`LeNet on FashionMNIST, CPU, 2 cores`, and what must be said besides."""
        if self.started is None:
            return ""
        begun = self.started
        where = f"{begun.model} on {begun.data}" if begun.data else begun.model
        return " · ".join(part for part in (where, begun.device, *begun.notes) if part)

    @property
    def max_epochs(self) -> float | None:
        """Where the horizontal axis ends; None: where the points do."""
        return float(self.started.max_epochs) if self.started and self.started.max_epochs > 0 else None

    def changed_settings(self, other: RunCurves) -> str:
        """What is different from another run, for the legend: `lr=0.01`, or the model's name."""
        if self.started is None or other.started is None:
            return ""
        if self.started.model != other.started.model:
            return self.started.model
        mine, theirs = self.started.hyperparameters, other.started.hyperparameters
        return ", ".join(f"{name}={value}" for name, value in mine.items() if theirs.get(name) != value)


class Curves:
    """The runs of one cell, the newest last."""

    def __init__(self, keep: int = 2) -> None:
        self.keep = keep
        """Runs that are kept; older ones are forgotten when a new one begins."""
        self.runs: dict[str, RunCurves] = {}
        self.version = 0
        """Grows with every event: a picture of an older version is out of date."""

    def extend(self, events: Iterable[Event]) -> None:
        """Take in some events."""
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Take in one event. Events of runs whose beginning was missed are welcome."""
        self.version += 1
        run = self.runs.get(event.run)
        if run is None:
            run = self.runs[event.run] = RunCurves(event.run)
            while len(self.runs) > self.keep:
                del self.runs[next(iter(self.runs))]
        match event:
            case MetricPoint():
                run.series.setdefault(event.series, Series()).add(event.x, event.y)
                run.last[event.series] = event.y
            case RunStarted():
                run.started = event
            case CostEstimated():
                run.cost = event
            case StepsDone():
                run.progress = event
            case EpochFinished():
                run.epoch = event
            case CheckpointKept():
                run.kept = event
            case RunDiverged():
                run.diverged = event
            case RunFinished():
                run.finished = event

    @property
    def current(self) -> RunCurves | None:
        """The newest run; None: nothing has run yet."""
        return next(reversed(self.runs.values()), None)

    @property
    def x_max(self) -> float | None:
        """Where the horizontal axis ends, so that it stays while the curves grow; None: where the points do."""
        ends = [run.max_epochs for run in self.runs.values()]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def curves(self) -> tuple[Curve, ...]:
        """All lines, earlier runs first, for `engine.charts.draw`."""
        current = self.current
        lines: list[Curve] = []
        for run in self.runs.values():
            is_previous = run is not current
            settings = run.changed_settings(current) if is_previous and current else ""
            for name, series in run.series.items():
                label = f"{name} ({settings or 'before'})" if is_previous else name
                lines.append(Curve(label, tuple(series.x), tuple(series.y), is_previous))
        return tuple(lines)
