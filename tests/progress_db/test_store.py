from __future__ import annotations

from pathlib import Path

import pytest

from progress_db import Answer, Attempt, KeptOutput, LessonStanding, LessonState, Place, Progress, new_id

LESSON = "classification/softmax-regression"


def test_nothing_is_known_of_a_new_record(progress: Progress) -> None:
    assert progress.first_start()
    assert progress.lesson(LESSON) == LessonState()
    assert progress.standings() == {}
    assert progress.last_place() is None


def test_all_of_a_lesson_is_there_when_it_is_opened_again(path: Path) -> None:
    run = new_id()
    outputs = [KeptOutput("stream", {"name": "stdout", "text": "loss 2.3\n"}), KeptOutput("value", {"data": {"n": 3}})]
    with Progress.open(path) as progress:
        progress.lesson_opened(LESSON, at=10.0)
        progress.draft_saved(LESSON, "train", "lr = 0.5")
        progress.run_started(run, LESSON, "train", "lr = 0.5", 11.0)
        progress.outputs_kept(run, outputs)
        progress.outputs_kept(run, [KeptOutput("error", {"name": "ValueError"})])
        progress.run_finished(run, "error", 0.25)
        progress.answer_given(LESSON, "quiz", [0, 2], False, at=12.0)
        progress.answer_given(LESSON, "quiz", [0, 1], True, at=13.0)
        progress.attempt_made(LESSON, "exercise", "pass", False, "expected 3", at=14.0)
        progress.hint_opened(LESSON, "exercise", 1)
        progress.hint_opened(LESSON, "exercise", 2)
        progress.solution_opened(LESSON, "exercise")
        progress.place_left(Place(LESSON, "train", 7, at=15.0))
    with Progress.open(path) as progress:
        assert not progress.first_start()
        state = progress.lesson(LESSON)
        assert progress.last_place() == Place(LESSON, "train", 7, at=15.0)
    assert state.drafts == {"train": "lr = 0.5"}
    kept = state.runs["train"]
    assert (kept.id, kept.source, kept.started, kept.outcome, kept.seconds) == (run, "lr = 0.5", 11.0, "error", 0.25)
    assert kept.outputs == (*outputs, KeptOutput("error", {"name": "ValueError"}))
    assert kept.dropped == 0
    assert state.answers == {"quiz": (Answer("quiz", [0, 2], False, 12.0), Answer("quiz", [0, 1], True, 13.0))}
    assert state.attempts == {"exercise": (Attempt("exercise", "pass", False, "expected 3", 14.0),)}
    assert state.hints == {"exercise": 2}
    assert state.solutions == {"exercise"}
    assert state.place == Place(LESSON, "train", 7, at=15.0)


def test_a_run_nobody_saw_the_end_of_has_no_outcome(progress: Progress) -> None:
    progress.run_started("r", LESSON, "train", "1", 1.0)
    assert progress.lesson(LESSON).runs["train"].outcome is None


def test_a_run_that_is_told_twice_counts_once(progress: Progress) -> None:
    progress.run_started("r", LESSON, "train", "1", 1.0)
    progress.run_started("r", LESSON, "train", "1", 1.0)
    assert len(progress.runs_of(LESSON, "train")) == 1


def test_the_later_of_two_ends_holds(progress: Progress) -> None:
    progress.run_started("r", LESSON, "train", "1", 1.0)
    progress.run_finished("r", "died", 1.0)
    progress.run_finished("r", "ok", 9.0)
    run = progress.lesson(LESSON).runs["train"]
    assert (run.outcome, run.seconds) == ("ok", 9.0)


def test_the_latest_run_of_a_cell_is_shown_and_the_earlier_ones_are_kept(progress: Progress) -> None:
    for number in range(5):
        progress.run_started(f"r{number}", LESSON, "train", f"lr = {number}", float(number))
        progress.outputs_kept(f"r{number}", [KeptOutput("stream", {"text": str(number)})])
    assert progress.lesson(LESSON).runs["train"].id == "r4"
    runs = progress.runs_of(LESSON, "train", limit=3)
    assert [run.id for run in runs] == ["r2", "r3", "r4"]
    assert [run.outputs[0].payload["text"] for run in runs] == ["2", "3", "4"]


def test_lessons_are_kept_apart(progress: Progress) -> None:
    progress.draft_saved(LESSON, "train", "here")
    progress.draft_saved("other/lesson", "train", "there")
    assert progress.lesson(LESSON).drafts == {"train": "here"}
    assert progress.lesson("other/lesson").drafts == {"train": "there"}


def test_a_standing_counts_the_first_answer(progress: Progress) -> None:
    progress.lesson_opened(LESSON, at=1.0)
    progress.lesson_opened(LESSON, at=5.0)
    progress.answer_given(LESSON, "right", 1, True)
    progress.answer_given(LESSON, "wrong-then-right", 0, False)
    progress.answer_given(LESSON, "wrong-then-right", 1, True)
    progress.answer_given(LESSON, "right-then-wrong", 1, True)
    progress.answer_given(LESSON, "right-then-wrong", 0, False)
    progress.attempt_made(LESSON, "passed", "x", True, "")
    progress.attempt_made(LESSON, "passed", "y", False, "no")
    progress.attempt_made(LESSON, "failed", "y", False, "no")
    progress.lesson_finished(LESSON, at=9.0)
    progress.lesson_finished(LESSON, at=99.0)
    assert progress.standings() == {
        LESSON: LessonStanding(
            answered=frozenset({"right", "wrong-then-right", "right-then-wrong"}),
            first_right=frozenset({"right", "right-then-wrong"}),
            passed=frozenset({"passed"}),
            opened=5.0,
            finished=9.0,
        )
    }


def test_the_last_place_is_the_latest_of_all_lessons(progress: Progress) -> None:
    progress.place_left(Place(LESSON, "a"))
    progress.place_left(Place("other/lesson", "b", 2))
    progress.place_left(Place(LESSON, "c", 4))
    place = progress.last_place()
    assert place is not None
    assert (place.lesson, place.step, place.offset) == (LESSON, "c", 4)
    other = progress.lesson("other/lesson").place
    assert other is not None
    assert other.step == "b"


def test_a_reset_draft_is_no_draft(progress: Progress) -> None:
    progress.draft_saved(LESSON, "train", "mine")
    progress.draft_saved(LESSON, "train", None)
    assert progress.lesson(LESSON).drafts == {}


def test_a_clock_that_is_set_back_does_not_bring_old_things_back(
    progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress.draft_saved(LESSON, "train", "old")
    progress.place_left(Place(LESSON, "old"))
    monkeypatch.setattr("time.time", lambda: 1000.0)
    monkeypatch.setattr("time.time_ns", lambda: 1000 * 10**9)
    monkeypatch.setattr("progress_db.ids._last", 0)  # as in a new process
    progress.draft_saved(LESSON, "train", "new")
    progress.place_left(Place(LESSON, "new"))
    assert progress.lesson(LESSON).drafts == {"train": "new"}
    place = progress.last_place()
    assert place is not None
    assert place.step == "new"


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d of a pair", "中文", "\x1b[31m", "'; DROP TABLE drafts; --"])
def test_any_text_can_be_kept(progress: Progress, text: str) -> None:
    progress.draft_saved(LESSON, "train", text)
    progress.run_started("r", LESSON, "train", text, 1.0)
    progress.outputs_kept("r", [KeptOutput("stream", {"text": text})])
    progress.attempt_made(LESSON, "exercise", text, False, text)
    progress.answer_given(LESSON, "quiz", text, False)
    state = progress.lesson(LESSON)
    storable = text.encode("utf-8", "replace").decode()  # no file can hold half a character
    assert state.drafts["train"] == storable
    assert state.runs["train"].outputs[0].payload["text"] == text
    assert state.answers["quiz"][0].answer == text
    assert state.attempts["exercise"][0].message == storable


def test_an_answer_that_is_no_json_is_refused_and_leaves_no_trace(progress: Progress) -> None:
    with pytest.raises(TypeError):
        progress.answer_given(LESSON, "quiz", object(), True)
    assert progress.first_start()


def test_what_is_written_together_is_kept_together_or_not_at_all(progress: Progress) -> None:
    def half_done() -> None:
        with progress.together():
            progress.lesson_opened(LESSON)
            progress.draft_saved(LESSON, "train", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert progress.first_start()
    progress.lesson_opened(LESSON)  # and the connection is as good as before
    assert LESSON in progress.standings()
