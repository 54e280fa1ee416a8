"""What a program wrote, as a terminal would show it: after carriage returns, in colours, and nothing dangerous.

Of escape sequences only colours (SGR) and erasing in the line have an effect; all others, and all other control
characters, are taken out here, so that no output ever reaches the learner's terminal raw. Of a flood only the first
and the last lines are kept, and the rest is counted: memory stays bounded whatever a cell prints.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

from rich.color import Color
from rich.style import Style

TextLine: TypeAlias = tuple[tuple[str, Style], ...]

HEAD, TAIL = 200, 400
"""Lines kept of a stream."""
WIDEST = 10_000
"""Characters kept of a line."""

PLAIN = Style.null()

# Sequences are taken whole. What remains of C0 and C1 (and the marks that turn the direction of text) is dropped.
_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]+)"
    r"|(?P<newline>\r?\n)"
    r"|(?P<return>\r)|(?P<back>\x08)|(?P<tab>\t)"
    r"|(?:\x1b\[|\x9b)(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|(?P<string>(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c))"
    r"|(?P<escape>\x1b[ -/]*[0-~])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?|\x9b[0-?]*[ -/]*|\r)\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_LONGEST_SEQUENCE = 4096


class TerminalText:
    """Text that grows as it is written."""

    def __init__(self, head: int = HEAD, tail: int = TAIL) -> None:
        self._head_size = head
        self._head: list[TextLine] = []
        self._tail: deque[TextLine] = deque(maxlen=tail)
        self.hidden = 0
        """Whole lines that were let go of, between the head and the tail."""
        self._cells: list[tuple[str, Style]] = []
        self._cursor = 0
        self._style = PLAIN
        self._pending = ""

    def feed(self, text: str, style: Style = PLAIN) -> None:
        """Write more. `style` lies under the colours that the text brings."""
        if self._pending:
            text, self._pending = self._pending + text, ""
        if _CONTROL.search(text) is None:
            self._feed_plain(text, style)
            return
        unfinished = _UNFINISHED.search(text)
        if unfinished and unfinished.group() and len(unfinished.group()) < _LONGEST_SEQUENCE:
            self._pending = unfinished.group()
            text = text[: unfinished.start()]
        for match in _TOKEN.finditer(text):
            self._take(match, style)

    @property
    def head(self) -> list[TextLine]:
        """The first lines."""
        return self._head

    @property
    def rest(self) -> list[TextLine]:
        """The lines after the head, or after those that are hidden; the line that is still open is the last."""
        open_line = [_joined(self._cells)] if self._cells else []
        return [*self._tail, *open_line]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return not (self._head or self._tail or self._cells)

    def shown(self, head: int, tail: int) -> tuple[list[TextLine], int, list[TextLine]]:
        """The first and last lines, and how many are not shown between them."""
        rest = self.rest
        everything = len(self._head) + self.hidden + len(rest)
        if everything <= head + tail + 1 and not self.hidden:
            return [*self._head, *rest], 0, []
        last = (self._head + rest)[-tail:] if not self.hidden else rest[-tail:]
        first = self._head[:head]
        return first, everything - len(first) - len(last), last

    def _feed_plain(self, text: str, style: Style) -> None:
        lines = text.split("\n")
        if len(lines) > 1:
            self._put(lines[0], style)
            self._end_line()
            whole = lines[1:-1]
            room = self._head_size - len(self._head)
            tail = self._tail.maxlen or 0
            under = style + self._style if self._style else style
            if room < len(whole) - tail:  # a flood: most of it is counted and never made into lines
                for line in whole[: max(room, 0)]:
                    self._keep(((line[:WIDEST], under),) if line else ())
                self.hidden += len(whole) - max(room, 0) - tail
                whole = whole[len(whole) - tail :]
            for line in whole:
                self._keep(((line[:WIDEST], under),) if line else ())
        self._put(lines[-1], style)

    def _take(self, match: re.Match[str], style: Style) -> None:
        kind = match.lastgroup
        if kind == "text":
            self._put(match.group(), style)
        elif kind == "newline":
            self._end_line()
        elif kind == "return":
            self._cursor = 0
        elif kind == "back":
            self._cursor = max(0, self._cursor - 1)
        elif kind == "tab":
            self._put(" " * (8 - self._cursor % 8), style)
        elif kind == "csi":
            self._control(match.group("csi"))

    def _put(self, text: str, style: Style) -> None:
        if not text:
            return
        style = style + self._style if self._style else style
        room = WIDEST - self._cursor
        cells = [(character, style) for character in text[:room]]
        if self._cursor > len(self._cells):
            self._cells.extend([(" ", PLAIN)] * (self._cursor - len(self._cells)))
        self._cells[self._cursor : self._cursor + len(cells)] = cells
        self._cursor += len(cells)

    def _end_line(self) -> None:
        self._keep(_joined(self._cells))
        self._cells = []
        self._cursor = 0

    def _keep(self, line: TextLine) -> None:
        if len(self._head) < self._head_size:
            self._head.append(line)
            return
        if len(self._tail) == self._tail.maxlen:
            self.hidden += 1
        self._tail.append(line)

    def _control(self, sequence: str) -> None:
        if sequence.endswith("m"):
            self._style = colours(sequence[:-1], self._style)
        elif sequence.endswith("K"):
            if sequence == "2K":
                self._cells = []
            elif sequence in ("K", "0K"):
                del self._cells[self._cursor :]
            elif sequence == "1K":
                self._cells[: self._cursor] = [(" ", PLAIN)] * min(self._cursor, len(self._cells))
        elif sequence.endswith("D") and sequence[:-1].isdigit():
            self._cursor = max(0, self._cursor - int(sequence[:-1]))
        elif sequence.endswith("G"):
            self._cursor = min(WIDEST, max(0, int(sequence[:-1]) - 1)) if sequence[:-1].isdigit() else 0


def read(text: str, style: Style = PLAIN, *, head: int = HEAD, tail: int = TAIL) -> TerminalText:
    """The text of one value, whole."""
    terminal = TerminalText(head, tail)
    terminal.feed(text, style)
    return terminal


def plain(text: str) -> str:
    """One line of it without colours or control characters: for names and messages."""
    lines = read(text.replace("\n", " ")).rest or read(text.replace("\n", " ")).head
    return "".join(part for line in lines for part, _ in line)


def _joined(cells: list[tuple[str, Style]]) -> TextLine:
    return tuple(_runs(cells))


def _runs(cells: list[tuple[str, Style]]) -> Iterator[tuple[str, Style]]:
    start = 0
    for end in range(1, len(cells) + 1):
        if end == len(cells) or cells[end][1] is not cells[start][1]:
            yield "".join(character for character, _ in cells[start:end]), cells[start][1]
            start = end


_ATTRIBUTES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
}


@lru_cache(maxsize=512)
def colours(codes: str, style: Style) -> Style:
    """The style after an SGR sequence (ECMA-48 §8.3.117, with 256 and true colours). The unknown has no effect."""
    try:
        numbers = [int(code) if code else 0 for code in codes.replace(":", ";").split(";")]
    except ValueError:
        return style
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            style = PLAIN
        elif number in _ATTRIBUTES:
            style = style + Style(**_ATTRIBUTES[number])  # type: ignore[arg-type]
        elif number in (38, 48):
            colour = _extended(numbers)
            if colour is not None:
                style = style + (Style(color=colour) if number == 38 else Style(bgcolor=colour))
        elif 30 <= number <= 37 or 90 <= number <= 97:
            style = style + Style(color=Color.from_ansi(number - 30 if number < 40 else number - 82))
        elif 40 <= number <= 47 or 100 <= number <= 107:
            style = style + Style(bgcolor=Color.from_ansi(number - 40 if number < 50 else number - 92))
        elif number == 39:
            style = style + Style(color="default")
        elif number == 49:
            style = style + Style(bgcolor="default")
    return style


def _extended(numbers: list[int]) -> Color | None:
    if len(numbers) >= 2 and numbers[0] == 5:
        del numbers[0]
        number = numbers.pop(0)
        return Color.from_ansi(number) if 0 <= number <= 255 else None
    if len(numbers) >= 4 and numbers[0] == 2:
        red, green, blue = (max(0, min(255, number)) for number in numbers[1:4])
        del numbers[:4]
        return Color.from_rgb(red, green, blue)
    numbers.clear()
    return None
