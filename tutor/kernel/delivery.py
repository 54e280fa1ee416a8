"""Hands events on in batches: the first at once, a flood in few. It knows neither kernel nor screen.

The screen gets at most some thirty batches a second, and while it has not taken one, what follows is merged into the
next: a cell that prints 100,000 lines makes a few dozen events, and nothing is left out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias

from tutor.kernel.events import (
    CellFinished,
    CellStarted,
    ErrorRaised,
    KernelEvent,
    OutputCleared,
    RunId,
    StreamWritten,
    TrainingReported,
    ValueShown,
)

Deliver: TypeAlias = Callable[[list[KernelEvent]], object]
"""Takes a batch, in the session's thread, and returns at once. If it returns a `concurrent.futures.Future` (as
`asyncio.run_coroutine_threadsafe` does), the next batch waits until that is done; anything else says that it is
taken."""

INTERVAL = 0.03
"""Seconds between batches in a flood."""

BURST = 8
"""Batches that may go out at once before `INTERVAL` holds."""

LONGEST_TEXT = 64 * 1024
"""Characters in one `StreamWritten`: longer text comes in several."""

STALE = 5.0
"""Seconds after which a batch that was not taken is waited for no longer: its screen may be gone."""

ENOUGH = 8 * 1024 * 1024
"""Characters that may wait for the screen before we stop reading more."""

_log = logging.getLogger(__name__)


class Delivery:
    """Merges, paces and delivers events. Use it from one thread; `wake` is called from others."""

    def __init__(self, deliver: Deliver, wake: Callable[[], None]) -> None:
        self._deliver = deliver
        self._wake = wake
        self._pending: list[KernelEvent] = []
        self._texts: list[str] = []  # of the last pending event, if it is a stream: joined when it is closed
        self._length = 0
        self._waiting = 0
        self._credit = float(BURST)
        self._credited = time.monotonic()
        self._untaken: Future[Any] | None = None
        self._handed_on = 0.0
        self._urgent = False
        self._silent: set[RunId] = set()  # runs that have started and put out nothing yet

    @property
    def full(self) -> bool:
        """Whether so much waits for the screen that reading more would only cost memory."""
        return self._waiting > ENOUGH

    def add(self, event: KernelEvent) -> None:
        """Puts an event behind those that wait, merged with the last where the two are one text or one curve."""
        self._note_urgency(event)
        last = self._pending[-1] if self._pending else None
        match event, last:
            case StreamWritten(), StreamWritten() if (
                event.run == last.run and event.name == last.name and self._length < LONGEST_TEXT
            ):
                self._texts.append(event.text)
                self._length += len(event.text)
            case TrainingReported(), TrainingReported() if event.run == last.run:
                self._pending[-1] = TrainingReported(event.run, last.events + event.events)
            case _:
                self._close_text()
                self._pending.append(event)
                if isinstance(event, StreamWritten):
                    self._texts = [event.text]
                    self._length = len(event.text)
        if isinstance(event, StreamWritten):
            self._waiting += len(event.text)

    def pause(self) -> float | None:
        """Seconds until the next batch is due, at the latest; None if nothing waits. The screen may take its time."""
        if not self._pending:
            return None
        if not self._taken():
            return max(0.0, self._handed_on + STALE - time.monotonic())
        self._refill()
        return 0.0 if self._urgent or self._credit >= 1 else (1 - self._credit) * INTERVAL

    def flush(self) -> None:
        """Delivers what waits, if it is due."""
        if self.pause() == 0.0:
            self._credit = max(0.0, self._credit - 1)
            self._hand_on()

    def flush_all(self, timeout: float) -> None:
        """Delivers what waits even if the last batch is not taken within `timeout` seconds: the end is near."""
        if self._untaken is not None and not self._untaken.done():
            try:
                self._untaken.result(timeout)
            except Exception:  # theirs, and logged where it was raised; or the time-out
                _log.debug("the last batch was not taken", exc_info=True)
        if self._pending:
            self._hand_on()

    def _hand_on(self) -> None:
        self._close_text()
        self._handed_on = time.monotonic()
        batch, self._pending, self._waiting, self._urgent = self._pending, [], 0, False
        try:
            answer = self._deliver(batch)
        except Exception:
            # The reader must go on, or the kernel could no longer be stopped.
            _log.exception("a batch of %d kernel events was not taken", len(batch))
            return
        self._untaken = answer if isinstance(answer, Future) else None
        if self._untaken is not None:
            self._untaken.add_done_callback(lambda _: self._wake())

    def _taken(self) -> bool:
        return self._untaken is None or self._untaken.done()

    def _note_urgency(self, event: KernelEvent) -> None:
        # Starts, ends, questions and a run's first output are what the learner waits for, and they are few.
        match event:
            case CellStarted():
                self._silent.add(event.run)
            case CellFinished():
                self._silent.discard(event.run)
                self._urgent = True
            case StreamWritten() | ValueShown() | OutputCleared() | TrainingReported() | ErrorRaised():
                if event.run in self._silent:
                    self._silent.discard(event.run)
                    self._urgent = True
            case _:
                self._urgent = True

    def _refill(self) -> None:
        now = time.monotonic()
        self._credit = min(BURST, self._credit + (now - self._credited) / INTERVAL)
        self._credited = now

    def _close_text(self) -> None:
        if len(self._texts) > 1:
            last = self._pending[-1]
            assert isinstance(last, StreamWritten)
            self._pending[-1] = StreamWritten(last.run, last.name, "".join(self._texts))
        self._texts, self._length = [], 0
