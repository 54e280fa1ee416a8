"""`run LESSON`: every cell of a lesson in a kernel of its own, without the app, printed as it comes.

The cells run in order, and an exercise's check after it. What fails decides the exit code.
Ctrl+C interrupts the cell (a training stops at the next batch) and ends the run; a second one ends the kernel at once.
"""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lessons.catalog import load_course
from lessons.model import CodeCell, Exercise, Lesson
from lessons.parser import read_lesson
from progress_db import Progress, new_id
from tutor import paths
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
    StateChanged,
)
from tutor.kernel.launch import KernelProcess, launch
from tutor.kernel.session import KernelSession
from tutor.words import _, ngettext

LAST_WORDS = 5.0
"""Seconds that the kernel may take to end."""


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


def run_lesson(name: str, *, solutions: bool, mine: bool, quick: bool) -> int:
    """Run the lesson; the exit code. Raises `UnknownLesson`, `LessonFormatError`, `KernelError`, `RecordError`."""
    lesson = read_lesson(load_course().find(name).path)
    drafts = _drafts(lesson.id) if mine else {}
    printer = Printer()
    printer.title(lesson)
    try:
        with exits.tidy(), _kernel(lesson, printer, quick) as kernel:
            failed = [part.id for part in parts(lesson, drafts, solutions) if not kernel.passes(part)]
    except exits.Interrupted:
        printer.note(_("Interrupted."), "yellow")
        return exits.INTERRUPTED
    finally:
        printer.close()
    if failed:
        said = ngettext("{count} cell failed: {names}", "{count} cells failed: {names}", len(failed))
        printer.note(said.format(count=len(failed), names=", ".join(failed)), "red")
        return exits.FAILED
    printer.note(_("Every cell ran."), "green")
    return exits.OK


@contextmanager
def _kernel(lesson: Lesson, printer: Printer, quick: bool) -> Iterator[_Kernel]:
    """A kernel for the lesson, ended at the end whatever happens."""
    process = launch(lesson=lesson.id, environment={"D2L_TUTOR_QUICK": "1"} if quick else {})
    try:
        kernel = _Kernel(process, printer)
        try:
            yield kernel
        finally:
            kernel.end()
    finally:
        process.kill()


def parts(lesson: Lesson, drafts: dict[str, str], solutions: bool) -> Iterator[Part]:
    """What is run of a lesson, in order."""
    for step in lesson.steps:
        if isinstance(step, CodeCell):
            yield Part(step.id, drafts.get(step.id, step.source), raises="raises-exception" in step.tags)
        elif isinstance(step, Exercise):
            tried = step.id in drafts
            yield Part(step.id, drafts.get(step.id, step.source), counts=tried)
            if solutions:
                yield Part(step.id, step.solution)
            yield Part(step.id, step.check, shown=False, counts=tried or solutions, check=True)


def _drafts(lesson: str) -> dict[str, str]:
    path = paths.record_path()
    if not path.exists():
        return {}
    with Progress.open(path) as progress:
        return dict(progress.lesson(lesson).drafts)


class _Kernel:
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
        if part.shown:
            self._printer.source(part.id, part.source)
        self._session.run(part.source, run=new_id(), cell=part.id)
        interrupted = False
        raised: ErrorRaised | None = None
        while True:
            try:
                event = self._events.get()
            except KeyboardInterrupt:
                if interrupted:
                    raise exits.Interrupted from None
                interrupted = True
                self._session.interrupt()
                continue
            match event:
                case ErrorRaised():
                    raised = event
                    if not part.check:
                        self._printer.output(event)
                case InputRequested():
                    self._session.answer_input(self._ask(event))
                case KernelDied() | StateChanged(state=KernelState.DEAD):
                    raise KernelNotStarted(self._process.failure())
                case CellFinished():
                    if interrupted:
                        raise exits.Interrupted
                    return self._judged(part, event, raised)
                case _:
                    self._printer.output(event)

    def _judged(self, part: Part, end: CellFinished, raised: ErrorRaised | None) -> bool:
        ok = end.outcome is Outcome.OK
        if part.check:
            message = "" if raised is None else raised.value or raised.name
            self._printer.checked(part.id, ok, message, part.counts)
        else:
            self._printer.finished(end)
        if part.raises:
            return not ok
        return ok or not part.counts

    def _ask(self, request: InputRequested) -> str:
        self._printer.prompt(request.prompt)
        return sys.stdin.readline().rstrip("\n")

    def end(self) -> None:
        self._session.stop()
        self._session.join(LAST_WORDS)
