"""The record's face: one connection, to be used from one thread. It appends facts; what a screen shows is derived
(`queries`).

Every write is a short transaction of its own; `together` makes one of several. Who must not wait uses `recorder`.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import queries
from .errors import RecordError, spoken
from .ids import new_id
from .opening import PATIENCE, connect, connect_to_read
from .outputs import HEAD, TAIL, Piece, clean, pieces, to_json
from .records import CellRun, Death, KeptOutput, LessonStanding, LessonState, Place, RunEnd, RunPlace, Taken, Version

_MINUTE = 60.0
"""Of a draft that is being typed, one version a minute is history enough."""


class Progress:
    """The learner's record. Make one with `open`; any method may raise a `RecordError`.

    Writes take `at`, the time at which the fact came about (now, if it is left out).
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._session = new_id()
        self._machine: str | None = None
        self._file = _identity(path)

    @classmethod
    def open(cls, path: Path, *, patience: float = PATIENCE) -> Progress:
        """The record at `path`, created or migrated if need be. `patience`: seconds to wait for another program's lock.

        Raises `RecordLocked`, `RecordUnwritable`, `RecordCorrupt`, `RecordNewer`. A file that is not ours is never
        changed.
        """
        return cls(path, connect(path, patience))

    @classmethod
    def open_to_read(cls, path: Path) -> Progress:
        """The record at `path` for reading only, also one of a newer tutor: what this one knows of it can be read.

        Raises `RecordCorrupt`, or another `RecordError`; every write will.
        """
        progress = cls(path, connect_to_read(path))
        try:
            progress.standings(), progress.last_place(), progress.lesson("")
        except RecordError:
            progress.close()
            raise
        return progress

    def close(self) -> None:
        """Give the file back. Nothing is pending: every write was committed when it returned."""
        self._connection.close()

    def in_place(self) -> bool:
        """Whether the file at `path` is still the one that is open: what is written to one moved away, nobody reads."""
        return _identity(self.path) == self._file

    def put_back(self) -> bool:
        """If the file was deleted, have another of its name, with all that was in it. Whether it was; see `rescue`."""
        from .rescue import put_back  # few records are ever deleted

        return self._file is not None and put_back(self._connection, self.path, self._file)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Reads

    def lesson(self, lesson: str) -> LessonState:
        """All that restores `lesson`: drafts, latest runs with outputs, answers, attempts, hints, place."""
        with self._reading():
            return queries.lesson_state(self._connection, lesson)

    def runs_of(self, lesson: str, step: str, limit: int = 8) -> tuple[CellRun, ...]:
        """The latest runs of one cell, oldest first: the curves that overlay."""
        with self._reading():
            return queries.runs_of(self._connection, lesson, step, limit)

    def runs_with(self, kind: str) -> list[RunPlace]:
        """Every run that put out something of that kind, the newest first."""
        with self._reading():
            return queries.runs_with(self._connection, kind)

    def output_texts(self, run: str, kind: str) -> list[str]:
        """What a run put out of that kind, as JSON lists of payloads, unread: a list of runs needs little of it."""
        with self._reading():
            return queries.output_texts(self._connection, run, kind)

    def versions_of(self, lesson: str, step: str, limit: int = 100) -> tuple[Version, ...]:
        """The latest texts that one cell had, on any machine, newest first."""
        with self._reading():
            return queries.versions_of(self._connection, lesson, step, limit)

    def standings(self) -> dict[str, LessonStanding]:
        """What is done of each lesson that was ever touched, by lesson id."""
        with self._reading():
            return queries.standings(self._connection)

    def last_place(self) -> Place | None:
        """Where the learner was last, in any lesson."""
        with self._reading():
            return queries.last_place(self._connection)

    def last_seen(self, lesson: str) -> float:
        """When the learner was last in that lesson, seconds since the epoch; 0 for never."""
        with self._reading():
            return queries.last_seen(self._connection, lesson)

    def first_start(self) -> bool:
        """Whether nothing at all was recorded yet."""
        with self._reading():
            return queries.is_empty(self._connection)

    # Writes

    def draft_saved(self, lesson: str, step: str, source: str | None, *, at: float | None = None) -> None:
        """The learner changed a cell; `source` None means back to the author's version. The version before it is
        dropped if it is of the same minute and the same session, unless one of the two is the author's."""
        self._draft(lesson, step, source, at, is_thinned=True)

    def draft_begun(self, lesson: str, step: str, authored: str, *, at: float | None = None) -> None:
        """The learner begins to change a cell of which `authored` is the author's version."""
        authored = clean(authored)
        with self.together():
            latest = self._connection.execute(
                "SELECT source FROM authored WHERE lesson = ? AND step = ? AND machine = ? ORDER BY id DESC LIMIT 1",
                (lesson, step, self._this_machine()),
            ).fetchone()
            if latest is None or latest[0] != authored:
                self._append("authored", at, lesson=lesson, step=step, source=authored)

    def draft_replaced(self, lesson: str, step: str, source: str | None, *, at: float | None = None) -> None:
        """The same where the text was put there as a whole, and not typed: the version before it stays."""
        self._draft(lesson, step, source, at, is_thinned=False)

    def _draft(self, lesson: str, step: str, source: str | None, at: float | None, *, is_thinned: bool) -> None:
        source = clean(source) if source is not None else None
        at = time.time() if at is None else at
        with self.together():
            latest = self._connection.execute(
                "SELECT id, source, session, at FROM drafts WHERE lesson = ? AND step = ? ORDER BY id DESC LIMIT 1",
                (lesson, step),
            ).fetchone()
            if (latest[1] if latest else None) == source:
                return
            self._append("drafts", at, lesson=lesson, step=step, session=self._session, source=source)
            if not is_thinned or latest is None or source is None or latest[1] is None:
                return
            if latest[2] == self._session and latest[3] // _MINUTE == at // _MINUTE:
                self._connection.execute("DELETE FROM drafts WHERE id = ?", (latest[0],))

    def run_started(
        self, run: str, lesson: str, step: str, source: str, started: float, *, at: float | None = None
    ) -> None:
        """The learner ran a cell. `run` is the app's key of the run; told twice, it counts once."""
        with self.together():
            if self._connection.execute("SELECT 1 FROM runs WHERE run = ?", (run,)).fetchone() is None:
                self._append("runs", at, lesson=lesson, step=step, run=run, source=clean(source), started=started)

    def outputs_kept(self, run: str, outputs: Sequence[KeptOutput], *, at: float | None = None) -> None:
        """More output of a run, after what is there. Beyond the cap of its kind (`outputs`) the middle is dropped and
        counted."""
        self.pieces_kept(run, pieces(outputs), at=at)

    def pieces_kept(self, run: str, rows: Sequence[Piece], *, at: float | None = None) -> None:
        """The same, for output that was cut into rows already."""
        with self.together():
            ends: dict[str, int] = {}
            for row in rows:
                if row.kind not in ends:
                    ends[row.kind] = self._end_of_output(run, row.kind)
                start = ends[row.kind] + row.skipped
                ends[row.kind] = start + row.size
                self._append("outputs", at, run=run, kind=row.kind, start=start, size=row.size, payloads=row.text())
            for kind, end in ends.items():
                # `start < ?` follows from the last condition, and lets the index find the rows.
                self._connection.execute(
                    "DELETE FROM outputs WHERE run = ? AND kind = ? AND start >= ? AND start < ? AND start + size <= ?",
                    (run, kind, HEAD, end - TAIL, end - TAIL),
                )

    def run_finished(self, run: str, outcome: str, seconds: float, *, at: float | None = None) -> None:
        """A run ended. If it is told twice, the later one holds: who said `died` may have spoken too soon."""
        self._fact("run_ends", at, run=run, outcome=outcome, seconds=seconds)

    def taken_in(self, journal: str, read: Callable[[int], Taken], *, at: float | None = None) -> None:
        """A kernel's journal may have grown: keep what is new. `read` gives the next piece from an offset on.

        The piece and the new offset are one transaction: however often, and by whomever, this is called or cut short,
        each record of the journal is kept once.
        """
        with self.together():
            row = self._connection.execute("SELECT taken FROM journals WHERE journal = ?", (journal,)).fetchone()
            offset = int(row[0]) if row is not None else 0
            piece = read(offset)
            if piece.upto == offset:
                return
            for fact in piece.facts:
                if isinstance(fact, RunEnd):
                    self.run_finished(fact.run, fact.outcome, fact.seconds, at=at)
                elif isinstance(fact, Death):
                    self._died(fact, at)
                else:
                    self.outputs_kept(*fact, at=at)
            self._connection.execute(
                "INSERT OR REPLACE INTO journals (journal, taken, at) VALUES (?, ?, ?)",
                (journal, piece.upto, time.time() if at is None else at),
            )

    def answer_given(self, lesson: str, step: str, answer: Any, correct: bool, *, at: float | None = None) -> None:
        """The learner answered a quiz. `answer` is anything that JSON holds; else `TypeError` or `ValueError`."""
        self._fact("answers", at, lesson=lesson, step=step, answer=to_json(answer), correct=int(correct))

    def attempt_made(
        self, lesson: str, step: str, source: str, passed: bool, message: str, *, at: float | None = None
    ) -> None:
        """The learner ran an exercise's check. `message` is what the failed assertion said."""
        values = {"source": clean(source), "passed": int(passed), "message": clean(message)}
        self._fact("attempts", at, lesson=lesson, step=step, **values)

    def hint_opened(self, lesson: str, step: str, count: int, *, at: float | None = None) -> None:
        """The learner has now opened `count` hints of an exercise."""
        self._fact("hints", at, lesson=lesson, step=step, count=count)

    def solution_opened(self, lesson: str, step: str, *, at: float | None = None) -> None:
        """The learner opened an exercise's solution."""
        self._fact("solutions", at, lesson=lesson, step=step)

    def lesson_opened(self, lesson: str, *, at: float | None = None) -> None:
        """The learner opened a lesson."""
        self._fact("openings", at, lesson=lesson)

    def lesson_finished(self, lesson: str, *, at: float | None = None) -> None:
        """The learner reached a lesson's end."""
        self._fact("finishes", at, lesson=lesson)

    def place_left(self, place: Place, *, at: float | None = None) -> None:
        """Where the learner is now. `place.at` is used if it is set and `at` is not."""
        at = (place.at or None) if at is None else at
        self._fact("places", at, lesson=place.lesson, step=place.step, lines=place.offset)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything that is written inside is committed at the end, or nothing of it. May be nested."""
        if self._connection.in_transaction:
            yield
            return
        with spoken(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()  # nothing to do after a full disk, which has rolled back by itself
                self._machine = None  # its row may be gone with the rest
                raise

    # Inside

    def _fact(self, table: str, at: float | None, **values: object) -> None:
        with self.together():
            self._append(table, at, **values)

    def _append(self, table: str, at: float | None, **values: object) -> None:
        (latest,) = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()
        row: Mapping[str, object] = {
            "id": new_id(after=latest),  # a clock set back must not make this older than what is there
            "machine": self._this_machine(),
            "at": time.time() if at is None else at,
            **values,
        }
        marks = ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))

    def _died(self, death: Death, at: float | None) -> None:
        for run in queries.unended(self._connection, death.lesson, death.at):
            self.run_finished(run, "died" if run == death.running else "aborted", 0.0, at=at)

    def _this_machine(self) -> str:
        """The id of this host in this record: random, made at its first write here. Called inside a transaction."""
        if self._machine is None:
            name = os.uname().nodename
            row = self._connection.execute("SELECT id FROM machines WHERE name = ? AND local", (name,)).fetchone()
            if row is None:
                row = (new_id(),)
                self._connection.execute("INSERT INTO machines (id, name, local) VALUES (?, ?, 1)", (*row, name))
            self._machine = str(row[0])
        return self._machine

    def _end_of_output(self, run: str, kind: str) -> int:
        row = self._connection.execute(
            "SELECT start + size FROM outputs WHERE run = ? AND kind = ? ORDER BY start DESC LIMIT 1", (run, kind)
        ).fetchone()
        return int(row[0]) if row is not None else 0

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One moment of the record: what is read inside belongs together, whoever writes meanwhile."""
        if not self.in_place() and self.path.exists():  # a backup was put in its place: that is the record now
            self._connection.close()
            self._connection, self._file = connect(self.path), _identity(self.path)
        with spoken(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.rollback()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
