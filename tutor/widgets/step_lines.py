"""The lines of steps that are no widgets, as they go to the terminal; those of some pages are kept.

What Textual makes of a strip (its pieces, its bytes) is kept with the strip, so the same line has to be the same strip
whenever it is seen.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tutor.widgets.lesson_step import BESIDE, lines_of
from tutor.widgets.line_view import LineView

HEAD = -1
"""The number of what stands above the steps."""
HEAD_MARGIN = (1, 2)
"""Blank lines above the head of the lesson, and blank columns at its left."""
KEPT = 48
"""Steps whose lines are kept: some pages around what is seen."""


@dataclass(slots=True)
class _Drawn:
    lines: list[Strip]
    wholes: dict[tuple[int, bool, int], Strip] = field(default_factory=dict)
    """Those that were seen: by number, whether of the current step, and the width."""


class StepLines:
    """Draws `steps` and the `head` for `notebook`, on its colours."""

    def __init__(self, notebook: Widget, head: LineView, steps: Sequence[Any]) -> None:
        self._notebook = notebook
        self._head = head
        self._steps = steps
        self._width = 0
        self._kept: OrderedDict[int, _Drawn] = OrderedDict()
        self._blank: Strip | None = None

    def clear(self, width: int) -> None:
        """Everything looks different; steps have that width now."""
        self._width = width
        self._kept.clear()
        self._blank = None

    def forget(self, step: int) -> None:
        """One step looks different, or is drawn no more."""
        self._kept.pop(step, None)

    def __getitem__(self, step: int) -> list[Strip]:
        """The lines of one step, as wide as steps are."""
        return self._drawn(step).lines

    def whole(self, step: int, line: int, width: int, *, is_current: bool = False) -> Strip:
        """One line from edge to edge of a notebook of that width."""
        drawn = self._drawn(step)
        key = (line, is_current, width)
        whole = drawn.wholes.get(key)
        if whole is None:
            strip = drawn.lines[line]
            if is_current:
                strip = Strip([self._bar, *strip.crop(1)], self._width)
            whole = drawn.wholes[key] = self._between_edges(strip, width)
            if step != HEAD and (seen := getattr(self._steps[step], "seen", None)) is not None:
                seen()  # pictures are decoded for who looks at them
        return whole

    def blank(self, width: int) -> Strip:
        """A line without anything."""
        if self._blank is None or self._blank.cell_length != width:
            self._blank = self._between_edges(Strip([]), width)
        return self._blank

    def _drawn(self, step: int) -> _Drawn:
        drawn = self._kept.get(step)
        if drawn is None:
            lines = self._of_head() if step == HEAD else lines_of(self._steps[step], self._width, self._ground)
            drawn = self._kept[step] = _Drawn(lines)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(step)
        return drawn

    def _of_head(self) -> list[Strip]:
        above, left = HEAD_MARGIN
        base = self._ground("")
        lines = [Strip.blank(self._width, base)] * above
        for line in self._head.lines(self._width - BESIDE):
            inner = line.adjust_cell_length(self._width - left).apply_style(base)
            lines.append(Strip([Segment(" " * left, base), *inner], self._width))
        self._head.forget()
        return lines

    def _between_edges(self, line: Strip, width: int) -> Strip:
        base = self._ground("")
        notebook = self._notebook
        left = (width - notebook.scrollbar_size_vertical + notebook.styles.padding.left - self._width) // 2
        whole = Strip([Segment(" " * left, base), *line]).adjust_cell_length(width, base)
        for line_filter in notebook.get_line_filters():
            whole = whole.apply_filter(line_filter, notebook.background_colors[1])
        return whole

    def _ground(self, name: str) -> Style:
        base = self._notebook.visual_style.rich_style
        return base + Style(bgcolor=self._head.palette.colour(name).rich_color) if name else base

    @property
    def _bar(self) -> Segment:
        return Segment("▌", self._ground("") + Style(color=self._head.palette.colour("primary").rich_color))
