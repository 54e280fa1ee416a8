"""Cells in rows and columns: matrices, cases, aligned derivations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tutor.math.boxes import NOTHING, Box, Side, beside, blank, widened
from tutor.math.spacing import kinds_in_row
from tutor.math.tree import Node, Row, Table

SetRow: TypeAlias = Callable[[Sequence[Node], str], Box]
"""Sets items side by side; the second argument is the class of what stands left of them."""

_GAP = 2


def body(table: Table, set_row: SetRow) -> Box:
    """The table without its delimiters, on the baseline of its middle."""
    columns = max(len(row) for row in table.rows)
    boxes = [[_cell(table, row, column, set_row) for column in range(columns)] for row in table.rows]
    widths = [max(row[column].width for row in boxes) for column in range(columns)]
    rows = [_joined_row(table, row, widths) for row in boxes]
    parts: list[Box] = []
    for row in rows:
        if parts and row.height > 1 and parts[-1].height > 1 and row.tall and parts[-1].tall:
            parts.append(blank(row.width))  # two fractions one right above the other would run together
        parts.append(row)
    if len(rows) == 1:
        return rows[0]
    if "{" in (table.left, table.right) and sum(part.height for part in parts) % 2 == 0:
        parts.insert(_middle(parts), blank(rows[0].width))  # a brace has a middle
    lines = [line for part in parts for line in part.lines]
    return Box(tuple(lines), parts[0].width, (len(lines) - 1) // 2, True)


def _cell(table: Table, row: tuple[Node, ...], column: int, set_row: SetRow) -> Box:
    if column >= len(row):
        return NOTHING
    node = row[column]
    items = node.items if isinstance(node, Row) else (node,)
    if table.kind not in ("aligned", "lines") or column % 2 == 0 or not items:
        return set_row(items, "")
    # In `a &= b` the relation opens a cell, but stands after something all the same: after a relation, in `a =& b`.
    before = row[column - 1]
    kinds = kinds_in_row(before.items) if isinstance(before, Row) else []
    return set_row(items, kinds[-1] if kinds else "ord")


def _joined_row(table: Table, row: Sequence[Box], widths: Sequence[int]) -> Box:
    parts: list[Box] = []
    for column, box in enumerate(row):
        if column:
            paired = table.kind in ("aligned", "lines") and column % 2 == 1
            parts.append(blank(0 if paired else _GAP))
        parts.append(widened(box, widths[column], _side(table, column)))
    return beside(parts)


def _side(table: Table, column: int) -> Side:
    if table.kind in ("aligned", "lines"):
        if len(table.rows[0]) == 1 and table.kind == "lines":
            return "l"
        return "l" if column % 2 else "r"
    if table.kind == "cases":
        return "l"
    letter = table.columns[column] if column < len(table.columns) else "c"
    return "l" if letter == "l" else "r" if letter == "r" else "c"


def _middle(parts: Sequence[Box]) -> int:
    """The place between two parts that is nearest to the middle line."""
    half = sum(part.height for part in parts) / 2
    return min(range(1, len(parts)), key=lambda place: abs(sum(part.height for part in parts[:place]) - half))
