"""A formula that is too wide, broken: at relations and wide spaces first, then at + and −, then inside parentheses."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.math.boxes import Box, blank, stacked, widened
from tutor.math.spacing import kinds_in_row
from tutor.math.tree import Fence, Node, Row, Space, Symbol, Table
from tutor.math.two_dimensional import Manner, box_of, row_box

_INDENT = 4
_WIDE_SPACE = 2


def fitted(node: Node, width: int, manner: Manner) -> Box:
    """The box of a formula, in `width` cells if breaking can do that; else as narrow as breaking made it."""
    whole = box_of(node, manner)
    if whole.width <= width:
        return whole
    if isinstance(node, Table) and node.kind in ("aligned", "lines"):
        rows = [Row(tuple(item for cell in row for item in _items(cell))) for row in node.rows]
        return _in_lines([fitted(row, width, manner) for row in rows])
    narrowest = whole
    for broken in (_broken(_items(node), width, manner), _broken(_opened(_items(node)), width, manner)):
        if broken.width <= width:
            return broken
        narrowest = min(narrowest, broken, key=lambda box: box.width)
    return narrowest


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Row) else (node,)


def _opened(items: Sequence[Node]) -> tuple[Node, ...]:
    """The items with parentheses undone that do not grow, so that a line can end between them."""
    opened: list[Node] = []
    for item in items:
        if isinstance(item, Fence) and len(item.parts) == 1 and item.left and item.right:
            opened += [Symbol(item.left, "open"), *_opened(_items(item.parts[0])), Symbol(item.right, "close")]
        elif isinstance(item, Row):
            opened += _opened(item.items)
        else:
            opened.append(item)
    return tuple(opened)


def _broken(items: Sequence[Node], width: int, manner: Manner) -> Box:
    kinds = kinds_in_row(items)
    pieces = _pieces(items, kinds, ("rel",))
    if any(row_box(*piece, manner).width > width - _INDENT for piece in pieces):
        pieces = [
            smaller
            for piece in pieces
            for smaller in (
                _pieces(*piece, ("rel", "bin", "punct")) if row_box(*piece, manner).width > width - _INDENT else [piece]
            )
        ]
    lines: list[Box] = []
    held: tuple[list[Node], list[str]] = ([], [])
    for piece_items, piece_kinds in pieces:
        room = width - (_INDENT if lines else 0)
        longer = ([*held[0], *piece_items], [*held[1], *piece_kinds])
        if held[0] and row_box(*longer, manner).width > room:
            lines.append(row_box(*held, manner))
            held = (list(piece_items), list(piece_kinds))
        else:
            held = longer
    if held[0]:
        lines.append(row_box(*held, manner))
    return _in_lines([lines[0], *(_indented(line) for line in lines[1:])]) if lines else box_of(Row(()), manner)


def _pieces(items: Sequence[Node], kinds: Sequence[str], at: tuple[str, ...]) -> list[tuple[list[Node], list[str]]]:
    """The items cut before each relation (or operator), after each comma, and at wide spaces, which fall away there."""
    pieces: list[tuple[list[Node], list[str]]] = [([], [])]
    for item, kind in zip(items, kinds, strict=True):
        is_wide = isinstance(item, Space) and item.size >= _WIDE_SPACE
        if (is_wide or (kind in at and kind != "punct")) and pieces[-1][0]:
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
    lines = stacked([widened(part, width, "l") for part in parts], 0, "l")
    return lines._replace(baseline=(lines.height - 1) // 2)
