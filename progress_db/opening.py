"""From a path to a connection that can be trusted, or to an error that says what to do. Nothing that is found is
overwritten."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from .errors import RecordCorrupt, RecordNewer, RecordUnwritable, spoken
from .ids import new_id
from .schema import APPLICATION_ID, FACTS, VERSION

PATIENCE = 5.0
"""Seconds to wait for another program's lock."""

_MAGIC = b"SQLite format 3\0"


def connect(path: Path, patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection to the record at `path`, created or migrated where that was needed.

    Autocommit mode; the caller says BEGIN IMMEDIATE. Raises `RecordLocked`, `RecordUnwritable`, `RecordCorrupt`,
    `RecordNewer`.
    """
    if not _looks_like_sqlite(path):
        _create(path, patience)
    with spoken(path):
        connection = _open(path, patience)
        try:
            _check(connection, path, patience)
        except BaseException:
            connection.close()
            raise
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        # SQLite would open it for reading without a word, and the first draft would be the one to find out.
        connection.close()
        raise RecordUnwritable(path, "the file or its directory is read-only")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, also to a record of a newer tutor. Raises a `RecordError`."""
    if not _looks_like_sqlite(path):
        raise RecordUnwritable(path, "there is no such file")
    with spoken(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
        except BaseException:
            connection.close()
            raise
    if application != APPLICATION_ID:
        connection.close()
        raise RecordCorrupt(path, "it is the database of another program")
    return connection


def _looks_like_sqlite(path: Path) -> bool:
    """Whether there is a file to open; False if there is none. Raises for a file that SQLite would take for an empty
    one."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RecordUnwritable(path, _reason(error)) from error
    if not head:
        raise RecordCorrupt(path, "it is empty (0 bytes)")
    if head != _MAGIC:
        raise RecordCorrupt(path, "it is not an SQLite database")
    return True


def _open(path: Path, patience: float) -> sqlite3.Connection:
    # mode=rw: never create here. The rollback journal, because WAL breaks on NFS homes.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience, isolation_level=None
    )
    try:
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path, patience: float) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise RecordCorrupt(path, "it is the database of another program")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise RecordNewer(path, version, VERSION)
    if _suspicion(path).exists():
        _look_closely(connection, path)
    if version < VERSION:
        from .migrations import migrate  # sqlite_utils: some 80 ms, and only now

        _back_up(connection, path, version)
        migrate(connection)


def suspect(path: Path, why: str) -> None:
    """Damage was met while the record was in use: the next one to open it reads it from end to end first."""
    with suppress(OSError):  # without the note, the next start finds it again by itself
        _suspicion(path).write_text(f"{why}\n", "utf-8")


def clear_suspicion(path: Path) -> None:
    """The record was found whole, or replaced."""
    with suppress(OSError):
        _suspicion(path).unlink(missing_ok=True)


def _suspicion(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def _look_closely(connection: sqlite3.Connection, path: Path) -> None:
    found = [text for (text,) in connection.execute("PRAGMA integrity_check(3)") if text != "ok"]
    if found:
        raise RecordCorrupt(path, found[0])
    missing = missing_tables(connection)
    if missing:
        raise RecordCorrupt(path, f"a part of it is missing ({missing[0]})")
    clear_suspicion(path)


def missing_tables(connection: sqlite3.Connection) -> list[str]:
    """Tables of facts that are not there, in a record that is up to date."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return [table for table in FACTS if table not in there] if version == VERSION else []


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Keep the record as the older tutor left it, complete or not at all."""
    kept = path.with_name(f"{path.name}.schema-{version}")
    if kept.exists():
        return
    part = path.with_name(f"{path.name}.{new_id()}.part")
    try:
        copy = sqlite3.connect(part)
        try:
            connection.backup(copy)
        finally:
            copy.close()
        os.replace(part, kept)
    except OSError as error:
        raise RecordUnwritable(path, _reason(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _create(path: Path, patience: float) -> None:
    """A new record, made under another name and linked into place when it is whole.

    So no kill leaves an empty file that a later start would have to refuse, and of two starts at once one wins and both
    go on.
    """
    part = path.with_name(f"{path.name}.{new_id()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(path)
        fresh(part, patience)
        _put_in_place(part, path)
    except OSError as error:
        raise RecordUnwritable(path, _reason(error)) from error
    finally:
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)


def fresh(part: Path, patience: float = PATIENCE) -> None:
    """A new, empty record under a name that nobody has. Raises `OSError` or a `RecordError`; then remove what is
    there."""
    from .migrations import begin

    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with spoken(part):
        connection = _open(part, patience)
        try:
            begin(connection)
        finally:
            connection.close()


def _put_in_place(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        return  # another start was quicker: its record is as good
    except OSError:
        # A file system without hard links: there is a moment between the look and the rename, and no better way.
        if not path.exists():
            os.rename(part, path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        # Some network file systems refuse to sync a directory. The record is whole either way; only its name could be
        # lost to a power cut in the next seconds, while it is still empty.
        with suppress(OSError):
            os.fsync(directory)
    finally:
        os.close(directory)


def _sweep(path: Path) -> None:
    """Remove what a killed start left half made, an hour ago or longer."""
    for leftover in path.parent.glob(f"{path.name}.*.part*"):
        with suppress(FileNotFoundError):  # another start sweeps too
            if time.time() - leftover.stat().st_mtime > 3600:
                leftover.unlink()


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
