"""A DataFrame as a table: the numbers of the HTML that pandas sends, in columns that fit the screen.

Only a table is read; of any other HTML nothing is used, and the plain text is shown instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from rich.cells import cell_len, set_cell_size
from textual.strip import Strip

from tutor.widgets.line_view import strip
from tutor.widgets.palette import Palette
from tutor.widgets.terminal_text import plain
from tutor.words import _

WIDEST_CELL = 32
MOST_ROWS = 60


@dataclass
class Table:
    """Rows of cells; the first `heads` rows are headings, and the first `index` cells of a row its labels."""

    rows: list[list[str]] = field(default_factory=list)
    heads: int = 0
    index: int = 0
    note: str = ""
    """What pandas says below: `[100 rows x 5 columns]`."""

    def strips(self, width: int, palette: Palette, *, indent: int = 0) -> list[Strip]:
        """The table, with the middle columns left out where they do not fit."""
        columns = max(len(row) for row in self.rows)
        rows = [[*row, *[""] * (columns - len(row))] for row in self.rows]
        widths = [min(max(cell_len(row[column]) for row in rows), WIDEST_CELL) for column in range(columns)]
        shown = _fitting(widths, self.index, width - indent)
        left_out = columns - len(shown)
        margin = " " * indent
        lines = []
        for number, row in enumerate(rows[: MOST_ROWS + self.heads]):
            parts = [(margin, palette["text"])]
            for column in shown:
                role = "table-head" if number < self.heads else "muted" if column < self.index else "text"
                parts.append((_cell(row[column], widths[column], left=column < self.index), palette[role]))
                parts.append(("  ", palette["text"]))
            lines.append(strip(*parts))
            if number == self.heads - 1:
                rule = sum(widths[column] + 2 for column in shown) - 2
                lines.append(strip((margin + "─" * rule, palette["table-rule"])))
        note = self.note
        if left_out:
            said = _("{count} columns do not fit: f shows all of them").format(count=left_out)
            note = f"{note}  {said}" if note else said
        if len(rows) > MOST_ROWS + self.heads:
            note += "  " + _("{count} rows are not shown").format(count=len(rows) - MOST_ROWS - self.heads)
        if note:
            lines.append(strip((margin + note.strip(), palette["hidden"])))
        return lines


@lru_cache(maxsize=64)
def read_table(html: str) -> Table | None:
    """The table in that HTML, or None if there is none."""
    reader = _Reader()
    try:
        reader.feed(html)
    except (AssertionError, ValueError):  # what html.parser raises for a malformed declaration
        return None
    return reader.table if reader.table.rows and reader.table.heads else None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self._row: list[str] | None = None
        self._text: list[str] | None = None
        self._span = 1
        self._in_head = False
        self._in_note = False
        self._index_cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row, self._index_cells = [], 0
        elif tag in ("td", "th"):
            self._text = []
            self._span = min(int(dict(attrs).get("colspan") or 1), 100)
            if tag == "th" and not self._in_head:
                self._index_cells += 1
        elif tag == "p":
            self._in_note = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._in_head = False
        elif tag in ("td", "th") and self._row is not None and self._text is not None:
            self._row.extend([plain("".join(self._text).strip()), *[""] * (self._span - 1)])
            self._text = None
        elif tag == "tr" and self._row is not None:
            self.table.rows.append(self._row)
            if self._in_head:
                self.table.heads += 1
            self.table.index = max(self.table.index, self._index_cells)
            self._row = None
        elif tag == "p":
            self._in_note = False

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)
        elif self._in_note:
            self.table.note += plain(data)


def _fitting(widths: list[int], index: int, room: int) -> list[int]:
    """Columns that fit: the labels, then from both ends inwards."""
    if sum(width + 2 for width in widths) - 2 <= room:
        return list(range(len(widths)))
    shown = list(range(min(index, len(widths))))
    left = room - sum(widths[column] + 2 for column in shown)
    ends = list(range(len(shown), len(widths)))
    first: list[int] = []
    last: list[int] = []
    while ends:
        column = ends.pop(0) if len(first) <= len(last) else ends.pop()
        if widths[column] + 2 > left:
            break
        left -= widths[column] + 2
        (first if len(first) <= len(last) else last).append(column)
    return shown + first + last[::-1]


def _cell(text: str, width: int, *, left: bool) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    return text + " " * (width - length) if left else " " * (width - length) + text
