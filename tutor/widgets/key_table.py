"""Keys and what they do, in sections: the inside of the help screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.strip import Strip

from tutor.glyphs import key_label
from tutor.keys import Context, keys_of
from tutor.widgets.lesson_detail import wrapped
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette

LABEL = 18
"""Cells of the column of keys."""
COLUMN = 52
"""Cells of one of two columns; below twice that, there is one."""


class KeyTable(LineView):
    """The keys of some contexts, in two columns where there is room."""

    def __init__(self, contexts: Sequence[Context]) -> None:
        super().__init__()
        self._contexts = contexts

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One block a context; blocks go into the shorter column."""
        two = width >= 2 * COLUMN + 2
        blocks = [list(_block(context, COLUMN if two else width, palette)) for context in self._contexts]
        if not two:
            return [line for block in blocks for line in block]
        left: list[Strip] = []
        right: list[Strip] = []
        for block in blocks:
            (left if len(left) <= len(right) else right).extend(block)
        height = max(len(left), len(right))
        left += [Strip.blank(COLUMN)] * (height - len(left))
        right += [Strip([])] * (height - len(right))
        return [Strip.join([a.adjust_cell_length(COLUMN + 2), b]) for a, b in zip(left, right, strict=True)]


def _block(context: Context, width: int, palette: Palette) -> Iterator[Strip]:
    yield strip((context.heading, palette["heading-1"]))
    for key in keys_of(context):
        first, *rest = wrapped(key.description, width - LABEL - 2)
        yield strip((f"  {key_label(key.label):<{LABEL - 2}}", palette["key"]), (f" {first}", palette["text"]))
        for line in rest:
            yield strip((" " * (LABEL + 1), palette["text"]), (line, palette["text"]))
    yield strip()
