"""A figure on the full screen, drawn anew for the room that it has; where it is one diagram, its values can be read.

Its data comes from a kernel: what cannot be read is shown as it was put out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from textual.strip import Strip

from engine import redrawing
from engine.plots import Plot, place_under, samples
from engine.reading import curves_of, places, values_at
from engine.redrawing import Content, FigureUnreadable
from engine.sheets import Sheet, only_plot
from engine.tables import Table
from tutor.widgets.cell_output import wrapped
from tutor.widgets.exhibits import LinesExhibit, ReadingPlace, entries
from tutor.widgets.line_view import strip
from tutor.widgets.palette import Palette
from tutor.widgets.terminal_text import plain, read
from tutor.words import _

MOST_LINES = 10_000
"""Of a figure; a whole network has some hundreds."""


class DrawnExhibit(LinesExhibit):
    """`data`: as `engine.redrawing` packs it. `text`: the figure as it was put out."""

    def __init__(self, data: str, text: Callable[[int, Palette], Sequence[Strip]]) -> None:
        super().__init__(_("figure"), text)
        self._data = data
        self._drawn: tuple[object, Sequence[Strip]] | None = None
        self.place = ReadingPlace()

    @property
    def version(self) -> object:
        """It changes by being moved, and by the place that is read."""
        return super().version, self.place.at

    @cached_property
    def _content(self) -> Content | None:
        try:
            return redrawing.unpacked(self._data)
        except FigureUnreadable:
            return None

    @cached_property
    def plot(self) -> Plot | None:
        """The diagram whose values can be read."""
        found = only_plot(self._content) if isinstance(self._content, Sheet) else None
        return found if found is not None and self._positions_of(found) else None

    @staticmethod
    def _positions_of(plot: Plot) -> list[float]:
        return places([curve for _number, curve in curves_of(plot)])

    @cached_property
    def _positions(self) -> list[float]:
        return self._positions_of(self.plot) if self.plot is not None else []

    def _lines(self, width: int, height: int, palette: Palette) -> Sequence[Strip]:
        """Drawn once for each size and place."""
        key = (width, height, self.place.at)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, self._draw(width, height) or self._make(width, palette)
        return self._drawn[1]

    def _draw(self, width: int, height: int) -> Sequence[Strip]:
        if self._content is None:
            return []
        self._heads = int(isinstance(self._content, Table))
        try:
            drawn = redrawing.redrawn(self._content, width, height, at=self.place.at)
        except FigureUnreadable:
            return []
        text = read(drawn, head=MOST_LINES)
        return [strip(*line) for line in (*text.head, *text.rest)]

    def read_out(self, width: int, palette: Palette) -> list[Strip]:
        """The values at the place; else which part is seen."""
        if self.plot is None or self.place.at is None:
            return super().read_out(width, palette)
        at, signs = self.place.at, samples(self.plot)
        said = [f"{plain(self.plot.xlabel) or 'x'} {at:.4g}"]
        for number, curve in curves_of(self.plot):
            (value,) = values_at([curve], at)
            said.append(f"{signs[number]} {plain(curve.label) or plain(self.plot.ylabel) or 'y'} {value.y:.4g}")
        text = read("\n".join(entries(said, width)))
        return list(wrapped([*text.head, *text.rest], width))

    def step(self, across: int, down: int) -> None:
        """To the next value of a diagram; else to the side, or down."""
        if self.plot is not None and across:
            self.place.go(across, self._positions)
        else:
            super().step(across, down)

    def leap(self, by: int) -> None:
        """A tenth of the diagram, or a page."""
        if self.plot is None:
            super().leap(by)
        else:
            self.place.leap(by, self._positions)

    def point_at(self, column: int, row: int) -> None:
        """The mouse is over that cell: read there."""
        if self.plot is not None:
            x = place_under(self.plot, self._width, self._height, column)
            self.place.point_at(x, self._positions)
