"""Ways to look at curves: smoothed, apart by what they measure, and value by value at one place. No torch, no ink."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.curves import Curve

if TYPE_CHECKING:
    from engine.plots import Plot

WEIGHT = 0.9
"""Of what came before, in a smoothed curve: it remembers some ten points."""
FEWEST = 12
"""Points from which on there is something to smooth."""
APART = 4.0
"""Kinds of curves whose typical values differ by that factor are better drawn apart."""
OUTLIER = 1e30


@dataclass(frozen=True, slots=True)
class Look:
    """How curves are to be looked at."""

    log_y: bool = False
    smooth: bool = False
    apart: bool = False
    """Each kind of curve in a panel of its own, where there is room."""


@dataclass(frozen=True, slots=True)
class Value:
    """What one curve is at a place: its nearest point."""

    curve: Curve
    x: float
    y: float


def smoothed(curves: Sequence[Curve], weight: float = WEIGHT) -> tuple[Curve, ...]:
    """Running means that forget exponentially, freed of the pull of their beginning (Kingma and Ba, 2015, section 3).

    A point depends only on those before it, so a curve that grows changes nowhere else. Curves of few points stay.
    """
    return tuple(_smooth(curve, weight) if len(curve.x) >= FEWEST else curve for curve in curves)


def _smooth(curve: Curve, weight: float) -> Curve:
    mean, share, values = 0.0, 0.0, []
    for y in curve.y:
        if not abs(y) < OUTLIER:  # infinite or nan: said where it is, and forgotten
            values.append(y)
            continue
        mean = weight * mean + (1 - weight) * y
        share = weight * share + (1 - weight)
        values.append(mean / share)
    return replace(curve, y=tuple(values))


def kind_of(curve: Curve) -> str:
    """What a curve measures, by its name: `loss` of `val_loss (lr=0.1)`."""
    name = curve.label.partition(" (")[0]
    return name.rpartition("_")[2] or name


def by_kind(curves: Sequence[Curve]) -> list[list[Curve]]:
    """Curves of the same kind together, in the order in which the kinds come."""
    groups: dict[str, list[Curve]] = {}
    for curve in curves:
        groups.setdefault(kind_of(curve), []).append(curve)
    return list(groups.values())


def better_apart(curves: Sequence[Curve]) -> bool:
    """Whether one kind would flatten another in the same chart."""
    tops = [_top(group) for group in by_kind(curves)]
    known = [top for top in tops if top > 0]
    return len(known) > 1 and max(known) >= APART * min(known)


def _top(curves: Sequence[Curve]) -> float:
    """The largest median: one peak is no reason."""
    values = [sorted(abs(y) for y in curve.y if abs(y) < OUTLIER) for curve in curves]
    return max((each[len(each) // 2] for each in values if each), default=0.0)


def places(curves: Sequence[Curve]) -> list[float]:
    """Where there is something to read: the positions of all points, in order."""
    return sorted({x for curve in curves for x in curve.x if abs(x) < OUTLIER})


def nearest(positions: Sequence[float], x: float) -> int:
    """The index of the position nearest to `x`; the positions are in order, and there is one at least."""
    after = min(bisect_left(positions, x), len(positions) - 1)
    if after > 0 and x - positions[after - 1] < positions[after] - x:
        return after - 1
    return after


def curves_of(plot: Plot) -> tuple[tuple[int, Curve], ...]:
    """What can be read of a diagram place by place, each with the number of its series; boxes by their middles."""
    found = []
    for number, series in enumerate(plot.series):
        points = list(zip(series.x, series.y, strict=False))
        if series.kind == "boxes":
            points = [((box[0] + box[2]) / 2, box[3] if box[3] else box[1]) for box in series.boxes]
        points = sorted((x, y) for x, y in points if abs(x) < OUTLIER)
        if points and series.kind != "faces":
            x, y = zip(*points, strict=True)
            found.append((number, Curve(series.label, x, y)))
    return tuple(found)


def values_at(curves: Sequence[Curve], x: float) -> list[Value]:
    """The nearest point of each curve, those of earlier runs too."""
    found = []
    for curve in curves:
        if curve.x:
            index = nearest(curve.x, x)
            found.append(Value(curve, curve.x[index], curve.y[index]))
    return found
