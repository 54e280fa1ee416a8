"""What can have the screen to itself: a chart, a picture, or lines that may be longer than the screen is wide.

Each draws itself for a size and says where it stands; `tutor.screens.full_view` gives it the keys. None of them knows
which cell it is from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from engine.reading import nearest, places, values_at
from tutor.widgets.cell_output import wrapped
from tutor.widgets.line_view import between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.terminal_text import plain, read
from tutor.widgets.training_chart import TrainingChart, progress, title
from tutor.words import _

SIDEWAYS = 8
"""Columns of one step to the side."""


class Exhibit(Protocol):
    """One thing to look at."""

    name: str

    def strips(self, width: int, height: int, palette: Palette) -> list[Strip]:
        """What is seen of it in that room."""
        ...

    def read_out(self, width: int, palette: Palette) -> list[Strip]:
        """What is said of it below, in a line or a few."""
        ...

    def step(self, across: int, down: int) -> None:
        """One press to the side, or down."""
        ...

    def leap(self, by: int) -> None:
        """A page on (1) or back (-1); to the end (2) or the beginning (-2)."""
        ...

    @property
    def version(self) -> object:
        """Differs from the last time's when it looks different now."""
        ...


class ReadingPlace:
    """Where on an axis values are read, moved by key or mouse from one known position to another."""

    def __init__(self) -> None:
        self.at: float | None = None
        """None: nobody has chosen a place; then it is the end."""

    def go(self, by: int, positions: Sequence[float]) -> None:
        """Some positions on, or back."""
        if positions and by:
            here = len(positions) - 1 if self.at is None else nearest(positions, self.at)
            self.at = positions[max(0, min(len(positions) - 1, here + (by if self.at is not None or by < 0 else 0)))]

    def leap(self, by: int, positions: Sequence[float]) -> None:
        """A tenth of the way (1, -1), or all of it."""
        self.go(by * max(1, len(positions) // 10) if abs(by) == 1 else by * 10**9, positions)

    def point_at(self, x: float | None, positions: Sequence[float]) -> None:
        """To the position nearest to `x`, if it is any."""
        if x is not None and positions:
            self.at = positions[nearest(positions, x)]


class ChartExhibit:
    """The chart of a cell, live, with a line to read values at."""

    def __init__(self, chart: TrainingChart, *, colour: bool) -> None:
        self.name = _("chart")
        self.chart = chart
        self.place = ReadingPlace()
        self._colour = colour
        self._offset = 0
        self._picture: object = None

    @property
    def version(self) -> object:
        """Grows with what training says, and goes by how it is looked at."""
        return self.chart.curves.version, self.chart.look, self.at

    def strips(self, width: int, height: int, palette: Palette) -> list[Strip]:
        """Title, picture, progress: as in the lesson, and as large as can be."""
        from engine.panels import draw

        curves = self.chart.curves
        current = curves.current
        if current is None:
            return [strip((_("Nothing has been trained yet."), palette["muted"]))]
        head, foot = list(title(current, width - 2, palette)), list(progress(current, width - 2, palette))
        rows = max(3, height - len(head) - len(foot))
        picture = draw(
            curves.curves(), width, rows, self.chart.look, colour=self._colour, x_max=curves.x_max, at=self.at
        )
        self._picture, self._offset = picture, len(head)
        text = read("\n".join(picture.lines))
        return [*head, *wrapped([*text.head, *text.rest], width), *foot]

    def read_out(self, width: int, palette: Palette) -> list[Strip]:
        """The place, and the value of each curve there."""
        from engine.charts import samples
        from engine.reading import smoothed

        current = self.chart.curves.current
        curves = self.chart.curves.curves()
        positions = places(curves)
        if current is None or not positions:
            return [strip((_("no values yet"), palette["muted"]))]
        shown = smoothed(curves) if self.chart.look.smooth else curves
        at = positions[-1] if self.at is None else self.at
        signs = dict(zip([(c.label, c.previous) for c in curves], samples(curves, self._colour), strict=True))
        values = sorted(values_at(shown, at), key=lambda value: value.curve.previous)
        where = _("epoch {x}").format(x=f"{at:.4g}")
        if current.started is not None and current.started.steps_per_epoch:
            where += " · " + _("step {step}").format(step=f"{round(at * current.started.steps_per_epoch):,}")
        said = [f"{signs[v.curve.label, v.curve.previous]} {plain(v.curve.label)} {v.y:.4g}" for v in values]
        text = read("\n".join(entries([where, *said], width)))
        return list(wrapped([*text.head, *text.rest], width))

    @property
    def at(self) -> float | None:
        """Where values are read; None: at the end."""
        return self.place.at

    def step(self, across: int, down: int) -> None:
        """To the next point, or the one before."""
        self.place.go(across, places(self.chart.curves.curves()))

    def leap(self, by: int) -> None:
        """A tenth of the way, or all of it."""
        self.place.leap(by, places(self.chart.curves.curves()))

    def point_at(self, column: int, row: int) -> None:
        """The mouse is over that cell: read there."""
        from engine.panels import Picture

        if isinstance(self._picture, Picture):
            x = self._picture.x(column, row - self._offset)
            self.place.point_at(x, places(self.chart.curves.curves()))


class LinesExhibit:
    """Lines: a table, a formula, the text of a figure. `make` draws them for a width; longer ones are moved past."""

    def __init__(
        self, name: str, make: Callable[[int, Palette], Sequence[Strip]], *, note: str = "", heads: int = 0
    ) -> None:
        self.name = name
        self._heads = heads
        """Lines at the top that stay while the others are moved past: the head of a table."""
        self.note = note
        """What is said below: the TeX of a formula."""
        self._make = make
        self._left = self._top = 0
        self._width = self._height = self._longest = self._count = 0

    @property
    def version(self) -> object:
        """It changes only by being moved."""
        return self._left, self._top

    def strips(self, width: int, height: int, palette: Palette) -> list[Strip]:
        """The part that is in sight; in the middle, where all of it is."""
        lines = self._lines(width, height, palette)
        self._width, self._height = width, height
        self._longest, self._count = max((line.cell_length for line in lines), default=0), len(lines)
        self._left = max(0, min(self._left, self._longest - width))
        self._top = max(0, min(self._top, self._count - height))
        heads = self._heads if self._heads < height // 2 else 0
        seen = [*lines[:heads], *lines[self._top + heads : self._top + height]]
        shown = [line.crop(self._left, self._left + width) for line in seen]
        margin = Strip([Segment(" " * (max(0, width - self._longest) // 2))])
        above = max(0, height - self._count) // 2
        return [*[Strip([])] * above, *(Strip.join([margin, line]) for line in shown)]

    @property
    def is_whole(self) -> bool:
        """Whether all of it is in sight, as it was drawn last."""
        return self._count <= self._height and self._longest <= self._width

    def _lines(self, width: int, height: int, palette: Palette) -> Sequence[Strip]:
        """All of it."""
        return self._make(width, palette)

    def read_out(self, width: int, palette: Palette) -> list[Strip]:
        """What part that is, or what was to be said about it."""
        parts = []
        if self._count > self._height:
            last = min(self._count, self._top + self._height)
            parts.append(_("lines {first}–{last} of {count}").format(first=self._top + 1, last=last, count=self._count))
        if self._longest > self._width:
            parts.append(_("columns from {first} of {count}").format(first=self._left + 1, count=self._longest))
        right = strip((" · ".join(parts), palette["muted"]))
        left = strip((" ".join(self.note.split()), palette["math-raw"])).crop(0, max(0, width - right.cell_length))
        return [between(left, right, width)]

    def step(self, across: int, down: int) -> None:
        """Some columns, or a line."""
        self._left += across * SIDEWAYS
        self._top += down

    def leap(self, by: int) -> None:
        """A page, or to an end."""
        self._top += by * max(1, self._height - 2) if abs(by) == 1 else by * 10**9


def entries(said: Sequence[str], width: int) -> list[str]:
    """What is said, in as many lines as it takes: an entry is never cut in two. Colours are not counted."""
    lines = [said[0]]
    for entry in said[1:]:
        if _cells(lines[-1]) + 3 + _cells(entry) > width:
            lines.append(entry)
        else:
            lines[-1] += "   " + entry
    return lines


def _cells(text: str) -> int:
    return cell_len("".join(part for line in read(text).rest for part, _style in line))
