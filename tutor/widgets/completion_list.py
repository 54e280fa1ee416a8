"""What could stand at the cursor, or the signature of what is called: a few lines under the editor."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from tutor.widgets.cell_output import wrapped
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.widgets.terminal_text import plain, read
from tutor.words import _

ROWS = 8


class CompletionList(LineView):
    """Matches to choose from, or words to read."""

    DEFAULT_CSS = "CompletionList { height: auto; }"

    def __init__(self, matches: Sequence[str] = (), *, words: str = "") -> None:
        super().__init__(classes="completions")
        self._matches = list(matches)
        self._words = words
        self._cursor = 0

    @property
    def chosen(self) -> str | None:
        """The match under the cursor."""
        return self._matches[self._cursor] if self._matches else None

    def move(self, by: int) -> None:
        """Another match, around the end."""
        if self._matches:
            self._cursor = (self._cursor + by) % len(self._matches)
            self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """At most `ROWS` matches, around the cursor."""
        if not self._matches:
            text = read(self._words)
            return list(wrapped([*text.head, *text.rest][:ROWS], width, indent=2))
        first = max(0, min(self._cursor - ROWS // 2, len(self._matches) - ROWS))
        lines = []
        for position in range(first, min(first + ROWS, len(self._matches))):
            here = position == self._cursor
            lines.append(
                strip(
                    ("› " if here else "  ", palette["key"]),
                    (plain(self._matches[position]), palette["chosen" if here else "text"]),
                )
            )
        if len(self._matches) > ROWS:
            of = _("{number} of {total}").format(number=self._cursor + 1, total=len(self._matches))
            lines.append(strip(("  " + of, palette["muted"])))
        return lines
