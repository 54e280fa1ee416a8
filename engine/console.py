"""Training in a terminal, outside the app: a live chart on a terminal, plain lines anywhere else. No torch."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.curves import Curves, RunCurves
from engine.events import EpochFinished, Event, RunDiverged, RunFinished, RunStarted
from engine.publish import describe

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

HEIGHT = 16
"""Lines of a chart, where the terminal has them."""
BAR = 24
"""Cells of the progress bar."""


def sink() -> PlainLines | LiveChart:
    """What suits this process's output."""
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        return LiveChart()
    return PlainLines()


class PlainLines:
    """A sink for logs and pipes: a line when a run begins, one for every epoch, one at its end."""

    def __call__(self, events: Sequence[Event]) -> None:
        """Print what is worth a line."""
        for event in events:
            if (line := plain_line(event)) is not None:
                print(line, flush=True)


class LiveChart:
    """A sink for terminals: the chart is drawn anew with every message, and stays when the run is over."""

    def __init__(self, console: Console | None = None) -> None:
        from rich.console import Console

        self._console = console or Console()
        self._curves = Curves(keep=1)
        self._live: Live | None = None

    def __call__(self, events: Sequence[Event]) -> None:
        """Take the events in and repaint."""
        self._curves.extend(events)
        if self._live is None:
            from rich.live import Live

            self._live = Live(console=self._console, auto_refresh=False, transient=False)
            self._live.start()
        self._live.update(self._picture(), refresh=True)

    def close(self) -> None:
        """Leave the last picture and give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        from engine.charts import draw

        run = self._curves.current
        if run is None:
            return Text("")
        width, height = self._console.size
        height = max(6, min(HEIGHT, height - 4))
        colour = self._console.color_system is not None and not self._console.no_color
        chart = draw(self._curves.curves(), width - 1, height, x_max=self._curves.x_max, colour=colour)
        lines = [
            Text(run.title, style="bold", no_wrap=True, overflow="ellipsis"),
            Text.from_ansi(chart),
            Text(status(run), no_wrap=True, overflow="ellipsis"),
        ]
        if run.diverged is not None:
            lines.append(Text(f"{run.diverged.cause} {run.diverged.advice}", style="yellow"))
        return Group(*lines)


def status(run: RunCurves) -> str:
    """One line under a chart: how far the run is, how fast, and its last figures."""
    figures = "  ".join(f"{name} {value:.4g}" for name, value in run.last.items())
    if run.finished is not None:
        done = run.finished
        return f"{done.reason} · {done.seconds:.1f} s · {done.examples_per_second:,.0f} examples/s · {figures}"
    if run.progress is None:
        return figures
    step, total = run.progress.step, max(run.progress.total_steps, 1)
    filled = round(BAR * step / total)
    left = run.progress.seconds_left
    parts = [
        "━" * filled + "╌" * (BAR - filled),
        f"{step}/{total}",
        f"{run.progress.examples_per_second:,.0f} examples/s",
        "" if left is None else f"{left:.0f} s left",
        figures,
    ]
    return " · ".join(part for part in parts if part)


def plain_line(event: Event) -> str | None:
    """An event as a line for a log; None: not worth one."""
    match event:
        case RunStarted():
            notes = "".join(f" ({note})" for note in event.notes)
            epochs = f", {event.max_epochs} epoch{'s' if event.max_epochs > 1 else ''}" if event.max_epochs else ""
            return f"{describe([replace(event, notes=())])}{epochs}{notes}"
        case EpochFinished():
            figures = "  ".join(f"{name} {value:.4f}" for name, value in event.metrics.items())
            return f"epoch {event.epoch:>3}  {figures}  {event.seconds:.1f} s"
        case RunDiverged():
            return f"{event.cause} {event.advice}"
        case RunFinished():
            return f"{event.reason} after {event.seconds:.1f} s, {event.examples_per_second:,.0f} examples/s"
        case _:
            return None
