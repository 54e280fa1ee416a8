"""Copies of the record, each one proved good before it counts: `backups/progress-20261121T140312Z.db` beside it.

A copy is made under another name, read from end to end, synced and then renamed: a kill or a full disk leaves the
copies that were there, and nothing by halves. Older ones make room only after a newer one is good.
"""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .errors import RecordCorrupt, RecordNewer, RecordUnwritable, spoken
from .ids import new_id
from .schema import APPLICATION_ID, VERSION

LATEST = 5
"""Newest backups that are kept."""

DAYS = 14
"""Days of which the last backup is kept."""

LARGEST = 256 * 2**20
"""Bytes of all backups together, beside the two newest: a home directory may have a quota."""

_STAMP = "%Y%m%dT%H%M%SZ"
_OLD_PART = 3600.0
"""Seconds after which a half-made copy is nobody's any more."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was good when it was made."""

    path: Path
    at: float
    """When it was made, seconds since the epoch."""
    size: int
    """Bytes."""
    number: int = 1
    """Which one it is of those of the same second."""


def folder(path: Path) -> Path:
    """Where the backups of the record at `path` lie."""
    return path.parent / "backups"


def backups_of(path: Path) -> list[Backup]:
    """The backups of the record at `path`, newest first."""
    pattern = re.compile(re.escape(path.stem) + r"-(\d{8}T\d{6}Z)(?:-(\d+))?" + re.escape(path.suffix))
    found = []
    for file in folder(path).glob(f"{path.stem}-*{path.suffix}"):
        match = pattern.fullmatch(file.name)
        if match is not None and file.is_file() and not file.is_symlink():
            at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC).timestamp()
            found.append(Backup(file, at, file.stat().st_size, int(match[2] or 1)))
    return sorted(found, key=lambda backup: (backup.at, backup.number), reverse=True)


def is_kept(path: Path) -> bool:
    """Whether the newest backup holds all that is in the record. A backup has the time of change of what it copies."""
    if not path.exists():
        return True  # there is nothing to keep
    newest = next(iter(backups_of(path)), None)
    return newest is not None and newest.path.stat().st_mtime_ns == path.stat().st_mtime_ns


def back_up(path: Path) -> Backup:
    """Make a backup, prove it, and let older ones go. Raises a `RecordError`; what was there is then still there."""
    target = folder(path)
    with one_at_a_time(path):
        _sweep(target)
        now = float(int(time.time()))
        stamp = time.strftime(_STAMP, time.gmtime(now))
        # Two in one second are told apart by a number that goes up, whatever was let go meanwhile.
        number = 1 + max((one.number for one in backups_of(path) if one.at == now), default=0)
        final = target / f"{path.stem}-{stamp}{f'-{number}' if number > 1 else ''}{path.suffix}"
        copy_to(path, final)
        _let_go(backups_of(path))
    return Backup(final, now, final.stat().st_size, number)


def copy_to(path: Path, final: Path) -> None:
    """A good copy of the record under another name, which is replaced at once or not at all. Raises a `RecordError`."""
    part = final.with_name(f".{final.name}.{new_id()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        before = path.stat()
        with spoken(path), closing(_source(path)) as source, closing(_target(part)) as copy:
            # In one step: writers wait for it, some 0.1 s for each 50 MB. In several, each commit between two of them
            # would begin it anew, and a training that is taken in commits four times a second.
            source.backup(copy)
        prove(part)
        os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
        sync(part)
        os.replace(part, final)
        sync(final.parent)
    except OSError as error:
        raise RecordUnwritable(final, (error.strerror or str(error)).lower()) from error
    finally:
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)


def prove(path: Path) -> None:
    """Read a copy from end to end. Raises `RecordCorrupt` or `RecordNewer` if it is not a whole record that we know."""
    if not path.exists():
        raise RecordUnwritable(path, "there is no such file")
    with spoken(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        if copy.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
            raise RecordCorrupt(path, "it is not a record of d2l-tutor")
        (version,) = copy.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise RecordNewer(path, version, VERSION)
        found = [text for (text,) in copy.execute("PRAGMA integrity_check(3)") if text != "ok"]
        if found:
            raise RecordCorrupt(path, found[0])


def sync(path: Path) -> None:
    """Have what was written to a file, or a directory's names, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError) if path.is_dir() else _nothing():  # some network file systems refuse it for directories
            os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Of several programs of this learner, one makes or restores backups. A killed one's lock goes with it."""
    try:
        folder(path).mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder(path) / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RecordUnwritable(folder(path), (error.strerror or str(error)).lower()) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise RecordUnwritable(folder(path), "this file system refuses locks") from error
        yield
    finally:
        os.close(handle)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _source(path: Path) -> sqlite3.Connection:
    # For writing where we may, so that SQLite can undo what a killed program left half committed.
    mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)


def _target(part: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(part, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")  # a half-made copy is thrown away, never undone
    connection.execute("PRAGMA synchronous = OFF")  # it is synced as a whole
    return connection


def _let_go(found: Sequence[Backup]) -> None:
    """Remove what is neither among the latest nor the last of a day, and what is beyond the room that backups get."""
    days: dict[str, Backup] = {}
    for backup in found:
        days.setdefault(time.strftime("%Y-%m-%d", time.localtime(backup.at)), backup)
    kept = {backup.path for backup in [*found[:LATEST], *list(days.values())[:DAYS]]}
    room = LARGEST
    for number, backup in enumerate(found):
        if number >= 2:
            room -= backup.size if backup.path in kept else 0
        if backup.path not in kept or room < 0:
            backup.path.unlink(missing_ok=True)


def _sweep(target: Path) -> None:
    for leftover in target.glob(".*.part*"):
        with suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > _OLD_PART:
                leftover.unlink()
