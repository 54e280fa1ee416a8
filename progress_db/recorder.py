"""Writing without waiting: the screens call these methods, a thread of its own commits, in order.

What cannot be saved (a full disk, a lock) stays here and is tried again until it can. Memory stays bounded meanwhile by
dropping only what the record itself would not keep (`backlog`). The thread outlives any error.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .backlog import Backlog, Fact
from .errors import RecordDeleted, RecordError, RecordRefused
from .records import KeptOutput, Place, Taken
from .store import Progress

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # without a handler, Python would print into the middle of the screen

_RETRY_FIRST = 0.25
_RETRY_MOST = 5.0
"""Seconds between two tries to save what could not be saved: doubling from the first to the most."""

_OF_ONE_FACT = (RecordRefused, TypeError, ValueError, OverflowError, RecursionError)
"""Errors that are about what one fact holds."""

_AT_EXIT = 3.0
"""Seconds that a recorder that nobody closed may take at the end of the process."""


class Recorder:
    """The write methods of `Progress`, returning at once. Call them from any thread; what one thread says keeps its
    order.

    `on_saved()` is called after a commit; `on_failed(error)` when saving begins to fail, or fails for another reason
    (until the next `on_saved`, nothing since is safe), with a `RecordRefused` for a fact that can never be kept, and
    with a `RecordDeleted` when the file was deleted: what became of it is said there, and it goes on.
    Both are called from the recorder's thread and should only pass it on.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_saved: Callable[[], None] | None = None,
        on_failed: Callable[[RecordError], None] | None = None,
    ) -> None:
        self.path = path
        self._on_saved = on_saved
        self._on_failed = on_failed
        self._incoming: deque[Fact] = deque()
        self._changed = threading.Condition()
        self._told = 0
        """Facts told so far; guarded by `_changed`, as are the next."""
        self._settled = 0
        """Every fact up to this number is committed, or refused and reported."""
        self._closing = False
        self._ended = False
        self._hurry = True
        """Try now, not at the end of a pause: somebody waits in `flush` or `close`. And once at the start, without a
        fact: what is wrong with the record is told before the learner has typed anything."""
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._work, name="progress recorder", daemon=True)
        self._thread.start()
        # A daemon, so that a crash of the app does not hang on a full disk; but it gets its moment at the end.
        self._at_exit = partial(self.close, _AT_EXIT)
        atexit.register(self._at_exit)

    @property
    def pending(self) -> int:
        """How many facts may not be committed yet."""
        with self._changed:
            return self._told - self._settled

    # The writes: see `Progress` for what each one means

    def draft_saved(self, lesson: str, step: str, source: str | None) -> None:
        """The learner changed a cell."""
        self._tell("draft_saved", lesson, step, source)

    def draft_begun(self, lesson: str, step: str, authored: str) -> None:
        """The learner begins to change a cell of which `authored` is the author's version."""
        self._tell("draft_begun", lesson, step, authored)

    def draft_replaced(self, lesson: str, step: str, source: str | None) -> None:
        """The learner put another text into a cell, as a whole."""
        self._tell("draft_replaced", lesson, step, source)

    def run_started(self, run: str, lesson: str, step: str, source: str, started: float) -> None:
        """The learner ran a cell."""
        self._tell("run_started", run, lesson, step, source, started)

    def outputs_kept(self, run: str, outputs: Sequence[KeptOutput]) -> None:
        """More output of a run. Its payloads must not be changed afterwards."""
        self._tell("outputs_kept", run, tuple(outputs))

    def run_finished(self, run: str, outcome: str, seconds: float) -> None:
        """A run ended."""
        self._tell("run_finished", run, outcome, seconds)

    def taken_in(self, journal: str, read: Callable[[int], Taken]) -> None:
        """A kernel's journal may have grown. `read` is called in the recorder's thread, inside the transaction."""
        self._tell("taken_in", journal, read)

    def answer_given(self, lesson: str, step: str, answer: Any, correct: bool) -> None:
        """The learner answered a quiz."""
        self._tell("answer_given", lesson, step, answer, correct)

    def attempt_made(self, lesson: str, step: str, source: str, passed: bool, message: str) -> None:
        """The learner ran an exercise's check."""
        self._tell("attempt_made", lesson, step, source, passed, message)

    def hint_opened(self, lesson: str, step: str, count: int) -> None:
        """The learner has now opened `count` hints."""
        self._tell("hint_opened", lesson, step, count)

    def solution_opened(self, lesson: str, step: str) -> None:
        """The learner opened a solution."""
        self._tell("solution_opened", lesson, step)

    def lesson_opened(self, lesson: str) -> None:
        """The learner opened a lesson."""
        self._tell("lesson_opened", lesson)

    def lesson_finished(self, lesson: str) -> None:
        """The learner reached a lesson's end."""
        self._tell("lesson_finished", lesson)

    def place_left(self, place: Place) -> None:
        """Where the learner is now."""
        self._tell("place_left", place)

    # Waiting

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all that was told before this call is committed; False if `timeout` seconds were not enough."""
        with self._changed:
            goal = self._told
            self._hurry = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._settled >= goal or self._ended, timeout) and (
                self._settled >= goal
            )

    def close(self, timeout: float = 10.0) -> bool:
        """Commit what is pending and end the thread. False if something could not be saved (`on_failed` was told
        why)."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._ended, timeout)
            atexit.unregister(self._at_exit)
            return self._settled >= self._told

    # Inside

    def _tell(self, method: str, *arguments: Any) -> None:
        with self._changed:
            if not self._ended:
                self._told += 1
                self._incoming.append(Fact(method, arguments, time.time(), self._told))
                self._changed.notify_all()
                return
        _log.error("%s was told to a recorder that is closed", method)
        _call(self._on_failed, RecordRefused(self.path, method, "the record was closed already"))

    def _work(self) -> None:
        """The recorder's thread."""
        backlog = Backlog()
        progress: Progress | None = None
        pause = 0.0
        while True:
            try:
                if not self._gather(backlog, pause):
                    break
                if progress is not None and not progress.in_place():
                    self._let_go(progress)
                    progress = None
                if progress is None:
                    progress = Progress.open(self.path)
                self._save(progress, backlog)
                pause = 0.0
            except Exception as error:  # whatever it is, the facts are still here: say so, and try again
                if progress is not None and _is_moved(progress):  # at this very moment
                    self._let_go(progress)
                    progress, self._hurry = None, True
                    continue
                _close(progress)
                self._fail(error)
                progress = None  # a new connection, in case the old one is what is broken
                if self._closing:
                    break
                pause = min(_RETRY_MOST, max(_RETRY_FIRST, pause * 2))
        if progress is not None:
            self._let_go(progress)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _let_go(self, progress: Progress) -> None:
        """Close it. If its file was deleted, all of that is first put back, and told; if a backup was put in its place,
        that is the record from now on."""
        try:
            was_deleted = progress.put_back()
        except Exception:
            was_deleted = True
            _log.exception("the record was deleted, and could not be put back")
        if was_deleted:
            _call(self._on_failed, RecordDeleted(self.path, is_back=self.path.exists()))
        _close(progress)

    def _gather(self, backlog: Backlog, pause: float) -> bool:
        """Take in what is told until it is time to save it. False if it is time to end.

        During a pause after a failure the facts are taken in all the same, so that the backlog can bound them.
        """
        until = time.monotonic() + pause
        with self._changed:
            while True:
                while self._incoming:
                    backlog.add(self._incoming.popleft())
                remaining = until - time.monotonic()
                if self._hurry or (backlog and (self._closing or remaining <= 0)):
                    self._hurry = False
                    return True
                if self._closing:
                    return False
                self._changed.wait(remaining if backlog else None)

    def _save(self, progress: Progress, backlog: Backlog) -> None:
        """Commit all of the backlog, in transactions of bounded size."""
        while backlog:
            batch = backlog.first()
            try:
                with progress.together():
                    for fact in batch:
                        fact.write(progress)
            except _OF_ONE_FACT:
                # One of them holds what no record can keep. Alone, each can be judged; none holds up the others.
                for fact in batch:
                    self._save_alone(progress, fact)
                    self._settle(backlog, 1)
            else:
                self._settle(backlog, len(batch))
            self._failure = None
            _call(self._on_saved)

    def _save_alone(self, progress: Progress, fact: Fact) -> None:
        try:
            fact.write(progress)
        except _OF_ONE_FACT as error:
            _log.exception("a fact was refused: %s", fact.method)
            _call(self._on_failed, RecordRefused(self.path, fact.method, str(error)))

    def _settle(self, backlog: Backlog, count: int) -> None:
        with self._changed:
            backlog.drop(count)
            self._settled = backlog.settled
            self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        _log.warning("the record could not be saved", exc_info=error)
        said = (
            error
            if isinstance(error, RecordError)
            else RecordError(
                self.path,
                f"Saving to {self.path} met an unexpected error ({type(error).__name__}: {error}).",
                "Nothing is lost yet, and it is tried again; please report this.",
            )
        )
        if str(said) != self._failure:
            self._failure = str(said)
            _call(self._on_failed, said)


def _call(callback: Callable[..., None] | None, *arguments: object) -> None:
    """The app's callback: a mistake in it must not cost the learner the record, nor must the cancelling of what it
    waits for."""
    if callback is not None:
        try:
            callback(*arguments)
        except BaseException:
            _log.exception("a callback of the recorder failed")


def _is_moved(progress: Progress) -> bool:
    """Whether its file has the record's name no more."""
    try:
        return not progress.in_place()
    except OSError:
        return False


def _close(progress: Progress | None) -> None:
    if progress is not None:
        try:
            progress.close()
        except Exception:
            _log.exception("the record could not be closed")
