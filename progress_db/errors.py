"""What can go wrong with the record. Each message is one sentence of cause and one of what to do; nobody has to know
SQLite.

`spoken` is the only place where SQLite's words become ours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RecordError(Exception):
    """Something kept the record from being read or written. `str()` is for the learner."""

    def __init__(self, path: Path, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.path = path
        self.cause = cause
        """One sentence: what is the matter."""
        self.remedy = remedy
        """One sentence: what to do."""


class RecordLocked(RecordError):
    """Another program held the record for longer than we wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            f"The record {path} is locked by another program.",
            "Close that program (perhaps a database viewer, or a backup), and try again.",
        )


class RecordUnwritable(RecordError):
    """The record cannot be written (or not even opened): permissions, a read-only or a full disk."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            path,
            f"The record {path} cannot be written: {why.rstrip('.')}.",
            "Make room or give yourself the right to write there, or set D2L_TUTOR_HOME to another directory.",
        )


class RecordCorrupt(RecordError):
    """The file is not a record of ours, or is damaged. It was left as it is."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            path,
            f"The file {path} is not a readable record: {why.rstrip('.')}.",
            "It was left untouched: `d2l-tutor progress restore` puts the newest good backup in its place.",
        )


class RecordDeleted(RecordError):
    """The file was deleted while the record was in use. `is_back` says whether all of it is there again."""

    def __init__(self, path: Path, *, is_back: bool) -> None:
        again = "All of it has been put back, and nothing is lost; to begin anew, delete it while d2l-tutor is closed."
        anew = (
            "It could not be put back: a new record was begun. `d2l-tutor progress restore` brings its newest backup."
        )
        super().__init__(path, f"The record {path} was deleted while d2l-tutor was open.", again if is_back else anew)
        self.is_back = is_back


class RecordNewer(RecordError):
    """A newer d2l-tutor wrote the record."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            path,
            f"The record {path} was written by a newer d2l-tutor (schema {found}; this one knows {known}).",
            "It was left untouched: upgrade d2l-tutor, or set D2L_TUTOR_HOME to another directory.",
        )
        self.found = found
        self.known = known


class RecordRefused(RecordError):
    """One fact could not be kept because of what it holds (not JSON, for example). The others are."""

    def __init__(self, path: Path, fact: str, why: str) -> None:
        super().__init__(
            path,
            f"One entry ({fact}) could not be kept in the record {path}: {why.rstrip('.')}.",
            "Everything else is saved; please report this.",
        )


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside into a `RecordError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(path, error) from error


_CONTENT = (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE)
"""Errors that are about one row's values: the next row may be fine."""


def _from_sqlite(path: Path, error: sqlite3.Error) -> RecordError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None  # extended codes carry the primary one in their low byte
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RecordLocked(path)
    if primary == sqlite3.SQLITE_FULL:
        return RecordUnwritable(path, "the disk is full")
    if primary == sqlite3.SQLITE_READONLY:
        return RecordUnwritable(path, "it is read-only")
    if primary in (
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_PROTOCOL,
    ):
        return RecordUnwritable(path, str(error))
    if primary in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return RecordCorrupt(path, str(error))
    if "no such table" in str(error) or "no such column" in str(error):
        return RecordCorrupt(path, f"a part of it is missing ({error})")
    if primary in _CONTENT or (primary is None and "binding" in str(error)):
        return RecordRefused(path, "a row", str(error))
    return RecordUnwritable(path, str(error))
