"""How much has gone over the wire, said at the foot of a screen where bytes are dear."""

from __future__ import annotations

from textual.timer import Timer

from tutor import pace
from tutor.widgets.line_view import LineView

SECONDS, STEP = 2.0, 200
"""How often the meter is looked at, and how much it must have grown to be drawn again."""


class ByteMeter:
    """Counts for one view, and has it drawn again when there is news."""

    def __init__(self, view: LineView) -> None:
        self._view = view
        self._sent = 0
        self._timer: Timer | None = None

    def follow_pace(self) -> None:
        """The pace is another, or the view is new: with a meter, or without."""
        if pace.current().has_meter and self._timer is None:
            self._timer = self._view.set_interval(SECONDS, self.measure, name="byte-meter")
        elif not pace.current().has_meter and self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._view.redraw()

    def measure(self) -> None:
        """Look at what the terminal was sent."""
        sent = int(getattr(self._view.app._driver, "sent", 0))
        if sent - self._sent >= STEP:  # what the meter itself sends is no news
            self._sent = sent
            self._view.redraw()

    @property
    def words(self) -> str:
        """What it says; nothing where bytes are not counted."""
        return f"{self._sent / 1024:,.1f} KB" if self._timer is not None else ""
