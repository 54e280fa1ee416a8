"""One kernel for each open lesson, and a warm one for the next. Neither Textual nor jupyter_client is imported here.

The first process is launched before Textual is even imported, and imports torch while the app paints; `begin` attaches
to it after the first paint, to hear which device there is. A lesson that is opened takes the process that is
warm; while the learner is choosing another, a new one warms up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from tutor.kernel.events import DeviceFound, KernelEvent, KernelState

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess
    from tutor.kernel.session import KernelSession

Deliver: TypeAlias = "Callable[[list[KernelEvent]], Future[Any] | None]"
Attach: TypeAlias = "Callable[[KernelProcess, Deliver], KernelSession]"

PATIENCE = 3.0
"""Seconds that a kernel may take to end when the app ends."""


def _attach(process: KernelProcess, deliver: Deliver) -> KernelSession:
    from tutor.kernel.session import KernelSession  # jupyter_client: some 140 ms, after the first paint

    return KernelSession(process, deliver)


class _Line:
    """One session, and whoever listens to it now. What came while nobody did is kept for the one who comes."""

    def __init__(self, process: KernelProcess, heard: Callable[[KernelEvent], None]) -> None:
        self.process = process
        self.session: KernelSession | None = None
        self._heard = heard
        self._listener: Deliver | None = None
        self._waiting: list[KernelEvent] = []
        self._lock = threading.Lock()

    def hear(self, events: list[KernelEvent]) -> Future[Any] | None:
        """From the session's reader thread."""
        for event in events:
            self._heard(event)
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
        self, launch: Callable[[], KernelProcess], first: KernelProcess | None = None, attach: Attach = _attach
    ) -> None:
        self._launch = launch
        self._attach = attach
        self._first = first
        self._spare: _Line | None = None
        self._lessons: dict[str, _Line] = {}
        self._lock = threading.RLock()
        self._stopped = False
        self.device: Mapping[str, Any] | None = None
        """The facts of the device, once a kernel has found it."""
        self.on_device: Callable[[Mapping[str, Any]], None] | None = None
        """Called with the facts, from a reader thread."""

    def begin(self) -> None:
        """Have a spare kernel warm up, if there is none. Raises what launching raises."""
        with self._lock:
            if self._spare is None and not self._stopped:
                self._spare = self._open()

    def connect(self, lesson: str, deliver: Deliver) -> KernelSession:
        """The session of `lesson`, its events going to `deliver` from now on. Raises what launching raises."""
        with self._lock:
            line = self._lessons.get(lesson)
            if line is None:
                line, self._spare = self._spare or self._open(), None
                self._lessons[lesson] = line
        line.listen(deliver)
        assert line.session is not None
        return line.session

    def is_busy(self, lesson: str) -> bool:
        """Whether a cell of that lesson runs."""
        line = self._lessons.get(lesson)
        if line is None or line.session is None:
            return False
        return line.session.state in (KernelState.BUSY, KernelState.INTERRUPTING)

    def end(self, lesson: str) -> None:
        """Stop that lesson's kernel."""
        with self._lock:
            line = self._lessons.pop(lesson, None)
        if line is not None and line.session is not None:
            line.session.stop()

    def stop(self, patience: float = PATIENCE) -> None:
        """Stop every kernel, and see that it ended; the app is about to end. May be called twice."""
        with self._lock:
            self._stopped = True
            lines = [*self._lessons.values(), *([self._spare] if self._spare else [])]
            self._lessons, self._spare = {}, None
            first, self._first = self._first, None
        for line in lines:
            if line.session is not None:
                line.session.stop()
        end = time.monotonic() + patience
        for line in lines:
            if line.session is None or not line.session.join(max(0.0, end - time.monotonic())):
                line.process.kill()
        if first is not None:
            first.kill()

    def _open(self) -> _Line:
        process, self._first = self._first or self._launch(), None
        line = _Line(process, self._heard)
        line.session = self._attach(process, line.hear)
        return line

    def _heard(self, event: KernelEvent) -> None:
        if isinstance(event, DeviceFound):
            self.device = event.facts
            if self.on_device is not None:
                self.on_device(event.facts)
