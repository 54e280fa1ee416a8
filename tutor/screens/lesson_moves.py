"""Moving through a lesson: which step is the current one, and what part of the notebook is seen. No animation, ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region
from textual.widget import Widget

from tutor.widgets.cell_output import CellOutput
from tutor.widgets.exercise_card import ExerciseCard
from tutor.widgets.lesson_step import is_awake
from tutor.widgets.notebook import Notebook
from tutor.widgets.training_chart import TrainingChart

LINES = 3
"""Lines that one press scrolls inside a step that is taller than the screen."""
OVERLAP = 2
"""Lines of the last page that are still seen on the next."""


class Moves:
    """Keeps one step the current one, and in sight."""

    def __init__(self, notebook: Notebook, changed: Callable[[], None]) -> None:
        self._notebook = notebook
        notebook.settle = self._settled
        self._steps: Sequence[Widget] = notebook.steps
        self._changed = changed
        self._index = 0
        self._holding = False
        self._at_cursor = False  # what is held: the line that is edited, or else what grows
        self._scrolling = False
        self._anchor: tuple[Widget, int, int] | None = None
        """The step at the top of the screen, the lines of it that are above, and how many it had then."""

    @property
    def current(self) -> Widget:
        """The current step."""
        return self._steps[self._index]

    def choose(self, step: Widget, *, show: bool = True, focus: bool = True) -> None:
        """Make that step the current one."""
        self._holding = False
        before = self.current
        self._index = self._steps.index(step)
        self._notebook.show_current(step)
        if before is not step and is_awake(before):
            before.remove_class("-current")
        if is_awake(step):
            step.add_class("-current")
        if focus:
            self.focus()
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
        self._notebook.measure()
        self.choose(self._steps[-1], show=False)
        self._scroll_to(self._notebook.max_scroll_y)

    def advance(self) -> None:
        """To the next step, in sight with its first lines."""
        if self._index + 1 < len(self._steps):
            self.choose(self._steps[self._index + 1])

    def place(self) -> tuple[Widget, int]:
        """The step at the top of the screen, and how many lines of it are above."""
        top = self._top
        step = self._notebook.at(top)
        return step, top - self._region(step).y

    def go_to(self, step: Widget, offset: int) -> None:
        """What `place` said."""
        self.choose(step, show=False)
        self._notebook.measure()
        self._scroll_to(self._region(step).y + offset)
        # What begins on the screen is nearer to where they were than what ends at its top.
        if offset and (inside := self._beginning_here()):
            self.choose(inside[0], show=False)

    def hold(self) -> None:
        """From now on keep the current step in sight as it grows, until the learner moves."""
        self._holding, self._at_cursor = True, False
        self.keep_in_sight()

    def hold_cursor(self) -> None:
        """From now on keep the line in sight that is edited."""
        self._holding = self._at_cursor = True
        self.keep_in_sight()

    def begin_at(self, step: Widget, offset: int) -> None:
        """Before anything is laid out: what `place` said when the lesson was left."""
        self._index = self._steps.index(step)
        self._anchor = (step, offset, 0)
        self._notebook.show_current(step)

    def _settled(self) -> int:
        """Heights have changed: what was read stays where it was, or the growing step in sight."""
        if self._holding:
            return self._in_sight()
        if self._anchor is None:
            return self._top
        step, offset, height = self._anchor
        region = self._region(step)
        if offset > 0 and 0 < height != region.height:  # at another width, the same words are so far down
            offset = round(offset * region.height / height)
        return region.y + offset

    def scrolled(self) -> None:
        """The notebook was scrolled; if not by us, then by a wheel or the scrollbar."""
        if not self._scrolling:
            self._holding = False
            self._keep_anchor()
            self.follow()

    def focus(self) -> None:
        """The keys to the current step, from what it holds or what is beside it; at once, or what the next key brings
        up would lose them again."""
        if self._notebook.is_attached:
            step = self.current if is_awake(self.current) else None  # its keys are the screen's until it is a widget
            self._notebook.screen.set_focus(step, scroll_visible=False)

    def before_current(self) -> Sequence[Widget]:
        """The steps above the current one."""
        return self._steps[: self._index]

    def keep_in_sight(self) -> None:
        """The current step may have grown, or moved: show as much of its end as leaves its output's first line."""
        line = self._in_sight()
        if line != self._top:
            self._scroll_to(line)

    def _in_sight(self) -> int:
        region = self._region(self.current)
        if region.height <= self._height:
            return region.bottom - self._height if region.bottom > self._bottom else self._top
        if self._at_cursor and (line := self._cursor_line()) is not None:
            return max(line + 2 - self._height, min(self._top, line - 1), 0)
        if region.bottom > self._bottom:
            grown = [child for child in self.current.children if _says_something(child)]
            first = self._notebook.inside(self.current, grown[0]) + region.y if grown else region.y
            if first > self._top:
                return min(first, region.bottom - self._height)
        return self._top

    def _cursor_line(self) -> int | None:
        """The line of the notebook on which the cursor stands."""
        editor = getattr(self.current, "editor", None)
        if editor is None or not editor.is_mounted:
            return None
        above = self._region(self.current).y + self._notebook.inside(self.current, editor)
        return above + int(editor.wrapped_document.location_to_offset(editor.cursor_location).y)

    @property
    def at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self._top >= self._notebook.max_scroll_y

    def show_part(self, part: Widget, height: int) -> None:
        """Bring a part of the current step into sight, all of its `height` lines if there is room."""
        self._holding = False
        first = self._region(self.current).y + self._notebook.inside(self.current, part)
        if first < self._top or height > self._height:
            self._scroll_to(first)
        elif first + height > self._bottom:
            self._scroll_to(first + height - self._height)

    def follow(self) -> None:
        """Let the current step be one that is seen."""
        region = self._region(self.current)
        if region.bottom > self._top and region.y < self._bottom:
            return
        inside = self._beginning_here()
        candidates = inside or [self.place()[0]]
        self.choose(candidates[0] if region.y < self._top else candidates[-1], show=False)

    def seen(self) -> list[Widget]:
        """The steps that are on the screen, or some lines of them."""
        return self._notebook.between(self._top, self._bottom)

    def _beginning_here(self) -> list[Widget]:
        """The steps whose first line is seen."""
        return [step for step in self.seen() if self._top <= self._region(step).y]

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
        return self._notebook.extent(step)

    @property
    def _top(self) -> int:
        return round(self._notebook.scroll_target_y)

    @property
    def _height(self) -> int:
        return self._notebook.height

    @property
    def _bottom(self) -> int:
        return self._top + self._height

    def _scroll_by(self, lines: int) -> None:
        self._scroll_to(self._top + lines)

    def _scroll_to(self, y: int) -> None:
        self._scrolling = True
        try:
            self._notebook.show_from(y)
        finally:
            self._scrolling = False
        self._keep_anchor()

    def _keep_anchor(self) -> None:
        step, offset = self.place()
        self._anchor = (step, offset, self._region(step).height)


def _says_something(part: Widget) -> bool:
    """Whether that part of a step came of what the learner did: it is what they look for."""
    return part.has_news if isinstance(part, ExerciseCard) else isinstance(part, CellOutput | TrainingChart)
