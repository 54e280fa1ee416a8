"""The question when a lesson is left in which a cell runs: leave it running, or stop it? Enter loses nothing."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tutor.words import _

Answer: TypeAlias = Literal["leave", "stop", "stay"]


class StillRunningScreen(ModalScreen[Answer]):
    """What is to become of the cell; or `stay`: the learner does not want to go after all."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer('stay')", show=False),
        Binding("l", "answer('leave')", show=False),
        Binding("s,y", "answer('stop')", show=False),
        Binding("left,right,h,j,k", "app.focus_next", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """The question over its answers."""
        with Vertical(id="dialog"):
            question = _("A cell is still running in “{title}”.").format(title=self._title)
            yield Static(question, id="question", markup=False)
            yield Static(_("It can go on without the tutor; d2l-tutor finds it again."), id="detail", markup=False)
            with Horizontal(id="answers"):
                yield Button(_("Leave it running (l)"), id="leave", compact=True)
                yield Button(_("Stop it (s)"), id="stop", compact=True)
                yield Button(_("Stay (Esc)"), id="stay", compact=True)

    def on_mount(self) -> None:
        """Enter loses nothing."""
        self.query_one("#leave", Button).focus()

    @on(Button.Pressed)
    def _answer_pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id or "stay")

    def action_answer(self, answer: str) -> None:
        """Answer by key."""
        self.dismiss("leave" if answer == "leave" else "stop" if answer == "stop" else "stay")
