"""What a list of runs says of each, read without reading its points: a thousand runs are megabytes. No torch.

It is given the JSON of messages as somebody kept it, be it a line of a file or a list of them in the record.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.curves import Curves, RunCurves
from engine.events import (
    VERSION,
    EpochFinished,
    Event,
    EventFormatError,
    RunDiverged,
    RunFinished,
    RunStarted,
    decode,
)

_ENTRY = re.compile(r'\{"type": ?"(?:run_started|run_finished|run_diverged|epoch_finished)"')
"""Where such an event begins. Inside of a string its quotes would be escaped, so it cannot be anything else."""
_READ = json.JSONDecoder()


@dataclass(slots=True)
class Head:
    """One run, without its curves."""

    started: RunStarted
    finished: RunFinished | None = None
    diverged: RunDiverged | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    """The last value of each series, as far as an epoch was finished."""


def heads(texts: Iterable[str]) -> dict[str, Head]:
    """The runs in these messages by their id, in the order in which they began. What cannot be read is left out."""
    found: dict[str, Head] = {}
    for text in texts:
        for match in _ENTRY.finditer(text):
            for event in _event(text, match.start()):
                _take(found, event)
    return found


def curves_of(texts: Iterable[str], run: str) -> RunCurves:
    """One of the runs in these messages, with all its points."""
    curves = Curves(keep=1)
    for text in texts:
        with contextlib.suppress(ValueError):
            read = json.loads(text)
            for message in read if isinstance(read, list) else [read]:
                with contextlib.suppress(EventFormatError):
                    curves.extend(event for event in decode(message) if event.run == run)
    return curves.runs.get(run) or RunCurves(run)


def _event(text: str, start: int) -> Iterator[Event]:
    with contextlib.suppress(ValueError, EventFormatError):
        entry: Any
        entry, _end = _READ.raw_decode(text, start)
        yield from decode({"v": VERSION, "events": [entry]})


def _take(found: dict[str, Head], event: Event) -> None:
    if isinstance(event, RunStarted):
        found[event.run] = Head(event)
    elif (head := found.get(event.run)) is None:
        return
    elif isinstance(event, EpochFinished):
        head.metrics = {**head.metrics, **event.metrics}
    elif isinstance(event, RunDiverged):
        head.diverged = event
    elif isinstance(event, RunFinished):
        head.finished = event
        head.metrics = {**head.metrics, **event.metrics}
