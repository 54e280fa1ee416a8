"""What a figure shows, as data: diagrams and tiles in rows, a title, a scale of colours; and its drawing. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine import plots, tiles
from engine.half_blocks import half_blocks, viridis
from engine.plots import Plot
from engine.terminal import ascii_only, cells, cut
from engine.tiles import HeatMap, Picture, Surface, Tile

NARROWEST = 30
"""Columns of a diagram that can still be read: fewer diagrams stand side by side where there is no room."""
LOWEST, LOWEST_TILE = 9, 4
"""Lines of a panel: where a screen has fewer for each, the figure is longer than the screen."""
NATURAL = 16
BAR = 24
"""Cells of the scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colours of all panels mean, and the names of the axes."""

    low: float
    high: float
    across: str = ""
    down: str = ""
    is_upward: bool = False


@dataclass(slots=True)
class Sheet:
    """Panels in rows, from the upper left corner on."""

    rows: list[list[Plot | Tile]] = field(default_factory=list)
    title: str = ""
    scale: Scale | None = None
    lines: int = NATURAL
    """Of a diagram where the text flows on."""
    is_afar: bool = False
    """Whether it is a picture of a figure that could not be read, and has a better one beside it."""


def draw(sheet: Sheet, width: int, height: int | None = None, *, at: float | None = None) -> str:
    """The figure in `width` columns. `height`: the lines that it should fill; None: its natural size.

    `at`: a place on the horizontal axis of its only diagram (`only_plot`) that a line marks.
    """
    if not any(sheet.rows):
        return "(an empty figure)"
    if at is not None and height is not None and (plot := only_plot(sheet)) is not None:
        return plots.draw(plot, width, height, at=at)
    head = [cut(sheet.title, width).center(width).rstrip()] if sheet.title else []
    foot = _scale(sheet.scale, width) if sheet.scale is not None else []
    across = max(len(row) for row in sheet.rows)
    if any(isinstance(panel, Plot) for row in sheet.rows for panel in row):
        across = max(1, min(across, width // NARROWEST))
    rows = [row[start : start + across] for row in sheet.rows for start in range(0, len(row), across)]
    share = None if height is None else (height - len(head) - len(foot)) // len(rows)
    room = max(4, (width - 2 * (across - 1)) // across)
    written = [_beside([_panel(panel, room, share, sheet.lines) for panel in row]) for row in rows]
    return "\n".join([*head, *written, *foot])


def only_plot(sheet: Sheet) -> Plot | None:
    """The diagram that has the figure to itself, and axes to read values at; None: there is more, or less."""
    panels = [panel for row in sheet.rows for panel in row]
    is_alone = len(panels) == 1 and not sheet.title and sheet.scale is None
    return panels[0] if is_alone and isinstance(panels[0], Plot) and panels[0].framed else None


def _panel(panel: Plot | Tile, width: int, height: int | None, natural: int) -> list[str]:
    if isinstance(panel, Picture | HeatMap | Surface):
        return tiles.lines(panel, width, None if height is None else max(LOWEST_TILE, height))
    lines = plots.draw(panel, width, natural if height is None else max(LOWEST, height)).split("\n")
    return [line + " " * (width - cells(line)) for line in lines]


def _beside(blocks: Sequence[list[str]]) -> str:
    tallest = max(map(len, blocks))
    padded = [[*block, *[" " * cells(block[0])] * (tallest - len(block))] for block in blocks]
    return "\n".join("  ".join(parts).rstrip() for parts in zip(*padded, strict=True))


def _scale(scale: Scale, width: int) -> list[str]:
    """What the colours mean, and the axes: on one line where they fit."""
    bar = bar_of([viridis(place / (BAR - 1)) for place in range(BAR)])
    right, arrow = ("x:", "y:") if ascii_only() else ("→", "↑" if scale.is_upward else "↓")
    colours = f"{scale.low:.3g} {bar} {scale.high:.3g}"
    axes = "   ".join(f"{sign} {name}" for sign, name in ((right, scale.across), (arrow, scale.down)) if name)
    if not axes:
        return [colours]
    if cells(colours) + 3 + cells(axes) <= width:
        return [f"{colours}   {axes}"]
    return [colours, cut(axes, width)]


def bar_of(colours: Sequence[tuple[int, int, int]]) -> str:
    """Colours side by side, a cell each."""
    return half_blocks([colours, colours])[0]
