"""Pictures, heat maps and surfaces as text, for a cell's last line: `show_images(X, 2, 8)`.

A picture is made of half blocks, two pixels in a cell, in true colours; with `NO_COLOR`, of shades of ASCII. Nothing is
printed here: the object that is returned shows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.redrawing import Drawn
from engine.sheets import Scale, Sheet
from engine.terminal import Figure
from engine.tiles import LARGEST, HeatMap, Picture, Surface

__all__ = ["Figure", "show_heatmaps", "show_images", "show_surface"]

MOST_PIXELS = 60_000
"""Of all pictures of a figure together: more cannot be seen on a full screen."""
FINEST = 128
"""Rows and columns of a heat map."""
FINE_ACROSS, FINE_DOWN = 127, 79
"""Places of a surface that are known, twice as many as its text has cells."""


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
    names = [*(str(title) for title in titles or ()), *[""] * len(pictures)]
    room = max(1, MOST_PIXELS // max(1, len(pictures)))
    tiles = [_tile(picture, name, round(LARGEST * scale), room) for picture, name in zip(pictures, names, strict=False)]
    return Drawn(Sheet([[*tiles[start : start + num_cols]] for start in range(0, len(tiles), num_cols)]))


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
    low, high = _ends(maps)
    named = [*(str(title) for title in titles or ()), *[""] * maps.shape[1]]
    rows = [[_heat_map(field, name, low, high) for field, name in zip(row, named, strict=False)] for row in maps]
    return Drawn(Sheet([[*row] for row in rows], scale=Scale(low, high, xlabel, ylabel)))


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
    if callable(f):
        x, y = torch.linspace(*xlim, FINE_ACROSS).double(), torch.linspace(*ylim, FINE_DOWN).double()
        y, x = torch.meshgrid(y, x, indexing="ij")
        values = torch.as_tensor(f(x, y)).detach().cpu().double().expand(FINE_DOWN, FINE_ACROSS)
    else:
        values = _coarser(torch.as_tensor(f).detach().cpu().double(), FINE_ACROSS, FINE_DOWN)
    values = values.flip(0)  # up is more
    low, high = _ends(values)
    places = tuple(((a - xlim[0]) / (xlim[1] - xlim[0]), (ylim[1] - b) / (ylim[1] - ylim[0])) for a, b in path)
    ends = "{}, {:.3g} to {:.3g}"
    named = (ends.format(xlabel, *xlim), ends.format(ylabel, *ylim)) if callable(f) else (xlabel, ylabel)
    down, across = values.shape
    surface = Surface(across, down, values.float().reshape(-1).tolist(), low, high, levels, places)
    return Drawn(Sheet([[surface]], scale=Scale(low, high, *named, is_upward=True)))


def _ends(values: Tensor) -> tuple[float, float]:
    finite = values[values.isfinite()]
    return (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 1.0)


def _heat_map(field: Tensor, title: str, low: float, high: float) -> HeatMap:
    field = _coarser(field, FINEST, FINEST)
    return HeatMap(field.shape[1], field.shape[0], field.float().reshape(-1).tolist(), low, high, title)


def _coarser(values: Tensor, width: int, height: int) -> Tensor:
    """(h, w) to at most `height` rows of `width`: means of the values that fall together."""
    size = (min(height, values.shape[0]), min(width, values.shape[1]))
    return (
        values if size == values.shape else torch.nn.functional.interpolate(values[None, None], size, mode="area")[0, 0]
    )


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


def _tile(picture: Tensor, title: str, largest: int, room: int) -> Picture:
    """(3, h, w) in [0, 1] as bytes, averaged down to at most `room` pixels."""
    height, width = picture.shape[1:]
    if (shrink := (room / (height * width)) ** 0.5) < 1:
        size = (max(1, round(height * shrink)), max(1, round(width * shrink)))
        picture = torch.nn.functional.interpolate(picture[None], size=size, mode="area")[0]
        height, width = size
    pixels = (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()
    return Picture(width, height, bytes(pixels.reshape(-1).tolist()), title, largest=largest)
