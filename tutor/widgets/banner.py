"""One fact that must stay in sight on every screen: that nothing is being kept, and what to do about it."""

from __future__ import annotations

from textual.strip import Strip

from tutor.widgets.lesson_detail import wrapped
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette


class Banner(LineView):
    """A head in bold and, where there is one, a sentence, over the whole width."""

    DEFAULT_CSS = "Banner { dock: top; padding: 0 2; background: $panel; width: 1fr; }"

    def __init__(self, head: str, words: str) -> None:
        super().__init__()
        self._head = head
        self._words = words

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Wrapped to the width."""
        lines: list[Strip] = [strip((self._head, palette["admonition-warning-title"]))]
        if self._words:
            lines += [strip((line, palette["text"])) for line in wrapped(self._words, width)]
        return lines
