"""The head of the course's screen: its name, the device, and what is done so far."""

from __future__ import annotations

from textual.strip import Strip

from tutor.glyphs import glyphs
from tutor.marks import Totals
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.words import _, ngettext


class HomeHead(LineView):
    """Two lines."""

    def __init__(self, course: str) -> None:
        super().__init__()
        self._course = course
        self._device = ""
        self._totals: Totals | None = None

    def show_device(self, words: str) -> None:
        """Say which device there is."""
        self._device = words
        self.redraw()

    def show_totals(self, totals: Totals) -> None:
        """Say what is done."""
        self._totals = totals
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Name and device; then the totals."""
        name = strip(("d2l-tutor", palette["heading-1"]), (f"   {self._course}", palette["text"]))
        device = strip((self._device, palette["muted"]))
        if name.cell_length + device.cell_length + 2 > width:
            name = strip(("d2l-tutor", palette["heading-1"]))
        return [between(name, device, width), strip((self._said(), palette["muted"]))]

    def _said(self) -> str:
        if self._totals is None:
            return ""
        known = self._totals
        parts = [ngettext("{n} lesson", "{n} lessons", known.lessons).format(n=known.lessons)]
        if known.lessons_done:
            parts.append(_("{n} done").format(n=known.lessons_done))
        if known.lessons_begun:
            parts.append(_("{n} begun").format(n=known.lessons_begun))
        if known.quizzes:
            parts.append(_("{n} of {all} quizzes right").format(n=known.first_right, all=known.quizzes))
        if known.exercises:
            parts.append(
                ngettext("{n} exercise solved", "{n} exercises solved", known.exercises).format(n=known.exercises)
            )
        return f" {glyphs().dot} ".join(parts)
