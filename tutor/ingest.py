"""From a kernel's journal into the record, exactly once.

Who hears that a journal grew calls `grown`; the recorder's thread then reads on from the offset that the record itself
holds, and commits what it read together with the new offset. So it does not matter how often that is called, how many
tutors do it at once, or when one is killed. What screens show plays no part in it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from progress_db.records import Death, KeptOutput, RunEnd, Taken
from tutor.kernel.dispatch import Dispatcher
from tutor.kernel.events import (
    CHECK,
    CellFinished,
    ErrorRaised,
    KernelEvent,
    Output,
    OutputCleared,
    StreamWritten,
    TrainingReported,
    ValueShown,
    to_record,
)
from tutor.kernel.journal import CHUNK, ENDED, Entry, Tail

if TYPE_CHECKING:
    from progress_db.recorder import Recorder

_log = logging.getLogger(__name__)

EVERY = 0.25
"""Seconds between two commits while a kernel goes on writing."""

LAST = 64 * CHUNK
"""Bytes that are read at most when the tutor ends. What is beyond is taken in by the next one."""


def read_piece(path: Path, lesson: str, offset: int, size: int = CHUNK) -> Taken:
    """What is to be kept of the next piece of a journal, of some `size` bytes."""
    tail = Tail(path, offset)
    try:
        found = tail.read(size=size)
    except OSError as error:
        _log.warning("the journal %s cannot be read: %s", path, error)
        return Taken(offset, ())
    finally:
        tail.close()
    return Taken(tail.offset, facts(found, lesson))


def facts(entries: Sequence[Entry], lesson: str) -> list[tuple[str, Sequence[KeptOutput]] | RunEnd | Death]:
    """What is to be kept of these records, in their order; text that follows text is joined."""
    told: list[KernelEvent] = []
    dispatcher = Dispatcher(told.append)
    kept: list[tuple[str, Sequence[KeptOutput]] | RunEnd | Death] = []
    outputs: list[Output] = []

    def close() -> None:
        if outputs:
            kept.append((outputs[0].run, [KeptOutput(*to_record(output)) for output in _joined(outputs)]))
            outputs.clear()

    for entry in entries:
        if entry.run.startswith(CHECK):
            continue
        if entry.kind == ENDED:
            close()
            kept.append(Death(lesson, entry.run, float(entry.content["at"])))
            continue
        told.clear()
        try:
            dispatcher.replay(entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            # Written by another version. It must not hold up what follows, nor the learner's record.
            _log.warning("a record of the journal cannot be read: %s of run %s", entry.kind, entry.run, exc_info=True)
            continue
        for event in told:
            if isinstance(event, StreamWritten | ValueShown | OutputCleared | TrainingReported | ErrorRaised):
                if outputs and outputs[0].run != event.run:
                    close()
                outputs.append(event)
            elif isinstance(event, CellFinished):
                close()
                kept.append(RunEnd(event.run, event.outcome.value, event.seconds))
    close()
    return kept


class Ingest:
    """Has journals taken in by one recorder. From any thread."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def grown(self, kernel: str, path: Path, lesson: str, *, soon: bool = False) -> None:
        """The journal of that kernel may have grown. It is taken in within `EVERY` seconds, or at once (`soon`)."""
        if soon:
            self._take(kernel, path, lesson)
            return
        with self._lock:
            if kernel in self._waiting:
                return
            self._waiting.add(kernel)
        timer = threading.Timer(EVERY, self._take, (kernel, path, lesson))
        timer.daemon = True
        timer.start()

    def last(self, kernel: str, path: Path, lesson: str) -> None:
        """The same for the last time: all that there is, and nothing after it."""
        with self._lock:
            self._closed = True
        self._recorder.taken_in(kernel, lambda offset: read_piece(path, lesson, offset, LAST))

    def close(self) -> None:
        """Nothing more is taken in by this tutor."""
        with self._lock:
            self._closed = True

    def _take(self, kernel: str, path: Path, lesson: str) -> None:
        def read(offset: int) -> Taken:
            piece = read_piece(path, lesson, offset)
            if piece.upto != offset:  # there may be more: bounded transactions, one after the other
                self.grown(kernel, path, lesson, soon=True)
            return piece

        with self._lock:
            self._waiting.discard(kernel)
            if self._closed:
                return
        self._recorder.taken_in(kernel, read)


def _joined(outputs: Sequence[Output]) -> list[Output]:
    joined: list[Output] = []
    texts: list[str] = []

    def close() -> None:
        if texts and isinstance(last := joined[-1], StreamWritten):
            joined[-1] = StreamWritten(last.run, last.name, "".join(texts))
        texts.clear()

    for output in outputs:
        last = joined[-1] if joined else None
        if isinstance(output, StreamWritten) and isinstance(last, StreamWritten) and last.name == output.name:
            texts.append(output.text)
            continue
        close()
        joined.append(output)
        if isinstance(output, StreamWritten):
            texts.append(output.text)
    close()
    return joined
