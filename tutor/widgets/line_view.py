"""A widget that is a list of lines: what most of a lesson is drawn with.

It has no children and no Rich renderables. Lines are laid out once for a width and a theme; scrolling reads them. When
they change, only the cells that differ are repainted: over SSH that is the difference between bytes and kilobytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tutor.missing import is_failed_import
from tutor.text_profile import chosen
from tutor.widgets.palette import Palette, palette
from tutor.words import _


class LineView(Widget, inherit_css=True):
    """Draws what `draw` returns."""

    DEFAULT_CSS = "LineView { height: auto; width: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._key: tuple[int, str, str] | None = None
        self._lines: list[Strip] = []
        self.stands_in: Callable[[], None] | None = None
        """Told of a change while this is no widget yet: whoever draws it meanwhile."""

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """The lines at that width, in cells. To be overridden."""
        raise NotImplementedError

    def redraw(self) -> None:
        """What `draw` says has changed: repaint what differs, and lay out again only if the height does."""
        if not self.is_attached:
            self._key = None
            if self.stands_in is not None:
                self.stands_in()
            return
        if self._key is None or not self.is_mounted:
            self._key = None
            self.refresh(layout=True)
            return
        before, self._key = self._lines, None
        width = self.size.width
        if width <= 0:
            self.refresh(layout=True)
            return
        after = self._drawn(width)
        if len(after) != len(before):
            self.refresh(layout=True)
        else:
            regions = list(_changed(before, after, width))
            if regions:
                self.refresh(*regions)

    def forget(self) -> None:
        """Let go of the lines; they are drawn anew when they are next needed."""
        self._key = None
        self._lines = []

    @property
    def palette(self) -> Palette:
        """The styles of the theme that is on."""
        return palette(self.app)

    def _drawn(self, width: int) -> list[Strip]:
        key = (width, self.app.theme, chosen())
        if key != self._key:
            self._lines = self._draw_or_say(width)
            self._key = key
        return self._lines

    def _draw_or_say(self, width: int) -> list[Strip]:
        """What `draw` says; where a part of the tutor is missing that it needs, a line that says so."""
        try:
            return self.draw(width, self.palette)
        except Exception as error:
            if not is_failed_import(error):
                raise
            self.app._handle_exception(error)
            words = _("A part that shows this is missing: start d2l-tutor again.")
            return [strip(("  ✗ " + words, self.palette["wrong"]))]

    def lines(self, width: int) -> list[Strip]:
        """The lines at that width, also of a view that is no widget yet."""
        self.get_content_height(Size(width, 0), self.app.size, width)  # some go by the height of the terminal
        return self._drawn(width)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All that there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as are drawn."""
        return len(self._drawn(width)) if width > 0 else 0

    def render_line(self, y: int) -> Strip:
        """One line of it, over the widget's own background."""
        width = self.size.width
        lines = self._drawn(width)
        base = self.visual_style.rich_style  # the other one is made anew at each call
        if y >= len(lines):
            return Strip.blank(width, base)
        return lines[y].adjust_cell_length(width).apply_style(base)


def strip(*parts: tuple[str, Style]) -> Strip:
    """A line of styled texts."""
    return Strip([Segment(text, style) for text, style in parts if text])


def between(left: Strip, right: Strip, width: int) -> Strip:
    """One line with `left` at its start and `right` at its end; `right` wins where they meet."""
    room = width - right.cell_length
    if room <= 0:
        return right.crop(0, width)
    return Strip.join([left.adjust_cell_length(room), right])


def _changed(before: Sequence[Strip], after: Sequence[Strip], width: int) -> list[Region]:
    regions: list[Region] = []
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is new or old == new:
            continue
        regions.extend(Region(x, y, length, 1) for x, length in _differing(old, new, width))
    return regions


def _differing(old: Strip, new: Strip, width: int) -> list[tuple[int, int]]:
    """Where two lines differ, as (start, length) in cells; near ones joined: a cursor move costs some bytes too."""
    a, b = _cells(old, width), _cells(new, width)
    spans: list[tuple[int, int]] = []
    x = 0
    while x < width:
        if a[x] == b[x]:
            x += 1
            continue
        start = x
        last = x
        while x < width and x - last < 8:
            if a[x] != b[x]:
                last = x
            x += 1
        spans.append((start, last - start + 1))
    return spans


def _cells(line: Strip, width: int) -> list[tuple[str, Style | None]]:
    """One entry a cell. A wide character fills two: the second is empty, and differs when the first does."""
    from rich.cells import get_character_cell_size

    cells: list[tuple[str, Style | None]] = []
    for text, style, _control in line:
        for character in text:
            size = get_character_cell_size(character)
            cells.extend([(character, style)] * size)
    cells.extend([(" ", None)] * (width - len(cells)))
    return cells[:width] if len(cells) > width else cells
