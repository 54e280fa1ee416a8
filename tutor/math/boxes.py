"""Rectangles of text, joined on their baselines or on their centres. They know nothing of mathematics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from tutor.math.cells import cells

Side: TypeAlias = Literal["l", "c", "r"]


class Box(NamedTuple):
    """Lines of equal width."""

    lines: tuple[str, ...]
    width: int
    """In cells."""
    baseline: int
    """The line that neighbours stand on."""
    tall: bool = False
    """Whether delimiters around it should grow: true of fractions and matrices, not of a letter with a script."""

    @property
    def height(self) -> int:
        """Lines."""
        return len(self.lines)

    @property
    def below(self) -> int:
        """Lines under the baseline."""
        return len(self.lines) - self.baseline - 1


NOTHING = Box(("",), 0, 0)


def text_box(text: str) -> Box:
    """One line."""
    return Box((text,), cells(text), 0)


def beside(boxes: Sequence[Box]) -> Box:
    """From left to right, on one baseline."""
    if len(boxes) == 1:
        return boxes[0]
    if all(len(box.lines) == 1 for box in boxes):
        return Box(("".join(box.lines[0] for box in boxes),), sum(box.width for box in boxes), 0)
    above = max((box.baseline for box in boxes), default=0)
    below = max((box.below for box in boxes), default=0)
    lines = [""] * (above + below + 1)
    for box in boxes:
        blank = " " * box.width
        start = above - box.baseline
        for row in range(len(lines)):
            inside = row - start
            lines[row] += box.lines[inside] if 0 <= inside < len(box.lines) else blank
    return Box(tuple(lines), sum(box.width for box in boxes), above, any(box.tall for box in boxes))


def widened(box: Box, width: int, side: Side = "c") -> Box:
    """The box padded to `width`."""
    free = width - box.width
    if free <= 0:
        return box
    left = 0 if side == "l" else free if side == "r" else free // 2
    lines = tuple(" " * left + line + " " * (free - left) for line in box.lines)
    return Box(lines, width, box.baseline, box.tall)


def stacked(boxes: Sequence[Box], baseline: int, side: Side = "c", tall: bool = True) -> Box:
    """From top to bottom. `baseline` is a line of the whole."""
    width = max(box.width for box in boxes)
    lines = [line for box in boxes for line in widened(box, width, side).lines]
    return Box(tuple(lines), width, baseline, tall)


def grown(box: Box, above: int, below: int) -> Box:
    """The box with blank lines added."""
    blank = " " * box.width
    return Box((blank,) * above + box.lines + (blank,) * below, box.width, box.baseline + above, box.tall)


def blank(width: int) -> Box:
    """A space of one line."""
    return Box((" " * width,), width, 0)
