"""A formula that is too wide, broken: at relations and wide spaces first, then at + and −, then inside parentheses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tutor.math import tables
from tutor.math.boxes import Box, blank, stacked, widened
from tutor.math.spacing import kinds_in_row
from tutor.math.tree import Fence, Node, Row, Scripts, Space, Symbol, Table, Text
from tutor.math.two_dimensional import Manner, box_of, row_box

Piece: TypeAlias = tuple[list[Node], list[str]]
"""Items and their classes, which they keep: after a break, a + still joins."""

_INDENT = 4
_WIDE_SPACE = 2


def fitted(node: Node, width: int, manner: Manner) -> Box:
    """The box of a formula, in `width` cells if breaking can do that; else as narrow as breaking made it."""
    whole = box_of(node, manner)
    if whole.width <= width:
        return whole
    if isinstance(node, Row) and len(node.items) == 1:
        node = node.items[0]
    if isinstance(node, Table) and node.kind in ("aligned", "lines"):
        aligned = _aligned(node, width, manner)
        if aligned.width <= width:
            return aligned
        rows = [Row(tuple(item for cell in row for item in _items(cell))) for row in node.rows]
        return _in_lines([fitted(row, width, manner) for row in rows])
    return _row_fitted(_items(node), "", width, manner)


def _row_fitted(items: Sequence[Node], before: str, width: int, manner: Manner) -> Box:
    whole = row_box(items, kinds_in_row(items, before), manner, before)
    if whole.width <= width:
        return whole
    at_operators = _broken(items, before, width, manner, ("rel", "bin", "punct"))
    if at_operators.width <= width:
        return at_operators
    anywhere = _broken(_opened(items), before, width, manner, ("rel", "bin", "punct", "text"))
    return min((anywhere, at_operators, whole), key=lambda box: box.width)


def _aligned(table: Table, width: int, manner: Manner) -> Box:
    """The derivation still aligned, with what stands right of the first column broken."""
    left = max(box_of(row[0], manner).width for row in table.rows)

    def set_cell(items: Sequence[Node], before: str) -> Box:
        if before:
            return _row_fitted(items, before, width - left, manner)
        return row_box(items, kinds_in_row(items), manner)

    return tables.body(table, set_cell)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Row) else (node,)


def _opened(items: Sequence[Node]) -> tuple[Node, ...]:
    """The items with parentheses undone that do not grow, so that a line can end between them."""
    opened: list[Node] = []
    for item in items:
        if isinstance(item, Fence) and len(item.parts) == 1 and item.left and item.right:
            opened += [Symbol(item.left, "open"), *_opened(_items(item.parts[0])), Symbol(item.right, "close")]
        elif isinstance(item, Scripts) and isinstance(item.base, Fence) and len(item.base.parts) == 1:
            fence = item.base
            closing = item._replace(base=Symbol(fence.right, "close"))
            opened += [Symbol(fence.left, "open"), *_opened(_items(fence.parts[0])), closing]
        elif isinstance(item, Text) and " " in item.text.strip():
            for word in item.text.split():
                opened += [Text(word, item.font), Space(1)]
        elif isinstance(item, Row):
            opened += _opened(item.items)
        else:
            opened.append(item)
    return tuple(opened)


def _broken(items: Sequence[Node], before: str, width: int, manner: Manner, at: tuple[str, ...]) -> Box:
    pieces: list[Piece] = []
    for piece in _pieces(items, kinds_in_row(items, before), ("rel",)):
        too_wide = row_box(*piece, manner).width > width - _INDENT
        pieces += _pieces(*piece, at) if too_wide else [piece]
    lines: list[Box] = []
    held: Piece = ([], [])
    for piece_items, piece_kinds in pieces:
        room = width - (_INDENT if lines else 0)
        longer = ([*held[0], *piece_items], [*held[1], *piece_kinds])
        if held[0] and row_box(*longer, manner).width > room:
            lines.append(row_box(*held, manner, "" if lines else before))
            held = (list(piece_items), list(piece_kinds))
        else:
            held = longer
    if held[0]:
        lines.append(row_box(*held, manner, "" if lines else before))
    return _in_lines([lines[0], *(_indented(line) for line in lines[1:])]) if lines else box_of(Row(()), manner)


def _pieces(items: Sequence[Node], kinds: Sequence[str], at: tuple[str, ...]) -> list[Piece]:
    """The items cut before each relation (or operator), after each comma, and at wide spaces, which fall away there."""
    pieces: list[Piece] = [([], [])]
    for item, kind in zip(items, kinds, strict=True):
        is_wide = isinstance(item, Space) and item.size >= _WIDE_SPACE
        is_word = isinstance(item, Text) and "text" in at
        if (is_wide or is_word or (kind in at and kind != "punct")) and pieces[-1][0]:
            pieces.append(([], []))
        pieces[-1][0].append(item)
        pieces[-1][1].append(kind)
        if kind == "punct" and "punct" in at:
            pieces.append(([], []))
    return [piece for piece in pieces if piece[0]]


def _indented(box: Box) -> Box:
    lines = tuple(" " * _INDENT + line for line in box.lines)
    return Box(lines, box.width + _INDENT, box.baseline, box.tall)


def _in_lines(boxes: Sequence[Box]) -> Box:
    parts: list[Box] = []
    for box in boxes:
        if parts and (box.height > 1 and parts[-1].height > 1):
            parts.append(blank(1))
        parts.append(box)
    width = max(part.width for part in parts)
    return stacked([widened(part, width, "l") for part in parts], boxes[0].baseline, "l")
