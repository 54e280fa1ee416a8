"""Pictures, heat maps and surfaces as data, drawn at any size in half blocks or characters. No torch, no numpy.

The process that draws may be another than the one that has the numbers: the tutor draws them again on the full screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.half_blocks import SHADES, half_blocks, viridis
from engine.terminal import ascii_only, cells, cut, in_colour

LARGEST = 48
"""Pixels of a picture's longer side where the text flows on."""
ACROSS, DOWN = 64, 40
"""Pixels of a surface there."""
LEAST_WIDTH = 4
"""Cells that a number in a heat map needs: narrower ones are colour alone."""
WIDEST_CELL = 16
CRISP = 3
"""From here on a picture is enlarged whole times, and its pixels stay squares."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels: `height` rows of `width`, three bytes for each."""

    width: int
    height: int
    pixels: bytes
    title: str = ""
    smallest: int = 16
    """Pixels of the longer side that a smaller picture is enlarged to, whole times."""
    largest: int = LARGEST
    """Those that a larger one is averaged down to."""
    foot: tuple[str, ...] = ()
    """Lines below."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A matrix, row by row, of numbers of 32 bits; `low` and `high` are the ends of the scale of colours."""

    width: int
    height: int
    values: Sequence[float]
    low: float
    high: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Surface:
    """Heights over a rectangle, the uppermost row first; a path over it, in parts of its width and height."""

    width: int
    height: int
    values: Sequence[float]
    low: float
    high: float
    levels: int = 8
    path: tuple[tuple[float, float], ...] = ()
    title: str = ""


Tile: TypeAlias = Picture | HeatMap | Surface
_Rows: TypeAlias = list[list[Sequence[int]]]


def lines(tile: Tile, width: int, height: int | None = None) -> list[str]:
    """The tile in at most `width` cells, its title above it.

    `height`: the lines that it should fill; None: its natural size. All lines are equally wide.
    """
    room = None if height is None else max(1, height - bool(tile.title) - len(getattr(tile, "foot", ())))
    match tile:
        case Picture():
            block = half_blocks(_even(_scaled(tile, width, room)))
        case HeatMap():
            block = _heat(tile, width, room)
        case Surface():
            block = half_blocks(_landscape(tile, width, room))
    across = cells(block[0])
    head = [_middle(cut(tile.title, across), across)] if tile.title else []
    foot = [cut(line, width) for line in tile.foot] if isinstance(tile, Picture) else []
    across = max([across, *map(cells, foot)])
    return [line + " " * (across - cells(line)) for line in (*head, *block, *foot)]


def _middle(text: str, width: int) -> str:
    left = (width - cells(text)) // 2
    return " " * left + text


# Pictures


def _scaled(tile: Picture, width: int, room: int | None) -> _Rows:
    triples = memoryview(tile.pixels)
    longest = max(tile.width, tile.height)
    if room is None:
        scale = min(width / tile.width, tile.largest / longest, max(1, tile.smallest // longest))
        scale = scale if scale < 1 else int(scale)
    else:
        scale = min(width / tile.width, 2 * room / tile.height)
        scale = scale if scale < CRISP else int(scale)
    size = max(1, round(tile.width * scale)), max(1, round(tile.height * scale))
    rows: _Rows = [
        [bytes(triples[at : at + 3]) for at in range(3 * row * tile.width, 3 * (row + 1) * tile.width, 3)]
        for row in range(tile.height)
    ]
    if scale == int(scale):
        return _enlarged(rows, int(scale), int(scale)) if scale > 1 else rows
    return _averaged(rows, *size) if scale < 1 else _between_pixels(rows, *size)


def _between_pixels(rows: _Rows, width: int, height: int) -> _Rows:
    """A few times as large: between the pixels their colours are mixed, since some would be wider than others."""
    columns = [_between(x, width, len(rows[0])) for x in range(width)]
    made: _Rows = []
    for y in range(height):
        top, below = _between(y, height, len(rows))
        upper, lower = rows[top], rows[min(top + 1, len(rows) - 1)]
        line: list[Sequence[int]] = []
        for left, part in columns:
            right = min(left + 1, len(upper) - 1)
            corners = zip(upper[left], upper[right], lower[left], lower[right], strict=True)
            line.append(
                [
                    round((a * (1 - part) + b * part) * (1 - below) + (c * (1 - part) + d * part) * below)
                    for a, b, c, d in corners
                ]
            )
        made.append(line)
    return made


def _enlarged(rows: _Rows, across: int, down: int) -> _Rows:
    return [[pixel for pixel in row for _ in range(across)] for row in rows for _ in range(down)]


def _averaged(rows: _Rows, width: int, height: int) -> _Rows:
    """Each new pixel is the mean of those that it covers."""
    columns, lines_ = _spans(len(rows[0]), width), _spans(len(rows), height)
    made: _Rows = []
    for top, bottom in lines_:
        band = rows[top:bottom]
        made.append([_mean([row[x] for row in band for x in range(left, right)]) for left, right in columns])
    return made


def _spans(count: int, parts: int) -> list[tuple[int, int]]:
    return [(part * count // parts, -(-(part + 1) * count // parts)) for part in range(parts)]


def _mean(pixels: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(round(sum(channel) / len(pixels)) for channel in zip(*pixels, strict=True))


def _even(rows: _Rows) -> _Rows:
    # Steps of 5 are not seen, and let neighbours share one escape sequence.
    even = rows if len(rows) % 2 == 0 else [*rows, rows[-1]]
    return [[[5 * round(value / 5) for value in pixel] for pixel in row] for row in even]


# Heat maps


def _heat(tile: HeatMap, width: int, room: int | None) -> list[str]:
    if room is not None and (drawn := _numbered(tile, width, room)):
        return drawn
    colours = [viridis(_level(tile, value)) for value in tile.values]
    rows: _Rows = [list(colours[row * tile.width : (row + 1) * tile.width]) for row in range(tile.height)]
    longest = max(tile.width, tile.height)
    times = min(32 // longest, width // tile.width)
    shrink = min(1.0, width / tile.width, LARGEST / longest)
    if room is not None:
        times = min(width // tile.width, 2 * room // tile.height)
        shrink = min(1.0, width / tile.width, 2 * room / tile.height)
    if times > 1:
        rows = _enlarged(rows, times, times)
    elif shrink < 1:
        rows = _averaged(rows, max(1, round(tile.width * shrink)), max(1, round(tile.height * shrink)))
    return half_blocks(_even(rows))


def _level(tile: HeatMap | Surface, value: float) -> float:
    """Where a value lies on the scale, 0 … 1; what is no number lies at its beginning, infinity at its end."""
    if math.isnan(value):
        return 0.0
    part = (value - tile.low) / (tile.high - tile.low if tile.high > tile.low else 1.0)
    return max(0.0, min(1.0, part))


def _numbered(tile: HeatMap, width: int, room: int) -> list[str]:
    """The heat map with its numbers in it, and those of rows and columns around; nothing where there is no room."""
    margin = len(str(tile.height - 1)) + 1
    across = min(WIDEST_CELL, (width - margin) // tile.width)
    down = min((room - 1) // tile.height, max(1, across // 2))
    if down < 1 or across < LEAST_WIDTH:
        return []
    written = ([spec.format(value) for value in tile.values] for spec in ("{:.2g}", "{:.1g}", "{:.2f}"))
    words = next((each for each in written if max(map(len, each)) < across), None)
    if words is None:
        return []
    drawn = [" " * margin + "".join(f"{column:^{across}}" for column in range(tile.width))]
    for row in range(tile.height):
        inside = range(row * tile.width, (row + 1) * tile.width)
        for line in range(down):
            is_middle = line == (down - 1) // 2
            name = f"{row:>{margin - 1}} " if is_middle else " " * margin
            drawn.append(name + "".join(_cell(tile, at, words[at] if is_middle else "", across) for at in inside))
    return drawn


def _cell(tile: HeatMap, at: int, word: str, width: int) -> str:
    level = _level(tile, tile.values[at])
    if ascii_only() or not in_colour():
        shade = SHADES[round(level * (len(SHADES) - 1))]
        return f" {word} ".center(width, shade)[:width] if word else shade * width
    red, green, blue = viridis(level)
    ink = "16;16;16" if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else "255;255;255"
    return f"\x1b[38;2;{ink};48;2;{red};{green};{blue}m{word:^{width}}\x1b[0m"


# Surfaces


def _landscape(tile: Surface, width: int, room: int | None) -> _Rows:
    """Heights as colours, darker where a level ends; the path in white."""
    across, down = (min(width, ACROSS), DOWN) if room is None else (min(width, round(3.2 * room)), 2 * room)
    level = [[_level(tile, value) for value in row] for row in _sampled(tile, across, down)]
    band = [[min(tile.levels - 1, int(value * tile.levels)) for value in row] for row in level]
    rows: _Rows = []
    for y, row in enumerate(level):
        made: list[Sequence[int]] = []
        for x, value in enumerate(row):
            colour = viridis(value)
            is_edge = (x > 0 and band[y][x] != band[y][x - 1]) or (y > 0 and band[y][x] != band[y - 1][x])
            made.append(tuple(round(part * 0.55) for part in colour) if is_edge else colour)
        rows.append(made)
    for right, below in tile.path:
        column, line = round(right * (across - 1)), round(below * (down - 1))
        if 0 <= column < across and 0 <= line < down:
            rows[line][column] = (255, 255, 255)
    return _even(rows)


def _sampled(tile: Surface, across: int, down: int) -> list[list[float]]:
    """The heights at that many places: between the known ones in straight lines."""
    rows = [tile.values[row * tile.width : (row + 1) * tile.width] for row in range(tile.height)]
    if (across, down) == (tile.width, tile.height):
        return [list(row) for row in rows]
    columns = [_between(x, across, tile.width) for x in range(across)]
    made = []
    for y in range(down):
        top, below = _between(y, down, tile.height)
        upper, lower = rows[top], rows[min(top + 1, tile.height - 1)]
        line = []
        for left, part in columns:
            right = min(left + 1, tile.width - 1)
            high = upper[left] * (1 - part) + upper[right] * part
            low = lower[left] * (1 - part) + lower[right] * part
            line.append(high * (1 - below) + low * below)
        made.append(line)
    return made


def _between(place: int, places: int, known: int) -> tuple[int, float]:
    at = place * (known - 1) / max(1, places - 1)
    return int(at), at - int(at)
