"""Curves that a learner's own loop draws point by point (3.2.4), and those that a training leaves behind. No torch."""

from __future__ import annotations

import atexit
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.events import MetricPoint, RunFinished, RunStarted
from engine.publish import Publisher


class Point(NamedTuple):
    """A point of a curve."""

    x: float
    y: float


class ProgressBoard:
    """Curves by name: `draw` adds a point and publishes it like a training's; `points` keeps all for later.

    What was drawn in one cell of a notebook is one chart. `display=False` keeps the points and shows nothing; limits,
    scales, colours and sizes are the book's, taken and kept: the chart chooses its own.
    """

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        xlim: Sequence[float] | None = None,
        ylim: Sequence[float] | None = None,
        xscale: str = "linear",
        yscale: str = "linear",
        ls: Sequence[str] = ("-", "--", "-.", ":"),
        colors: Sequence[str] = ("C0", "C1", "C2", "C3"),
        fig: Any = None,
        axes: Any = None,
        figsize: tuple[float, float] = (3.5, 2.5),
        display: bool = True,
    ) -> None:
        self.xlabel, self.ylabel = xlabel or "", ylabel or ""
        self.xlim, self.ylim, self.xscale, self.yscale = xlim, ylim, xscale, yscale
        self.ls, self.colors, self.fig, self.axes, self.figsize = ls, colors, fig, axes, figsize
        self.display = display
        self.points: dict[str, list[tuple[float, float]]] = {}
        self._waiting: dict[str, list[tuple[float, float]]] = {}
        self._publisher: Publisher | None = None
        self._run = ""
        self._began = 0.0

    def draw(self, x: Any, y: Any, label: str, every_n: int = 1) -> None:
        """Add a point to the curve `label`: the mean of `every_n` given ones. x, y: numbers or scalar tensors."""
        waiting = self._waiting.setdefault(label, [])
        waiting.append((float(x), float(y)))
        if len(waiting) < every_n:
            return
        point = (sum(x for x, _ in waiting) / len(waiting), sum(y for _, y in waiting) / len(waiting))
        waiting.clear()
        self.points.setdefault(label, []).append(point)
        if not self.display:
            return
        if self._publisher is None:
            self._open()
        assert self._publisher is not None
        self._publisher.send(MetricPoint(self._run, label, *point))

    @property
    def data(self) -> dict[str, list[Point]]:
        """All points by curve, as the book's code reads them: `board.data["val_loss"][-1].y`."""
        return {label: [Point(*point) for point in points] for label, points in self.points.items()}

    def close(self, *_: Any) -> None:
        """End the chart. Called when the cell is over, or the script; a later `draw` begins another."""
        if self._publisher is None:
            return
        publisher, self._publisher = self._publisher, None
        last = {label: points[-1][1] for label, points in self.points.items()}
        publisher.send(RunFinished(self._run, "completed", time.time() - self._began, 0.0, 0.0, last))
        publisher.close()
        _at_end_of_cell(self.close, register=False)

    def _open(self) -> None:
        self._began = time.time()
        self._run = f"board-{time.time_ns():x}"
        self._publisher = Publisher()
        title = " over ".join(word for word in (self.ylabel, self.xlabel) if word)
        self._publisher.send(RunStarted(self._run, title, "", False, "", 0, 0, at=self._began))
        _at_end_of_cell(self.close, register=True)


def _at_end_of_cell(close: Any, register: bool) -> None:
    module: Any = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is None:
        atexit.register(close) if register else atexit.unregister(close)
    elif register:
        shell.events.register("post_run_cell", close)
    else:
        shell.events.unregister("post_run_cell", close)
