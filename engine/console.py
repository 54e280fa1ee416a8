"""Training in a terminal, outside the app: a live chart on a terminal, plain lines anywhere else. No torch."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine.events import EpochFinished, Event, RunDiverged, RunFinished, RunStarted


class Console:
    """A sink that prints a line for every epoch."""

    def __call__(self, events: Sequence[Event]) -> None:
        """Print what happened."""
        for event in events:
            if (line := plain_line(event)) is not None:
                print(line, file=sys.stdout, flush=True)


def plain_line(event: Event) -> str | None:
    """An event as a line for a log; None: not worth one."""
    match event:
        case RunStarted():
            notes = "".join(f" ({note})" for note in event.notes)
            return f"{event.model} on {event.data}, {event.device}, {event.max_epochs} epochs{notes}"
        case EpochFinished():
            figures = "  ".join(f"{name} {value:.4f}" for name, value in event.metrics.items())
            return f"epoch {event.epoch:>3}  {figures}  {event.seconds:.1f} s"
        case RunDiverged():
            return f"{event.cause} {event.advice}"
        case RunFinished():
            return f"{event.reason} after {event.seconds:.1f} s, {event.examples_per_second:,.0f} examples/s"
        case _:
            return None
