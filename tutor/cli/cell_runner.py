"""A kernel for a command: runs one cell after another, prints what comes, and is ended whatever happens.

Ctrl+C interrupts the cell (a training stops at the next batch) and ends the run; a second one ends the kernel at once.
"""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from progress_db import new_id
from tutor.cli import exits
from tutor.cli.printing import Printer
from tutor.kernel.errors import KernelNotStarted
from tutor.kernel.events import (
    CellFinished,
    ErrorRaised,
    InputRequested,
    KernelDied,
    KernelEvent,
    KernelState,
    Outcome,
    Output,
    OutputCleared,
    StateChanged,
    StreamWritten,
    TrainingReported,
    ValueShown,
)
from tutor.kernel.launch import KernelProcess, launch
from tutor.kernel.session import KernelSession
from tutor.words import _

LAST_WORDS = 5.0
"""Seconds that the kernel may take to end."""
GRACE = 5.0
"""Seconds that a cell may take to stop once it was interrupted for taking too long."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to run."""

    id: str
    source: str
    shown: bool = True
    """Whether the source is printed: a check's is not, its message says enough."""
    counts: bool = True
    """Whether its failing makes the run fail. An exercise that nobody has solved yet may fail."""
    raises: bool = False
    """Whether the author wants it to raise."""
    check: bool = False
    label: str = ""
    """What to call it, if not by its id."""


@dataclass(slots=True)
class Told:
    """What became of a part."""

    as_it_should: bool = True
    outcome: Outcome | None = None
    seconds: float = 0.0
    outputs: list[Output] = field(default_factory=list)
    error: ErrorRaised | None = None
    late: bool = False
    """Whether it was stopped because its time was up."""
    died: str = ""
    """How the kernel ended, if it did."""


@contextmanager
def kernel(printer: Printer, *, lesson: str, quick: bool) -> Iterator[CellRunner]:
    """A kernel, ended at the end whatever happens. It works in this process's directory."""
    process = launch(lesson=lesson, environment={"D2L_TUTOR_QUICK": "1"} if quick else {})
    try:
        runner = CellRunner(process, printer)
        try:
            yield runner
        finally:
            runner.end()
    finally:
        process.kill()


class CellRunner:
    """A session whose events are waited for. Used from the main thread."""

    def __init__(self, process: KernelProcess, printer: Printer) -> None:
        self._process = process
        self._printer = printer
        self._events: queue.SimpleQueue[KernelEvent] = queue.SimpleQueue()
        self._session = KernelSession(process, self._take)

    def _take(self, events: list[KernelEvent]) -> None:
        for event in events:
            self._events.put(event)

    def passes(self, part: Part) -> bool:
        """Run it and print what comes; whether that is as it should be. Raises `exits.Interrupted`, `KernelError`."""
        told = self.run(part)
        if told.died:
            raise KernelNotStarted(told.died)
        return told.as_it_should

    def run(self, part: Part, *, timeout: float | None = None) -> Told:
        """Run it and print what comes. Raises `exits.Interrupted`.

        `timeout`: seconds after which it is interrupted, and told of as late.
        """
        if part.shown:
            self._printer.source(part.label or part.id, part.source)
        self._session.run(part.source, run=new_id(), cell=part.id)
        told = Told()
        interrupted = False
        deadline = time.monotonic() + timeout if timeout else None
        while True:
            try:
                event = self._events.get(timeout=max(0.01, deadline - time.monotonic()) if deadline else None)
            except queue.Empty:
                if told.late:
                    told.died = _("The cell could not be stopped, and its kernel was ended.")
                    told.as_it_should = False
                    return told
                told.late = True
                deadline = time.monotonic() + GRACE
                self._session.interrupt()
                continue
            except KeyboardInterrupt:
                if interrupted:
                    raise exits.Interrupted from None
                interrupted = True
                self._session.interrupt()
                continue
            match event:
                case InputRequested():
                    self._session.answer_input(self._ask(event))
                case KernelDied() | StateChanged(state=KernelState.DEAD):
                    told.died, told.as_it_should = self._process.failure(), False
                    return told
                case CellFinished():
                    if interrupted:
                        raise exits.Interrupted
                    return self._judged(part, event, told)
                case _:
                    self._heard(part, event, told)

    def _heard(self, part: Part, event: KernelEvent, told: Told) -> None:
        if isinstance(event, ErrorRaised):
            told.error = event
            if part.check:
                return
        if isinstance(event, StreamWritten | ValueShown | OutputCleared | TrainingReported | ErrorRaised):
            told.outputs.append(event)
        self._printer.output(event)

    def _judged(self, part: Part, end: CellFinished, told: Told) -> Told:
        ok = end.outcome is Outcome.OK
        told.outcome, told.seconds = end.outcome, end.seconds
        if part.check:
            message = "" if told.error is None else told.error.value or told.error.name
            self._printer.checked(part.id, ok, message, part.counts)
        else:
            self._printer.finished(end)
        told.as_it_should = not ok if part.raises else ok or not part.counts
        if told.late:
            told.as_it_should = False
        return told

    def _ask(self, request: InputRequested) -> str:
        self._printer.prompt(request.prompt)
        return sys.stdin.readline().rstrip("\n")

    def end(self) -> None:
        """Stop the kernel."""
        self._session.stop()
        self._session.join(LAST_WORDS)
