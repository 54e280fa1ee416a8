"""What a word of the course means: a small dialog over whatever the learner was doing, with a way to its lesson."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from lessons.glossary import Term
from tutor.messages import LessonChosen
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView
from tutor.widgets.palette import Palette
from tutor.widgets.prose import markdown_strips
from tutor.words import _


class _Explanation(LineView):
    def __init__(self, markdown: str) -> None:
        super().__init__()
        self._markdown = markdown

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """The Markdown, with its formulas."""
        return markdown_strips(self._markdown, width, palette)


class TermScreen(ModalScreen[None]):
    """One term. `lesson` is the title of its lesson; empty where that cannot be opened, or is open."""

    CSS_PATH = "term.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", show=False),
        Binding("enter", "open_lesson", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]

    def __init__(self, term: Term, lesson: str) -> None:
        super().__init__()
        self._term = term
        self._lesson = lesson

    def compose(self) -> ComposeResult:
        """Its names, what it means, where it is learned, and what to press."""
        keys = [("Enter", _("open the lesson"))] if self._lesson else []
        with Vertical(id="term"):
            yield Static(f"{self._term.name}  {self._term.zh}", id="names", markup=False)
            with VerticalScroll(id="says", can_focus=False):
                yield _Explanation(self._term.says)
            if self._lesson:
                yield Static(self._lesson, id="lesson", markup=False)
            yield KeyLine((*keys, ("Esc", _("close"))))

    def action_scroll(self, by: int) -> None:
        """So many lines."""
        self.query_one("#says", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_open_lesson(self) -> None:
        """Close, and go where the term is introduced."""
        if self._lesson:
            self.dismiss()
            self.app.post_message(LessonChosen(self._term.lesson))
