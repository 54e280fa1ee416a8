"""The last line of a screen: what to press next. One line of text, repainted only when its words change."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from tutor.glyphs import key_label
from tutor.keys import Key
from tutor.widgets.byte_meter import ByteMeter
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette


class KeyLine(LineView):
    """Keys and what they do, as many as fit."""

    DEFAULT_CSS = "KeyLine { dock: bottom; height: 1; width: 1fr; background: $surface; }"

    def __init__(self, keys: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pairs = tuple(keys)
        self.meter = ByteMeter(self)

    def on_mount(self) -> None:
        """Count bytes where they are dear."""
        self.meter.follow_pace()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show these instead: label and what it does."""
        if tuple(keys) != self._pairs:
            self._pairs = tuple(keys)
            self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line; what does not fit is left out whole."""
        parts: list[tuple[str, Style]] = [("  ", Style.null())]
        used = 2
        for written, words in self._pairs:
            label = key_label(written)
            length = len(label) + 1 + len(words) + 3
            if used + length > width + 2:
                break
            parts += [(label, palette["key"]), (f" {words}   ", palette["muted"])]
            used += length
        line, meter = strip(*parts).crop(0, width), self.meter.words
        room = width - line.cell_length - len(meter) - 2
        return [between(line, strip((meter + "  ", palette["muted"])), width) if meter and room > 0 else line]


def pair(key: Key, words: str | None = None) -> tuple[str, str]:
    """A key of the table, for a `KeyLine`; `words` where the table's are too long for it."""
    return key.label.split(" or ")[0], words or key.description
