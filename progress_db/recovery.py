"""A damaged record gives way to its newest good backup. What was there is moved aside, never removed.

A kill at any moment leaves the old file or the new one under the record's name, whole; what was moved aside is there in
either case. The rollback journal goes aside with its file: SQLite would apply it to whatever has the name next.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .backups import Backup, back_up, backups_of, one_at_a_time, prove, sync
from .errors import RecordCorrupt, RecordError, RecordUnwritable, spoken
from .ids import new_id
from .opening import clear_suspicion, connect, fresh


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done."""

    cause: RecordCorrupt | None
    """What was wrong with the file that was there; None if nothing was, or if there was none."""
    aside: Path | None
    """Where it is now; None if there was none."""
    backup: Backup | None
    """What was put in its place; None: there was nothing good, and a new record was begun."""


def recover(path: Path) -> Recovered | None:
    """Put the newest good backup in the place of a damaged record. None if the record is good (again).

    Raises a `RecordError` where that cannot be done; the record is then as it was.
    """
    with one_at_a_time(path):
        try:
            connect(path).close()
        except RecordCorrupt as error:
            cause = error
        else:
            return None  # another program was quicker
        backup = next(_good(path), None)
        return Recovered(cause, _replace(path, backup.path if backup else None), backup)


def restore(path: Path, source: Path | None = None) -> Recovered:
    """Put `source`, or the newest good backup, in the place of the record, which is backed up (if it is whole) and
    moved aside. Raises a `RecordError` where `source` is no good record, or there is no good backup."""
    if source is not None:
        prove(source)
        chosen = Backup(source, source.stat().st_mtime, source.stat().st_size)
    else:
        found = next(_good(path), None)
        if found is None:
            raise NoBackup(path)
        chosen = found
    cause = None
    if path.exists():
        try:
            back_up(path)
        except RecordCorrupt as error:
            cause = error
    with one_at_a_time(path):
        return Recovered(cause, _replace(path, chosen.path), chosen)


class NoBackup(RecordError):
    """There is nothing to restore."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"There is no good backup of the record {path}.",
            "`d2l-tutor progress restore --from FILE` takes a copy from elsewhere.",
        )


def _good(path: Path) -> Iterator[Backup]:
    """Backups that are good now, newest first; behind them what older tutors' upgrades kept."""
    upgraded = sorted(path.parent.glob(f"{path.name}.schema-*"), key=lambda file: file.stat().st_mtime, reverse=True)
    old = [Backup(file, file.stat().st_mtime, file.stat().st_size) for file in upgraded]
    for backup in [*backups_of(path), *old]:
        with suppress(RecordError):  # a backup may be damaged too: the one before it is next
            prove(backup.path)
            yield backup


def _replace(path: Path, source: Path | None) -> Path | None:
    """Have a copy of `source`, or a new record, under the record's name; where the old file is now."""
    part = path.with_name(f"{path.name}.{new_id()}.part")
    try:
        if source is None:
            fresh(part)
        else:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            shutil.copyfile(source, part)
            prove(part)
        sync(part)
        with _nobody_writes(path):
            aside = _move_aside(path)
            os.replace(part, path)
        sync(path.parent)
    except OSError as error:
        raise RecordUnwritable(path, (error.strerror or str(error)).lower()) from error
    finally:
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)
    clear_suspicion(path)
    return aside


def _move_aside(path: Path) -> Path | None:
    """Another name for the file (the old one stays until it is replaced), and its journal away from the old name."""
    if not os.path.lexists(path):
        return None
    aside = path.with_name(f"{path.name}.aside-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{new_id()[-4:]}")
    journal = path.with_name(f"{path.name}-journal")
    for name, other in ((path, aside), (journal, aside.with_name(f"{aside.name}-journal"))):
        if name is path or (name.exists() and name.stat().st_size):  # an empty journal undoes nothing
            try:
                os.link(name, other)
            except OSError:
                shutil.copy2(name, other)  # a file system without hard links
    sync(path.parent)
    journal.unlink(missing_ok=True)
    return aside


@contextmanager
def _nobody_writes(path: Path) -> Iterator[None]:
    """Other programs' writes wait until the record is another file, and then go there. One that is no database at all
    has no writers."""
    if not path.exists() or not path.stat().st_size:
        yield
        return
    with closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5.0, isolation_level=None)
    ) as holder:
        try:
            holder.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            with spoken(path):
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
        yield
