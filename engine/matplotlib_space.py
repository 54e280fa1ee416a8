"""matplotlib's axes in space as a chart: wireframes, surfaces, curves and points in braille, numbers at the edges.

Places are projected as matplotlib would, so that its angles of view hold. A surface hides what is behind it. No torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from mpl_toolkits.mplot3d import proj3d
from mpl_toolkits.mplot3d.art3d import Line3D, Line3DCollection, Path3DCollection, Poly3DCollection

from engine.canvas import Colour
from engine.matplotlib_shapes import NotAChart, colour_of
from engine.plots import DASHES, Note, Plot, Series
from engine.ticks import PALETTE

GREY = (128, 128, 128)
LINES = 20
"""In either direction: more run together in characters."""
MOST_FACES = 1200
"""Of a surface that is no grid."""
BEYOND = 1.12
"""How far from the middle the numbers of an edge stand, the edge itself being at 1."""
BANDS = 6
"""Colours of a surface that is coloured by its height."""


def in_space(axes: Any) -> Plot:
    """One pair of axes in space. Raises `NotAChart` for what has no lines."""
    eye = _Eye(axes)
    series = [*eye.box()]
    surfaces = 0
    for collection in axes.collections:
        if isinstance(collection, Poly3DCollection):
            series += _surface(eye, collection, PALETTE[surfaces % len(PALETTE)])
            surfaces += 1
        elif isinstance(collection, Line3DCollection):
            series.append(_wires(eye, collection))
        elif isinstance(collection, Path3DCollection):
            series.append(eye.points(collection._offsets3d, "points", collection))
        else:
            raise NotAChart
    series += [_curve(eye, line) for line in axes.lines if isinstance(line, Line3D)]
    if axes.patches or axes.images or any(axis != "linear" for axis in (axes.get_xscale(), axes.get_yscale())):
        raise NotAChart
    corners = np.array([eye.seen(*corner)[:2] for corner in product(*eye.ends)])
    (left, low), (right, high) = corners.min(0), corners.max(0)
    across, up = 0.12 * (right - left), 0.08 * (high - low)
    return Plot(
        series,
        notes=[*eye.numbers(), *_words(eye, axes)],
        title=axes.get_title(),
        xlim=(float(left - across), float(right + across)),
        ylim=(float(low - up), float(high + up)),
        legend=axes.get_legend() is not None,
        framed=False,
    )


class _Eye:
    """From where a space is seen."""

    def __init__(self, axes: Any) -> None:
        self._matrix = axes.get_proj()
        self._axes = axes
        self.ends = tuple(
            tuple(map(float, limits)) for limits in (axes.get_xlim3d(), axes.get_ylim3d(), axes.get_zlim3d())
        )
        self._middle = tuple(sum(pair) / 2 for pair in self.ends)
        # Of each pair of walls the one that is farther away, seen behind all else.
        self._back = tuple(max(pair, key=lambda end: self._depth(axis, end)) for axis, pair in enumerate(self.ends))
        self._front = tuple(
            pair[0] if pair[1] == back else pair[1] for pair, back in zip(self.ends, self._back, strict=True)
        )

    def seen(self, x: Any, y: Any, z: Any) -> Any:
        """Places as they are projected: to the right, up, and away."""
        return np.array(
            proj3d.proj_transform(np.asarray(x, float), np.asarray(y, float), np.asarray(z, float), self._matrix)
        )

    def _depth(self, axis: int, end: float) -> float:
        place = list(self._middle)
        place[axis] = end
        return float(self.seen(*place)[2])

    def points(self, places: Any, kind: Any, artist: Any, colour: Colour | None = None) -> Series:
        """Places in space as a series."""
        x, y, _away = self.seen(*(np.ma.filled(np.ma.asarray(part, dtype=float), np.nan) for part in places))
        label = str(artist.get_label())
        return Series(kind, np.atleast_1d(x).tolist(), np.atleast_1d(y).tolist(), label, colour, dash="1")

    def box(self) -> Iterator[Series]:
        """The edges of the floor and of the walls behind: the inner ones dense, the outer ones in dots."""
        for is_inner in (True, False):
            x: list[float] = []
            y: list[float] = []
            for axis in range(3):
                for others in ((True, True),) if is_inner else ((True, False), (False, True)):
                    one, other = self._edge(axis, *others)
                    (x0, y0, _), (x1, y1, _) = self.seen(*one), self.seen(*other)
                    x += [float(x0), float(x1), math.nan]
                    y += [float(y0), float(y1), math.nan]
            yield Series("line", x, y, "_", GREY, dash=DASHES[2] if is_inner else "1000", mark=".")

    def _edge(self, axis: int, *is_back: bool) -> tuple[list[float], list[float]]:
        """An edge along an axis, its other two coordinates behind or in front."""
        behind = iter(is_back)
        place = [0.0 if k == axis else (self._back if next(behind) else self._front)[k] for k in range(3)]
        return [*place[:axis], self.ends[axis][0], *place[axis + 1 :]], [
            *place[:axis],
            self.ends[axis][1],
            *place[axis + 1 :],
        ]

    def numbers(self) -> Iterator[Note]:
        """The ends of each axis and its name, beside the edge where it is read."""
        names = (self._axes.get_xlabel(), self._axes.get_ylabel(), self._axes.get_zlabel())
        ticks = (self._axes.get_xticks(), self._axes.get_yticks(), self._axes.get_zticks())
        for axis, (name, places) in enumerate(zip(names, ticks, strict=True)):
            low, high = self.ends[axis]
            inside = [float(place) for place in places if low <= place <= high]
            start, end = self._edge_of_numbers(axis)
            said = [(place, f"{place:g}") for place in dict.fromkeys((inside[0], inside[-1]) if inside else ())]
            if name:
                said.append(((low + high) / 2, name))
            for place, words in said:
                part = (place - low) / (high - low)
                x, y = self._outside([a + (b - a) * part for a, b in zip(start, end, strict=True)])
                yield Note(words, (x, y))

    def _edge_of_numbers(self, axis: int) -> tuple[list[float], list[float]]:
        if axis < 2:  # on the floor, in front
            start, end = self._edge(axis, False, True)
            return [*start[:2], self.ends[2][0]], [*end[:2], self.ends[2][0]]
        sides = [self._edge(2, *others) for others in ((True, False), (False, True))]
        return max(sides, key=lambda edge: float(self.seen(*edge[0])[0]))

    def _outside(self, place: Sequence[float]) -> tuple[float, float]:
        """A little farther from the middle than that place."""
        x, y, _away = self.seen(*place)
        middle = self.seen(*self._middle)
        return float(middle[0] + (x - middle[0]) * BEYOND), float(middle[1] + (y - middle[1]) * BEYOND)


def _wires(eye: _Eye, collection: Any) -> Series:
    pieces = []
    every = -(-len(collection._segments3d) // (2 * LINES))
    for segment in collection._segments3d[::every]:
        pieces += [*np.asarray(segment, float), np.full(3, math.nan)]
    return eye.points(np.array(pieces).T, "line", collection, _own(collection.get_edgecolor()))


def _curve(eye: _Eye, line: Any) -> Series:
    has_line = str(line.get_linestyle()) not in ("None", " ", "")
    return eye.points(line.get_data_3d(), "line" if has_line else "points", line, colour_of(line.get_color()))


def _own(colours: Any) -> Colour | None:
    colours = np.atleast_2d(colours)
    return colour_of(colours[0]) if len(colours) and colours.shape[1] >= 3 else None


def _surface(eye: _Eye, collection: Any, plain: Colour) -> list[Series]:
    """Faces from the farthest to the nearest, in runs of one colour: by their height, or all of them `plain`."""
    faces = _coarse([np.asarray(face, float) for face in collection._faces])
    shown = [(eye.seen(*face.T), face) for face in faces if np.isfinite(face).all()]
    shown.sort(key=lambda each: -float(each[0][2].mean()))
    values = collection.get_array()
    heights = [float(face[:, 2].mean()) for _seen, face in shown]
    low, high = min(heights, default=0.0), max(heights, default=1.0)
    runs: list[tuple[Colour, list[Any]]] = []
    for (seen, _face), height in zip(shown, heights, strict=True):
        colour = plain
        if values is not None:
            band = min(BANDS - 1, int((height - low) / ((high - low) or 1.0) * BANDS))
            colour = colour_of(collection.get_cmap()((band + 1.5) / (BANDS + 1)))  # the darkest are not seen on black
        if not runs or runs[-1][0] != colour:
            runs.append((colour, []))
        runs[-1][1].extend([*seen[:2].T.tolist(), [math.nan, math.nan]])
    return [Series("faces", [x for x, _ in places], [y for _, y in places], "_", colour) for colour, places in runs]


def _coarse(faces: list[Any]) -> list[Any]:
    """At most `LINES` faces a side of a surface that is a grid, each as large as those that it takes the place of."""
    across = next((n for n in range(1, len(faces)) if not _touch(faces[n - 1], faces[n])), len(faces))
    if across < 2 or len(faces) % across:
        if len(faces) > MOST_FACES:
            raise NotAChart
        return faces
    down = len(faces) // across
    step_down, step_across = -(-down // LINES), -(-across // LINES)
    corners = [face[_corners_of(face)] for face in faces]
    made = []
    for row in range(0, down, step_down):
        last = min(row + step_down, down) - 1
        for column in range(0, across, step_across):
            end = min(column + step_across, across) - 1
            at = [(row, column, 0), (row, end, 1), (last, end, 2), (last, column, 3)]
            made.append(np.array([corners[r * across + c][k] for r, c, k in at]))
    return made


def _corners_of(face: Any) -> list[int]:
    """The corners of a face whose edges have equally many places each: first, end of the row, far end, below first."""
    side = len(face) // 4
    return [0, side, 2 * side, 3 * side]


def _touch(one: Any, other: Any) -> bool:
    """Whether two faces follow each other in a row: two corners are the same."""
    return sum(bool(np.isclose(one, place).all(1).any()) for place in other) >= 2


def _words(eye: _Eye, axes: Any) -> Iterator[Note]:
    for text in axes.texts:
        if text.get_text():
            place = getattr(text, "get_position_3d", None)
            if place is None:
                continue
            x, y, _away = eye.seen(*place())
            yield Note(text.get_text(), (float(x), float(y)))
