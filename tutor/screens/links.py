"""The links that are in sight: their addresses whole, to copy (OSC 52), or to click where the terminal can (OSC 8).

Nothing is opened here: over SSH the browser is on another machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.strip import Strip

from tutor.bindings import bindings
from tutor.glyphs import glyphs
from tutor.keys import Context
from tutor.prose.outline import Link
from tutor.widgets.cell_output import wrapped
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _


class LinkList(LineView):
    """Each link's words, and its address under them; one of them is chosen."""

    def __init__(self, found: Sequence[Link]) -> None:
        super().__init__(id="links-list")
        self.found = found
        self.chosen = 0
        self.places: list[tuple[int, int]] = []
        """First line and number of lines of each."""

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """All of them."""
        lines: list[Strip] = []
        self.places = []
        for number, link in enumerate(self.found):
            is_chosen = number == self.chosen
            address = palette["link"] + Style(link=link.address)
            said = [((link.text, palette["strong" if is_chosen else "text"]),)] if link.text != link.address else []
            block = list(wrapped([*said, ((link.address, address),)], width - 3))
            mark = strip(((glyphs().pointer if is_chosen else " ") + " ", palette["chosen"]))
            self.places.append((len(lines), len(block)))
            lines += [Strip.join([mark, line]) for line in block] + [Strip([])]
        return lines[:-1]


class LinkScreen(ModalScreen[None]):
    """Links to choose from; at least one."""

    CSS_PATH = "links.tcss"
    CONTEXT = Context.LINKS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.LINKS)

    def __init__(self, found: Sequence[Link]) -> None:
        super().__init__()
        self._list = LinkList(found)
        self._keys = KeyLine((("y", _("copy the address")), ("j k", _("choose")), ("Esc", _("back"))))

    def compose(self) -> ComposeResult:
        """The list, and what to press."""
        with Vertical(id="links"):
            with VerticalScroll(id="links-scroll", can_focus=False):
                yield self._list
            yield self._keys

    def action_link(self, by: int) -> None:
        """Choose the next one, or the one before."""
        self._list.chosen = max(0, min(len(self._list.found) - 1, self._list.chosen + by))
        self._list.redraw()
        top, height = self._list.places[self._list.chosen]
        scroll = self.query_one("#links-scroll", VerticalScroll)
        first, room = round(scroll.scroll_y), scroll.size.height
        if top < first or top + height > first + room:
            scroll.scroll_to(y=top if top < first or height > room else top + height - room, animate=False)

    def action_copy_link(self) -> None:
        """Its address to the clipboard of the terminal; the list stays, and says so."""
        self.app.copy_to_clipboard(self._list.found[self._list.chosen].address)
        self._keys.show(((glyphs().done, _("copied")), ("j k", _("choose")), ("Esc", _("back"))))

    def action_leave_links(self) -> None:
        """Back to the lesson."""
        self.dismiss()
