"""The engine's colours of curves, darker on light ground: on paper, orange and sky blue have a contrast of 2.

What is drawn comes with its colours, from a kernel that knows no theme; so they are exchanged when it is shown. Not
imported where the ground is dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Rgb = tuple[int, int, int]

ON_PAPER: Mapping[Rgb, Rgb] = {
    (0, 114, 178): (34, 69, 152),
    (230, 159, 0): (226, 104, 12),
    (0, 158, 115): (11, 158, 102),
    (213, 94, 0): (145, 25, 0),
    (204, 121, 167): (172, 130, 179),
    (86, 180, 233): (82, 109, 255),
}
"""By the colours of `engine.ticks.PALETTE`. At least 3:1 on our paper, and farther apart than those for red-green
blind eyes too; a test computes both."""


def on_paper(lines: Iterable[Strip]) -> list[Strip]:
    """The same lines in these colours; pictures stay as they are."""
    return [_line(line) for line in lines]


def _line(line: Strip) -> Strip:
    if not any(segment.style is not None and segment.style.color is not None for segment in line):
        return line
    return Strip(
        [Segment(text, _style(style) if style is not None else None, control) for text, style, control in line],
        line.cell_length,
    )


@lru_cache(maxsize=1024)
def _style(style: Style) -> Style:
    triplet = style.color.triplet if style.color is not None and style.bgcolor is None else None
    darker = ON_PAPER.get((triplet.red, triplet.green, triplet.blue)) if triplet is not None else None
    return style + Style(color=Color.from_rgb(*darker)) if darker is not None else style
