"""Shapes of an SVG drawing as lines of points: paths, rectangles, circles; and the matrices that move them.

After SVG 1.1, chapters 7 to 9. Curves become short straight lines, as fine as a picture of some hundred pixels needs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[Point]
Matrix: TypeAlias = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x′ = a x + c y + e, y′ = b x + d y + f."""

SAME: Matrix = (1, 0, 0, 1, 0, 0)
STEPS = 8
"""Straight lines of a curve."""
MOST_POINTS = 200_000
"""Of one path."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PATH = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_MOVE = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


def numbers(text: str) -> list[float]:
    """All numbers in a text."""
    return [float(number) for number in _NUMBER.findall(text)]


def times(outer: Matrix, inner: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f


def matrix_of(text: str) -> Matrix:
    """What a `transform` says."""
    made = SAME
    for name, given in _MOVE.findall(text):
        found = numbers(given)
        if (one := _matrix(name, found)) is not None:
            made = times(made, one)
    return made


def _matrix(name: str, found: Sequence[float]) -> Matrix | None:
    if name == "matrix" and len(found) == 6:
        a, b, c, d, e, f = found
        return a, b, c, d, e, f
    if name == "translate" and found:
        return 1, 0, 0, 1, found[0], found[1] if len(found) > 1 else 0
    if name == "scale" and found:
        return found[0], 0, 0, found[-1] if len(found) > 1 else found[0], 0, 0
    if name == "rotate" and found:
        turn = math.radians(found[0])
        cos, sin = math.cos(turn), math.sin(turn)
        x, y = (found[1], found[2]) if len(found) > 2 else (0.0, 0.0)
        return cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y
    if name == "skewX" and found:
        return 1, 0, math.tan(math.radians(found[0])), 1, 0, 0
    if name == "skewY" and found:
        return 1, math.tan(math.radians(found[0])), 0, 1, 0, 0
    return None


def moved(ring: Ring, matrix: Matrix) -> Ring:
    """The points where the matrix takes them."""
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in ring]


def rings_of(tag: str, given: Mapping[str, str]) -> list[tuple[Ring, bool]]:
    """The lines of a shape, and whether each is closed; none where it is no shape."""
    shape = _SHAPES.get(tag)
    return list(shape(given)) if shape is not None else []


def _value(given: Mapping[str, str], name: str) -> float:
    found = _NUMBER.match(given.get(name, "").strip())
    return float(found[0]) if found else 0.0


def _rect(given: Mapping[str, str]) -> Iterator[tuple[Ring, bool]]:
    x, y, width, height = (_value(given, name) for name in ("x", "y", "width", "height"))
    if width > 0 and height > 0:
        yield [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], True


def _ellipse(given: Mapping[str, str]) -> Iterator[tuple[Ring, bool]]:
    x, y, r = (_value(given, name) for name in ("cx", "cy", "r"))
    across, down = r or _value(given, "rx"), r or _value(given, "ry")
    turns = [2 * math.pi * step / (5 * STEPS) for step in range(5 * STEPS)]
    if across > 0 and down > 0:
        yield [(x + across * math.cos(turn), y + down * math.sin(turn)) for turn in turns], True


def _line(given: Mapping[str, str]) -> Iterator[tuple[Ring, bool]]:
    yield [(_value(given, "x1"), _value(given, "y1")), (_value(given, "x2"), _value(given, "y2"))], False


def _points(given: Mapping[str, str], *, closed: bool) -> Iterator[tuple[Ring, bool]]:
    found = numbers(given.get("points", ""))
    if len(found) >= 4:
        yield list(zip(found[0::2], found[1::2], strict=False)), closed


def path_rings(text: str) -> Iterator[tuple[Ring, bool]]:
    """The subpaths of path data; what follows an error in it is left out, as the standard has it."""
    ring: Ring = []
    here = handle = (0.0, 0.0)
    before = ""
    for command, given in _commands(text):
        kind, relative = command.upper(), command.islower()
        x, y = here
        if kind == "Z":
            if ring:
                yield ring, True
                here = ring[0]
            ring, before = [], kind
            continue
        if kind == "M":
            if len(ring) > 1:
                yield ring, False
            here = (given[0] + x, given[1] + y) if relative else (given[0], given[1])
            ring, before = [here], kind
            continue
        ring = ring or [here]
        if kind == "H":
            points = [(given[0] + x if relative else given[0], y)]
        elif kind == "V":
            points = [(x, given[0] + y if relative else given[0])]
        elif kind == "A":
            end = (given[5] + x, given[6] + y) if relative else (given[5], given[6])
            points = list(_arc(here, end, given))
        else:
            placed = [(u + x, v + y) if relative else (u, v) for u, v in zip(given[0::2], given[1::2], strict=True)]
            mirrored = (2 * x - handle[0], 2 * y - handle[1]) if before in _SMOOTH.get(kind, "") else here
            controls = [mirrored, *placed] if kind in "ST" else placed
            handle = controls[-2] if len(controls) > 1 else controls[-1]
            points = list(_curve([here, *controls])) if len(controls) > 1 else controls
        ring += points
        here, before = points[-1], kind
        if len(ring) > MOST_POINTS:
            break
    if len(ring) > 1:
        yield ring, False


_SMOOTH = {"S": "CS", "T": "QT"}


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    command, given = "", list[float]()
    for letter, number in _PATH.findall(text):
        if letter:
            command, given = letter, []
            if letter in "Zz":
                yield letter, []
            continue
        if not command or command in "Zz":
            return
        given.append(float(number))
        if len(given) == _TAKES[command.upper()]:
            yield command, given
            given = []
            command = {"M": "L", "m": "l"}.get(command, command)


def _curve(points: Sequence[Point]) -> Iterator[Point]:
    """A Bézier curve of second or third degree, without its first point."""
    for step in range(1, STEPS + 1):
        t = step / STEPS
        level = list(points)
        while len(level) > 1:
            level = [((1 - t) * a + t * c, (1 - t) * b + t * d) for (a, b), (c, d) in pairwise(level)]
        yield level[0]


def _arc(start: Point, end: Point, given: Sequence[float]) -> Iterator[Point]:
    """SVG 1.1, appendix F.6.5: from end points to a centre."""
    rx, ry, turn = abs(given[0]), abs(given[1]), math.radians(given[2])
    if not rx or not ry or start == end:
        yield end
        return
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cos * dx + sin * dy, cos * dy - sin * dx
    if (large := x * x / rx**2 + y * y / ry**2) > 1:
        rx, ry = rx * math.sqrt(large), ry * math.sqrt(large)
    below = rx**2 * y * y + ry**2 * x * x
    scale = math.sqrt(max(0.0, rx**2 * ry**2 / below - 1)) if below else 0.0
    if bool(given[3]) == bool(given[4]):
        scale = -scale
    cx, cy = scale * rx * y / ry, -scale * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    swept = math.atan2((-y - cy) / ry, (-x - cx) / rx) - first
    if given[4] and swept < 0:
        swept += 2 * math.pi
    elif not given[4] and swept > 0:
        swept -= 2 * math.pi
    mx, my = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    for step in range(1, 2 * STEPS):
        at = first + swept * step / (2 * STEPS)
        u, v = rx * math.cos(at) + cx, ry * math.sin(at) + cy
        yield cos * u - sin * v + mx, sin * u + cos * v + my
    yield end


_SHAPES: Mapping[str, Callable[[Mapping[str, str]], Iterator[tuple[Ring, bool]]]] = {
    "path": lambda given: path_rings(given.get("d", "")),
    "rect": _rect,
    "circle": _ellipse,
    "ellipse": _ellipse,
    "line": _line,
    "polygon": lambda given: _points(given, closed=True),
    "polyline": lambda given: _points(given, closed=False),
}
