"""The record as JSON lines, and back: two machines are brought together by taking in each other's rows.

A row is known by its id, so that importing is a union: it may be repeated, and it does not matter who imports from whom
first. The first line says what follows. What does not read as such an export is refused before anything is changed.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .errors import spoken
from .ids import seconds_of
from .opening import connect
from .schema import FACTS, VERSION

FORMAT = "d2l-tutor progress"

_BATCH = 500
"""Rows that are read at a time: a slow pipe must not keep a running tutor from saving."""

_FURTHEST = 400 * 86400.0
"""Seconds by which another machine's clock may be ahead: an id of the far future would sort after all to come."""


class TransferError(Exception):
    """What was to be imported is not an export, or not one that this version can read. Nothing was changed."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(line, cause)
        self.line = line
        """From 1."""
        self.cause = cause

    def __str__(self) -> str:
        return f"Nothing was imported: line {self.line} {self.cause}."


@dataclass(frozen=True, slots=True)
class Merged:
    """What an import did."""

    added: int
    """Rows that are new here."""
    known: int
    """Rows that were here already."""


def export_lines(path: Path) -> Iterator[str]:
    """The record as lines without line breaks. What is written meanwhile may or may not be among them."""
    yield json.dumps({"format": FORMAT, "schema": VERSION})
    if not path.exists():
        return  # looking makes no record
    connection = connect(path)
    try:
        for table in ("machines", *FACTS):
            for row in _rows(connection, path, table):
                yield json.dumps({"table": table, **row}, ensure_ascii=False, separators=(",", ":"))
    finally:
        connection.close()


def import_lines(path: Path, lines: Iterable[str]) -> Merged:
    """Take in an export, all or nothing. Raises `TransferError` for what is none, or a `RecordError`."""
    connection = connect(path)
    try:
        columns = {table: _columns(connection, table) for table in ("machines", *FACTS)}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
            _check_all(lines, columns, kept)
            with spoken(path):
                return _insert_all(connection, kept)
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, path: Path, table: str) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        with spoken(path):
            cursor = connection.execute(f"SELECT * FROM {table} WHERE id > ? ORDER BY id LIMIT {_BATCH}", (after,))
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
        if not rows:
            return
        yield from rows
        after = rows[-1]["id"]


def _columns(connection: sqlite3.Connection, table: str) -> Mapping[str, tuple[type, ...]]:
    types: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (float, int)}
    return {
        name: types[kind] if required or key else (*types[kind], type(None))
        for _number, name, kind, required, _default, key in connection.execute(f"PRAGMA table_info({table})")
    }


def _check_all(lines: Iterable[str], columns: Mapping[str, Mapping[str, tuple[type, ...]]], kept: IO[str]) -> None:
    latest = time.time() + _FURTHEST
    number = 0
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TransferError(number, f"is not JSON ({error})") from error
        if not isinstance(row, dict):
            raise TransferError(number, "is not a JSON object")
        if number == 1:
            _check_header(row)
            continue
        table = row.pop("table", None)
        if table not in columns:
            raise TransferError(number, f"names no table of the record ({table!r})")
        _check_row(number, row, columns[table], latest)
        kept.write(json.dumps([table, row]) + "\n")
    if number == 0:
        raise TransferError(1, "is missing: there was nothing to read")


def _check_header(row: Mapping[str, Any]) -> None:
    if row.get("format") != FORMAT or not isinstance(row.get("schema"), int):
        raise TransferError(1, "does not say that this is an export of d2l-tutor's progress")
    if row["schema"] > VERSION:
        raise TransferError(1, "says that a newer d2l-tutor wrote this: upgrade this one")


def _check_row(number: int, row: Mapping[str, Any], columns: Mapping[str, tuple[type, ...]], latest: float) -> None:
    if set(row) != set(columns):
        raise TransferError(number, f"has the wrong columns: {', '.join(sorted(set(row) ^ set(columns)))}")
    for name, value in row.items():
        if not isinstance(value, columns[name]) or isinstance(value, bool):
            raise TransferError(number, f"has a value of the wrong kind for {name}")
    try:
        if seconds_of(row["id"]) > latest:
            raise TransferError(number, "comes from a clock that is more than a year ahead")
    except ValueError as error:
        raise TransferError(number, f"has an id that is none ({error})") from error


def _insert_all(connection: sqlite3.Connection, kept: IO[str]) -> Merged:
    kept.seek(0)
    added = known = 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        for line in kept:
            table, row = json.loads(line)
            if table == "machines":
                row["local"] = 0  # a host of that name here is another one
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            done = connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
            if table != "machines":
                added += done.rowcount
                known += 1 - done.rowcount
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return Merged(added, known)
