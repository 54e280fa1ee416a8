"""Exercises: the check after a run, the attempts that are kept, and the verdict that is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lessons.model import Exercise, Lesson
from progress_db.records import LessonState
from tutor.kernel.events import ErrorRaised, Outcome
from tutor.screens.lesson_runs import LessonRuns
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.exercise_card import ExerciseCard, Verdict, verdict_of

if TYPE_CHECKING:
    from progress_db.recorder import Recorder


def exercise_card(exercise: Exercise, state: LessonState) -> ExerciseCard:
    """The card of an exercise, with what the record has of it."""
    attempts = state.attempts.get(exercise.id, ())
    verdict = None
    if attempts:
        latest = attempts[-1]
        verdict = Verdict(latest.passed, latest.message)
    return ExerciseCard(
        exercise,
        verdict=verdict,
        tries=len(attempts),
        ever_passed=any(attempt.passed for attempt in attempts),
        hints_opened=state.hints.get(exercise.id, 0),
    )


class Exercises:
    """The exercises of one lesson."""

    def __init__(
        self,
        lesson: Lesson,
        cells: Mapping[str, CodeCell],
        recorder: Recorder,
        runs: LessonRuns,
        solved: Callable[[str], None],
    ) -> None:
        self._lesson = lesson
        self._cells = cells
        self._recorder = recorder
        self._runs = runs
        self._solved = solved
        self._exercises = {step.id: step for step in lesson.steps if isinstance(step, Exercise)}
        self._unchecked: set[str] = set()
        """Exercises that run with others: their cells only, as a check that fails would say nothing about the rest."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all exercises, in order."""
        return tuple(self._exercises)

    @property
    def passed(self) -> frozenset[str]:
        """Exercises whose check has passed."""
        return frozenset(step for step in self._exercises if (card := self.card(step)) and card.ever_passed)

    def card(self, step: str) -> ExerciseCard | None:
        """The card under an exercise's cell."""
        cell = self._cells.get(step)
        return cell.card if cell is not None else None

    def run_begins(self, step: str, *, alone: bool) -> None:
        """The cell is about to run; only `alone` is it checked afterwards."""
        if step in self._exercises and not alone:
            self._unchecked.add(step)

    def run_ended(self, step: str, source: str, outcome: Outcome) -> None:
        """The cell has run: now its check, if it ran well."""
        exercise = self._exercises.get(step)
        if exercise is None:
            return
        if step in self._unchecked:
            self._unchecked.discard(step)
        elif outcome is Outcome.OK:
            self._runs.check(step, exercise.check, source)
        elif (card := self.card(step)) is not None:
            card.forget_verdict()

    def check_ended(self, step: str, source: str, error: ErrorRaised | None, outcome: Outcome) -> None:
        """The check has run: that is an attempt, unless it was cut short."""
        card = self.card(step)
        if card is None or outcome not in (Outcome.OK, Outcome.ERROR):
            return
        from tutor.explain.made import names_made  # after the first paint

        exercise = self._exercises[step]
        verdict = verdict_of(exercise.check, error, names_made(exercise.source) - names_made(source))
        self._recorder.attempt_made(self._lesson.id, step, source, verdict.passed, verdict.message)
        card.show_verdict(verdict)
        if verdict.passed:
            self._solved(step)
