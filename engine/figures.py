"""Pictures, heat maps and curves as text, for a cell's last line: `show_images(X, 2, 8)`, `plot(x, [f, g])`.

A picture is made of half blocks, two pixels in a cell, in true colours; with `NO_COLOR`, of shades of ASCII. Nothing is
printed here: the object that is returned shows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from engine.curves import Curve
from engine.terminal import Figure, columns, in_colour

__all__ = ["Figure", "plot", "show_heatmaps", "show_images"]

Numbers: TypeAlias = Tensor | Sequence[float]

SHADES = " .:-=+*#%@"
"""From dark to bright, where there is no colour."""
LARGEST, SMALLEST = 48, 16
"""Pixels of a picture's longer side: more are averaged away, fewer are enlarged."""

# A few points of matplotlib's viridis (van der Walt and Smith, 2015): rises evenly in brightness.
_VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def show_images(
    imgs: Tensor | Sequence[Any],
    num_rows: int,
    num_cols: int,
    titles: Sequence[Any] | None = None,
    scale: float = 1.0,
) -> Figure:
    """A grid of pictures with titles (4.2).

    imgs: (n, h, w) or (n, 1, h, w) grey, (n, 3, h, w) or (n, h, w, 3) coloured, or a sequence of such single pictures;
    numbers in [0, 1], or bytes. Pictures with other numbers are stretched to that range.
    """
    pictures = [_picture(img) for img in imgs][: num_rows * num_cols]
    room = max(4, (columns() - 2 * (num_cols - 1)) // num_cols)
    blocks = [_half_blocks(_resize(picture, min(room, round(LARGEST * scale)))) for picture in pictures]
    captions = [str(title) for title in titles] if titles is not None else [""] * len(blocks)
    named = [_titled(block, caption) for block, caption in zip(blocks, captions, strict=False)]
    return Figure("\n".join(_beside(named[row : row + num_cols]) for row in range(0, len(named), num_cols)))


def show_heatmaps(
    matrices: Tensor,
    xlabel: str,
    ylabel: str,
    titles: Sequence[Any] | None = None,
    cmap: str | None = None,
) -> Figure:
    """Heat maps in a grid (11.1). matrices: (rows, columns, queries, keys), or (queries, keys) for a single one.

    All share one scale of colours, which is written below. `cmap` is the book's; there is only one map here.
    """
    maps = matrices.detach().double().cpu()
    maps = maps.reshape((1, 1, *maps.shape)) if maps.dim() == 2 else maps
    finite = maps[maps.isfinite()]
    low, high = (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 1.0)
    num_rows, num_cols = maps.shape[:2]
    room = max(4, (columns() - 2 * (num_cols - 1)) // num_cols)
    level = ((maps - low) / (high - low if high > low else 1.0)).nan_to_num(0.0)
    lines: list[str] = []
    for row in range(num_rows):
        blocks = [_half_blocks(_resize(_coloured(level[row, col]), room)) for col in range(num_cols)]
        names = [str(titles[col]) if titles is not None and col < len(titles) else "" for col in range(num_cols)]
        lines.append(_beside([_titled(block, name) for block, name in zip(blocks, names, strict=True)]))
    bar = _half_blocks(_coloured(torch.linspace(0, 1, 24).double().expand(2, 24)))[0]
    lines.append(f"{low:.3g} {bar} {high:.3g}   → {xlabel}   ↓ {ylabel}")
    return Figure("\n".join(lines))


def plot(
    X: Numbers | Sequence[Numbers],
    Y: Numbers | Sequence[Numbers] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    legend: Sequence[str] = (),
    *,
    yscale: str = "linear",
    width: int | None = None,
    height: int = 16,
) -> Figure:
    """Lines through points (2.4): `plot(x, [f(x), g(x)], legend=["f", "g"])`, or `plot(y)` over 0, 1, 2, …

    X: one sequence for all lines, or one for each; Y: one sequence of numbers, or several. `yscale` may be `log`.
    """
    from engine import charts

    if Y is None:
        lines_y = _many(X)
        lines_x = [[float(i) for i in range(len(y))] for y in lines_y]
    else:
        lines_x, lines_y = _many(X), _many(Y)
        lines_x = lines_x * len(lines_y) if len(lines_x) == 1 else lines_x
    names = [*legend, *(f"line {i + 1}" for i in range(len(legend), len(lines_y)))]
    curves = [Curve(name, tuple(x), tuple(y), kind="line") for name, x, y in zip(names, lines_x, lines_y, strict=False)]
    picture = charts.draw(
        curves,
        width or min(columns(), 80),
        height,
        log_y=yscale == "log",
        colour=in_colour(),
        legend=bool(legend),
        from_zero=False,
    )
    caption = "   ".join(part for part in (f"→ {xlabel}" if xlabel else "", f"↑ {ylabel}" if ylabel else "") if part)
    return Figure(f"{picture}\n{caption}" if caption else picture)


def _many(values: Any) -> list[list[float]]:
    """One or several sequences of numbers, as lists."""
    if isinstance(values, Tensor):
        values = values.detach().cpu().double()
        return [row.tolist() for row in values] if values.dim() == 2 else [values.reshape(-1).tolist()]
    items = [item.tolist() if hasattr(item, "tolist") else item for item in values]
    if any(isinstance(item, list | tuple) for item in items):
        return [[float(value) for value in item] for item in items]
    return [[float(item) for item in items]]


def _picture(img: Any) -> Tensor:
    """Any form of a picture as (3, h, w) in [0, 1]."""
    picture = torch.as_tensor(img).detach().cpu()
    is_bytes = picture.dtype == torch.uint8
    picture = picture.double()
    if picture.dim() == 3 and picture.shape[-1] == 3 and picture.shape[0] != 3:
        picture = picture.permute(2, 0, 1)
    picture = picture if picture.dim() == 3 else picture[None]
    picture = picture / 255 if is_bytes else picture
    low, high = float(picture.min()), float(picture.max())
    if low < 0 or high > 1:
        picture = (picture - low) / (high - low if high > low else 1.0)
    return picture.expand(3, *picture.shape[1:]) if picture.shape[0] == 1 else picture[:3]


def _resize(picture: Tensor, room: int) -> Tensor:
    """(3, h, w) to at most `room` columns and `LARGEST` pixels, an even number of rows; small ones grow whole times."""
    height, width = picture.shape[1:]
    longest = max(height, width)
    if longest < SMALLEST and width * (times := SMALLEST // longest) <= room:
        picture = picture.repeat_interleave(times, 1).repeat_interleave(times, 2)
    elif (shrink := min(1.0, room / width, LARGEST / longest)) < 1:
        size = (max(1, round(height * shrink)), max(1, round(width * shrink)))
        picture = torch.nn.functional.interpolate(picture[None], size=size, mode="area")[0]
    if picture.shape[1] % 2:
        picture = torch.cat([picture, picture[:, -1:]], dim=1)
    return picture


def _coloured(level: Tensor) -> Tensor:
    """(h, w) in [0, 1] to the colours of viridis, (3, h, w)."""
    table = torch.tensor(_VIRIDIS, dtype=torch.float64) / 255
    place = level.clamp(0, 1) * (len(table) - 1)
    below = place.floor().long().clamp(max=len(table) - 2)
    part = (place - below)[..., None]
    return (table[below] * (1 - part) + table[below + 1] * part).permute(2, 0, 1)


def _half_blocks(picture: Tensor) -> list[str]:
    """(3, h, w), h even, to h / 2 lines of w cells."""
    if not in_colour():
        grey = (picture * torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64).reshape(3, 1, 1)).sum(0)
        grey = (grey[0::2] + grey[1::2]) / 2
        levels = (grey.clamp(0, 1) * (len(SHADES) - 1)).round().int().tolist()
        return ["".join(SHADES[level] for level in row) for row in levels]
    # Steps of 5 are not seen, and let neighbours share one escape sequence.
    colours = ((picture.clamp(0, 1) * 51).round().int() * 5).permute(1, 2, 0).tolist()
    return [_line(upper, lower) for upper, lower in zip(colours[0::2], colours[1::2], strict=True)]


def _line(upper: list[list[int]], lower: list[list[int]]) -> str:
    written: list[str] = []
    before: tuple[list[int], list[int]] | None = None
    for pair in zip(upper, lower, strict=True):
        if pair != before:  # a colour is said once for all cells that share it
            (a, b, c), (d, e, f) = pair
            written.append(f"\x1b[38;2;{a};{b};{c};48;2;{d};{e};{f}m")
            before = pair
        written.append("▀")
    return "".join(written) + "\x1b[0m"


def _titled(block: list[str], title: str) -> tuple[int, list[str]]:
    width = block[0].count("▀") if "\x1b" in block[0] else len(block[0])
    return width, ([title[:width].center(width), *block] if title else block)


def _beside(blocks: Sequence[tuple[int, list[str]]]) -> str:
    tallest = max((len(lines) for _, lines in blocks), default=0)
    padded = [lines + [" " * width] * (tallest - len(lines)) for width, lines in blocks]
    return "\n".join("  ".join(parts) for parts in zip(*padded, strict=True))
