"""The record is deleted while it is open: all of it is put back, one message tells of it, and it goes on."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from progress_db import Progress, RecordDeleted, Recorder, RecordError

LONG = 60.0


@pytest.fixture
def told() -> list[RecordError]:
    return []


@pytest.fixture
def recorder(path: Path, told: list[RecordError]) -> Iterator[Recorder]:
    """One with an answer in the record."""
    recorder = Recorder(path, on_failed=told.append)
    recorder.answer_given("a/b", "q", 1, False)
    assert recorder.flush(LONG)
    yield recorder
    assert recorder.close(LONG)


def answers(path: Path) -> list[object]:
    with Progress.open(path) as progress:
        return [answer.answer for answer in progress.lesson("a/b").answers.get("q", ())]


@pytest.mark.parametrize("whole_directory", [False, True])
def test_what_was_in_it_is_put_back_and_what_comes_is_kept(
    path: Path, recorder: Recorder, told: list[RecordError], whole_directory: bool
) -> None:
    shutil.rmtree(path.parent) if whole_directory else path.unlink()
    recorder.answer_given("a/b", "q", 2, True)
    assert recorder.flush(LONG)
    assert answers(path) == [1, 2]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [type(error) for error in told] == [RecordDeleted]
    assert "nothing is lost" in str(told[0])
    path.unlink()  # and once more
    recorder.answer_given("a/b", "q", 3, True)
    assert recorder.flush(LONG)
    assert answers(path) == [1, 2, 3]
    assert not list(path.parent.glob("*.part"))


def test_it_is_put_back_when_the_recorder_ends_and_nothing_more_came(
    path: Path, recorder: Recorder, told: list[RecordError]
) -> None:
    path.unlink()
    assert recorder.close(LONG)
    assert answers(path) == [1]
    assert len(told) == 1


def test_a_wait_for_what_was_told_puts_it_back_too(path: Path, recorder: Recorder, told: list[RecordError]) -> None:
    path.unlink()
    recorder.flush(LONG)
    recorder.lesson_opened("a/b")  # nothing was to be committed: the recorder looks when it is asked next
    assert recorder.flush(LONG)
    assert answers(path) == [1]


def test_deleted_in_the_middle_of_a_commit_it_loses_nothing(
    path: Path, recorder: Recorder, told: list[RecordError], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Progress.answer_given
    deleted = threading.Event()

    def delete_and_give(self: Progress, *arguments: object, **options: object) -> None:
        if not deleted.is_set():
            deleted.set()
            path.unlink()
        given(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Progress, "answer_given", delete_and_give)
    recorder.answer_given("a/b", "q", 2, True)
    recorder.answer_given("a/b", "q", 3, True)
    assert recorder.flush(LONG)
    assert recorder.close(LONG)
    assert answers(path) == [1, 2, 3]
    assert {type(error) for error in told} == {RecordDeleted}


def test_two_tutors_put_it_back_once(path: Path, recorder: Recorder) -> None:
    other = Recorder(path)
    other.lesson_opened("a/b")
    assert other.flush(LONG)
    path.unlink()
    for number, one in enumerate((recorder, other)):
        one.answer_given("a/b", "q", 10 + number, True)
    assert recorder.flush(LONG)
    assert other.flush(LONG)
    assert other.close(LONG)
    assert sorted(answers(path), key=str) == [1, 10, 11]


def test_where_it_cannot_be_put_back_a_new_one_is_begun_and_said(
    path: Path, recorder: Recorder, told: list[RecordError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Progress) -> bool:
        raise OSError("no")

    monkeypatch.setattr(Progress, "put_back", fails)
    path.unlink()
    recorder.answer_given("a/b", "q", 2, True)
    assert recorder.flush(LONG)
    assert answers(path) == [2]
    assert "a new record was begun" in str(told[0])
    assert "progress restore" in str(told[0])
