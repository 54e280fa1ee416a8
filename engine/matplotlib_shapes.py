"""What matplotlib calls collections, as series of a chart: scattered points, contours, bands, error bars. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.contour import ContourSet

from engine import plots
from engine.canvas import Colour
from engine.plots import Note, Series
from engine.ticks import PALETTE

MOST_GROUPS = 12
"""Colours of points in one scatter that are told apart; more are a scale, cut into bands."""
BANDS = 5
"""Bands of a scale of colours: each has a mark of its own."""
_CYCLE = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
"""matplotlib's first colours: ours take their places."""


class NotAChart(Exception):
    """There is something in the figure that characters do not draw."""


def series_of(axes: Any) -> tuple[list[Series], list[Note]]:
    """The collections of a pair of axes; for contours also notes with their heights. Raises `NotAChart`."""
    found: list[Series] = []
    notes: list[Note] = []
    for collection in axes.collections:
        if isinstance(collection, PathCollection):
            found += _scatter(collection)
        elif collection.get_transform() != axes.transData:
            raise NotAChart
        elif isinstance(collection, ContourSet) and not collection.filled:
            found += _contours(collection)
            notes += _heights(collection)
        elif isinstance(collection, LineCollection):
            found += _lines(collection)
        elif isinstance(collection, PolyCollection) and len(collection.get_paths()) <= MOST_GROUPS:
            found += _bands(collection)
        else:
            raise NotAChart
    return found, notes


def colour_of(colour: Any) -> Colour:
    """A colour of matplotlib's in ours: one of the cycle is the palette's; black and white are grey."""
    name = to_hex(colour)
    if name in _CYCLE:
        return PALETTE[_CYCLE.index(name)]
    red, green, blue = (round(255 * part) for part in to_rgb(colour))
    # Black or white lines would vanish on a ground of their own colour.
    return (128, 128, 128) if max(red, green, blue) < 40 or min(red, green, blue) > 230 else (red, green, blue)


def _scatter(collection: PathCollection) -> list[Series]:
    places: Any = np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
    shades = [to_hex(colour) for colour in np.atleast_2d(collection.get_facecolor())] or ["#1f77b4"]
    shades = shades * len(places) if len(shades) == 1 else shades
    groups = list(dict.fromkeys(shades))
    array = collection.get_array()
    if len(groups) > MOST_GROUPS:
        if array is None:
            raise NotAChart
        return _banded(places, np.ma.filled(np.ma.asarray(array, dtype=float), np.nan), collection)
    found = []
    for group in groups:
        chosen = [place for place, shade in zip(places.tolist(), shades, strict=False) if shade == group]
        label = str(collection.get_label()) if len(groups) == 1 else "_"
        colour = None if array is not None else colour_of(group)  # numbers: our colours are seen
        found.append(Series("points", [x for x, _ in chosen], [y for _, y in chosen], label, colour))
    return found


def _banded(places: Any, values: Any, collection: Any) -> list[Series]:
    """Points on a scale of colours, in bands of it."""
    low, high = (float(end) for end in collection.get_clim())
    edges = np.linspace(low, high, BANDS + 1)
    band = np.clip(np.digitize(values, edges) - 1, 0, BANDS - 1)
    found = []
    for number in range(BANDS):
        chosen = places[(band == number) & np.isfinite(values)]
        middle = (edges[number] + edges[number + 1]) / 2
        colour = colour_of(collection.get_cmap()(collection.norm(middle)))
        label = f"{edges[number]:.2g}…{edges[number + 1]:.2g}"
        found.append(Series("points", chosen[:, 0].tolist(), chosen[:, 1].tolist(), label, colour))
    return found


def _contours(contours: Any) -> list[Series]:
    colours = np.atleast_2d(contours.get_edgecolor())
    found = []
    for number, path in enumerate(contours.get_paths()):
        x, y = _joined(path.to_polygons(closed_only=False))
        colour = colour_of(colours[number % len(colours)]) if len(colours) else None
        found.append(Series("line", x, y, "_", colour, dash="1"))
    return found


def _heights(contours: Any) -> list[Note]:
    """The height of each contour, where its first piece begins."""
    notes = []
    for level, path in zip(contours.levels, contours.get_paths(), strict=False):
        pieces = [piece for piece in path.to_polygons(closed_only=False) if len(piece)]
        if pieces:
            x, y = max(pieces, key=len)[0]
            notes.append(Note(f"{level:g}", (float(x), float(y))))
    return notes


def _lines(collection: LineCollection) -> list[Series]:
    x, y = _joined([np.asarray(segment, dtype=float) for segment in collection.get_segments()])
    colours = np.atleast_2d(collection.get_edgecolor())
    colour = colour_of(colours[0]) if len(colours) else None
    return [Series("line", x, y, str(collection.get_label()), colour, dash="1")]


def _bands(collection: PolyCollection) -> list[Series]:
    """The edge of each filled area, dotted: a filling would hide what lies on it."""
    colours = np.atleast_2d(collection.get_facecolor())
    found = []
    for number, path in enumerate(collection.get_paths()):
        x, y = _joined(path.to_polygons())
        colour = colour_of(colours[number % len(colours)]) if len(colours) else None
        found.append(Series("line", x, y, str(collection.get_label()), colour, dash=plots.DASHES[2]))
    return found


def _joined(pieces: Iterable[Any]) -> tuple[list[float], list[float]]:
    """Several lines as one, broken where one ends."""
    x: list[float] = []
    y: list[float] = []
    for piece in pieces:
        x += [*piece[:, 0].tolist(), math.nan]
        y += [*piece[:, 1].tolist(), math.nan]
    return x, y
