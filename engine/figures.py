"""Pictures, heat maps and surfaces as text, for a cell's last line: `show_images(X, 2, 8)`.

A picture is made of half blocks, two pixels in a cell, in true colours; with `NO_COLOR`, of shades of ASCII. Nothing is
printed here: the object that is returned shows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.half_blocks import VIRIDIS, half_blocks
from engine.terminal import Figure, ascii_only, cells, columns, cut

__all__ = ["Figure", "show_heatmaps", "show_images", "show_surface"]

LARGEST, SMALLEST = 48, 16
"""Pixels of a picture's longer side: more are averaged away, fewer are enlarged."""
MAP = 32
"""The same for the fields of a heat map."""


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
    figsize: tuple[float, float] | None = None,
    cmap: str | None = None,
) -> Figure:
    """Heat maps in a grid (11.1). matrices: (rows, columns, queries, keys), or (queries, keys) for a single one.

    All share one scale of colours, which is written below. `figsize` and `cmap` are the book's: here the
    size is that of the terminal, and there is one map of colours.
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
        blocks = [_half_blocks(_resize(_coloured(level[row, col]), room, MAP)) for col in range(num_cols)]
        names = [str(titles[col]) if titles is not None and col < len(titles) else "" for col in range(num_cols)]
        lines.append(_beside([_titled(block, name) for block, name in zip(blocks, names, strict=True)]))
    return Figure("\n".join([*lines, *_scale(low, high, xlabel, ylabel, "↓")]))


def show_surface(
    f: Any,
    xlim: tuple[float, float] = (-1.0, 1.0),
    ylim: tuple[float, float] = (-1.0, 1.0),
    xlabel: str = "x",
    ylabel: str = "y",
    *,
    path: Sequence[tuple[float, float]] = (),
    levels: int = 8,
) -> Figure:
    """A surface from above, its height as colour, with contour lines (2.4, 12.3).

    f: a function of two tensors of one shape, or its values, (rows from the least y, columns from the least x).
    `path`: places that an optimizer visited, drawn over it.
    """
    width, height = min(columns(), 64), 40
    if callable(f):
        x, y = torch.linspace(*xlim, width).double(), torch.linspace(*ylim, height).double()
        y, x = torch.meshgrid(y, x, indexing="ij")
        values = torch.as_tensor(f(x, y)).detach().cpu().double().expand(height, width)
    else:
        values = torch.as_tensor(f).detach().cpu().double()
        values = torch.nn.functional.interpolate(
            values[None, None], size=(height, width), mode="bilinear", align_corners=True
        )[0, 0]
    values = values.flip(0)  # up is more
    finite = values[values.isfinite()]
    low, high = (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 1.0)
    level = ((values - low) / (high - low if high > low else 1.0)).nan_to_num(0.0, 1.0, 0.0)
    picture = _coloured(level)
    band = (level * levels).floor().clamp(max=levels - 1)
    edge = torch.zeros_like(level, dtype=torch.bool)
    edge[:, 1:] |= band[:, 1:] != band[:, :-1]
    edge[1:] |= band[1:] != band[:-1]
    picture = torch.where(edge, picture * 0.55, picture)
    for a, b in path:
        column = round((a - xlim[0]) / (xlim[1] - xlim[0]) * (width - 1))
        row = round((ylim[1] - b) / (ylim[1] - ylim[0]) * (height - 1))
        if 0 <= column < width and 0 <= row < height:
            picture[:, row, column] = torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64)
    ends = "{}, {:.3g} to {:.3g}"
    named = (ends.format(xlabel, *xlim), ends.format(ylabel, *ylim)) if callable(f) else (xlabel, ylabel)
    return Figure("\n".join([*_half_blocks(picture), *_scale(low, high, *named, "↑")]))


def _scale(low: float, high: float, xlabel: str, ylabel: str, direction: str) -> list[str]:
    """What the colours mean, and the axes: on one line where they fit."""
    bar = _half_blocks(_coloured(torch.linspace(0, 1, 24).double().expand(2, 24)))[0]
    right, up_or_down = ("x:", "y:") if ascii_only() else ("→", direction)
    colours, axes = f"{low:.3g} {bar} {high:.3g}", f"{right} {xlabel}   {up_or_down} {ylabel}"
    if cells(colours) + 3 + cells(axes) <= columns():
        return [f"{colours}   {axes}"]
    return [colours, cut(axes, columns())]


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


def _resize(picture: Tensor, room: int, smallest: int = SMALLEST) -> Tensor:
    """(3, h, w) to at most `room` columns and `LARGEST` pixels, an even number of rows; small ones grow whole times."""
    height, width = picture.shape[1:]
    longest = max(height, width)
    if (times := min(smallest // longest, room // width)) > 1:
        picture = picture.repeat_interleave(times, 1).repeat_interleave(times, 2)
    elif (shrink := min(1.0, room / width, LARGEST / longest)) < 1:
        size = (max(1, round(height * shrink)), max(1, round(width * shrink)))
        picture = torch.nn.functional.interpolate(picture[None], size=size, mode="area")[0]
    if picture.shape[1] % 2:
        picture = torch.cat([picture, picture[:, -1:]], dim=1)
    return picture


def _coloured(level: Tensor) -> Tensor:
    """(h, w) in [0, 1] to the colours of viridis, (3, h, w)."""
    table = torch.tensor(VIRIDIS, dtype=torch.float64) / 255
    place = level.clamp(0, 1) * (len(table) - 1)
    below = place.floor().long().clamp(max=len(table) - 2)
    part = (place - below)[..., None]
    return (table[below] * (1 - part) + table[below + 1] * part).permute(2, 0, 1)


def _half_blocks(picture: Tensor) -> list[str]:
    """(3, h, w), h even, to h / 2 lines of w cells."""
    # Steps of 5 are not seen, and let neighbours share one escape sequence.
    return half_blocks(((picture.clamp(0, 1) * 51).round().int() * 5).permute(1, 2, 0).tolist())


def _titled(block: list[str], title: str) -> tuple[int, list[str]]:
    width = cells(block[0])
    shown = cut(title, width)
    left = (width - cells(shown)) // 2
    return width, ([" " * left + shown + " " * (width - left - cells(shown)), *block] if title else block)


def _beside(blocks: Sequence[tuple[int, list[str]]]) -> str:
    tallest = max((len(lines) for _, lines in blocks), default=0)
    padded = [lines + [" " * width] * (tallest - len(lines)) for width, lines in blocks]
    return "\n".join("  ".join(parts) for parts in zip(*padded, strict=True))
