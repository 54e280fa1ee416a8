from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from progress_db import (
    KeptOutput,
    Place,
    Progress,
    RecordCorrupt,
    Recorder,
    RecordError,
    RecordLocked,
    RecordRefused,
    RecordUnwritable,
    backlog,
    outputs,
    recorder,
    store,
)

Python = Callable[..., "subprocess.Popen[str]"]
LONG = 120.0


class Heard:
    """What the recorder said, and a way to wait for it."""

    def __init__(self) -> None:
        self.errors: list[RecordError] = []
        self.saves = 0
        self.changed = threading.Condition()

    def on_saved(self) -> None:
        with self.changed:
            self.saves += 1
            self.changed.notify_all()

    def on_failed(self, error: RecordError) -> None:
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, LONG)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_RETRY_FIRST", 0.01)
    monkeypatch.setattr(recorder, "_RETRY_MOST", 0.02)
    connect = store.connect
    monkeypatch.setattr(store, "connect", lambda path, _: connect(path, 0.02))


def lock(path: Path) -> sqlite3.Connection:
    Progress.open(path).close()
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    return holder


def test_everything_that_is_told_is_there_after_close(path: Path) -> None:
    writes = Recorder(path)
    writes.lesson_opened("a/b")
    writes.draft_saved("a/b", "s", "x = 1")
    writes.run_started("r", "a/b", "s", "x = 1", 3.0)
    writes.outputs_kept("r", [KeptOutput("stream", {"text": "one"})])
    writes.outputs_kept("r", [KeptOutput("stream", {"text": "two"})])
    writes.run_finished("r", "ok", 0.5)
    writes.answer_given("a/b", "q", {"a": 1}, True)
    writes.attempt_made("a/b", "e", "y", True, "")
    writes.hint_opened("a/b", "e", 1)
    writes.solution_opened("a/b", "e")
    writes.place_left(Place("a/b", "s", 4, at=9.0))
    writes.lesson_finished("a/b")
    assert writes.close()
    with Progress.open(path) as progress:
        state = progress.lesson("a/b")
        standing = progress.standings()["a/b"]
    assert state.drafts == {"s": "x = 1"}
    assert [output.payload["text"] for output in state.runs["s"].outputs] == ["one", "two"]
    assert state.runs["s"].outcome == "ok"
    assert state.answers["q"][0].answer == {"a": 1}
    assert state.attempts["e"][0].passed
    assert state.hints == {"e": 1}
    assert state.solutions == {"e"}
    assert state.place is not None
    assert state.place.offset == 4
    assert standing.opened is not None
    assert standing.finished is not None


def test_order_is_kept_and_saved_is_said_after_the_commit(path: Path, heard: Heard) -> None:
    counts: list[int] = []

    def on_saved() -> None:
        with sqlite3.connect(path) as connection:
            counts.append(connection.execute("SELECT count(*) FROM answers").fetchone()[0])

    writes = Recorder(path, on_saved=on_saved, on_failed=heard.on_failed)
    for number in range(500):
        writes.answer_given("a/b", "q", number, False)
    assert writes.flush(LONG)
    assert writes.pending == 0
    assert writes.close()
    assert counts[-1] == 500
    assert counts[0] > 0
    with Progress.open(path) as progress:
        assert [answer.answer for answer in progress.lesson("a/b").answers["q"]] == list(range(500))
    assert heard.errors == []


def test_a_locked_record_costs_the_caller_nothing_and_is_caught_up_with(path: Path, heard: Heard) -> None:
    holder = lock(path)
    writes = Recorder(path, on_saved=heard.on_saved, on_failed=heard.on_failed)
    for number in range(100):
        writes.answer_given("a/b", "q", number, False)
    heard.wait(lambda: len(heard.errors) > 0)
    assert isinstance(heard.errors[0], RecordLocked)
    assert not writes.flush(0.05)
    assert writes.pending == 100
    assert heard.saves == 0
    holder.execute("ROLLBACK")
    holder.close()
    heard.wait(lambda: heard.saves > 0)
    assert writes.flush(LONG)
    assert writes.close()
    with Progress.open(path) as progress:
        assert [answer.answer for answer in progress.lesson("a/b").answers["q"]] == list(range(100))
    assert len(heard.errors) == 1, "a failure that lasts is told once"


def test_a_record_that_cannot_be_opened_is_told_before_anything_is_written(path: Path, heard: Heard) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else entirely")
    writes = Recorder(path, on_saved=heard.on_saved, on_failed=heard.on_failed)
    heard.wait(lambda: len(heard.errors) > 0)
    assert isinstance(heard.errors[0], RecordCorrupt)
    writes.answer_given("a/b", "q", 1, True)
    path.unlink()  # the learner did what the message says
    assert writes.flush(LONG)
    assert writes.close()
    with Progress.open(path) as progress:
        assert progress.lesson("a/b").answers["q"][0].answer == 1


def test_a_full_disk_loses_nothing(path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own limit on pages fails a write just as a full disk does, with the same code."""
    full = threading.Event()
    full.set()
    connect = store.connect

    def limited(path: Path, patience: float) -> sqlite3.Connection:
        connection = connect(path, patience)
        if full.is_set():
            connection.execute("PRAGMA max_page_count = 1")  # SQLite takes it as: what there is and no more
        return connection

    monkeypatch.setattr(store, "connect", limited)
    writes = Recorder(path, on_saved=heard.on_saved, on_failed=heard.on_failed)
    for number in range(300):
        writes.draft_saved("a/b", f"s{number}", "x" * 1000)
    heard.wait(lambda: len(heard.errors) > 0)
    assert isinstance(heard.errors[0], RecordUnwritable)
    assert "the disk is full" in str(heard.errors[0])
    full.clear()
    assert writes.flush(LONG)
    assert writes.close()
    with Progress.open(path) as progress:
        assert len(progress.lesson("a/b").drafts) == 300


def test_a_record_that_is_moved_away_meanwhile_is_begun_anew(path: Path, heard: Heard) -> None:
    writes = Recorder(path, on_failed=heard.on_failed)
    writes.answer_given("a/b", "before", 1, True)
    assert writes.flush(LONG)
    path.rename(path.with_name("elsewhere.db"))
    writes.answer_given("a/b", "after", 2, True)
    assert writes.close()
    with Progress.open(path) as progress, Progress.open(path.with_name("elsewhere.db")) as old:
        assert set(progress.lesson("a/b").answers) == {"after"}
        assert set(old.lesson("a/b").answers) == {"before"}
    assert heard.errors == []


def test_close_says_so_when_something_could_not_be_saved(path: Path, heard: Heard) -> None:
    holder = lock(path)
    writes = Recorder(path, on_failed=heard.on_failed)
    writes.lesson_opened("a/b")
    assert not writes.close()
    assert isinstance(heard.errors[0], RecordLocked)
    holder.close()


def test_one_bad_fact_holds_up_no_other(path: Path, heard: Heard) -> None:
    writes = Recorder(path, on_saved=heard.on_saved, on_failed=heard.on_failed)
    writes.answer_given("a/b", "before", 1, True)
    writes.answer_given("a/b", "bad", object(), True)
    writes.outputs_kept("r", [KeptOutput("stream", {"text": {1, 2}})])
    writes.answer_given("a/b", "huge", 1, 2**80)  # type: ignore[arg-type]
    writes.answer_given("a/b", "after", 2, True)
    assert writes.flush(LONG)
    assert writes.close()
    with Progress.open(path) as progress:
        assert {"before", "after"} <= set(progress.lesson("a/b").answers)
        assert "bad" not in progress.lesson("a/b").answers
    assert len(heard.errors) == 3
    assert all(isinstance(error, RecordRefused) for error in heard.errors)


def test_a_callback_that_raises_stops_nothing(path: Path) -> None:
    def broken(*_: object) -> None:
        raise SystemExit("a mistake in the app")

    writes = Recorder(path, on_saved=broken, on_failed=broken)
    for _ in range(3):
        writes.answer_given("a/b", "bad", object(), True)
        writes.lesson_opened("a/b")
        assert writes.flush(LONG)
    writes.answer_given("a/b", "q", 1, True)
    assert writes.close()
    with Progress.open(path) as progress:
        assert "q" in progress.lesson("a/b").answers


def test_an_error_nobody_thought_of_stops_nothing(path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = threading.Event()
    failing.set()
    original = Progress.lesson_opened

    def surprise(self: Progress, lesson: str, *, at: float | None = None) -> None:
        if failing.is_set():
            raise AttributeError("nobody thought of this")
        original(self, lesson, at=at)

    monkeypatch.setattr(Progress, "lesson_opened", surprise)
    writes = Recorder(path, on_failed=heard.on_failed)
    writes.lesson_opened("a/b")
    heard.wait(lambda: len(heard.errors) > 0)
    assert "nobody thought of this" in str(heard.errors[0])
    failing.clear()
    assert writes.flush(LONG)
    assert writes.close()
    with Progress.open(path) as progress:
        assert "a/b" in progress.standings()


def test_what_is_told_after_close_is_reported(path: Path, heard: Heard) -> None:
    writes = Recorder(path, on_failed=heard.on_failed)
    assert writes.close()
    writes.lesson_opened("a/b")
    assert isinstance(heard.errors[0], RecordRefused)
    assert "closed" in str(heard.errors[0])
    assert writes.close()


def test_a_flood_while_nothing_can_be_saved_is_held_in_bounded_memory() -> None:
    held = backlog.Backlog()
    line = {"text": "x" * 4000}
    most = 0
    for number in range(1, 20_001):  # 80 million characters
        held.add(backlog.Fact("outputs_kept", ("r", (KeptOutput("stream", line),)), 0.0, number))
        most = max(most, held.size)
    assert most < 2 * backlog.COMPACT_AT
    assert held.settled == 0, "the first piece is still held"


def test_what_the_flood_left_is_what_the_record_would_have_kept(tmp_path: Path) -> None:
    batches = [[KeptOutput("stream", {"text": f"{n} " + "x" * 4000})] for n in range(3000)]
    kept = []
    for name, at_once in (("direct", False), ("held", True)):
        with Progress.open(tmp_path / f"{name}.db") as progress:
            progress.run_started("r", "a/b", "s", "", 0.0)
            held = backlog.Backlog()
            with progress.together():
                for number, batch in enumerate(batches, start=1):
                    if at_once:
                        held.add(backlog.Fact("outputs_kept", ("r", tuple(batch)), 0.0, number))
                    else:
                        progress.outputs_kept("r", batch)
                while held:
                    for fact in held.first():
                        fact.write(progress)
                        held.drop(1)
            kept.append(progress.lesson("a/b").runs["s"])
    assert kept[0] == kept[1]
    assert kept[0].dropped > 8_000_000
    assert sum(len(one.payload["text"]) for one in kept[0].outputs) <= outputs.HEAD + outputs.TAIL + 5000


def test_of_drafts_that_wait_each_minutes_last_stays_and_answers_all_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "COMPACT_AT", 100)
    held = backlog.Backlog()
    facts: list[tuple[str, tuple[object, ...], float]] = [
        ("draft_saved", ("a/b", "s", "1"), 1.0),
        ("answer_given", ("a/b", "q", 1, True), 1.0),
        ("draft_saved", ("a/b", "s", "2"), 2.0),
        ("draft_saved", ("a/b", "s", None), 3.0),
        ("draft_saved", ("a/b", "s", "3"), 4.0),
        ("draft_saved", ("a/b", "s", "4"), 5.0),
        ("answer_given", ("a/b", "q", 2, True), 5.0),
        ("draft_saved", ("a/b", "s", "5"), 65.0),
        ("place_left", (Place("a/b", "s"),), 66.0),
        ("place_left", (Place("a/b", "t"),), 67.0),
    ]
    for number, (method, arguments, at) in enumerate(facts, start=1):
        held.add(backlog.Fact(method, arguments, at, number))
    held._compact()
    left = [(fact.method, fact.arguments[-1] if fact.method == "draft_saved" else None) for fact in held.first()]
    sources = [source for method, source in left if method == "draft_saved"]
    assert sources == ["2", None, "4", "5"]
    assert [method for method, _ in left].count("answer_given") == 2
    assert [method for method, _ in left].count("place_left") == 1


def test_a_program_that_ends_without_closing_saves_what_it_told(path: Path, python: Python) -> None:
    source = """
import sys
from pathlib import Path
from progress_db import Recorder
recorder = Recorder(Path(sys.argv[1]))
recorder.flush()
for number in range(200):
    recorder.answer_given("a/b", "q", number, False)
raise RuntimeError("the app crashed")
"""
    Progress.open(path).close()
    process = python(source, path)
    _, errors = process.communicate(timeout=300)
    assert "the app crashed" in errors
    with Progress.open(path) as progress:
        assert len(progress.lesson("a/b").answers["q"]) == 200
