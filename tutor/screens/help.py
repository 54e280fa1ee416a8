"""What the keys do, here and anywhere: made from the table that the bindings are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from tutor.keys import Context
from tutor.widgets.key_line import KeyLine
from tutor.widgets.key_table import KeyTable
from tutor.words import _

_BESIDE: dict[Context, tuple[Context, ...]] = {
    Context.LESSON: (Context.LESSON, Context.CELL, Context.QUIZ, Context.ANYWHERE),
    Context.FULL_VIEW: (Context.FULL_VIEW, Context.LESSON, Context.ANYWHERE),
    Context.RUNS: (Context.RUNS, Context.FULL_VIEW, Context.ANYWHERE),
    Context.HOME: (Context.HOME, Context.ANYWHERE, Context.LESSON, Context.CELL, Context.QUIZ),
}
"""What is shown first on which screen."""


class HelpScreen(ModalScreen[None]):
    """The keys, those of the screen below first."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup,b", "scroll(-10)", show=False),
        Binding("home,g", "scroll(-1000)", show=False),
        Binding("end,G", "scroll(1000)", show=False),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._contexts: Sequence[Context] = _BESIDE.get(context, tuple(Context))

    def compose(self) -> ComposeResult:
        """The table, and how to leave it."""
        with Vertical(id="help"):
            with VerticalScroll(id="keys", can_focus=False):
                yield KeyTable(self._contexts)
            yield KeyLine((("Esc", _("close")), ("j k", _("scroll"))))

    def action_scroll(self, by: int) -> None:
        """So many lines."""
        self.query_one("#keys", VerticalScroll).scroll_relative(y=by, animate=False)
