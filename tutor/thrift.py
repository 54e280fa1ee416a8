"""What the terminal already shows is not sent again: the bytes of a frame, reduced to the cells that changed.

Textual repaints whole regions, each piece of text with its full style before it and a reset behind: some 50 KB for a
page of 120 × 40. Over ssh those bytes are what a learner waits for. This keeps a model of the terminal's cells, draws
each frame into it, and sends only the difference: spans of changed cells, and of each style what is not set already.

It understands what Textual writes (cursor moves, styles, hyperlinks, text, line ends). Any other sequence passes
through as it is, in order; one after which the screen's content is unknown (another screen buffer, a clear) makes the
model forget, so that all is sent afresh.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from rich.cells import get_character_cell_size

_TOKEN = re.compile(
    r"((?:\x1b\[0?m)*)\x1b\[([0-9;:]*)m|\x1b\[([0-9;]*)H|(\r\n|\r|\n)|\x1b\]8;([^\x07\x1b]*)(?:\x1b\\|\x07)"
    r"|(\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x1b\\|\x07)|\x1b.|[\x00-\x08\x0b-\x1f])"
)
_ERASES = re.compile(r"\x1b\[(?:[0-3]?[JK]|\?(?:47|1047|1049)[hl]|[0-9;]*[LMPSTX@r])|\x1bc|\x1b[DEM78]")
_GAP = 5
"""So many unchanged cells between two changed spans are sent again: cheaper than to move the cursor."""

Style: TypeAlias = tuple[str, str]
"""The parameters of the SGR sequences since the last reset, and the hyperlink (`id;url`)."""

_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "53"})
"""Attributes that show on a space too: underlines, reverse, strike, overline."""
_UNKNOWN = -1  # the style of a cell of which nobody knows what it shows


@dataclass(frozen=True, slots=True)
class _Parts:
    """A style taken apart, to say what another one has to change."""

    foreground: str
    background: str
    attributes: frozenset[str]
    link: str


class Thrift:
    """The model of one terminal. `frame` takes what would be written, and gives what need be written.

    A cell is a character (the right half of a wide one is the empty string) and the number of a style. A space has the
    style that can be seen of it: its background.
    """

    def __init__(self, width: int, height: int) -> None:
        self._numbers: dict[Style, int] = {}
        self._styles: list[Style] = []
        self._blank: list[int] = []  # of each style, the one that a space in it has
        self._plain = self._number(("", ""))
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size, and nobody knows what it shows."""
        self._width, self._height = width, height
        self.forget()

    def fits(self, width: int, height: int) -> bool:
        """Whether the model has that size."""
        return (self._width, self._height) == (width, height)

    def forget(self) -> None:
        """Nobody knows what the terminal shows: send everything afresh."""
        self._rows = [_Row([" "] * self._width, [_UNKNOWN] * self._width) for _ in range(self._height)]
        self._shown = [row.copy() for row in self._rows]
        self._touched: set[int] = set()
        self._x = self._y = 0
        self._at: tuple[int, int] | None = None  # where the terminal's cursor is
        self._pen: int | None = None  # the style that the terminal has set
        self._sgr = self._link = ""

    def frame(self, data: str) -> str:
        """The least that makes the terminal show what `data` would."""
        out: list[str] = []
        position = 0
        for token in _TOKEN.finditer(data):
            if token.start() > position:
                self._write(data[position : token.start()])
            position = token.end()
            reset, sgr, move, line_end, link, other = token.groups()
            if sgr is not None:
                if reset:
                    self._sgr = ""
                self._restyle(sgr)
            elif move is not None:
                row, _, column = move.partition(";")
                self._y = min(max(int(row or 1), 1), self._height) - 1
                self._x = min(max(int(column or 1), 1), self._width) - 1
            elif line_end is not None:
                self._x = 0 if "\r" in line_end else self._x
                self._y = min(self._y + ("\n" in line_end), self._height - 1)
            elif link is not None:
                self._link = link if link.partition(";")[2] else ""
            else:
                self._flush(out)
                out.append(other)
                if _ERASES.match(other):
                    self.forget()
        if position < len(data):
            self._write(data[position:])
        self._flush(out)
        return "".join(out)

    def _restyle(self, sgr: str) -> None:
        if sgr in ("", "0"):
            self._sgr = ""
        elif sgr.startswith("0;"):
            self._sgr = sgr[2:]
        else:
            self._sgr = f"{self._sgr};{sgr}" if self._sgr else sgr

    def _number(self, style: Style) -> int:
        number = self._numbers.get(style)
        if number is None:
            number = self._numbers[style] = len(self._styles)
            self._styles.append(style)
            self._blank.append(number)
            self._blank[number] = self._number(_as_blank(style))
        return number

    def _write(self, text: str) -> None:
        style = self._number((self._sgr, self._link))
        blank = self._blank[style]
        row, x, width = self._rows[self._y], self._x, self._width
        self._touched.add(self._y)
        if row.is_odd:
            row.part(x)
        if text.isascii():
            text = text[: width - x]
            end = x + len(text)
            row.characters[x:end] = text
            if blank == style or " " not in text:
                row.styles[x:end] = [style] * len(text)
            else:
                row.styles[x:end] = [blank if character == " " else style for character in text]
            self._x = end
            if row.is_odd:
                row.part(end)
            return
        for character in text:
            cells = get_character_cell_size(character)
            if cells == 0:
                row.is_odd = True
                if x > 0:  # a combining mark belongs to the cell before it
                    row.characters[x - 1 if row.characters[x - 1] else max(x - 2, 0)] += character
            elif x + cells <= width:
                row.characters[x], row.styles[x] = character, blank if character == " " else style
                if cells == 2:
                    row.characters[x + 1], row.styles[x + 1] = "", style
                row.is_odd |= cells == 2 or character > "\u2fff"
                x += cells
        row.part(x)
        self._x = x

    def _flush(self, out: list[str]) -> None:
        """Bring the terminal up to the model."""
        for y in sorted(self._touched):
            row, shown = self._rows[y], self._shown[y]
            if row.characters != shown.characters or row.styles != shown.styles:
                for start, end in row.changes(shown):
                    self._send(out, y, start, end)
                self._shown[y] = row.copy()
        self._touched.clear()
        if self._pen not in (None, self._plain):
            out.append(_change(self._styles[self._pen or 0], ("", "")))
            self._pen = self._plain
        target = (min(self._x, self._width - 1), self._y)
        if self._at != target:
            out.append(f"\x1b[{target[1] + 1};{target[0] + 1}H")
            self._at = target

    def _send(self, out: list[str], y: int, start: int, end: int) -> None:
        if self._at != (start, y):
            out.append(f"\x1b[{y + 1};{start + 1}H")
        row = self._rows[y]
        for character, style in zip(row.characters[start:end], row.styles[start:end], strict=True):
            if style == _UNKNOWN:  # never drawn by the app: the terminal has it blank
                style = self._plain
            if style != self._pen and not (
                character == " " and self._pen is not None and self._blank[self._pen] == style
            ):
                out.append(_change(self._styles[self._pen], self._styles[style]) if self._pen is not None else "\x1b[m")
                if self._pen is None:
                    out.append(_change(("", ""), self._styles[style]))
                self._pen = style
            out.append(character)
        self._at = (end, y) if end < self._width else None  # at the margin, terminals differ about where they are


@dataclass(slots=True)
class _Row:
    """A row of cells."""

    characters: list[str]
    styles: list[int]
    is_odd: bool = False
    """Whether it ever had a character about whose width terminals may differ."""

    def part(self, x: int) -> None:
        """A wide character that lies across the border before cell `x` is cut: terminals blank what is left of it."""
        if 0 < x < len(self.characters) and self.characters[x] == "":
            self.characters[x - 1] = self.characters[x] = " "

    def copy(self) -> _Row:
        return _Row(self.characters.copy(), self.styles.copy(), self.is_odd)

    def changes(self, shown: _Row) -> list[tuple[int, int]]:
        """The cells that differ from what is shown, as spans [start, end)."""
        if self.is_odd or shown.is_odd:
            # A row with a character whose width is in doubt is sent whole: then no piece of it can be displaced.
            self.is_odd = any(len(character) != 1 or character > "\u2fff" for character in self.characters)
            return [(0, len(self.characters))]
        spans: list[tuple[int, int]] = []
        end = -_GAP - 1
        cells = zip(self.characters, shown.characters, self.styles, shown.styles, strict=True)
        for x, (character, old_character, style, old_style) in enumerate(cells):
            if character != old_character or style != old_style:
                if x - end <= _GAP:
                    spans[-1] = (spans[-1][0], x + 1)
                else:
                    spans.append((x, x + 1))
                end = x + 1
        return spans


@lru_cache(maxsize=4096)
def _as_blank(style: Style) -> Style:
    """What can be seen of a style on a space."""
    seen = _taken_apart(style)
    parts = [*sorted(seen.attributes & _SEEN_ON_BLANKS), seen.background]
    if seen.attributes & _SEEN_ON_BLANKS:
        parts.append(seen.foreground)
    return ";".join(part for part in parts if part), seen.link


@lru_cache(maxsize=4096)
def _change(now: Style, then: Style) -> str:
    """The sequence that takes a terminal from one style to another."""
    old, new = _taken_apart(now), _taken_apart(then)
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    if old.attributes - new.attributes or (not new.foreground and old.foreground and not new.background):
        parts = ["", *sorted(new.attributes), new.foreground, new.background]
        codes = ";".join(["0", *(part for part in parts if part)])
        return f"{link}\x1b[{'' if codes == '0' else codes}m"
    parts = sorted(new.attributes - old.attributes)
    if new.foreground != old.foreground:
        parts.append(new.foreground or "39")
    if new.background != old.background:
        parts.append(new.background or "49")
    return link + (f"\x1b[{';'.join(parts)}m" if parts else "")


@lru_cache(maxsize=4096)
def _taken_apart(style: Style) -> _Parts:
    sgr, link = style
    foreground = background = ""
    attributes: set[str] = set()
    codes = sgr.split(";") if sgr else []
    while codes:
        code = codes.pop(0)
        if code in ("38", "48"):
            length = 4 if codes[:1] == ["2"] else 2
            colour, codes = ";".join([code, *codes[:length]]), codes[length:]
            if code == "38":
                foreground = colour
            else:
                background = colour
        elif code in ("", "0"):
            foreground = background = ""
            attributes.clear()
        elif code == "39":
            foreground = ""
        elif code == "49":
            background = ""
        elif code[:1] in ("3", "9") and len(code) == 2:
            foreground = code
        elif (code[:1] == "4" and len(code) == 2) or (code[:2] == "10" and len(code) == 3):
            background = code
        else:
            attributes.add(code)
    return _Parts(foreground, background, frozenset(attributes), link)
