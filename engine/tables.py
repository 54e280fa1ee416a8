"""A table of text in columns, the last one of numbers: what `summary` shows. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.rails import ASCII
from engine.terminal import ascii_only, cells, cut, painted

Row = tuple[str, str, str, str]
LEAST_NAME = 8


@dataclass(frozen=True, slots=True)
class Table:
    """Four columns: what is listed, its name (dim), its size, a number; and sentences below."""

    head: Row
    rows: Sequence[Row]
    foot: Sequence[str] = ()


def draw(table: Table, width: int) -> str:
    """The table in `width` columns: the first two give way where there is no room."""
    lines = [table.head, *table.rows]
    widths = [max(cells(line[column]) for line in lines) for column in range(4)]
    room = width - widths[2] - widths[3] - 6
    names = min(widths[1], max(LEAST_NAME, room // 3))
    widths = [min(widths[0], room - names), names, widths[2], widths[3]]
    written = [_line(line, widths, is_head=number == 0) for number, line in enumerate(lines)]
    text = "\n".join([*written, *(["", *table.foot] if table.foot else [])])
    return text.translate(ASCII) if ascii_only() else text


def _line(line: Row, widths: Sequence[int], *, is_head: bool) -> str:
    words = [cut(text, width) for text, width in zip(line, widths, strict=True)]
    padded = [text + " " * (width - cells(text)) for text, width in zip(words[:3], widths, strict=False)]
    padded.append(" " * (widths[3] - cells(words[3])) + words[3])
    if is_head:
        return "  ".join(painted(text, "1") for text in padded).rstrip()
    return "  ".join([padded[0], painted(padded[1], "2"), *padded[2:]]).rstrip()
