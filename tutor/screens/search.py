"""Search the course: type, and the lessons that may be meant stand below. Gives back the chosen lesson's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from lessons.catalog import Course
from progress_db.records import LessonStanding
from tutor.matching import search
from tutor.standing import standings_of
from tutor.widgets.hit_list import HitList
from tutor.words import _


class SearchScreen(ModalScreen[str | None]):
    """An input over a list of hits."""

    CSS_PATH = "search.tcss"
    IS_CALLED: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("down,ctrl+n,tab", "move(1)", show=False, priority=True),
        Binding("up,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
    ]

    def __init__(self, course: Course, standings: Mapping[str, LessonStanding]) -> None:
        super().__init__()
        self._course = course
        self._standings = standings_of(course.entries(), standings)

    def compose(self) -> ComposeResult:
        """Input and hits."""
        with Vertical(id="search"):
            field = Input(placeholder=_("a title, a section of the book, or what you want to learn"), compact=True)
            field.cursor_blink = False
            yield field
            yield HitList()

    def on_mount(self) -> None:
        """All lessons, until something is typed."""
        self._look_for("")
        self.set_focus(self.query_one(Input))

    def on_resize(self, event: events.Resize) -> None:
        """As many hits as fit."""
        self.query_one(HitList).show_rows(min(14, event.size.height - 8))

    @on(Input.Changed)
    def _search_typed(self, event: Input.Changed) -> None:
        self._look_for(event.value)

    @on(Input.Submitted)
    def _open_hit(self) -> None:
        lesson = self.query_one(HitList).lesson
        if lesson is not None:
            self.dismiss(lesson)

    @on(HitList.Chosen)
    def _open_clicked(self, message: HitList.Chosen) -> None:
        self.dismiss(message.lesson)

    def action_move(self, by: int) -> None:
        """Choose another hit."""
        self.query_one(HitList).move(by)

    def _look_for(self, query: str) -> None:
        self.query_one(HitList).show(search(self._course.chapters, query), self._standings)
