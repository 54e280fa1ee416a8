"""Whether a record is whole, and how much is in it: what `doctor` and `progress check` say."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import spoken
from .opening import connect
from .schema import FACTS, VERSION


@dataclass(frozen=True, slots=True)
class Health:
    """A record that could be opened."""

    path: Path
    size: int
    """Bytes."""
    schema: int
    facts: Mapping[str, int]
    """Rows by table; empty where the file is damaged."""
    problems: tuple[str, ...]
    """What SQLite's own check found; empty if the file is whole."""


def examine(path: Path) -> Health:
    """Read all of the record at `path`, made if there is none. Raises `RecordError` as `Progress.open` does."""
    connection = connect(path)
    try:
        with spoken(path):
            found = tuple(text for (text,) in connection.execute("PRAGMA integrity_check(20)") if text != "ok")
            facts = {} if found else _count(connection)  # counting a damaged table would only fail
    finally:
        connection.close()
    return Health(path, path.stat().st_size, VERSION, facts, found)


def _count(connection: sqlite3.Connection) -> dict[str, int]:
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in FACTS}
