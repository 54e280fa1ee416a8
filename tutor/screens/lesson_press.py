"""What to press next, for the status bar: by what the current step is, and how it stands."""

from __future__ import annotations

from textual.widget import Widget

from tutor.screens.lesson_runs import LessonRuns
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.contents import Contents
from tutor.widgets.end_card import EndCard
from tutor.widgets.knobs import KnobBar
from tutor.widgets.prose import Prose
from tutor.widgets.quiz_card import QuizCard
from tutor.widgets.status_bar import Press
from tutor.words import _


def what_to_press(current: Widget, runs: LessonRuns, focused: Widget | None, *, is_last: bool = False) -> Press:
    """Keys with what they do, the likeliest first."""
    if isinstance(current, CodeCell) and current.editor is not None and focused is current.editor:
        return (("Ctrl+R", _("run")), ("Esc", _("leave")), ("Tab", _("complete")))
    if isinstance(focused, KnobBar):
        return (("← →", _("turn")), ("Ctrl+R", _("run")), ("Esc", _("back")))
    if isinstance(focused, Contents):
        return (("Enter", _("go there")), ("t", _("put away")), ("Esc", _("back")))
    if isinstance(current, CodeCell):
        return _of_cell(current, runs)
    if isinstance(current, QuizCard):
        if current.is_answering:
            return (("Enter", _("answer")), ("Esc", _("leave")))
        if not current.is_answered:
            return (("Enter", _("answer")), ("Space", _("page")), ("?", _("keys")))
        return (("Enter", _("on")), ("r", _("again")), ("Space", _("page")), ("?", _("keys")))
    if isinstance(current, EndCard):
        return (*([] if is_last else [("n", _("next lesson"))]), ("q", _("course")), ("?", _("keys")))
    if isinstance(current, Prose) and current.gallery is not None:
        return (("f", _("larger")), ("Space", _("page")), ("j k", _("step")), ("t", _("contents")), ("?", _("keys")))
    return (("Space", _("page")), ("j k", _("step")), ("t", _("contents")), ("?", _("keys")))


def _of_cell(cell: CodeCell, runs: LessonRuns) -> Press:
    larger = (("f", _("larger")),) if cell.chart is not None else ()
    if runs.is_active(cell.step):
        return (("i i", _("stop")), *larger, ("j", _("on")), ("?", _("keys")))
    if cell.card is not None:
        card = cell.card
        if card.ever_passed:
            return (("j", _("on")), ("s", _("solution")), ("?", _("keys")))
        return (("Enter", _("edit")), ("r", _("run and check")), ("h", _("hint")), ("?", _("keys")))
    if cell.knob_bar is not None:
        return (("Ctrl+R", _("run")), ("v", _("values")), *larger, ("Enter", _("edit")), ("?", _("keys")))
    return (("Ctrl+R", _("run")), *larger, ("Enter", _("edit")), ("?", _("keys")))
