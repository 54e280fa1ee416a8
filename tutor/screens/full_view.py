"""One chart, picture, table or formula on the whole screen, live while a cell trains; Esc goes back to the lesson.

It is given exhibits and knows nothing of lessons, cells or kernels.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip

from tutor import graphics, pace
from tutor.bindings import bindings
from tutor.graphics import Placed
from tutor.keys import Context
from tutor.missing import Enduring
from tutor.widgets.cell_output import inked
from tutor.widgets.drawn import DrawnExhibit
from tutor.widgets.exhibits import ChartExhibit, Exhibit, LinesExhibit
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView
from tutor.widgets.palette import Palette
from tutor.widgets.pictures import PictureExhibit
from tutor.widgets.training_chart import frames
from tutor.words import _

FOLLOW = 5.0
"""Looks in a second, at most, at whether a live exhibit has changed: a large chart costs more than a small one."""


class Stage(LineView):
    """All the room for one exhibit."""

    DEFAULT_CSS = "Stage { height: 1fr; }"

    def __init__(self, exhibit: Exhibit) -> None:
        super().__init__(id="stage")
        self.exhibit = exhibit

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """What is in sight of it."""
        return inked(self.exhibit.strips(width, self.size.height, palette), palette)

    def on_resize(self) -> None:
        """It goes by the height too."""
        self.forget()
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Read the values under the mouse."""
        if isinstance(self.exhibit, ChartExhibit | DrawnExhibit):
            self.exhibit.point_at(event.x, event.y)


class ReadOut(LineView):
    """The line below: values, or which part is seen."""

    DEFAULT_CSS = "ReadOut { height: auto; background: $surface; }"

    def __init__(self, exhibit: Exhibit) -> None:
        super().__init__(id="read-out")
        self.exhibit = exhibit

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """A line, or a few where there is no room."""
        return inked(self.exhibit.read_out(width, palette), palette)


class FullView(Enduring, ModalScreen[None]):
    """The exhibits, one at a time; at least one."""

    CSS_PATH = "full_view.tcss"
    CONTEXT = Context.FULL_VIEW
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Context.FULL_VIEW),
        Binding("question_mark,f1", "app.help", show=False),
    ]

    def __init__(self, exhibits: Sequence[Exhibit]) -> None:
        super().__init__()
        self._exhibits = list(exhibits)
        self._index = 0
        self._stage = Stage(self._exhibits[0])
        self._read_out = ReadOut(self._exhibits[0])
        self._keys = KeyLine(self._to_press())
        self._seen: object = None
        self._has_picture = False

    @property
    def exhibit(self) -> Exhibit:
        """The one that is shown."""
        return self._exhibits[self._index]

    def compose(self) -> ComposeResult:
        """The exhibit, a line about it, and what to press."""
        yield self._stage
        yield self._read_out
        yield self._keys

    def on_mount(self) -> None:
        """Follow what is live. Where nothing changed, nothing is drawn."""
        self.set_interval(1 / min(frames(), FOLLOW), self._follow, name="follow-exhibit")

    def _follow(self) -> None:
        if self.is_current and self.exhibit.version != self._seen:
            self._show()

    def _show(self) -> None:
        self._stage.redraw()
        self._read_out.redraw()
        self._seen = self.exhibit.version

    def _to_press(self) -> list[tuple[str, str]]:
        keys = [("Esc", _("back"))]
        if len(self._exhibits) > 1:
            place = f"{self._index + 1}/{len(self._exhibits)}"
            keys.append(("Tab", _("next ({place})").format(place=place)))
        if isinstance(self.exhibit, ChartExhibit):
            keys += [("← →", _("values")), ("l", _("log")), ("s", _("smooth")), ("m", _("apart"))]
        elif isinstance(self.exhibit, DrawnExhibit) and self.exhibit.plot is not None:
            keys += [("← →", _("values"))]
        elif isinstance(self.exhibit, LinesExhibit) and not self.exhibit.is_whole:
            keys += [("← → j k", _("move"))]
        return [*keys, ("y", _("copy"))]

    # Pictures in the terminal's own graphics

    def on_resize(self) -> None:
        """The room is another."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """It is drawn: there is more to press where it is not seen whole."""
        self._keys.show(self._to_press())
        self._show_picture()

    def on_screen_suspend(self) -> None:
        """Something lies over it, or it is left: a picture does not go by itself."""
        self._take_picture_away()

    def on_screen_resume(self) -> None:
        """It is in front again."""
        self.call_after_refresh(self._show_picture)

    def _show_picture(self) -> None:
        kind = graphics.protocol() if pace.current().has_graphics else None
        exhibit = self.exhibit
        if not (self.is_current and isinstance(exhibit, PictureExhibit) and kind and exhibit.image):
            self._take_picture_away()
            return
        if not hasattr(self.app._driver, "show_picture"):  # no terminal, or a browser
            return
        exhibit.is_graphics = True
        self._show()
        region = self._stage.content_region
        cell = graphics.cell_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)

        def make() -> Placed:
            return exhibit.graphics(kind, region.x, region.y, (region.width, region.height), cell)

        self.run_worker(self._place_picture(make, exhibit), name="place-picture", group="picture", exclusive=True)

    async def _place_picture(self, make: Callable[[], Placed], exhibit: PictureExhibit) -> None:
        placed = await asyncio.to_thread(make)
        if self.is_current and self.exhibit is exhibit:
            self._has_picture = True
            self._driver_shows(placed)

    def _take_picture_away(self) -> None:
        if self._has_picture:
            self._has_picture = False
            self._driver_shows(None)
            self.app.refresh()

    def _driver_shows(self, placed: Placed | None) -> None:
        show: Callable[[Placed | None], None] | None = getattr(self.app._driver, "show_picture", None)
        if show is not None:
            show(placed)

    # Keys

    def action_leave_view(self) -> None:
        """Back to the lesson."""
        self._take_picture_away()
        self.dismiss()

    def action_exhibit(self, by: int) -> None:
        """The next one, or the one before."""
        self._index = (self._index + by) % len(self._exhibits)
        self._stage.exhibit = self._read_out.exhibit = self.exhibit
        self._show()
        self.call_after_refresh(self._settle)

    def action_across(self, by: int) -> None:
        """To the next value, or to the side."""
        self.exhibit.step(by, 0)
        self._show()

    def action_line(self, by: int) -> None:
        """A line down, or up."""
        self.exhibit.step(0, by)
        self._show()

    def action_leap(self, by: int) -> None:
        """A tenth of the curve, or a page; or all the way."""
        self.exhibit.leap(by)
        self._show()

    def action_log_axis(self) -> None:
        """A logarithmic axis, or not."""
        if isinstance(self.exhibit, ChartExhibit):
            self.exhibit.chart.toggle_log()
            self._show()

    def action_smooth(self) -> None:
        """Running means, or the points as they are."""
        if isinstance(self.exhibit, ChartExhibit):
            self.exhibit.chart.toggle_smooth()
            self._show()

    def action_apart(self) -> None:
        """Each kind of curve in a chart of its own, or all in one."""
        if isinstance(self.exhibit, ChartExhibit):
            self.exhibit.chart.toggle_apart()
            self._show()

    def action_copy_view(self) -> None:
        """What the line below says, or the TeX of a formula, to the terminal's clipboard."""
        note = self.exhibit.note if isinstance(self.exhibit, LinesExhibit) else ""
        said = self.exhibit.read_out(1000, self._stage.palette)
        text = note or "\n".join(line.text for line in said).strip()
        if text:
            self.app.copy_to_clipboard(text)
