"""Training runs as lines with a cursor and marks; only those in sight are drawn, so that a thousand cost no more."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from rich.style import Style
from textual import events
from textual.strip import Strip

from tutor.glyphs import glyphs, only_ascii
from tutor.widgets.cell_output import wrapped
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.widgets.run_words import (
    AIR,
    OUTCOME_ROLES,
    Row,
    cells,
    data_words,
    longest,
    metric_words,
    titles,
    widths,
    words_of,
)
from tutor.words import _

MARGIN = 4
"""Columns before a line: where the cursor is, and the number of a mark."""


class RunList(LineView):
    """The runs, the newest first. `marked` are ids, in the order in which they were marked."""

    DEFAULT_CSS = "RunList { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="run-list")
        self.rows: list[Row] = []
        self.marked: list[str] = []
        self.empty = ""
        """What is said where there is no run."""
        self._facts: dict[str, Mapping[str, str]] = {}
        self._longest: Mapping[str, int] = {}
        self._cursor = 0
        self._top = 0

    def show(self, rows: Sequence[Row], facts: Mapping[str, Mapping[str, str]]) -> None:
        """Show these; the cursor stays on its run, and on the newest one as long as it was not moved.

        `facts` are those of the rows that were not there before, by id: a thread has worked them out.
        """
        here = self.chosen.id if self.chosen is not None and self._cursor else None
        self.rows = list(rows)
        self._facts |= facts
        self._longest = longest(facts.values(), self._longest)
        if here is not None:
            self._cursor = next((i for i, row in enumerate(self.rows) if row.id == here), 0)
        self.move(0)

    @property
    def chosen(self) -> Row | None:
        """The run under the cursor."""
        return self.rows[self._cursor] if self.rows else None

    @property
    def page(self) -> int:
        """Lines that have room."""
        return max(1, self.size.height - 1)

    def move(self, by: int) -> None:
        """So many lines down."""
        self._cursor = max(0, min(len(self.rows) - 1, self._cursor + by))
        self._top = max(0, min(self._top, self._cursor, len(self.rows) - self.page))
        self._top = max(self._top, self._cursor - self.page + 1)
        self.redraw()

    def mark(self) -> None:
        """Mark the chosen run, or take its mark away."""
        if self.chosen is None:
            return
        if self.chosen.id in self.marked:
            self.marked.remove(self.chosen.id)
        else:
            self.marked.append(self.chosen.id)
        self.redraw()

    def on_resize(self) -> None:
        """It goes by the height too."""
        self.forget()
        self.move(0)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        if 0 < event.y <= len(self.rows) - self._top:
            self.move(self._top + event.y - 1 - self._cursor)

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """The head of the columns, and the runs that are in sight."""
        if not self.rows:
            room = max(20, min(width - 4, 84))
            said = [part for line in self.empty.splitlines() for part in textwrap.wrap(line, room) or [""]]
            return [strip((" " * 2 + line, palette["muted"])) for line in said]
        columns = widths(self._longest, width - MARGIN)
        heads = titles()
        head = "".join(_fit(heads[name], columns[name]) + " " * AIR for name in columns)
        shown = range(self._top, min(len(self.rows), self._top + self.page))
        return [
            strip((" " * MARGIN + head, palette["label"])),
            *(self._line(number, columns, width, palette) for number in shown),
        ]

    def _line(self, number: int, columns: Mapping[str, int], width: int, palette: Palette) -> Strip:
        row = self.rows[number]
        facts = self._facts[row.id]
        is_chosen = number == self._cursor
        mark = str(self.marked.index(row.id) + 1) if row.id in self.marked else " "
        parts: list[tuple[str, Style]] = [
            (glyphs().pointer if is_chosen else " ", palette["key"]),
            (f"{mark:>2} ", palette["chosen"]),
        ]
        for name, wide in columns.items():
            role = {"model": "text", "metric": "text", "outcome": OUTCOME_ROLES.get(row.outcome, "muted")}.get(
                name, "muted"
            )
            parts.append((_fit(facts[name], wide) + " " * AIR, palette[role]))
        line = strip(*parts)
        if is_chosen:
            line = line.adjust_cell_length(width)
            line = line.apply_style(Style(bold=True, bgcolor=palette.colour("cursor-line").rich_color))
        return line


class RunDetail(LineView):
    """All about the chosen run that its line has no room for, always in as many lines: nothing jumps."""

    DEFAULT_CSS = "RunDetail { height: 5; }"

    def __init__(self) -> None:
        super().__init__(id="run-detail")
        self._row: Row | None = None

    def show(self, row: Row | None) -> None:
        """Tell of this one."""
        if row != self._row:
            self._row = row
            self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """What, where, with which settings, how far it came."""
        row = self._row
        if row is None:
            return [Strip([])] * 5
        dot = f" {glyphs().dot} "
        what = _("{model} on {data}").format(model=row.started.model, data=data_words(row.started))
        lines = [
            ((what, palette["strong"]), (dot + row.started.device, palette["muted"])),
            ((row.where, palette["text"]), ("".join(dot + note for note in row.started.notes), palette["muted"])),
            ((metric_words(row.metrics) or _("no values yet"), palette["text"]),),
        ]
        settings = list(wrapped([((words_of(row.settings), palette["muted"]),)], width, indent=2))
        if len(settings) > 2:
            more = "..." if only_ascii() else "…"
            settings = [settings[0], settings[1].crop(0, width - 2).join([Strip([]), strip((more, palette["muted"]))])]
        drawn = [strip(("  ", palette["text"]), *line).crop(0, width) for line in lines]
        return [*drawn, *settings, *[Strip([])] * (2 - len(settings))]


def _fit(words: str, width: int) -> str:
    """Exactly so many cells."""
    if cells(words) > width:
        end = "..." if only_ascii() else "…"
        while cells(words) + len(end) > width:
            words = words[:-1]
        words += end
    return words + " " * (width - cells(words))
