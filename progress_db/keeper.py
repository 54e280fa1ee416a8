"""Looks after the record while it is in use, on a thread of its own: is it whole, and is there a backup of it.

It begins after the first paint, and costs nothing before. It raises nothing: what it finds is told.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from .backups import back_up, backups_of, is_kept
from .errors import RecordCorrupt, RecordError, spoken
from .opening import missing_tables, suspect
from .schema import FACTS

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())

EVERY = 3600.0
"""Seconds between two backups of a record that changes."""

ON_LEAVING = 600.0
"""Seconds that the newest backup may be old when the learner leaves."""


class Keeper:
    """Checks the record once, and backs it up: at the start of a day, every hour, and on leaving; each time only if it
    has changed.

    `on_trouble(error)` is called from the thread, with `RecordCorrupt` for damage, or with why a backup was impossible.
    """

    def __init__(self, path: Path, *, on_trouble: Callable[[RecordError], None], every: float = EVERY) -> None:
        self.path = path
        self._on_trouble = on_trouble
        self._every = every
        self._leaving = threading.Event()
        self._wants_last = False
        self._told: str | None = None
        self._thread = threading.Thread(target=self._work, name="progress keeper", daemon=True)
        self._thread.start()

    def leave(self, patience: float) -> bool:
        """The learner leaves: a last backup, and whether all was done within `patience` seconds. What is cut short
        leaves the backups as they were."""
        self._wants_last = patience > 0
        self._leaving.set()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _work(self) -> None:
        whole = self._does(self._look)
        while whole and not self._leaving.is_set():
            if is_due(self.path, self._every):
                self._does(self._back_up)
            self._leaving.wait(self._every / 4)
        if whole and self._wants_last and is_due(self.path, ON_LEAVING):
            self._does(self._back_up)

    def _look(self) -> None:
        check(self.path)

    def _back_up(self) -> None:
        back_up(self.path)
        self._told = None

    def _does(self, deed: Callable[[], None]) -> bool:
        """Whether it went well. The same trouble is told once."""
        try:
            deed()
        except RecordCorrupt as error:
            suspect(self.path, error.cause)
            self._tell(error)
            return False
        except (RecordError, OSError) as error:
            _log.warning("the record could not be looked after", exc_info=error)
            self._tell(error if isinstance(error, RecordError) else RecordError(self.path, f"{error}.", ""))
        return True

    def _tell(self, error: RecordError) -> None:
        if str(error) != self._told:
            self._told = str(error)
            self._on_trouble(error)


def check(path: Path) -> None:
    """Read the record from end to end, beside those who write to it. Raises `RecordCorrupt`, or another
    `RecordError`."""
    if not path.exists():
        return
    with spoken(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        found = [text for (text,) in connection.execute("PRAGMA quick_check(3)") if text != "ok"]
        missing = [] if found else missing_tables(connection)
    if found:
        raise RecordCorrupt(path, found[0])
    if missing:
        raise RecordCorrupt(path, f"a part of it is missing ({missing[0]})")


def is_due(path: Path, age: float) -> bool:
    """Whether the record holds something that no backup holds, and the newest backup is of another day, or `age`
    seconds old."""
    if is_kept(path) or _is_empty(path):
        return False
    newest = next(iter(backups_of(path)), None)
    if newest is None:
        return True
    same_day = time.localtime(newest.at)[:3] == time.localtime()[:3]
    return not same_day or time.time() - newest.at >= age


def _is_empty(path: Path) -> bool:
    """Whether there is no fact in it: a new record needs no backup, and must not push out one."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return not any(
                connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0] for table in FACTS
            )
    except sqlite3.Error:
        return False  # making the backup will say what is wrong
