"""A diagram as data, and as text: lines, points and boxes over two axes, straight or logarithmic. No torch.

`engine.figures` fills it from numbers, `engine.matplotlib_backend` from matplotlib's figures. Charts of training runs,
which change ten times a second, are drawn by `engine.charts`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from engine.canvas import Canvas, Colour, Pen
from engine.terminal import ascii_only, cells, cut, painted
from engine.ticks import PALETTE, decade_ticks, round_ticks

FARTHEST = 1e4
"""Dots beyond an edge that a line is still followed to."""
FEW = 60
"""Points up to which each gets a mark of its own; more are dots, if there is no other class to tell them from."""
MARKS, ASCII_MARKS = "●▲■◆▼★", "o*x+#@"
DASHES = ("1", "111000", "10", "11110100")
FILLS, ASCII_FILLS = "█▒░▓", "#:.="


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one way, under one name."""

    kind: Literal["line", "points", "boxes", "faces"]
    """`faces`: polygons of a surface, the farthest first, each ended by nan; a nearer one hides what is behind it."""
    x: Sequence[float] = ()
    y: Sequence[float] = ()
    label: str = ""
    colour: Colour | None = None
    boxes: Sequence[tuple[float, float, float, float]] = ()
    """Left, bottom, right, top; of `boxes` only."""
    dash: str | None = None
    has_marks: bool = False
    """Whether the points of a line are marked."""
    mark: str | None = None
    """Of its points, and in ASCII of its line, where it is not to be the next one's turn."""


@dataclass(frozen=True, slots=True)
class Note:
    """Words at a place, perhaps with a line to the place that they are about."""

    text: str
    at: tuple[float, float]
    about: tuple[float, float] | None = None


@dataclass(slots=True)
class Plot:
    """A diagram."""

    series: list[Series] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    xlog: bool = False
    ylog: bool = False
    xlim: tuple[float, float] | None = None
    ylim: tuple[float, float] | None = None
    xticks: Sequence[tuple[float, str]] | None = None
    """Places with words, such as the names of bars."""
    yticks: Sequence[tuple[float, str]] | None = None
    legend: bool = True
    framed: bool = True
    """Whether the axes stand at the edges; a drawing of a space has its own in it."""


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    log: bool

    def part(self, value: float) -> float:
        """Where a value lies, 0 at the axis' beginning and 1 at its end; nan: nowhere."""
        if self.log:
            value = math.log10(value) if value > 0 else math.nan
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where everything of a diagram is."""

    head: Sequence[str]
    caption: Sequence[str]
    pens: Sequence[Pen]
    columns: int
    rows: int
    margin: int
    x: _Axis
    y: _Axis


def draw(plot: Plot, width: int, height: int, *, at: float | None = None) -> str:
    """The diagram in `width` columns and `height` lines, its title, legend and captions included.

    `at`: a place on the horizontal axis that a line marks.
    """
    layout = _laid_out(plot, width, height)
    x, y, canvas = layout.x, layout.y, Canvas(layout.columns, layout.rows)
    drawn = list(zip(plot.series, layout.pens, strict=True))
    classes = _dense_classes(drawn)
    for series, pen in sorted(drawn, key=lambda each: each[0].kind != "boxes"):
        if (series, pen) not in classes:
            _draw_series(canvas, series, pen, x, y)
    _draw_classes(canvas, classes, x, y)
    for note in plot.notes:
        _write(canvas, note, x, y)
    if at is not None and 0 <= (part := x.part(at)) <= 1:
        canvas.rule(round(part * (2 * canvas.width - 1)) // 2, ":" if ascii_only() else "┊")
    body = _framed(canvas, x, y, layout.margin) if plot.framed else [line.rstrip() for line in canvas.lines()]
    return "\n".join([*layout.head, *body, *layout.caption])


def place_under(plot: Plot, width: int, height: int, column: int) -> float | None:
    """The place on the horizontal axis that a column of the drawn diagram shows; None: there is none."""
    layout = _laid_out(plot, width, height)
    part = (column - layout.margin - 1) / max(1, layout.columns - 1)
    if not plot.framed or not 0 <= part <= 1:
        return None
    value = layout.x.low + part * (layout.x.high - layout.x.low)
    return 10.0**value if layout.x.log else value


def samples(plot: Plot) -> list[str]:
    """How each series looks in a legend, with ANSI colours where they may be used."""
    return [_painted_sample(series, pen) for series, pen in zip(plot.series, _pens(plot.series), strict=True)]


def _laid_out(plot: Plot, width: int, height: int) -> _Layout:
    pens = _pens(plot.series)
    head = [line for line in (_title(plot, width), _legend(plot, pens, width)) if line]
    caption = _caption(plot, width)
    rows = max(3, height - len(head) - len(caption) - (2 if plot.framed else 0))
    y = _axis([v for s in plot.series for v in _ys(s)], plot.ylim, plot.ylog, max(2, min(6, rows // 3)))
    y = _at(y, plot.yticks)
    margin = max((cells(label) for _, label in y.ticks), default=0)
    columns = max(8, width - margin - 1) if plot.framed else width
    x = _axis([v for s in plot.series for v in _xs(s)], plot.xlim, plot.xlog, max(2, min(10, columns // 9)))
    return _Layout(head, caption, pens, columns, rows, margin, _at(x, plot.xticks), y)


def _xs(series: Series) -> Iterable[float]:
    return [end for box in series.boxes for end in (box[0], box[2])] if series.kind == "boxes" else series.x


def _ys(series: Series) -> Iterable[float]:
    return [end for box in series.boxes for end in (box[1], box[3])] if series.kind == "boxes" else series.y


def _axis(values: Sequence[float], limits: tuple[float, float] | None, log: bool, count: int) -> _Axis:
    known = [value for value in (limits or values) if math.isfinite(value) and abs(value) < 1e30]
    if log:
        known = [math.log10(value) for value in known if value > 0]
    if not known:
        return _Axis(0.0, 1.0, [(0.0, "0"), (1.0, "1")], False)
    positions, labels = (decade_ticks if log else round_ticks)(min(known), max(known), count)
    low, high = positions[0], positions[-1]
    if limits is not None and len(known) == 2 and known[0] != known[1]:
        low, high = min(known), max(known)
    places = [10.0**position if log else position for position in positions]
    inside = [(p, label) for p, q, label in zip(places, positions, labels, strict=True) if low <= q <= high]
    return _Axis(low, high, inside or [(places[0], labels[0])], log)


def _at(axis: _Axis, chosen: Sequence[tuple[float, str]] | None) -> _Axis:
    """The axis with the ticks that were chosen, as far as they lie on it."""
    inside = [tick for tick in chosen or () if 0 <= axis.part(tick[0]) <= 1]
    return axis if chosen is None else replace(axis, ticks=inside)


def _pens(series: Sequence[Series]) -> list[Pen]:
    """A pen for each series: colour, dashes, mark and filling all change with its number."""
    marks, fills = (ASCII_MARKS, ASCII_FILLS) if ascii_only() else (MARKS, FILLS)
    numbers = {"line": 0, "points": 0, "boxes": 0, "faces": 0}
    pens: list[Pen] = []
    given = 0
    for place, each in enumerate(series):
        number = numbers[each.kind]
        numbers[each.kind] += 1
        colour = each.colour or PALETTE[place % len(PALETTE)]
        dash = each.dash or (DASHES[number % len(DASHES)] if each.kind != "faces" else "1")
        mark = each.mark or marks[(place - given) % len(marks)]
        given += each.mark is not None
        pens.append(Pen(colour, dash, mark, fills[number % len(fills)]))
    return pens


def _dense_classes(drawn: Sequence[tuple[Series, Pen]]) -> list[tuple[Series, Pen]]:
    """Clouds of points, one of them dense, that are to be told apart: dots of two would look the same."""
    clouds = [(series, pen) for series, pen in drawn if series.kind == "points"]
    return clouds if len(clouds) > 1 and any(len(series.x) > FEW for series, _ in clouds) else []


def _draw_classes(canvas: Canvas, classes: Sequence[tuple[Series, Pen]], x: _Axis, y: _Axis) -> None:
    """In each cell the mark of the class that has most points there; of equals, the one that has fewer in all.
    Lines stay in sight: one that parts the classes runs through the densest of them."""
    counts: dict[tuple[int, int], list[int]] = {}
    for number, (series, _pen) in enumerate(classes):
        for a, b in zip(series.x, series.y, strict=False):
            if (here := _place(canvas, x, y, a, b)) is not None:
                cell = (round(here[0]) // 2, round(here[1]) // 4)
                counts.setdefault(cell, [0] * len(classes))[number] += 1
    for (column, row), found in counts.items():
        most = max(range(len(classes)), key=lambda number: (found[number], -len(classes[number][0].x), number))
        if not canvas.has_dots(column, row):
            canvas.write(column, row, classes[most][1].mark, classes[most][1].colour)


def _place(canvas: Canvas, x: _Axis, y: _Axis, a: float, b: float) -> tuple[float, float] | None:
    """A point in dots from the upper left corner; None: nowhere."""
    left, up = x.part(a) * (2 * canvas.width - 1), (1 - y.part(b)) * (4 * canvas.height - 1)
    if not (math.isfinite(left) and math.isfinite(up)):
        return None
    return max(-FARTHEST, min(FARTHEST, left)), max(-FARTHEST, min(FARTHEST, up))


def _draw_series(canvas: Canvas, series: Series, pen: Pen, x: _Axis, y: _Axis) -> None:
    def place(a: float, b: float) -> tuple[float, float] | None:
        return _place(canvas, x, y, a, b)

    if series.kind == "boxes":
        for box in series.boxes:
            upper, lower = place(box[0], box[3]), place(box[2], max(box[1], 1e-300) if y.log else box[1])
            if upper is not None and lower is not None and box[1] != box[3]:
                canvas.box(upper[0], upper[1], lower[0] + 1, lower[1] + 1, pen)
        return
    places = [place(a, b) for a, b in zip(series.x, series.y, strict=False)]
    if series.kind == "faces":
        for face in _faces(places):
            canvas.wipe(face)
            for (x0, y0), (x1, y1) in pairwise((*face, face[0])):
                canvas.line(x0, y0, x1, y1, pen)
        return
    if series.kind == "line":
        phase = 0
        for here, there in pairwise(places):
            if here is not None and there is not None:
                phase = canvas.line(*here, *there, pen, phase)
    is_marked = series.has_marks or (series.kind == "points" and len(places) <= FEW) or len(places) == 1
    for here in places if is_marked or series.kind == "points" else []:
        if here is not None and is_marked:
            canvas.mark(*here, pen)
        elif here is not None:
            canvas.dot(round(here[0]), round(here[1]), pen)


def _faces(places: Iterable[tuple[float, float] | None]) -> Iterable[list[tuple[float, float]]]:
    """The polygons among places that nothing ends."""
    face: list[tuple[float, float]] = []
    for place in places:
        if place is not None:
            face.append(place)
        else:
            if len(face) > 2:
                yield face
            face = []
    if len(face) > 2:
        yield face


def _write(canvas: Canvas, note: Note, x: _Axis, y: _Axis) -> None:
    def cell(at: tuple[float, float]) -> tuple[float, float]:
        left, up = x.part(at[0]) * (2 * canvas.width - 1), (1 - y.part(at[1])) * (4 * canvas.height - 1)
        return (left, up) if math.isfinite(left) and math.isfinite(up) else (-1.0, -1.0)

    left, up = cell(note.at)
    if note.about is not None:
        about = cell(note.about)
        canvas.line(left, up, *about, Pen(None, "1000", "."))
        canvas.mark(*about, Pen(None, "1", "*" if ascii_only() else "◎"))
    text = cut(note.text.replace("\n", " "), canvas.width)
    column = max(0, min(canvas.width - cells(text), round(left) // 2))
    canvas.write(column, max(0, min(canvas.height - 1, round(up) // 4)), text)


def _framed(canvas: Canvas, x: _Axis, y: _Axis, margin: int) -> list[str]:
    labels = {}
    for value, label in y.ticks:
        labels[round((1 - y.part(value)) * (4 * canvas.height - 1)) // 4] = label
    wall, tick, floor, corner, down = "|+-++" if ascii_only() else "│┤─└┬"
    lines = [
        f"{labels.get(row, '').rjust(margin)}{tick if row in labels else wall}{line}"
        for row, line in enumerate(canvas.lines())
    ]
    ruler, words = [floor] * canvas.width, [" "] * (margin + 1 + canvas.width)
    used = -1
    for value, label in x.ticks:
        column = round(x.part(value) * (2 * canvas.width - 1)) // 2
        if not 0 <= column < canvas.width:
            continue
        ruler[column] = down
        start = max(0, min(len(words) - len(label), margin + 1 + column - len(label) // 2))
        if start > used:  # labels that would touch the one before are left out
            words[start : start + len(label)] = label
            used = start + len(label)
    return [*lines, " " * margin + corner + "".join(ruler), "".join(words).rstrip()]


def _title(plot: Plot, width: int) -> str:
    return cut(plot.title, width).center(width).rstrip() if plot.title else ""


def _legend(plot: Plot, pens: Sequence[Pen], width: int) -> str:
    line, used = "", 0
    for series, pen in zip(plot.series, pens, strict=True):
        if not (plot.legend and series.label):
            continue
        entry = f"  {_painted_sample(series, pen)} {cut(series.label, width)}"
        if used + cells(entry) > width:
            break
        used += cells(entry)
        line += entry
    return line


def _painted_sample(series: Series, pen: Pen) -> str:
    return painted(_sample(series, pen), "38;2;{};{};{}".format(*(pen.colour or (128, 128, 128))))


def _sample(series: Series, pen: Pen) -> str:
    if series.kind == "boxes":
        return pen.fill * 2
    if series.kind == "points":
        return pen.mark
    if ascii_only():
        return pen.mark * 2
    canvas = Canvas(3, 1)
    canvas.line(0, 2, 5, 2, Pen(None, pen.dash))
    if series.has_marks:
        canvas.write(1, 0, pen.mark)
    return canvas.lines()[0]


def _caption(plot: Plot, width: int) -> list[str]:
    right, up = ("x:", "y:") if ascii_only() else ("→", "↑")
    parts = [f"{arrow} {words}" for arrow, words in ((right, plot.xlabel), (up, plot.ylabel)) if words]
    return [cut("   ".join(parts), width)] if parts else []
