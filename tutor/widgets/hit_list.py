"""What a search found, as lines with a cursor. It knows neither the course nor the screen it is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tutor.glyphs import glyphs
from tutor.marks import Mark, Standing
from tutor.matching import Hit
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.words import _


class HitList(LineView):
    """At most `rows` hits at once, the chosen one always among them."""

    @dataclass
    class Chosen(Message):
        """A hit was clicked."""

        lesson: str

    def __init__(self, *, rows: int = 10) -> None:
        super().__init__()
        self._rows = rows
        self._hits: Sequence[Hit] = ()
        self._standings: dict[str, Standing] = {}
        self._cursor = 0
        self._top = 0

    def show(self, hits: Sequence[Hit], standings: dict[str, Standing]) -> None:
        """Show these; the first is chosen."""
        self._hits, self._standings = hits, standings
        self._cursor = self._top = 0
        self.redraw()

    def show_rows(self, rows: int) -> None:
        """So many fit."""
        self._rows = max(1, rows)
        self.move(0)

    @property
    def lesson(self) -> str | None:
        """The chosen one."""
        return self._hits[self._cursor].entry.id if self._hits else None

    def move(self, by: int) -> None:
        """Choose another one."""
        self._cursor = max(0, min(self._cursor + by, len(self._hits) - 1))
        self._top = max(min(self._top, self._cursor), self._cursor - self._rows + 1, 0)
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line a hit."""
        if not self._hits:
            words = _("Nothing in the course goes by that. A shorter word may find it.")
            return [strip((f"  {words}", palette["muted"]))]
        shown = list(enumerate(self._hits))[self._top : self._top + self._rows]
        return [self._draw_hit(hit, number == self._cursor, width, palette) for number, hit in shown]

    def _draw_hit(self, hit: Hit, chosen: bool, width: int, palette: Palette) -> Strip:
        standing = self._standings.get(hit.entry.id, Standing(Mark.TODO))
        role = {Mark.DONE: "right", Mark.BEGUN: "state-running", Mark.BROKEN: "wrong"}.get(standing.mark, "muted")
        segments = [
            Segment(glyphs().pointer if chosen else " ", palette["key"]),
            Segment(f" {glyphs().mark(standing.mark)} ", palette[role]),
        ]
        meant = set(hit.title_at)
        for place, letter in enumerate(hit.entry.title):
            segments.append(Segment(letter, palette["key" if place in meant else "text"]))
        where = hit.because or hit.chapter.title
        room = width - 14 - cell_len(hit.entry.title)
        if room > 8:
            words = where if cell_len(where) <= room else f"{where[: room - 1]}…"
            segments.append(Segment(f"  {words}", palette["muted"]))
        line = between(Strip(segments), strip((f"{hit.entry.book:>6} ", palette["muted"])), width)
        if chosen:
            line = line.adjust_cell_length(width)
            line = line.apply_style(Style(bold=True, bgcolor=palette.colour("cursor-line").rich_color))
        return line

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        number = self._top + event.y
        if number < len(self._hits):
            self.post_message(self.Chosen(self._hits[number].entry.id))
