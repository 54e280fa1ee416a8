"""Draws what flows through a network as text: a line for each step, a rail for each value that is needed. No torch.

As version control draws its history: where a value is used twice the rail forks, where values meet the rails join. The
drawing knows only steps and who uses whose value, so it shows what happened and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.terminal import ascii_only, cells, cut, in_colour, painted
from engine.ticks import PALETTE

ASCII = str.maketrans("●│─├┤╯┴┼×→÷−√·", "o|-++'++x>/-v,")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the drawing."""

    label: str
    note: str = ""
    """Dim, behind the label: where the step is found in the module."""
    shape: str = ""
    """At the right edge."""
    depth: int = 0
    """How far the label is indented: by the modules around."""
    step: int | None = None
    """Which value this step makes; None: a heading."""
    inputs: tuple[int, ...] = ()
    """The values that it uses."""


def comfortable(rows: Sequence[Row]) -> int:
    """Columns in which a drawing has all its words, and no shape is far from what it is of."""
    return max(
        (12 + 2 * row.depth + cells(row.label) + cells(row.note) + 6 + cells(row.shape) for row in rows), default=0
    )


def draw(rows: Sequence[Row], outputs: Sequence[int], width: int) -> str:
    """The rows from top to bottom, in the order in which they ran. `outputs` stay alive to the end."""
    last_use = {value: number for number, row in enumerate(rows) for value in row.inputs}
    last_use |= dict.fromkeys(outputs, len(rows))
    rails: list[int | None] = []
    drawn: list[list[tuple[str, int]]] = []
    for number, row in enumerate(rows):
        drawn.append(_heading(rails) if row.step is None else _step(rails, row, number, last_use))
    room = max((len(line) for line in drawn), default=0)
    lines = [_line(_coloured(line), 2 * room, row, width) for line, row in zip(drawn, rows, strict=True)]
    text = "\n".join(lines)
    return text.translate(ASCII) if ascii_only() else text


def _heading(rails: Sequence[int | None]) -> list[tuple[str, int]]:
    return [("│" if value is not None else " ", column) for column, value in enumerate(rails)]


def _step(rails: list[int | None], row: Row, number: int, last_use: dict[int, int]) -> list[tuple[str, int]]:
    """The rails at one step, two characters each; `rails` is brought up to date."""
    before = list(rails)
    used = {rails.index(value) for value in row.inputs if value in rails}
    ending = {column for column in used if last_use[_value(rails, column)] <= number}
    for column in ending:
        rails[column] = None
    if ending:
        home = min(ending)
    else:
        free = [column for column, value in enumerate(before) if value is None and column > max(used, default=-1)]
        home = free[0] if free else len(rails)
    while len(rails) <= home:
        rails.append(None)
    rails[home] = row.step if row.step in last_use else None
    touched = used | {home}
    first, final = min(touched), max(touched)
    line: list[tuple[str, int]] = []
    for column in range(len(rails)):
        alive = column < len(before) and before[column] is not None
        crossing = first < column < final
        if column == home:
            glyph = "●"
        elif column in used:
            glyph = _junction(column in ending, column == first, column == final)
        else:
            glyph = "│" if alive else "─" if crossing else " "
        line.append((glyph + ("─" if first <= column < final else " "), column))
    while rails and rails[-1] is None:
        rails.pop()
    return line


def _value(rails: Sequence[int | None], column: int) -> int:
    value = rails[column]
    assert value is not None, "a rail that is used carries a value"
    return value


def _junction(ends: bool, is_first: bool, is_final: bool) -> str:
    if ends:
        return "╯" if is_final else "┴"
    return "├" if is_first else "┤" if is_final else "┼"


def _coloured(line: Sequence[tuple[str, int]]) -> str:
    if not in_colour():
        return "".join(glyph.ljust(2) for glyph, _ in line)
    return "".join(
        glyph.ljust(2)
        if glyph.isspace()
        else painted(glyph.ljust(2), "38;2;{};{};{}".format(*PALETTE[column % len(PALETTE)]))
        for glyph, column in line
    )


def _line(graph: str, room: int, row: Row, width: int) -> str:
    graph += " " * (room - cells(graph))
    left = room + 1 + 2 * row.depth
    space = max(8, width - left - cells(row.shape) - 1)
    label = cut(row.label, space)
    note = cut(row.note, space - cells(label) - 2) if space - cells(label) > 6 else ""
    written = painted(label, "1") if row.step is None else label
    if note:
        written += "  " + painted(note, "2")
    gap = width - left - cells(written) - cells(row.shape)
    return f"{graph} {'  ' * row.depth}{written}{' ' * max(1, gap) if row.shape else ''}{row.shape}".rstrip()
