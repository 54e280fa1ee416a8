"""Tables that fit: columns share the width, cells wrap, and a table too wide for that becomes a list of records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from tutor.math.cells import cells
from tutor.prose.lines import Line, Span, joined, line_width, trimmed
from tutor.prose.wrapping import wrap

Alignment: TypeAlias = Literal["left", "right", "center"]
Cell: TypeAlias = Sequence[Span]

_GAP = 2
_LEAST = 12
"""A column that must share need not be narrower than this, or than its longest word if that is shorter."""


def table(
    head: Sequence[Cell], rows: Sequence[Sequence[Cell]], aligned: Sequence[Alignment], width: int, rule: str
) -> list[Line]:
    """Lines of at most `width` cells: header, rule, rows; or records, if the columns cannot share the width."""
    natural = [max(_natural(row[column]) for row in (head, *rows)) for column in range(len(head))]
    least = [max(min(_longest_word(row[column]), _LEAST) for row in (head, *rows)) for column in range(len(head))]
    room = width - _GAP * (len(head) - 1)
    if sum(least) > room:
        return _records(head, rows, width)
    widths = _shared(natural, least, room)
    body = [_row(row, widths, aligned) for row in rows]
    tall = any(len(lines) > 1 for lines in body)  # wrapped rows need air between them to be told apart
    lines = _row(head, widths, aligned)
    lines.append((Span(rule * (sum(widths) + _GAP * (len(widths) - 1)), "table-rule"),))
    for count, row_lines in enumerate(body):
        if tall and count:
            lines.append(())
        lines.extend(row_lines)
    return lines


def _natural(cell: Cell) -> int:
    return sum(cells(span.text) for span in cell)


def _longest_word(cell: Cell) -> int:
    return max((cells(word) for span in cell for word in span.text.split()), default=1)


def _shared(natural: list[int], least: list[int], room: int) -> list[int]:
    """Every column its natural width if all fit; else the narrow theirs, the wide equal shares of the rest."""
    if sum(natural) <= room:
        return natural
    widths = list(least)
    spare = room - sum(widths)
    hungry = [column for column in range(len(widths)) if widths[column] < natural[column]]
    while spare > 0 and hungry:  # one cell at a time to the narrowest that wants more: tables are small
        column = min(hungry, key=lambda index: widths[index])
        widths[column] += 1
        spare -= 1
        hungry = [index for index in hungry if widths[index] < natural[index]]
    return widths


def _row(row: Sequence[Cell], widths: Sequence[int], aligned: Sequence[Alignment]) -> list[Line]:
    wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    lines: list[Line] = []
    for number in range(max(1, *(len(cell) for cell in wrapped)) if wrapped else 1):
        spans: list[Span] = []
        for column, cell in enumerate(wrapped):
            line = cell[number] if number < len(cell) else ()
            left, right = _padding(widths[column] - line_width(line), aligned[column])
            spans += [Span(" " * (left + (_GAP if column else 0))), *line, Span(" " * right)]
        lines.append(trimmed(joined(spans)))
    return lines


def _padding(free: int, alignment: Alignment) -> tuple[int, int]:
    if alignment == "right":
        return free, 0
    if alignment == "center":
        return free // 2, free - free // 2
    return 0, free


def _records(head: Sequence[Cell], rows: Sequence[Sequence[Cell]], width: int) -> list[Line]:
    lines: list[Line] = []
    for count, row in enumerate(rows):
        if count:
            lines.append(())
        for name, cell in zip(head, row, strict=True):
            label = [*name, Span(": ", "table-head")] if name else []
            first, *rest = wrap([*label, *cell], width) or [()]
            lines.append(first)
            lines.extend(joined([Span("  "), *line]) for line in wrap(_rejoined(rest), max(1, width - 2)))
    return lines


def _rejoined(lines: Sequence[Line]) -> list[Span]:
    return [span for line in lines for span in (*line, Span(" "))]
