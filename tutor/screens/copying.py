"""Things that are in sight and have a text worth copying: a list to choose one from, and `y` (OSC 52)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.strip import Strip

from tutor.glyphs import glyphs
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _


class ChoiceList(LineView):
    """Blocks of lines, a blank line between two; one of them is chosen."""

    def __init__(self, found: Sequence[Any]) -> None:
        super().__init__(id="found-list")
        self.found = found
        self.chosen = 0
        self.places: list[tuple[int, int]] = []
        """First line and number of lines of each."""

    def block(self, one: Any, width: int, palette: Palette, *, is_chosen: bool) -> Iterable[Strip]:
        """The lines of one of them. To be overridden."""
        raise NotImplementedError

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """All of them."""
        lines: list[Strip] = []
        self.places = []
        for number, one in enumerate(self.found):
            is_chosen = number == self.chosen
            block = list(self.block(one, width - 3, palette, is_chosen=is_chosen))
            mark = strip(((glyphs().pointer if is_chosen else " ") + " ", palette["chosen"]))
            self.places.append((len(lines), len(block)))
            lines += [Strip.join([mark, line]) for line in block] + [Strip([])]
        return lines[:-1]


class CopyScreen(ModalScreen[None]):
    """A list to choose from, of at least one; `copies` says what `y` does."""

    CSS_PATH = "copying.tcss"

    def __init__(self, shown: ChoiceList, copies: str) -> None:
        super().__init__()
        self._list = shown
        self._keys = KeyLine((("y", copies), ("j k", _("choose")), ("Esc", _("back"))))

    def compose(self) -> ComposeResult:
        """The list, and what to press."""
        with Vertical(id="found"):
            with VerticalScroll(id="found-scroll", can_focus=False):
                yield self._list
            yield self._keys

    def text_of(self, one: Any) -> str:
        """What is copied of one of them. To be overridden."""
        raise NotImplementedError

    def choose(self, by: int) -> None:
        """The next one, or the one before, and in sight."""
        self._list.chosen = max(0, min(len(self._list.found) - 1, self._list.chosen + by))
        self._list.redraw()
        top, height = self._list.places[self._list.chosen]
        scroll = self.query_one("#found-scroll", VerticalScroll)
        first, room = round(scroll.scroll_y), scroll.size.height
        if top < first or top + height > first + room:
            scroll.scroll_to(y=top if top < first or height > room else top + height - room, animate=False)

    def copy(self) -> None:
        """To the clipboard of the terminal; the list stays, and says so."""
        self.app.copy_to_clipboard(self.text_of(self._list.found[self._list.chosen]))
        self._keys.show(((glyphs().done, _("copied")), ("j k", _("choose")), ("Esc", _("back"))))
