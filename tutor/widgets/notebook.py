"""The scrolling column of steps. It draws those that nobody has touched itself, and is the parent of the others.

Textual would mount, style and lay out every step of a lesson for its first paint, and go through all of them at each
key. Here a step is a widget only once it is the current one or its cell runs; all others are lines (`lesson_step`), and
where each stands is a table of heights (`step_table`). What is read stays where it is: when heights change, the
scroll position is set anew within the same layout, before anything is painted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.containers import VerticalScroll
from textual.geometry import NULL_SPACING, Offset, Region, Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from tutor.messages import StepClicked
from tutor.text_profile import chosen
from tutor.widgets.lesson_step import BESIDE, is_awake
from tutor.widgets.line_view import LineView
from tutor.widgets.step_lines import HEAD, StepLines
from tutor.widgets.step_table import StepTable

MEASURE = 92
"""Columns of a step at most."""
AHEAD = 2
"""Pages that are drawn before they are needed."""


class _Arranged(DockArrangeResult):
    """The steps that are widgets, where they stand; and the height of all."""

    size = Size(0, 0)

    @property
    def total_region(self) -> Region:
        return self.size.region


@dataclass(frozen=True, slots=True)
class _Hosting:
    """What one step knows of the notebook."""

    notebook: Notebook
    slot: int

    def changed(self) -> None:
        self.notebook.changed(self.slot)

    def wake(self) -> None:
        self.notebook.wake(self.notebook.steps[self.slot])

    async def woken(self) -> None:
        await self.notebook.woken(self.notebook.steps[self.slot])


class Notebook(VerticalScroll, can_focus=False, inherit_bindings=False):
    """`head` stands above the steps. Its keys are the screen's: Textual's own would scroll a line, and later."""

    ALLOW_SELECT = False

    def __init__(self, head: LineView, steps: Sequence[Any]) -> None:
        super().__init__(id="notebook")
        self._head = head
        self.steps: Sequence[Any] = steps
        """Each a widget and a `lesson_step.Step`, which mypy has no word for."""
        self._slots = {id(step): slot for slot, step in enumerate(steps)}
        self._table = StepTable([(step.ABOVE, step.BELOW) for step in steps])
        self._unmeasured = set(range(-1, len(steps)))
        self._lines = StepLines(self, head, steps)  # the head is number -1, here and in what is unmeasured
        self._look: tuple[int, int, str, str] | None = None
        self._arranged: _Arranged | None = None
        self._arranged_for: tuple[Size, int] | None = None
        self._painted: Any = None
        self._covering: set[Any] = set()
        """Steps that Textual paints, as of the last layout; the others are painted here."""
        self._is_stale = True
        self._current: Widget | None = None
        self.settle: Callable[[], int] | None = None
        """Says what the first line on the screen is to be, after heights have changed."""
        for slot, step in enumerate(steps):
            step.hosted(_Hosting(self, slot))

    # Where things are

    def extent(self, step: Widget) -> Region:
        """Where a step stands in the whole notebook, with the blank lines around it."""
        slot = self._slots[id(step)]
        top = self._table.top(slot)
        return Region(0, top, self._width, self._table.bottom(slot) - top)

    def at(self, line: int) -> Widget:
        """The step that has that line of the notebook, or the nearest."""
        step: Widget = self.steps[self._table.at(line)]
        return step

    def between(self, first: int, end: int) -> list[Widget]:
        """The steps that have lines of [first, end)."""
        return [self.steps[slot] for slot in self._table.between(first, end)]

    def inside(self, step: Widget, part: Widget) -> int:
        """Lines of a step, the blank ones above it included, over one of its parts."""
        slot = self._slots[id(step)]
        above = self._table.content_top(slot) - self._table.top(slot)
        before = [child for child in step.children[: step.children.index(part)] if child.display]
        size = Size(self._width - BESIDE, 0)
        return above + sum(child.get_content_height(size, self.app.size, size.width) for child in before)

    @property
    def total(self) -> int:
        """Lines in all."""
        return self._table.total

    @property
    def height(self) -> int:
        """Lines that are seen."""
        return self.outer_size.height

    @property
    def max_scroll_y(self) -> int:
        """By our own table: Textual hears of a new height only after the layout."""
        return max(0, self.total - self.height)

    def measure(self) -> None:
        """Learn every height that is not known yet."""
        if self._unmeasured and self._look is not None:
            self._measure(range(-1, len(self.steps)))
            self.refresh(layout=True)

    def show_from(self, line: int) -> None:
        """Scroll so that `line` is the first that is seen, or as near to it as there are lines."""
        self.scroll_target_y = self.scroll_y = line

    # What is a widget, and what is drawn

    def wake(self, step: Widget) -> None:
        """Make a step a widget, and keep it one."""
        if is_awake(step) or not self.is_attached:
            return
        slot = self._slots[id(step)]
        behind = next((other for other in self.steps[slot + 1 :] if is_awake(other)), None)
        step.set_class(step is self._current, "-current")
        self.mount(step, before=behind)
        if step is self._current and self.screen.focused is None:
            self.screen.set_focus(step, scroll_visible=False)

    async def woken(self, step: Widget) -> None:
        """The same, and wait until it can be worked with."""
        self.wake(step)
        await step._mounted_event.wait()

    def show_current(self, step: Widget) -> None:
        """The step with the bar at its left."""
        if step is not self._current:
            self._current = step
            self.refresh()

    def forget(self) -> None:
        """Everything looks different: draw it anew."""
        self._look = None
        self.refresh(layout=True)

    def changed(self, slot: int) -> None:
        """A step that is not a widget looks different."""
        self._lines.forget(slot)
        self._unmeasured.add(slot)
        if self.is_attached:
            self.refresh(layout=True)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Any:
        """As ever; a layout begins with heights."""
        self._is_stale |= layout
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _clear_arrangement_cache(self) -> None:
        """Textual says this to all above a widget whose height may have changed."""
        self._is_stale = True
        super()._clear_arrangement_cache()

    # Heights

    @property
    def _width(self) -> int:
        return self._look[0] if self._look is not None else 0

    def _look_at(self, width: int) -> None:
        """Forget what was drawn for another width, theme or text."""
        look = (width, self.app.size.height, self.app.theme, chosen())
        if look != self._look:
            self._unmeasured.update(range(-1, len(self.steps)))
            if width != self._width:
                self._guess(width)
            self._look = look
            self._lines.clear(width)
            self.call_after_refresh(self.measure)

    def _guess(self, width: int) -> None:
        """Heights for the scrollbar, until they are known."""
        for slot, step in enumerate(self.steps):
            text = getattr(step, "source", "") or getattr(step, "markdown", "")
            self._table.set_height(slot, 2 + sum(1 + len(line) // max(width, 1) for line in text.splitlines()))

    def _measure(self, slots: Sequence[int]) -> None:
        for slot in slots:
            if slot in self._unmeasured:
                self._unmeasured.discard(slot)
                if slot < 0:
                    self._table.set_start(len(self._lines[slot]))
                elif not self.steps[slot].is_mounted:
                    self._table.set_height(slot, len(self._lines[slot]))

    def _measure_awake(self) -> None:
        size = Size(self._width - BESIDE, 0)
        for step in self.children:
            if step.is_mounted:
                slot = self._slots[id(step)]
                self._unmeasured.discard(slot)
                self._lines.forget(slot)
                self._table.set_height(slot, step.get_content_height(size, self.app.size, size.width))

    def _measure_near(self) -> None:
        """What is seen, and some pages around it, exactly; so that nothing there moves later."""
        pages = AHEAD * max(self.outer_size.height, self.app.size.height)
        for _again in range(8):  # what was guessed too high or too low brings others near
            top = round(self.scroll_y)
            near = [-1, *self._table.between(top - pages, top + pages)]
            if self._unmeasured.isdisjoint(near):
                return
            self._measure(near)
            self._settle()

    def _settle(self) -> bool:
        """Scroll to where what was read is now; from within a layout, so without its consequences."""
        if self.settle is None:
            return False
        line = max(0, min(self.settle(), self.max_scroll_y))
        if line == self.scroll_y:
            return False
        self.set_reactive(Widget.scroll_y, float(line))
        self.set_reactive(Widget.scroll_target_y, float(line))
        if self._vertical_scrollbar is not None:
            self._vertical_scrollbar.set_reactive(ScrollBar.position, line)
        return True

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Where the steps that are widgets stand. What is read stays where it is, or what grows in sight."""
        for_what = (size, self._nodes._updates)
        if self._arranged is not None and not self._is_stale and for_what == self._arranged_for:
            return self._arranged
        self._is_stale = False
        self._arranged_for = for_what
        self._look_at(min(MEASURE, size.width))
        self._measure_awake()
        self._measure_near()
        self._settle()
        left = (size.width - self._width) // 2
        placements = []
        self._covering = {step for step in self.children if step.is_mounted}
        for step in self.children:
            slot = self._slots[id(step)]
            region = Region(left, self._table.content_top(slot), self._width, self._table.height(slot))
            placements.append(WidgetPlacement(region, Offset(), NULL_SPACING, step))
        arranged = _Arranged(placements, set(self.children), NULL_SPACING)
        arranged.size = Size(size.width, self.total)
        self._arranged = arranged
        self._repaint_moved()
        return arranged

    def _repaint_moved(self) -> None:
        """Within a layout, only Textual's own list of dirty regions is still heard."""
        look = (self._look, round(self.scroll_y), self._table.tops())
        if look != self._painted:
            self._painted = look
            compositor = self.screen._compositor
            known = compositor._full_map.get(self)
            compositor._dirty_regions.add(known.region if known is not None else compositor.size.region)

    # Drawing

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are seen."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the steps that are not widgets; where widgets are, they cover them."""
        width = self.outer_size.width
        if self._look is None:
            return [Strip.blank(crop.width, self.rich_style)] * crop.height
        self._look_at(self._width)
        top = round(self.scroll_y)
        first, end = top + crop.y, top + crop.bottom
        lines = [self._lines.blank(width)] * crop.height
        for slot in (HEAD, *self._table.between(first, end)):
            step = self.steps[slot] if slot != HEAD else None
            if step in self._covering or (step is None and first >= self._table.top(0)):
                continue
            at = self._table.content_top(slot) if step is not None else 0
            for line in range(max(at, first), min(at + len(self._lines[slot]), end)):
                is_current = step is not None and step is self._current
                lines[line - first] = self._lines.whole(slot, line - at, width, is_current=is_current)
        if crop.column_span != (0, width):
            lines = [line.crop(*crop.column_span) for line in lines]
        return lines

    def on_click(self, event: events.Click) -> None:
        """A step that is not a widget becomes the current one."""
        line = round(self.scroll_y) + event.screen_y - self.region.y
        if self._table.top(0) <= line < self.total and not (step := self.steps[self._table.at(line)]).is_mounted:
            self.post_message(StepClicked(step.step))
