"""Curves as text. The one file that imports plotext; written for its version 6. No torch.

plotext draws on one figure that belongs to the module, so `draw` must be called on one thread (the UI's). It sets all
that it uses each time, and returns the picture: from the outside it is a pure function.

A chart that is drawn ten times a second over SSH must change few cells from frame to frame. So axes are sticky: the
horizontal one is fixed where the run ends, the vertical one grows in round steps, and ticks depend on nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotext
from wcwidth import wcswidth

from engine.curves import Curve
from engine.terminal import ascii_only
from engine.ticks import PALETTE, decade_ticks, round_ticks

POINTS_PER_COLUMN = 2
"""More cannot be told apart in a cell that is two dots wide, and cost time."""
DOTS_AT_MOST = 24
"""Dots on one curve; with more of them, its line would not be seen."""
EXPLODED = 10.0
"""Points above so many times a curve's first value are drawn at the upper edge: they must not flatten all others."""
LARGEST = 1e30
"""Larger numbers are off every chart, as infinite ones are (and nan, which is not smaller than anything)."""
SMALLEST = (24, 6)
"""Width and height under which there is no room for axes."""

DOTS, OLD_DOTS = "●▲■◆▼★", "○△□◇▽☆"
"""Marks of curves with few points (validation): no two alike, since colour alone must not tell."""
LINES = ("braille", "hd", "·")
"""Strokes of curves with many points (training)."""

ASCII_DOTS, ASCII_OLD_DOTS, ASCII_LINES = "O#AXV@", "o=axv:", ("*", "+", "x")
"""The same where there is only ASCII."""

_STROKE_IN_LEGEND = {"braille": "⠤⠤", "hd": "▀▀", "·": "··"}
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_TO_ASCII = str.maketrans("┤│└─┬·", "||+-+.")


@dataclass(frozen=True, slots=True)
class _Style:
    stroke: str
    dot: str | None
    colour: tuple[int, int, int]
    dim: bool

    @property
    def sample(self) -> str:
        """How the curve looks in the legend."""
        return self.dot or _STROKE_IN_LEGEND.get(self.stroke, self.stroke * 2)

    @property
    def paint(self) -> str:
        """The escape sequence of its colour."""
        red, green, blue = self.colour
        return f"\x1b[{'2;' if self.dim else ''}38;2;{red};{green};{blue}m"


@dataclass(frozen=True, slots=True)
class Area:
    """Where in a chart its curves are: `columns` × `rows` cells from `left`, `top`; x runs from `low` to `high`."""

    left: int
    top: int
    columns: int
    rows: int
    low: float
    high: float

    def column(self, x: float) -> int | None:
        """The column of the chart where `x` is drawn; None: outside."""
        part = (x - self.low) / (self.high - self.low)
        return self.left + round(part * (self.columns - 1)) if 0 <= part <= 1 else None

    def x(self, column: int) -> float | None:
        """What is drawn in a column of the chart; None: no curve can be there."""
        part = (column - self.left) / max(1, self.columns - 1)
        return self.low + part * (self.high - self.low) if 0 <= part <= 1 else None


def draw(
    curves: Sequence[Curve],
    width: int,
    height: int,
    *,
    log_y: bool = False,
    colour: bool = True,
    x_max: float | None = None,
    legend: bool = True,
    from_zero: bool = True,
) -> str:
    """The text of `draw_with_area`."""
    text, _area = draw_with_area(
        curves, width, height, log_y=log_y, colour=colour, x_max=x_max, legend=legend, from_zero=from_zero
    )
    return text


def samples(curves: Sequence[Curve], colour: bool = True) -> list[str]:
    """How each curve looks in a legend, with ANSI colours unless `colour` is False."""
    return [f"{style.paint}{style.sample}\x1b[0m" if colour else style.sample for style in _styles(curves)]


def draw_with_area(
    curves: Sequence[Curve],
    width: int,
    height: int,
    *,
    log_y: bool = False,
    colour: bool = True,
    x_max: float | None = None,
    legend: bool = True,
    from_zero: bool = True,
    among: Sequence[Curve] = (),
) -> tuple[str, Area | None]:
    """A chart of exactly `height` lines of `width` cells, with ANSI colours unless `colour` is False; and its area.

    Points that are not finite are left out (and, with `log_y`, those that are not positive). `x_max` fixes the end of
    the horizontal axis. Both begin at zero unless values are negative; not so with `from_zero=False`. If there is no
    room for axes, the last values are said instead, and there is no area. `among`: all curves of the picture, where
    this is one panel of it: then a curve looks as it would among them.
    """
    shown = [_clean(curve, log_y) for curve in curves]
    every = {(curve.label, curve.previous): style for curve, style in zip(among, _styles(among), strict=True)}
    styles = [every[curve.label, curve.previous] for curve in curves] if among else _styles(curves)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return _pad([_last_values(curves)], width, height), None
    head = [_legend(curves, styles, width, colour)] if legend else []
    ticks = _vertical_ticks(shown, height - len(head), log_y, from_zero)
    x_ticks = _horizontal_ticks(shown, x_max, width, from_zero)
    figure = _blank_figure(width, height - len(head))
    figure.ruler("y").lim(ticks[0][0], ticks[0][-1])
    figure.ruler("y").ticks(*ticks)
    left, right = x_ticks[0][0], max(x_ticks[0][-1], x_max or 0.0)
    figure.ruler("x").lim(left, right)
    figure.ruler("x").ticks(*x_ticks)
    for curve, style in zip(shown, styles, strict=True):
        x, y = _decimate(curve, left, right, POINTS_PER_COLUMN * width)
        _draw_curve(figure, x, [min(value, ticks[0][-1]) for value in y], style, colour)
    picture: str = figure.build().string(colorless=not colour)
    lines = picture.splitlines()
    margin = max(map(len, ticks[1])) + 1
    area = Area(margin, len(head), width - margin, len(lines) - 2, left, right)
    if ascii_only():
        lines = [line.translate(_TO_ASCII) for line in lines]
    return _pad([*head, *lines], width, height), area


def _blank_figure(width: int, height: int) -> Any:
    plotext.terminal.limit(False, False)  # without a tty it would cut every chart to 80 columns
    figure = plotext.figure
    figure.clear.all()
    figure.theme("colorless")
    figure.plot_size(width, height)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    figure.legend(False)
    return figure


def _draw_curve(figure: Any, x: list[float], y: list[float], style: _Style, colour: bool) -> None:
    if not x:
        return
    pixel = plotext.pixel(foreground=style.colour, style="dim" if style.dim else None) if colour else plotext.pixel()
    signal = figure.signal(x, y, marker=plotext.marker(style.stroke, pixel))
    _register(figure, signal.lines(True))
    if style.dot is not None:
        every = 1 << max(0, math.ceil(math.log2(len(x) / DOTS_AT_MOST)))  # doubling: the dots that are there stay
        _register(figure, figure.signal(x[::every], y[::every], marker=plotext.marker(style.dot, pixel)))


def _register(figure: Any, signal: Any) -> None:
    """Put a signal on the figure.

    The public `draw` first asks every point for its colour, to choose the next signal's: half of the time of a chart,
    and our colours are chosen already. So it is passed by, where plotext is built as it was in 6.1.
    """
    add = getattr(getattr(figure, "_signals", None), "_add", figure.draw)
    add(signal)


def _clean(curve: Curve, log_y: bool) -> Curve:
    """The points that can be drawn; logarithms of them if `log_y`."""
    kept = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if abs(x) < LARGEST and abs(y) < LARGEST]
    if log_y:
        kept = [(x, math.log10(y)) for x, y in kept if y > 0]
    return replace(curve, x=tuple(x for x, _ in kept), y=tuple(y for _, y in kept))


def _decimate(curve: Curve, low: float, high: float, columns: int) -> tuple[list[float], list[float]]:
    """At most one point for each of `columns` stretches of the axis: the mean of those in it.

    The stretches are fixed, so that a point that arrives changes the last one only. The first and the last point stay.
    """
    if len(curve.x) <= 2:
        return list(curve.x), list(curve.y)
    scale = columns / (high - low)
    x: list[float] = []
    y: list[float] = []
    last = len(curve.x) - 1
    begin, here = 1, int((curve.x[1] - low) * scale)
    for i in range(2, last + 1):
        column = int((curve.x[i] - low) * scale) if i < last else -1
        if column != here:
            x.append(sum(curve.x[begin:i]) / (i - begin))
            y.append(sum(curve.y[begin:i]) / (i - begin))
            begin, here = i, column
    return [curve.x[0], *x, curve.x[last]], [curve.y[0], *y, curve.y[last]]


def _styles(curves: Sequence[Curve]) -> list[_Style]:
    """Training is a stroke, all else dots on a line. No two series look alike; the same one of two runs does nearly."""
    names = list(dict.fromkeys(_series(curve) for curve in curves))
    lines = {_series(curve) for curve in curves if curve.kind == "line"}
    strokes = [name for name in names if name in lines or name.startswith("train_")]
    styles: list[_Style] = []
    old_stroke = "." if ascii_only() else "·"
    line_strokes, marks, old_marks = (
        (ASCII_LINES, ASCII_DOTS, ASCII_OLD_DOTS) if ascii_only() else (LINES, DOTS, OLD_DOTS)
    )
    for curve in curves:
        name = _series(curve)
        colour = PALETTE[names.index(name) % len(PALETTE)]
        if name in strokes:
            stroke = line_strokes[strokes.index(name) % len(line_strokes)]
            styles.append(_Style(old_stroke if curve.previous else stroke, None, colour, curve.previous))
        else:
            others = [other for other in names if other not in strokes]
            dot = old_marks if curve.previous else marks
            styles.append(
                _Style("." if ascii_only() else "braille", dot[others.index(name) % len(dot)], colour, curve.previous)
            )
    return styles


def _series(curve: Curve) -> str:
    return curve.label.partition(" (")[0]


def _legend(curves: Sequence[Curve], styles: Sequence[_Style], width: int, colour: bool) -> str:
    """One line over the chart: it never hides a curve. What has no room is left out, earlier runs first."""
    entries = sorted(zip(curves, styles, strict=True), key=lambda entry: entry[0].previous)
    line, used = "", 0
    for curve, style in entries:
        plain = f"{'  ' if used else ' '}{style.sample} {_printable(curve.label)}"
        if used + cells(plain) > width:
            continue
        used += cells(plain)
        line += plain.replace(style.sample, f"{style.paint}{style.sample}\x1b[0m", 1) if colour else plain
    return line


def _vertical_ticks(
    curves: Sequence[Curve], height: int, log_y: bool, from_zero: bool
) -> tuple[list[float], list[str]]:
    tops = [min(max(c.y), EXPLODED * c.y[0]) if c.y[0] > 0 and not log_y else max(c.y) for c in curves if c.y]
    values = [value for curve in curves for value in curve.y]
    if not values:
        return [0.0, 1.0], ["0", "1"]
    count = max(2, min(6, height // 3))
    if log_y:
        return decade_ticks(min(values), max(values), count)
    low, high = min(values), max(tops)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    return round_ticks(low, high, count)


def _horizontal_ticks(
    curves: Sequence[Curve], x_max: float | None, width: int, from_zero: bool
) -> tuple[list[float], list[str]]:
    values = [value for curve in curves for value in curve.x]
    low = min([0.0, *values] if from_zero else values, default=0.0)
    high = max([*values, *([x_max] if x_max is not None else [])], default=1.0)
    positions, labels = round_ticks(low, high, max(2, min(10, width // 10)))
    if x_max is not None and positions[-1] > high:  # the axis ends with the run, not at a round figure
        positions, labels = positions[:-1], labels[:-1]
    return positions, labels


def _last_values(curves: Sequence[Curve]) -> str:
    return "  ".join(
        f"{_printable(curve.label)} {curve.y[-1]:.4g}" for curve in curves if curve.y and not curve.previous
    )


def _pad(lines: Sequence[str], width: int, height: int) -> str:
    """Exactly `height` lines of `width` cells, escapes not counted."""
    fitted = [_fit(line, width) for line in lines[:height]]
    return "\n".join(fitted + [" " * width] * (height - len(fitted)))


def _fit(line: str, width: int) -> str:
    length = cells(line)
    if length <= width:
        return line + " " * (width - length)
    cut = _ESCAPE.sub("", line)[:width]
    while cells(cut) > width:
        cut = cut[:-1]
    return cut + " " * (width - cells(cut))


def _printable(label: str) -> str:
    """A label without anything that a terminal would obey: a learner may call a curve what they like."""
    return "".join(character if character.isprintable() else "�" for character in label)


def cells(text: str) -> int:
    """Width on the screen, escapes not counted: Chinese characters take two cells."""
    return wcswidth(_ESCAPE.sub("", text))
