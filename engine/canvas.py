"""A sheet of character cells to draw on: lines in braille dots, marks, filled boxes, text. No torch.

Each cell is two dots wide and four high, and has one colour. Where only ASCII may be written, a line is made of its
mark.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.terminal import ascii_only, in_colour

Colour = tuple[int, int, int]
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Pen:
    """How something looks: never by colour alone."""

    colour: Colour | None = None
    dash: str = "1"
    """Dots that are set and left out, again and again: `1` a whole line, `1100` dashes."""
    mark: str = "●"
    """Of a point; in ASCII also of a line."""
    fill: str = "█"
    """Of a box."""


class Canvas:
    """`width` × `height` cells. Positions are dots from the upper left corner; what lies outside is not drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots = [[0] * width for _ in range(height)]
        self._text = [[""] * width for _ in range(height)]
        self._colour: list[list[Colour | None]] = [[None] * width for _ in range(height)]

    def dot(self, x: int, y: int, pen: Pen) -> None:
        """Set one dot."""
        column, row = x // 2, y // 4
        if 0 <= column < self.width and 0 <= row < self.height:
            if ascii_only():
                self._text[row][column] = pen.mark
            self._dots[row][column] |= _BITS[x % 2][y % 4]
            self._colour[row][column] = pen.colour

    def has_dots(self, column: int, row: int) -> bool:
        """Whether something was drawn in dots in that cell."""
        return 0 <= column < self.width and 0 <= row < self.height and self._dots[row][column] != 0

    def line(self, x0: float, y0: float, x1: float, y1: float, pen: Pen, phase: int = 0) -> int:
        """From one dot to another; the phase of the dashes goes on from `phase`, and its new value is returned."""
        if not self._clip(x0, y0, x1, y1):
            return phase
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps + 1):
            if pen.dash[(phase + step) % len(pen.dash)] == "1":
                part = step / steps
                self.dot(round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part), pen)
        return phase + steps

    def _clip(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        """Whether a line may touch the sheet. Far ends are cut off by who projects."""
        across, down = 2 * self.width, 4 * self.height
        return not (max(x0, x1) < 0 or min(x0, x1) > across or max(y0, y1) < 0 or min(y0, y1) > down)

    def wipe(self, corners: Sequence[tuple[float, float]]) -> None:
        """Take away all dots inside a polygon: it hides what lies behind it."""
        lowest = max(0, math.ceil(min(y for _, y in corners)))
        for y in range(lowest, min(4 * self.height - 1, math.floor(max(y for _, y in corners))) + 1):
            crossings = sorted(
                x0 + (y - y0) / (y1 - y0) * (x1 - x0)
                for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True)
                if (y0 <= y) != (y1 <= y)
            )
            for left, right in zip(crossings[::2], crossings[1::2], strict=False):
                for x in range(max(0, math.ceil(left)), min(2 * self.width - 1, math.floor(right)) + 1):
                    self._dots[y // 4][x // 2] &= ~_BITS[x % 2][y % 4]
                    if ascii_only() and not self._dots[y // 4][x // 2]:
                        self._text[y // 4][x // 2] = ""

    def mark(self, x: float, y: float, pen: Pen) -> None:
        """A mark in the cell of a dot."""
        self.write(round(x) // 2, round(y) // 4, pen.mark, pen.colour)

    def box(self, left: float, top: float, right: float, bottom: float, pen: Pen) -> None:
        """A filled box between dots, at least one cell wide; its upper edge is true to an eighth of a cell."""
        first = round(left / 2)
        last = max(first + 1, round(right / 2))
        for column in range(first, last):
            for row in range(self.height):
                covered = min(bottom, 4 * row + 4) - max(top, 4 * row)
                if covered <= 0.25:
                    continue
                whole = covered >= 3.75 or pen.fill != "█" or bottom < 4 * row + 4 or ascii_only()
                glyph = pen.fill if whole else EIGHTHS[max(1, min(8, round(covered * 2)))]
                self.write(column, row, glyph, pen.colour)

    def write(self, column: int, row: int, text: str, colour: Colour | None = None) -> None:
        """Characters of one cell each, over all that is there."""
        for place, character in enumerate(text, start=column):
            if 0 <= place < self.width and 0 <= row < self.height:
                self._text[row][place] = character
                self._colour[row][place] = colour

    def rule(self, column: int, glyph: str) -> None:
        """A line from top to bottom, behind all that is there."""
        for row in range(self.height):
            if 0 <= column < self.width and not self._dots[row][column] and not self._text[row][column].strip():
                self.write(column, row, glyph)

    def lines(self) -> list[str]:
        """What was drawn, with ANSI colours."""
        return [self._line(row) for row in range(self.height)]

    def _line(self, row: int) -> str:
        written: list[str] = []
        current: Colour | None = None
        for text, dots, colour in zip(self._text[row], self._dots[row], self._colour[row], strict=True):
            character = text or (chr(0x2800 + dots) if dots else " ")
            wanted = colour if in_colour() and character != " " else None
            if wanted != current:
                written.append("\x1b[38;2;{};{};{}m".format(*wanted) if wanted else "\x1b[0m")
                current = wanted
            written.append(character)
        return "".join(written) + ("\x1b[0m" if current else "")
