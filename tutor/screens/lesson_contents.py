"""What the contents pane of a lesson lists, and the mark of each step."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.model import CodeCell, Exercise, Lesson, Prose
from tutor.prose import headings
from tutor.screens.lesson_steps import Steps
from tutor.widgets.contents import Contents, Line
from tutor.widgets.end_card import EndCard
from tutor.widgets.states import CellState
from tutor.words import _

MARKS: dict[CellState, tuple[str, str]] = {
    CellState.OK: ("✓", "state-ok"),
    CellState.FAILED: ("✗", "state-failed"),
    CellState.DIED: ("✗", "state-failed"),
    CellState.RUNNING: ("●", "state-running"),
    CellState.QUEUED: ("○", "state-queued"),
    CellState.INTERRUPTED: ("■", "state-queued"),
}
NOTHING = ("·", "faint")
RIGHT, WRONG = ("✓", "state-ok"), ("✗", "state-failed")


def contents_lines(lesson: Lesson) -> Iterator[Line]:
    """One line for each heading, cell, quiz and exercise."""
    mark, role = NOTHING
    for step in lesson.steps:
        if isinstance(step, Prose):
            for heading in headings(step.markdown):
                if heading.level == 2:
                    yield Line(step.id, heading.text)
        else:
            name = (isinstance(step, CodeCell) and step.label) or step.id.replace("-", " ")
            yield Line(step.id, f"{name}{_kind(step)}", 1, mark, role)


def _kind(step: object) -> str:
    if isinstance(step, Exercise):
        return _(" (exercise)")
    return "" if isinstance(step, CodeCell) else " ?"


class Marks:
    """Keeps the marks in the contents, and the counts at the end, as things stand."""

    def __init__(self, steps: Steps, contents: Contents, end: EndCard) -> None:
        self._steps = steps
        self._contents = contents
        self._end = end

    def show_all(self) -> None:
        """Of every step."""
        for step in (*self._steps.cells, *self._steps.quizzes):
            self._contents.show_mark(step, *self._mark(step))
        self._count()

    def show(self, step: str) -> None:
        """Of one step."""
        self._contents.show_mark(step, *self._mark(step))
        self._count()

    def _mark(self, step: str) -> tuple[str, str]:
        if (quiz := self._steps.quizzes.get(step)) is not None:
            return (RIGHT if quiz.is_right else WRONG) if quiz.is_answered else NOTHING
        cell = self._steps.cells[step]
        if cell.card is not None and cell.state not in (CellState.RUNNING, CellState.QUEUED):
            if cell.card.ever_passed:
                return RIGHT
            return WRONG if cell.card.tries else NOTHING
        return MARKS.get(cell.state, NOTHING)

    def _count(self) -> None:
        quizzes = self._steps.quizzes.values()
        cards = [cell.card for cell in self._steps.cells.values() if cell.card is not None]
        self._end.show_counts(
            sum(quiz.is_answered for quiz in quizzes), len(quizzes), sum(card.ever_passed for card in cards), len(cards)
        )
