"""What is done and what is begun, derived from the catalog and the record."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lessons.model import Entry
from progress_db import LessonStanding
from tutor.standing import Mark, Standing, standing_of, standings_of, totals

QUIZZES, EXERCISES = ("q1", "q2"), ("e1",)


def entry(**given: object) -> Entry:
    """A lesson with two quizzes and an exercise."""
    known: dict[str, object] = {"quizzes": QUIZZES, "exercises": EXERCISES, **given}
    return Entry("a/b", "B", "a", "1.1", 10, Path("b.md"), **known)  # type: ignore[arg-type]


def test_nothing_recorded_is_nothing_done() -> None:
    assert standing_of(entry(), None) == Standing(Mark.TODO, 0, 2, 0, 0, 1)


def test_a_lesson_that_was_opened_is_begun() -> None:
    assert standing_of(entry(), LessonStanding(opened=1.0)).mark is Mark.BEGUN


def test_all_answered_and_all_solved_is_done_also_with_wrong_answers() -> None:
    kept = LessonStanding(answered=frozenset(QUIZZES), first_right=frozenset({"q1"}), passed=frozenset(EXERCISES))
    assert standing_of(entry(), kept) == Standing(Mark.DONE, 2, 2, 1, 1, 1)


def test_one_exercise_short_of_all_is_begun_even_at_the_end_of_the_lesson() -> None:
    kept = LessonStanding(answered=frozenset(QUIZZES), finished=5.0)
    assert standing_of(entry(), kept).mark is Mark.BEGUN


def test_a_lesson_with_nothing_to_answer_is_done_at_its_end() -> None:
    reading = entry(quizzes=(), exercises=())
    assert standing_of(reading, LessonStanding(opened=1.0)).mark is Mark.BEGUN
    assert standing_of(reading, LessonStanding(opened=1.0, finished=2.0)).mark is Mark.DONE


def test_steps_that_the_author_removed_do_not_count() -> None:
    kept = LessonStanding(answered=frozenset({"q1", "gone"}), passed=frozenset({"gone-too"}))
    standing = standing_of(entry(), kept)
    assert (standing.quizzes, standing.exercises) == (1, 0)


def test_a_broken_lesson_is_broken_whatever_was_done() -> None:
    assert standing_of(entry(broken="b.md:1: no"), LessonStanding(finished=1.0)).mark is Mark.BROKEN


steps = st.frozensets(st.sampled_from([*QUIZZES, *EXERCISES, "gone"]))


@given(answered=steps, right=steps, passed=steps)
def test_never_more_is_done_than_there_is(
    answered: frozenset[str], right: frozenset[str], passed: frozenset[str]
) -> None:
    standing = standing_of(entry(), LessonStanding(answered, right & answered, passed))
    assert 0 <= standing.done <= standing.all == 3
    assert standing.first_right <= standing.quizzes
    assert (standing.mark is Mark.DONE) == (standing.done == standing.all)


def test_totals_add_up_and_leave_out_what_is_broken() -> None:
    done = LessonStanding(answered=frozenset(QUIZZES), first_right=frozenset({"q1"}), passed=frozenset(EXERCISES))
    other = Entry("a/c", "C", "a", "1.2", 5, Path("c.md"), quizzes=("q1",))
    broken = Entry("a/d", "D", "a", "", 0, Path("d.md"), broken="d.md:1: no")
    known = standings_of((entry(), other, broken), {"a/b": done, "a/c": LessonStanding(opened=1.0)})
    found = totals(known.values())
    assert (found.lessons, found.lessons_done, found.lessons_begun) == (2, 1, 1)
    assert (found.quizzes, found.first_right, found.exercises) == (2, 1, 1)
