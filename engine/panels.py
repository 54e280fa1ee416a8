"""One picture of curves with all that a learner may ask of it: panels side by side, smoothing, a line to read at.

`engine.charts` draws one chart; this puts charts together and knows what was drawn where, so that a place in the
picture is a place on the axis. No torch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine import charts
from engine.charts import Area
from engine.curves import Curve
from engine.reading import Look, by_kind, smoothed
from engine.terminal import ascii_only

WIDE, TALL = 50, 9
"""The least columns and lines of a panel."""
GAP = 2
"""Columns between two panels."""
_PIECE = re.compile(r"(\x1b\[[0-9;]*m)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines with ANSI colours, and where in them curves are."""

    lines: tuple[str, ...]
    areas: tuple[Area, ...]

    def x(self, column: int, row: int) -> float | None:
        """The place on the axis under a cell of the picture; None: there is none."""
        for area in self.areas:
            if area.top <= row < area.top + area.rows and (x := area.x(column)) is not None:
                return x
        return None


def draw(
    curves: Sequence[Curve],
    width: int,
    height: int,
    look: Look,
    *,
    colour: bool = True,
    x_max: float | None = None,
    at: float | None = None,
) -> Picture:
    """`height` lines of `width` cells. `at`: the place on the axis that a line marks."""
    shown = smoothed(curves) if look.smooth else tuple(curves)
    groups = _groups(shown, width, height, look)
    drawn = [
        (left, top, _one(group, columns, rows, look, colour, x_max, shown))
        for group, (left, top, columns, rows) in zip(groups, _places(len(groups), width, height), strict=True)
    ]
    if drawn[-1][0]:  # side by side
        lines = [(" " * GAP).join(row) for row in zip(*(picture.lines for _, _, picture in drawn), strict=True)]
    else:
        lines = [line for _, _, picture in drawn for line in picture.lines]
    areas = [
        replace(area, left=area.left + left, top=area.top + top)
        for left, top, picture in drawn
        for area in picture.areas
    ]
    if at is not None:
        for area in areas:
            _mark(lines, area, at)
    return Picture(tuple(_wide(line, width) for line in lines), tuple(areas))


def _groups(curves: Sequence[Curve], width: int, height: int, look: Look) -> list[list[Curve]]:
    groups = by_kind(curves) if look.apart else [list(curves)]
    has_room = len(_places(len(groups), width, height)) == len(groups)
    return groups if groups and has_room else [list(curves)]


def _places(count: int, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Left, top, columns and rows of each panel: side by side, else one over the other; too few where there is none."""
    columns = (width - GAP * (count - 1)) // max(1, count)
    if count > 1 and columns >= WIDE:
        return [(number * (columns + GAP), 0, columns, height) for number in range(count)]
    rows = height // max(1, count)
    if count > 1 and rows < TALL:
        return []
    return [(0, number * rows, width, rows) for number in range(count)]


def _one(
    curves: Sequence[Curve],
    width: int,
    height: int,
    look: Look,
    colour: bool,
    x_max: float | None,
    among: Sequence[Curve],
) -> Picture:
    text, area = charts.draw_with_area(curves, width, height, log_y=look.log_y, colour=colour, x_max=x_max, among=among)
    return Picture(tuple(text.split("\n")), () if area is None else (area,))


def _mark(lines: list[str], area: Area, at: float) -> None:
    """A line down the chart at one place; what is drawn there stays."""
    column = area.column(at)
    if column is None:
        return
    sign = ":" if ascii_only() else "┊"
    for row in range(area.top, area.top + area.rows):
        lines[row] = _put(lines[row], column, sign)


def _put(line: str, column: int, sign: str) -> str:
    """The line with `sign` in that cell, if nothing is there. Before it stand characters of one cell only."""
    pieces: list[str] = []
    cell = 0
    for escape, character in _pieces(line):
        if character:
            if cell == column and character in " \u2800":
                character = f"\x1b[0;2m{sign}\x1b[0m" if "\x1b" in line else sign
            cell += 1
        pieces.append(escape or character)
    return "".join(pieces)


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    for match in _PIECE.finditer(line):
        yield match.group(1) or "", match.group(2) or ""


def _wide(line: str, width: int) -> str:
    """Panels may leave a column or two at the right."""
    return line + " " * (width - charts.cells(line))
