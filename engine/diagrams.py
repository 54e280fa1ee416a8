"""Curves, points, bars and histograms as text, for a cell's last line: `plot(x, [f(x), g(x)], legend=["f", "g"])`.

The book's calls, with its names and their order. Numbers come as tensors, arrays or lists; torch is not needed for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine import plots
from engine.plots import Note, Plot, Series
from engine.redrawing import Drawn, draw
from engine.sheets import Sheet

HEIGHT, WIDEST = 16, 80
BOOK_HEIGHT = 2.5
"""Inches of a figure of the book: what `HEIGHT` lines stand for."""

_last: Diagram | None = None


class Diagram(Drawn):
    """A diagram that can still be written on, and shows itself as text."""

    def __init__(self, plot: Plot, width: int | None = None, height: int = HEIGHT) -> None:
        global _last
        super().__init__(Sheet([[plot]], lines=height), width or WIDEST)
        self.plot, self.width = plot, width
        _last = self

    @property
    def text(self) -> str:  # type: ignore[override]
        """The diagram as it is now; as wide as was asked for, whatever the terminal is."""
        return draw(self.content, self.width) if self.width else super().text

    def annotate(self, text: str, xy: Sequence[float], xytext: Sequence[float] | None = None) -> Diagram:
        """Write `text` at `xytext`, about the place `xy` (or at it)."""
        about = (float(xy[0]), float(xy[1]))
        at = about if xytext is None else (float(xytext[0]), float(xytext[1]))
        self.plot.notes.append(Note(text, at, None if xytext is None else about))
        return self


def annotate(text: str, xy: Sequence[float], xytext: Sequence[float] | None = None) -> Diagram:
    """Write on the diagram that was made last, and show it again (2.4). Raises `ValueError` if there is none."""
    if _last is None:
        raise ValueError("There is no diagram to write on yet: call plot(…) first.")
    return _last.annotate(text, xy, xytext)


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Sequence[str] | None = (),
    xlim: Sequence[float] | None = None,
    ylim: Sequence[float] | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Sequence[str] = ("-", "m--", "g-.", "r:"),
    figsize: tuple[float, float] = (3.5, BOOK_HEIGHT),
    axes: Any = None,
    *,
    width: int | None = None,
    height: int | None = None,
) -> Diagram:
    """Lines through points (2.4): `plot(x, [f(x), g(x)], legend=["f", "g"])`, or `plot(y)` over 0, 1, 2, …

    X: one sequence for all lines, or one for each; Y: one sequence of numbers, or several. Scales may be `log`. Of
    `fmts` dashes and marks are heeded, colours are ours; `axes` is the book's.
    """
    if Y is None:
        lines_y = many(X)
        lines_x = [[float(i) for i in range(len(y))] for y in lines_y]
    else:
        lines_x, lines_y = many(X), many(Y)
        lines_x = lines_x * len(lines_y) if len(lines_x) == 1 else lines_x
        lines_y = lines_y * len(lines_x) if len(lines_y) == 1 else lines_y
    names = [*(legend or ()), *[""] * len(lines_y)]
    series = [
        _line(x, y, names[i], fmts[i % len(fmts)] if fmts else "-")
        for i, (x, y) in enumerate(zip(lines_x, lines_y, strict=True))
    ]
    scaled = round(HEIGHT * figsize[1] / BOOK_HEIGHT)
    return Diagram(
        Plot(
            series,
            xlabel=xlabel or "",
            ylabel=ylabel or "",
            xlog=xscale == "log",
            ylog=yscale == "log",
            xlim=_limits(xlim),
            ylim=_limits(ylim),
        ),
        width,
        height or max(8, min(40, scaled)),
    )


def show_scatter(
    X: Any, Y: Any, labels: Any = None, xlabel: str = "", ylabel: str = "", *, width: int | None = None
) -> Diagram:
    """Points (3.3). `labels`: the class of each, or None; every class has its own mark."""
    x, y = many(X)[0], many(Y)[0]
    classes: list[Any] = [""] * len(x) if labels is None else [_plain(label) for label in labels]
    series = [
        Series(
            "points",
            [a for a, c in zip(x, classes, strict=True) if c == each],
            [b for b, c in zip(y, classes, strict=True) if c == each],
            str(each),
        )
        for each in dict.fromkeys(classes)
    ]
    return Diagram(Plot(series, xlabel=xlabel, ylabel=ylabel), width)


def show_bars(
    heights: Any, names: Sequence[Any] = (), xlabel: str = "", ylabel: str = "", *, width: int | None = None
) -> Diagram:
    """Bars side by side, with a name under each."""
    values = many(heights)[0]
    boxes = [(i - 0.4, min(0.0, value), i + 0.4, max(0.0, value)) for i, value in enumerate(values)]
    ticks = [(float(i), str(name)) for i, name in enumerate(names)] or [(float(i), str(i)) for i in range(len(values))]
    limits = (-0.6, len(values) - 0.4)
    return Diagram(Plot([Series("boxes", boxes=boxes)], xlabel=xlabel, ylabel=ylabel, xticks=ticks, xlim=limits), width)


def show_histogram(
    values: Any,
    bins: int = 20,
    xlabel: str = "",
    ylabel: str = "count",
    legend: Sequence[str] | None = None,
    *,
    width: int | None = None,
) -> Diagram:
    """How often values fall into each of `bins` equal intervals; several sets of values stand side by side."""
    sets = [[value for value in each if math.isfinite(value)] for each in many(values)]
    every = [value for each in sets for value in each]
    low, high = (min(every), max(every)) if every else (0.0, 1.0)
    step = ((high - low) or 1.0) / bins
    series = []
    for number, each in enumerate(sets):
        counts = [0] * bins
        for value in each:
            counts[min(bins - 1, int((value - low) / step))] += 1
        part = step / len(sets)
        boxes = [
            (low + i * step + number * part, 0.0, low + i * step + (number + 1) * part, float(count))
            for i, count in enumerate(counts)
        ]
        series.append(Series("boxes", boxes=boxes, label=(legend or [""] * len(sets))[number]))
    return Diagram(Plot(series, xlabel=xlabel, ylabel=ylabel), width)


def show_list_len_pair_hist(
    legend: Sequence[str], xlabel: str, ylabel: str, xlist: Sequence[Any], ylist: Sequence[Any]
) -> Diagram:
    """Histograms of how long the lists in two lists are, side by side (10.5)."""
    lengths = [[float(len(each)) for each in lists] for lists in (xlist, ylist)]
    return show_histogram(lengths, 10, xlabel, ylabel, legend)


def many(values: Any) -> list[list[float]]:
    """One or several sequences of numbers, as lists."""
    values = _plain(values)
    items = [_plain(item) for item in values] if isinstance(values, list | tuple) else [values]
    if any(isinstance(item, list | tuple) for item in items):
        return [[float(_plain(value)) for value in _flat(item)] for item in items]
    return [[float(item) for item in items]]


def _flat(item: Any) -> list[Any]:
    """A column of one number in each row counts as a sequence of numbers."""
    return [each[0] if isinstance(each, list | tuple) and len(each) == 1 else each for each in item]


def _plain(values: Any) -> Any:
    values = values.detach() if hasattr(values, "detach") else values
    if hasattr(values, "tolist"):
        return values.tolist()
    return list(values) if isinstance(values, range) else values


def _line(x: list[float], y: list[float], label: str, fmt: str) -> Series:
    dash = next((plots.DASHES[i] for sign, i in (("--", 1), ("-.", 3), (":", 2), ("-", 0)) if sign in fmt), None)
    has_marks = any(mark in fmt for mark in "osx^v*+D") or (fmt.endswith(".") and not fmt.endswith("-."))
    kind = "points" if has_marks and dash is None else "line"
    return Series("points" if kind == "points" else "line", x, y, label, dash=dash, has_marks=has_marks)


def _limits(limits: Sequence[float] | None) -> tuple[float, float] | None:
    return None if limits is None else (float(limits[0]), float(limits[1]))
