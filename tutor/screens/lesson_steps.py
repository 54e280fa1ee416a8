"""Makes the widgets of a lesson from its steps and from what the record has of them. Nothing is run here."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widget import Widget

from lessons.glossary import Term
from lessons.model import CodeCell as CodeStep
from lessons.model import Exercise, Lesson
from lessons.model import Prose as ProseStep
from progress_db.records import CellRun, LessonState
from tutor.drafts import draft_of
from tutor.kernel.events import Outcome, Output, OutputFormatError, from_record
from tutor.prose import placed
from tutor.screens.lesson_exercises import exercise_card
from tutor.screens.lesson_runs import STATE_OF_OUTCOME
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.prose import Prose, names_pictures
from tutor.widgets.quiz_card import QuizCard
from tutor.widgets.states import CellState
from tutor.words import _

if TYPE_CHECKING:
    from tutor.figures.gallery import Gallery

_log = logging.getLogger(__name__)


@dataclass
class Steps:
    """The widgets of a lesson, in order and by step."""

    widgets: dict[str, Widget] = field(default_factory=dict)
    cells: dict[str, CodeCell] = field(default_factory=dict)
    """Code cells and exercises."""
    quizzes: dict[str, QuizCard] = field(default_factory=dict)

    @property
    def order(self) -> list[str]:
        """Ids of the steps."""
        return list(self.widgets)


def make_steps(lesson: Lesson, state: LessonState, terms: Sequence[Term] = ()) -> Steps:
    """A widget for each step, with the learner's drafts and answers in it, and `terms` marked where they come first."""
    steps = Steps()
    prose = [step.markdown for step in lesson.steps if isinstance(step, ProseStep)]
    gallery = _gallery(lesson.path) if any(map(names_pictures, prose)) else None
    first_uses = iter(placed(prose, {term.name: term.names for term in terms}))
    for step in lesson.steps:
        if isinstance(step, ProseStep):
            here = next(first_uses)
            if markdown := _without_title(step.markdown, lesson.title):
                steps.widgets[step.id] = Prose(step.id, markdown, terms=here, gallery=gallery)
        elif isinstance(step, CodeStep | Exercise):
            draft = draft_of(step, state)
            label, card = "", None
            if isinstance(step, Exercise):
                label, card = _("exercise"), exercise_card(step, state)
            cell = CodeCell(
                step.id,
                step.source,
                draft=draft.source if draft is not None else None,
                made_of=draft.made_of if draft is not None else None,
                label=label,
                card=card,
                may_fail="raises-exception" in step.tags,
            )
            cell.above = tuple(steps.cells.values())
            steps.widgets[step.id] = steps.cells[step.id] = cell
        else:
            answers = [(answer.answer, answer.correct) for answer in state.answers.get(step.id, ())]
            steps.widgets[step.id] = steps.quizzes[step.id] = QuizCard(step, answers)
    return steps


def _gallery(path: Path) -> Gallery:
    from tutor.figures.gallery import Gallery

    return Gallery(path)


def _without_title(markdown: str, title: str) -> str:
    """The title stands above the lesson already."""
    first, _newline, rest = markdown.lstrip().partition("\n")
    return rest.strip("\n") if first.strip() == f"# {title}" else markdown


def restore_runs(steps: Steps, runs: Mapping[str, CellRun], lesson: Lesson | None = None) -> None:
    """Shows what the latest run of each cell put out, and how it ended; else what the notebook's own file has."""
    for cell_step in lesson.steps if lesson is not None else ():
        if isinstance(cell_step, CodeStep) and cell_step.outputs and cell_step.id not in runs:
            steps.cells[cell_step.id].add_outputs([from_record(kind, what) for kind, what in cell_step.outputs])
    for step, run in runs.items():
        if (cell := steps.cells.get(step)) is not None:
            restore_run(cell, run)


def restore_run(cell: CodeCell, run: CellRun) -> None:
    """Shows what one run put out. What cannot be read is said, and the rest shown."""
    outputs = list(_outputs(run))
    if outputs:
        cell.add_outputs(outputs)
    if len(outputs) < len(run.outputs):
        cell.output.note(_("Some output of this run was kept by another version and cannot be shown."))
    if run.dropped:
        cell.output.note(_("{count} characters of output were too many to keep.").format(count=f"{run.dropped:,}"))
    if run.outcome is not None:  # else it may go on: the kernel will say
        known = run.outcome in {outcome.value for outcome in Outcome}  # a newer version may know more
        state = STATE_OF_OUTCOME[Outcome(run.outcome)] if known else CellState.IDLE
        cell.show_state(state, run.seconds)


def _outputs(run: CellRun) -> Iterator[Output]:
    for kept in run.outputs:
        try:
            yield from_record(kept.kind, kept.payload, run.id)
        except OutputFormatError as error:
            _log.warning("an output of run %s cannot be read: %s", run.id, error)
