"""What is asked of the facts: done, score, drafts, place. Each function reads a connection and gives back frozen
records.

"Latest" is the greatest id, not the greatest time: ids stay in order when a clock is set back, and after a merge.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from .outputs import read_back
from .records import Answer, Attempt, CellRun, LessonStanding, LessonState, Place, RunPlace, Version
from .schema import FACTS

_LATEST = "id = (SELECT max(id) FROM {table} WHERE lesson = fact.lesson AND step = fact.step)"

_RUNS = (
    "SELECT fact.run, fact.step, fact.source, fact.started, ended.outcome, ended.seconds FROM runs AS fact "
    "LEFT JOIN run_ends AS ended ON ended.id = (SELECT max(id) FROM run_ends WHERE run = fact.run) "
)

_Fact = TypeVar("_Fact", Answer, Attempt)


def lesson_state(connection: sqlite3.Connection, lesson: str) -> LessonState:
    """All that restores `lesson`: empty where nothing is known of it."""
    return LessonState(
        drafts=_drafts(connection, lesson),
        authored=_authored(connection, lesson),
        runs={run.step: run for run in _latest_runs(connection, lesson)},
        answers=_by_step(
            Answer(step, json.loads(answer), bool(correct), at)
            for step, answer, correct, at in connection.execute(
                "SELECT step, answer, correct, at FROM answers WHERE lesson = ? ORDER BY id", (lesson,)
            )
        ),
        attempts=_by_step(
            Attempt(step, source, bool(passed), message, at)
            for step, source, passed, message, at in connection.execute(
                "SELECT step, source, passed, message, at FROM attempts WHERE lesson = ? ORDER BY id", (lesson,)
            )
        ),
        hints=dict(
            connection.execute(
                "SELECT step, max(count) FROM hints WHERE lesson = ? GROUP BY step", (lesson,)
            ).fetchall()
        ),
        solutions=frozenset(
            step for (step,) in connection.execute("SELECT DISTINCT step FROM solutions WHERE lesson = ?", (lesson,))
        ),
        place=_place(connection, "WHERE lesson = ? ORDER BY id DESC LIMIT 1", lesson),
        journals=dict(connection.execute("SELECT journal, taken FROM journals").fetchall()),
    )


def unended(connection: sqlite3.Connection, lesson: str, before: float) -> list[str]:
    """The runs of `lesson` that were asked for before that time and have no end, oldest first."""
    rows = connection.execute(
        "SELECT run FROM runs WHERE lesson = ? AND started <= ? "
        "AND NOT EXISTS (SELECT 1 FROM run_ends WHERE run_ends.run = runs.run) ORDER BY id",
        (lesson, before),
    )
    return [run for (run,) in rows]


def runs_of(connection: sqlite3.Connection, lesson: str, step: str, limit: int) -> tuple[CellRun, ...]:
    """The latest `limit` runs of a cell, oldest first."""
    rows = connection.execute(
        f"{_RUNS} WHERE fact.lesson = ? AND fact.step = ? ORDER BY fact.id DESC LIMIT ?", (lesson, step, limit)
    ).fetchall()
    return tuple(_run(connection, *row) for row in reversed(rows))


def runs_with(connection: sqlite3.Connection, kind: str) -> list[RunPlace]:
    """Every run that put out something of that kind, the newest first."""
    rows = connection.execute(
        "SELECT fact.run, fact.lesson, fact.step, fact.started, ended.outcome, ended.seconds FROM runs AS fact "
        "LEFT JOIN run_ends AS ended ON ended.id = (SELECT max(id) FROM run_ends WHERE run = fact.run) "
        "WHERE EXISTS (SELECT 1 FROM outputs WHERE outputs.run = fact.run AND outputs.kind = ?) "
        "ORDER BY fact.id DESC",
        (kind,),
    )
    return [RunPlace(*row) for row in rows]


def output_texts(connection: sqlite3.Connection, run: str, kind: str) -> list[str]:
    """What a run put out of that kind, as JSON lists of payloads, in order."""
    rows = connection.execute(
        "SELECT payloads FROM outputs WHERE run = ? AND kind = ? AND payloads IS NOT NULL ORDER BY start", (run, kind)
    )
    return [text for (text,) in rows]


_VERSIONS = (
    "SELECT fact.at, fact.source, machines.name, machines.local, NULL, NULL FROM drafts AS fact "
    "LEFT JOIN machines ON machines.id = fact.machine WHERE fact.lesson = :lesson AND fact.step = :step "
    "UNION ALL "
    "SELECT fact.started, fact.source, machines.name, machines.local, "
    "(SELECT outcome FROM run_ends WHERE run_ends.run = fact.run ORDER BY id DESC LIMIT 1), NULL FROM runs AS fact "
    "LEFT JOIN machines ON machines.id = fact.machine WHERE fact.lesson = :lesson AND fact.step = :step "
    "UNION ALL "
    "SELECT fact.at, fact.source, machines.name, machines.local, NULL, fact.passed FROM attempts AS fact "
    "LEFT JOIN machines ON machines.id = fact.machine WHERE fact.lesson = :lesson AND fact.step = :step "
    "ORDER BY 1 DESC"
)


def versions_of(connection: sqlite3.Connection, lesson: str, step: str, limit: int) -> tuple[Version, ...]:
    """The latest `limit` texts that a cell had, newest first; one that it had several times stands once."""
    found: dict[str | None, Version] = {}
    for at, source, machine, is_here, outcome, passed in connection.execute(
        _VERSIONS, {"lesson": lesson, "step": step}
    ):
        known = found.get(source)
        if known is None:
            if len(found) < limit:
                found[source] = Version(
                    source, at, machine or "", bool(is_here), outcome, None if passed is None else bool(passed)
                )
            continue
        ever = passed if known.passed is None else known.passed or bool(passed)
        found[source] = replace(known, outcome=known.outcome or outcome, passed=None if ever is None else bool(ever))
    return tuple(found.values())


def standings(connection: sqlite3.Connection) -> dict[str, LessonStanding]:
    """What the home screen shows of each lesson that has any fact of these kinds."""
    answered: dict[str, set[str]] = defaultdict(set)
    right: dict[str, set[str]] = defaultdict(set)
    passed: dict[str, set[str]] = defaultdict(set)
    # With min(), SQLite takes the other columns from the row that has the minimum: the first answer counts.
    for lesson, step, correct, _ in connection.execute(
        "SELECT lesson, step, correct, min(id) FROM answers GROUP BY lesson, step"
    ):
        answered[lesson].add(step)
        if correct:
            right[lesson].add(step)
    for lesson, step in connection.execute("SELECT DISTINCT lesson, step FROM attempts WHERE passed"):
        passed[lesson].add(step)
    opened = dict(connection.execute("SELECT lesson, max(at) FROM openings GROUP BY lesson").fetchall())
    finished = dict(connection.execute("SELECT lesson, min(at) FROM finishes GROUP BY lesson").fetchall())
    return {
        lesson: LessonStanding(
            answered=frozenset(answered.get(lesson, ())),
            first_right=frozenset(right.get(lesson, ())),
            passed=frozenset(passed.get(lesson, ())),
            opened=opened.get(lesson),
            finished=finished.get(lesson),
        )
        for lesson in {*answered, *passed, *opened, *finished}
    }


def last_place(connection: sqlite3.Connection) -> Place | None:
    """Where the learner was last, in any lesson."""
    return _place(connection, "ORDER BY id DESC LIMIT 1")


def last_seen(connection: sqlite3.Connection, lesson: str) -> float:
    """When the learner was last in that lesson; 0 for never."""
    tables = ("openings", "places")
    times = (connection.execute(f"SELECT max(at) FROM {table} WHERE lesson = ?", (lesson,)) for table in tables)
    return max(float(cursor.fetchone()[0] or 0.0) for cursor in times)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether no fact at all is recorded."""
    return not any(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0] for table in FACTS)


def _drafts(connection: sqlite3.Connection, lesson: str) -> Mapping[str, str]:
    rows = connection.execute(
        f"SELECT step, source FROM drafts AS fact WHERE lesson = ? AND {_LATEST.format(table='drafts')}", (lesson,)
    )
    return {step: source for step, source in rows if source is not None}


def _authored(connection: sqlite3.Connection, lesson: str) -> Mapping[str, str]:
    """By step, what the machine that wrote the latest draft knew as the author's."""
    rows = connection.execute(
        "SELECT step, (SELECT source FROM authored WHERE lesson = fact.lesson AND step = fact.step "
        "AND machine = fact.machine ORDER BY id DESC LIMIT 1) FROM drafts AS fact "
        f"WHERE lesson = ? AND {_LATEST.format(table='drafts')}",
        (lesson,),
    )
    return {step: source for step, source in rows if source is not None}


def _latest_runs(connection: sqlite3.Connection, lesson: str) -> Iterable[CellRun]:
    rows = connection.execute(
        f"{_RUNS} WHERE fact.lesson = ? AND fact.{_LATEST.format(table='runs')}", (lesson,)
    ).fetchall()
    return (_run(connection, *row) for row in rows)


def _run(
    connection: sqlite3.Connection,
    run: str,
    step: str,
    source: str,
    started: float,
    outcome: str | None,
    seconds: float | None,
) -> CellRun:
    rows = connection.execute("SELECT kind, start, size, payloads FROM outputs WHERE run = ? ORDER BY id", (run,))
    outputs, dropped = read_back(rows)
    return CellRun(run, step, source, started, outcome, seconds, outputs, dropped)


def _place(connection: sqlite3.Connection, rest: str, *parameters: Any) -> Place | None:
    row = connection.execute(f"SELECT lesson, step, lines, at FROM places {rest}", parameters).fetchone()
    return Place(*row) if row is not None else None


def _by_step(facts: Iterable[_Fact]) -> Mapping[str, tuple[_Fact, ...]]:
    grouped: dict[str, list[_Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.step].append(fact)
    return {step: tuple(found) for step, found in grouped.items()}
