"""From a training run to whoever watches: events are gathered for about 100 ms and sent on as one message. No torch.

In a kernel they leave as display messages of `engine.events.MIME` with a line of text beside them; in a script they go
to the console. `use_sink` puts another receiver in their place (the tutor's journal).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from engine.curves import Curves
from engine.events import (
    MIME,
    CheckpointKept,
    Event,
    MetricPoint,
    RunDiverged,
    RunFinished,
    RunStarted,
    StepsDone,
    encode,
)
from engine.vector_chart import chart

Sink: TypeAlias = Callable[[Sequence[Event]], None]
"""Takes the events of one message, in order."""

INTERVAL = 0.25
"""Seconds that a point waits at most for the next event that sends it on."""

_chosen: Sink | None = None


def use_sink(sink: Sink | None) -> None:
    """Send everything that is published from now on to `sink`; None: wherever this process runs."""
    global _chosen
    _chosen = sink


class Publisher:
    """Gathers events and hands them to a sink. Sending costs microseconds; whoever pays for a message is the sink."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink or _chosen or _surroundings()
        self._waiting: list[Event] = []
        self._next_flush = 0.0

    def send(self, event: Event) -> None:
        """Take one event. Points wait for company; the run's own events, at most ten a second, send all that waits."""
        self._waiting.append(event)
        if (
            isinstance(event, RunStarted | StepsDone | CheckpointKept | RunDiverged | RunFinished)
            or time.monotonic() >= self._next_flush
        ):
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._sink(waiting)
        self._next_flush = time.monotonic() + INTERVAL

    def close(self) -> None:
        """Send the rest, and let the sink finish its picture."""
        self.flush()
        close = getattr(self._sink, "close", None)
        if close is not None:
            close()


def describe(events: Sequence[Event]) -> str:
    """One line for those who cannot read our MIME type."""
    words: list[str] = []
    for event in events:
        if isinstance(event, RunStarted):
            what = f"{event.model} on {event.data}" if event.data else event.model
            words.append("; ".join(filter(None, [", ".join(filter(None, [what, event.device])), *event.notes])))
        elif isinstance(event, StepsDone):
            words.append(f"epoch {event.epoch}, step {event.step} of {event.total_steps}")
        elif isinstance(event, RunDiverged):
            words.append(f"{event.cause} {event.advice}")
        elif isinstance(event, RunFinished):
            words.append(f"{event.reason} after {event.epochs:.3g} epochs, {event.seconds:.1f} s")
    last = {event.series: event.y for event in events if isinstance(event, MetricPoint)}
    for event in events:
        if isinstance(event, RunFinished):
            last |= event.metrics
    words += [f"{series} {value:.4g}" for series, value in last.items()]
    return " · ".join(filter(None, words))


class Display:
    """A sink that sends events as display messages of the running IPython kernel.

    All messages of a run carry one display id: where nobody knows our MIME type, as in JupyterLab, a picture of the
    curves is kept up to date, and a line of text where there are no pictures. A shell that says it
    `draws_training_events` itself is sent no picture.
    """

    def __init__(self) -> None:
        self._title = ""
        self._shown: str | None = None
        self._curves = Curves()

    def __call__(self, events: Sequence[Event]) -> None:
        """Send one message."""
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        assert shell is not None, "there is a kernel, and so a shell"
        begun = next((event for event in events if isinstance(event, RunStarted)), None)
        if begun is not None:
            self._title = describe([begun])
        data = {MIME: encode(events), "text/plain": " · ".join(filter(None, [self._title, describe(_rest(events))]))}
        if not getattr(shell, "draws_training_events", False):
            self._curves.extend(events)
            data["image/svg+xml"] = chart(self._curves)
        is_update = self._shown == events[0].run
        self._shown = events[0].run
        shell.display_pub.publish(data, transient={"display_id": self._shown}, update=is_update)


def _rest(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, RunStarted)]


def _surroundings() -> Sink:
    module: Any = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if getattr(shell, "kernel", None) is not None:
        return _kept(Display())
    from engine import console

    return console.sink()


def _kept(sink: Sink) -> Sink:
    """A lesson's runs are listed and compared like those of `train`, but for those of the course's check."""
    from engine import config, runs

    return sink if config.quick() else runs.written_down(sink)
