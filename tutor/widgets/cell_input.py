"""The line in which a cell's `input()` is answered."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from tutor.messages import InputGiven, InputLeft
from tutor.widgets.terminal_text import plain
from tutor.words import _


class CellInput(Input):
    """Enter gives the answer; Esc goes back to the lesson, and the cell goes on waiting."""

    DEFAULT_CSS = "CellInput { margin: 0 0 0 2; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave_input", _("back to the lesson"))]

    def __init__(self, step: str, prompt: str, *, password: bool) -> None:
        super().__init__(placeholder=plain(prompt) or _("the cell waits for input"), password=password, compact=True)
        self.step = step
        self.prompt = prompt
        self.cursor_blink = False

    @on(Input.Submitted)
    def _give(self, message: Input.Submitted) -> None:
        message.stop()
        self.post_message(InputGiven(self.step, message.value, self.prompt, secret=self.password))

    def action_leave_input(self) -> None:
        """Back to the lesson."""
        self.post_message(InputLeft(self.step))
