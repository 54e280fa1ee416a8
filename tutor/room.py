"""No room for another kernel: which of those that run could end, and how it is ended. No Textual.

A kernel that holds nothing ends by itself (`tutor.kernel.watchdog`). One in which something was run is ended only if
the learner says so: its variables are lost.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tutor import limits
from tutor.census import Census, KernelNow, Work, look
from tutor.kernel import registry
from tutor.kernel.errors import KernelError
from tutor.words import _

GRACE = 3.0
"""Seconds that a kernel may take to end by itself."""

Grown = Callable[[str, Path, str, bool], None]
"""Is told of a kernel, its journal, its lesson, and whether that is urgent: what it put out goes into the record."""


class NoRoom(KernelError):
    """There are as many kernels as there may be; the message says which could be stopped, and how."""

    def __init__(self, most: int, found: Sequence[KernelNow], make_room: Callable[[], None]) -> None:
        idle = sorted((one for one in found if one.work is Work.IDLE), key=lambda one: one.since or 0.0)
        self.most = most
        self.idle = idle[0] if idle else None
        """The kernel that is idle the longest; None if all are at work."""
        self.found = tuple(found)
        """Those that run."""
        self.make_room = make_room
        """Ends the idle one, unless it is at work by now. Blocks for some seconds at most."""
        super().__init__(_said(most, found, self.idle))


def _said(most: int, found: Sequence[KernelNow], idle: KernelNow | None) -> str:
    said = [_("{count} kernels run already, and {count} is the limit.").format(count=most)]
    if idle is not None:
        minutes = int((time.time() - (idle.since or idle.started)) / 60)
        words = _("Idle the longest is that of {lesson} ({minutes} min): `d2l-tutor kernels stop {lesson}` ends it.")
        said.append(words.format(lesson=idle.lesson, minutes=minutes))
    else:
        names = ", ".join(one.lesson for one in found)
        words = _("All of them are at work: {names}. `d2l-tutor kernels stop LESSON` ends one.")
        said.append(words.format(names=names))
    said.append(_("`most` in kernels.toml, or {switch}, allows more.").format(switch=limits.MOST_SWITCH))
    return " ".join(said)


def no_room(keep: Path, most: int, grown: Grown | None) -> NoRoom:
    """What there is to say when `most` kernels run in `keep`."""
    error = NoRoom(most, Census(keep).now(), lambda: _end(keep, error.idle, grown))
    return error


def _end(keep: Path, idle: KernelNow | None, grown: Grown | None) -> None:
    record = next((one for one in registry.live(keep) if idle is not None and one.id == idle.id), None)
    if record is None or look(record).work is not Work.IDLE:
        return
    process = record.process()
    process.signal(signal.SIGTERM)
    if not process.wait(GRACE):
        process.signal(signal.SIGKILL)
        process.wait(GRACE)
    buried = registry.bury(keep, process)
    if buried is not None:
        registry.was_shown(keep, buried)  # the learner ended it
    if grown is not None:
        grown(record.id, Path(record.journal), record.lesson, True)
