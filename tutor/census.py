"""What the kernels of this learner do right now, as their files tell it: nobody is asked, nothing is woken.

A kernel that is busy in C cannot answer, but its journal can be read. No Textual, no zmq; safe to call twice a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tutor import paths
from tutor.kernel import registry
from tutor.kernel.latest import latest
from tutor.kernel.launch import secured

DEPTH = 4 * 1024 * 1024
"""Bytes of a journal that are looked through from its end, where a screen waits."""

_STARTED, _FINISHED = "execute_input", "d2l_run_finished"
_ASKED, _ANSWERED = "d2l_input_requested", "d2l_input_answered"


class Work(StrEnum):
    """What a kernel does."""

    BUSY = "busy"
    WAITING = "waiting"
    """A cell asks for input."""
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class KernelNow:
    """A kernel that lives."""

    id: str
    lesson: str
    work: Work
    since: float | None
    """When that began, seconds since the epoch. None: longer ago than was looked."""
    cell: str
    """The cell that runs, or ran last; empty if there is none, or it is not known."""
    outcome: str
    """How the last one ended, where the kernel is idle: `ok`, `error`, …; empty if none has run."""
    started: float
    pid: int
    log: Path
    journal: Path


def keeping() -> Path:
    """Where kernels and their journals are kept. Raises `RuntimeDirectoryRefused`."""
    own = paths.kernels_home()
    return secured(own) if own is not None else registry.keeping_directory(paths.state_home() / "kernels")


class Census:
    """Counts the kernels in `keep`. A journal that has not grown is not read again."""

    def __init__(self, keep: Path, depth: int | None = DEPTH) -> None:
        self._keep = keep
        self._depth = depth
        self._known: dict[str, tuple[int, KernelNow]] = {}

    def now(self) -> tuple[KernelNow, ...]:
        """Those that live, oldest first."""
        found = []
        for record in registry.live(self._keep):
            journal = Path(record.journal)
            size = journal.stat().st_size if journal.exists() else 0
            known = self._known.get(record.id)
            if known is None or known[0] != size or known[1].lesson != record.lesson:
                known = self._known[record.id] = (size, look(record, self._depth))
            found.append(known[1])
        return tuple(found)


def look(record: registry.KernelRecord, depth: int | None = DEPTH) -> KernelNow:
    """What that kernel does."""
    journal = Path(record.journal)
    last = latest(journal, (_STARTED, _FINISHED, _ASKED, _ANSWERED), depth)
    start = last if last is None or last.kind == _STARTED else latest(journal, (_STARTED,), depth)
    if last is None:
        cut = depth is not None and journal.exists() and journal.stat().st_size > depth
        work, since = (Work.BUSY, None) if cut else (Work.IDLE, record.started)
    elif last.kind == _FINISHED:
        work, since = Work.IDLE, last.at
    else:
        work = Work.WAITING if last.kind == _ASKED else Work.BUSY
        since = start.at if start is not None else None
    return KernelNow(
        record.id,
        record.lesson,
        work,
        since,
        str(start.content.get("cell", "")) if start is not None else "",
        str(last.content.get("outcome", "")) if last is not None and last.kind == _FINISHED else "",
        record.started,
        record.pid,
        Path(record.log),
        journal,
    )
