"""The links that are in sight: their addresses whole, to copy (OSC 52), or to click where the terminal can (OSC 8).

Nothing is opened here: over SSH the browser is on another machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.strip import Strip

from tutor.bindings import bindings
from tutor.keys import Context
from tutor.prose.outline import Link
from tutor.screens.copying import ChoiceList, CopyScreen
from tutor.widgets.cell_output import wrapped
from tutor.widgets.palette import Palette
from tutor.words import _


class LinkList(ChoiceList):
    """Each link's words, and its address under them."""

    def block(self, one: Link, width: int, palette: Palette, *, is_chosen: bool) -> Iterable[Strip]:
        """One of them."""
        address = palette["link"] + Style(link=one.address)
        said = [((one.text, palette["strong" if is_chosen else "text"]),)] if one.text != one.address else []
        return wrapped([*said, ((one.address, address),)], width)


class LinkScreen(CopyScreen):
    """Links to choose from; at least one."""

    CONTEXT = Context.LINKS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.LINKS)

    def __init__(self, found: Sequence[Link]) -> None:
        super().__init__(LinkList(found), _("copy the address"))

    def text_of(self, one: Link) -> str:
        """Its address."""
        return one.address

    def action_link(self, by: int) -> None:
        """Choose the next one, or the one before."""
        self.choose(by)

    def action_copy_link(self) -> None:
        """Its address."""
        self.copy()

    def action_leave_links(self) -> None:
        """Back to the lesson."""
        self.dismiss()
