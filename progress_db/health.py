"""Whether a record is whole, and how much is in it: what `doctor` and `progress check` say."""

from __future__ import annotations

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
    """Rows by table."""
    problems: tuple[str, ...]
    """What SQLite's own check found; empty if the file is whole."""


def examine(path: Path) -> Health:
    """Read all of the record at `path`, which is made if there is none. Raises `RecordError` as `Progress.open` does."""
    connection = connect(path)
    try:
        with spoken(path):
            found = tuple(text for (text,) in connection.execute("PRAGMA integrity_check(20)") if text != "ok")
            facts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in FACTS}
    finally:
        connection.close()
    return Health(path, path.stat().st_size, VERSION, facts, found)
