"""One kernel for each lesson, and a warm one for the next. Neither Textual nor jupyter_client is imported here.

The first process is launched before Textual is even imported, and imports torch while the app paints; `begin` attaches
to it after the first paint, to hear which device there is. A lesson that is opened takes the process that is
warm; while the learner is choosing another, a new one warms up. A lesson whose kernel was left running, by this tutor
or another, gets that one again (`registry`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tutor import limits
from tutor.kernel.events import CellFinished, DeviceFound, KernelDied, KernelEvent, KernelState

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess
    from tutor.kernel.session import KernelSession

Deliver: TypeAlias = "Callable[[list[KernelEvent]], Future[Any] | None]"
Attach: TypeAlias = "Callable[[KernelProcess, Deliver, int], KernelSession]"

PATIENCE = 3.0
"""Seconds that a kernel may take to end when the app ends."""

ENDING = 30.0
"""Seconds that the next lesson waits for the room of one that is left, which ends sooner unless the machine is busy."""


def _attach(process: KernelProcess, deliver: Deliver, since: int) -> KernelSession:
    from tutor.kernel.session import KernelSession  # jupyter_client: some 140 ms, after the first paint

    return KernelSession(process, deliver, since)


class _Line:
    """One session, and whoever listens to it now. What came while nobody did is kept for the one who comes."""

    def __init__(self, process: KernelProcess, heard: Callable[[_Line, list[KernelEvent]], None]) -> None:
        self.process = process
        self.lesson = ""
        self.session: KernelSession | None = None
        self._heard = heard
        self._listener: Deliver | None = None
        self._waiting: list[KernelEvent] = []
        self._lock = threading.Lock()

    def hear(self, events: list[KernelEvent]) -> Future[Any] | None:
        """From the session's reader thread."""
        self._heard(self, events)
        with self._lock:
            if self._listener is None:
                self._waiting.extend(events)
                return None
            listener = self._listener
        return listener(events)

    def listen(self, listener: Deliver) -> None:
        with self._lock:
            self._listener = listener
            waiting, self._waiting = self._waiting, []
        if waiting:
            listener(waiting)


class Kernels:
    """Hands each lesson a session of its own. Methods may be called from any thread; `connect` and `begin` block."""

    def __init__(
        self,
        launch: Callable[[], KernelProcess],
        first: KernelProcess | None = None,
        attach: Attach = _attach,
        keep: Path | None = None,
    ) -> None:
        self._launch = launch
        self._attach = attach
        self.keep = keep
        """Where it is written which kernel belongs to which lesson. None: no kernel outlives the app."""
        self._first = first
        self._spare: _Line | None = None
        self._lessons: dict[str, _Line] = {}
        self._leaving: list[_Line] = []
        self._lock = threading.RLock()
        self._stopped = False
        self.device: Mapping[str, Any] | None = None
        """The facts of the device, once a kernel has found it."""
        self.on_device: Callable[[Mapping[str, Any]], None] | None = None
        """Called with the facts, from a reader thread."""
        self.on_grown: Callable[[str, Path, str, bool], None] | None = None
        """Called with kernel, journal, lesson, and whether it is urgent, from a reader thread."""

    def begin(self) -> None:
        """Have a spare kernel warm up, if there is none. Raises what launching raises."""
        with self._lock:
            if self._spare is None and not self._stopped:
                self._spare = self._open()

    def connect(self, lesson: str, deliver: Deliver, known: Mapping[str, int] | None = None) -> KernelSession:
        """The session of `lesson`, its events going to `deliver` from now on. Raises what launching raises.

        `known`: kernel to the offset in its journal up to which the listener knows all. Raises `room.NoRoom` where
        there are as many kernels as there may be, and none of ours is about to end.
        """
        from tutor.kernel.errors import TooManyKernels

        patience = time.monotonic() + ENDING
        while True:
            try:
                with self._lock:
                    line = self._lessons.get(lesson)
                    if line is None:
                        line = self._line_of(lesson, known or {})
                        line.lesson = lesson
                        self._lessons[lesson] = line
                break
            except TooManyKernels as error:
                if time.monotonic() > patience or not self._is_one_leaving(lesson):
                    from tutor.room import no_room

                    assert self.keep is not None
                    raise no_room(self.keep, error.most, self.on_grown) from error
                time.sleep(0.05)
        line.listen(deliver)
        assert line.session is not None
        return line.session

    def _is_one_leaving(self, lesson: str) -> bool:
        """Whether a kernel of another lesson ends, or is about to: the lesson before is left when the next is open."""
        with self._lock:
            self._leaving = [line for line in self._leaving if line.session and not line.session.join(0.0)]
            return bool(self._leaving) or any(name != lesson for name in self._lessons)

    def _line_of(self, lesson: str, known: Mapping[str, int]) -> _Line:
        if self.keep is None:
            line, self._spare = self._spare or self._open(), None
            line.process.lesson = lesson
            return line
        from tutor.kernel import registry

        process = registry.claim(self.keep, lesson, self._fresh, most=limits.most())
        spare = self._spare
        if spare is not None and spare.process is process:
            self._spare = None
            return spare
        return self._open(process, known.get(process.id, 0))

    def _fresh(self) -> KernelProcess:
        if self._spare is not None:
            return self._spare.process
        process, self._first = self._first or self._launch(), None
        return process

    def leave(self, lesson: str) -> None:
        """End that lesson's session; its kernel, and the cell that runs, go on."""
        with self._lock:
            line = self._lessons.pop(lesson, None)
        if line is not None and line.session is not None:
            line.session.leave() if self.keep is not None else line.session.stop()

    def journals(self) -> list[tuple[str, Path, str]]:
        """Kernel, journal and lesson of each session that is open."""
        with self._lock:
            lines = list(self._lessons.values())
        processes = [(line, line.session.process) for line in lines if line.session is not None]
        return [(process.id, process.journal, line.lesson) for line, process in processes]

    def is_busy(self, lesson: str) -> bool:
        """Whether a cell of that lesson runs."""
        line = self._lessons.get(lesson)
        if line is None or line.session is None:
            return False
        return line.session.state in (KernelState.BUSY, KernelState.INTERRUPTING)

    def end(self, lesson: str) -> None:
        """Stop that lesson's kernel."""
        with self._lock:  # from one list to the other in one go: who waits for its room must see it in either
            line = self._lessons.pop(lesson, None)
            if line is not None and line.session is not None:
                line.session.stop()
                self._leaving.append(line)

    def stop(self, patience: float = PATIENCE, *, leave: bool = False) -> None:
        """Stop every kernel, and see that it ended; the app is about to end. May be called twice.

        `leave`: those that belong to a lesson go on.
        """
        leave = leave and self.keep is not None
        with self._lock:
            self._stopped = True
            lessons, spare = list(self._lessons.values()), [self._spare] if self._spare else []
            self._lessons, self._spare = {}, None
            first, self._first = self._first, None
        for line in lessons:
            if line.session is not None:
                line.session.leave() if leave else line.session.stop()
        for line in spare:
            if line.session is not None:
                line.session.stop()
        end = time.monotonic() + patience
        for line in [*lessons, *spare]:
            ended = line.session is not None and line.session.join(max(0.0, end - time.monotonic()))
            if not ended and (line in spare or not leave):
                line.process.kill()
        if first is not None:
            first.kill()

    def _open(self, process: KernelProcess | None = None, since: int = 0) -> _Line:
        if process is None:
            process, self._first = self._first or self._launch(), None
        line = _Line(process, self._heard)
        try:
            line.session = self._attach(process, line.hear, since)
        except BaseException:
            self._give_up(process)
            raise
        return line

    def _give_up(self, process: KernelProcess) -> None:
        """A kernel that we started and cannot talk to: nobody would ever end it."""
        if process.is_found:
            return  # somebody else may
        process.kill()
        if self.keep is not None and process.lesson is not None:
            from tutor.kernel import registry

            registry.forget(self.keep, process)

    def _heard(self, line: _Line, events: list[KernelEvent]) -> None:
        for event in events:
            if isinstance(event, DeviceFound):
                self.device = event.facts
                if self.on_device is not None:
                    self.on_device(event.facts)
        if line.lesson and self.on_grown is not None and line.session is not None:
            soon = any(isinstance(event, CellFinished | KernelDied) for event in events)
            before, line.process = line.process, line.session.process
            for process in {before.id: before, line.process.id: line.process}.values():
                # After a restart these may be the last words of the one before.
                self.on_grown(process.id, process.journal, line.lesson, soon)
