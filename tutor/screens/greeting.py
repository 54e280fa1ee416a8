"""The first screen of the first start: what this is, five keys, what is kept and where. Shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from tutor.device_words import device_words
from tutor.keys import Context, key_of
from tutor.widgets.greeting_text import GreetingText
from tutor.widgets.key_line import KeyLine
from tutor.words import _


class GreetingScreen(ModalScreen[bool]):
    """True if the learner wants to begin with the first lesson."""

    CSS_PATH = "greeting.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "begin", show=False),
        Binding("escape,q,space,c", "look_around", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]
    CONTEXT = Context.HOME
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]  # noqa: RUF012  Textual declares it so

    def __init__(self, *, record: str, device: Mapping[str, Any] | None) -> None:
        super().__init__()
        self._record = record
        self._device = device

    def compose(self) -> ComposeResult:
        """Text, and two ways on."""
        keys = (
            (key_of("open", Context.HOME).label, _("open a lesson; in a lesson, edit a cell or answer a quiz")),
            (key_of("page_down", Context.LESSON).label.split(" or ")[-1], _("a page down (b: back)")),
            (key_of("run_advance", Context.LESSON).label, _("run a cell and go on to the next")),
            (key_of("help", Context.ANYWHERE).label.split(" or ")[0], _("what the keys do, wherever you are")),
            (key_of("quit", Context.ANYWHERE).label, _("quit; you come back to where you were")),
        )
        with VerticalScroll(id="greeting", can_focus=False):
            yield GreetingText(keys, record=self._record, device=device_words(self._device))
        yield KeyLine((("Enter", _("begin with the first lesson")), ("Esc", _("see the whole course"))))

    def show_device(self, facts: Mapping[str, Any]) -> None:
        """The device was found."""
        self._device = facts
        for text in self.query(GreetingText):
            text.show_device(device_words(facts))

    def action_begin(self) -> None:
        """Open the first lesson."""
        self.dismiss(True)

    def action_look_around(self) -> None:
        """See the course first."""
        self.dismiss(False)

    def action_scroll(self, by: int) -> None:
        """So many lines, where the terminal is small."""
        self.query_one("#greeting", VerticalScroll).scroll_relative(y=by, animate=False)
