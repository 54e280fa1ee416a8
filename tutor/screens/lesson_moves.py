"""Moving through a lesson: which step is the current one, and what part of the notebook is seen. No animation, ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widget import Widget

from tutor.widgets.cell_output import CellOutput
from tutor.widgets.exercise_card import ExerciseCard
from tutor.widgets.training_chart import TrainingChart

LINES = 3
"""Lines that one press scrolls inside a step that is taller than the screen."""
OVERLAP = 2
"""Lines of the last page that are still seen on the next."""


class Notebook(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The scrolling column of steps. Its keys are the screen's: Textual's own would scroll a line, and later."""

    BLANK = True  # it draws nothing of its own: Textual then spares the rendering of its whole height


class Moves:
    """Keeps one step the current one, and in sight."""

    def __init__(self, notebook: Notebook, steps: Sequence[Widget], changed: Callable[[], None]) -> None:
        self._notebook = notebook
        self._steps = list(steps)
        self._changed = changed
        self._index = 0
        self._holding = False
        self._scrolling = False
        self._anchor: tuple[Widget, int] | None = None

    @property
    def current(self) -> Widget:
        """The current step."""
        return self._steps[self._index]

    def choose(self, step: Widget, *, show: bool = True, focus: bool = True) -> None:
        """Make that step the current one."""
        self._holding = False
        before = self.current
        self._index = self._steps.index(step)
        if before is not step:
            before.remove_class("-current")
        step.add_class("-current")
        if focus:
            step.focus(scroll_visible=False)
        if show:
            self._show(step)
        self._changed()

    def down(self) -> None:
        """A few lines down where the current step goes on below the screen, else the next step."""
        self._holding = False
        below = self._region(self.current).bottom - self._bottom
        if below > 0:
            self._scroll_by(min(below, LINES))
        elif self._index + 1 < len(self._steps):
            self.choose(self._steps[self._index + 1], show=False)
            hidden = self._region(self.current).bottom - self._bottom
            if hidden > 0:
                room = self._region(self.current).y - self._top
                self._scroll_by(min(hidden, max(room, 0)) if self._fits(self.current) else min(hidden, LINES))
        else:
            self._scroll_by(LINES)

    def up(self) -> None:
        """The mirror of `down`."""
        self._holding = False
        above = self._top - self._region(self.current).y
        if above > 0:
            self._scroll_by(-min(above, LINES))
        elif self._index > 0:
            self.choose(self._steps[self._index - 1], show=False)
            hidden = self._top - self._region(self.current).y
            if hidden > 0:
                self._scroll_by(-hidden if self._fits(self.current) else -min(hidden, LINES))
        else:
            self._scroll_by(-self._top)

    def page(self, direction: int) -> None:
        """A page down (1) or up (-1); the current step follows if it is left behind."""
        self._holding = False
        self._scroll_by(direction * max(self._height - OVERLAP, 1))
        self.follow()

    def first(self) -> None:
        """To the top."""
        self.choose(self._steps[0], show=False)
        self._scroll_to(0)

    def last(self) -> None:
        """To the end."""
        self.choose(self._steps[-1], show=False)
        self._scroll_to(self._notebook.max_scroll_y)

    def advance(self) -> None:
        """To the next step, in sight with its first lines."""
        if self._index + 1 < len(self._steps):
            self.choose(self._steps[self._index + 1])

    def place(self) -> tuple[Widget, int]:
        """The step at the top of the screen, and how many lines of it are above."""
        top = self._top
        for step in self._steps:
            region = self._region(step)
            if region.bottom > top:
                return step, top - region.y
        return self._steps[-1], 0

    def go_to(self, step: Widget, offset: int) -> None:
        """What `place` said."""
        self.choose(step, show=False)
        self._scroll_to(self._region(step).y + offset)
        if offset:  # what begins on the screen is nearer to where they were than what ends at its top
            inside = [other for other in self._steps if self._top <= self._region(other).y < self._bottom]
            if inside:
                self.choose(inside[0], show=False)

    def hold(self) -> None:
        """From now on keep the current step in sight as it grows, until the learner moves."""
        self._holding = True
        self.keep_in_sight()

    def laid_out(self) -> None:
        """Heights have changed: what was read stays where it was, or the growing step in sight."""
        if self._holding:
            self.keep_in_sight()
        elif self._anchor is not None:
            step, offset = self._anchor
            y = self._region(step).y + offset
            if y != self._top:
                self._scroll_to(y)

    def scrolled(self) -> None:
        """The notebook was scrolled; if not by us, then by a wheel or the scrollbar."""
        if not self._scrolling:
            self._holding = False
            self._anchor = self.place()
            self.follow()

    def focus(self) -> None:
        """Back to the current step, from what it holds."""
        self.current.focus(scroll_visible=False)

    def before_current(self) -> list[Widget]:
        """The steps above the current one."""
        return self._steps[: self._index]

    def keep_in_sight(self) -> None:
        """The current step may have grown, or moved: show as much of its end as leaves its output's first line."""
        region = self._region(self.current)
        if region.bottom > self._bottom:
            kinds = CellOutput | TrainingChart | ExerciseCard
            grown = [child for child in self.current.children if isinstance(child, kinds)]
            first = self._region(grown[0]).y + region.y if grown else region.y
            if region.height <= self._height:
                self._scroll_to(region.bottom - self._height)
            elif first > self._top:
                self._scroll_to(min(first, region.bottom - self._height))

    @property
    def at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self._top >= self._notebook.max_scroll_y

    def follow(self) -> None:
        """Let the current step be one that is seen."""
        region = self._region(self.current)
        if region.bottom > self._top and region.y < self._bottom:
            return
        inside = [step for step in self._steps if self._top <= self._region(step).y < self._bottom]
        candidates = inside or [self.place()[0]]
        self.choose(candidates[0] if region.y < self._top else candidates[-1], show=False)

    def _show(self, step: Widget) -> None:
        region = self._region(step)
        if region.height >= self._height:
            if not (region.y < self._bottom and region.bottom > self._top) or region.y > self._bottom - LINES:
                self._scroll_to(region.y)
        elif region.y < self._top:
            self._scroll_to(region.y)
        elif region.bottom > self._bottom:
            self._scroll_to(region.bottom - self._height)

    def _fits(self, step: Widget) -> bool:
        return self._region(step).height <= self._height

    def _region(self, step: Widget) -> Region:
        return step.virtual_region_with_margin

    @property
    def _top(self) -> int:
        return round(self._notebook.scroll_target_y)

    @property
    def _height(self) -> int:
        return self._notebook.scrollable_content_region.height

    @property
    def _bottom(self) -> int:
        return self._top + self._height

    def _scroll_by(self, lines: int) -> None:
        self._scroll_to(self._top + lines)

    def _scroll_to(self, y: int) -> None:
        self._scrolling = True
        try:
            self._notebook.scroll_to(y=y, animate=False, immediate=True, force=True)
        finally:
            self._scrolling = False
        self._anchor = self.place()
