"""The last line of the lesson: the kernel, the device, what runs and for how long, and what to press next."""

from __future__ import annotations

from textual.strip import Strip

from tutor.kernel.events import KernelState
from tutor.widgets.byte_meter import ByteMeter
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.states import duration
from tutor.words import _

Press = tuple[tuple[str, str], ...]
"""Keys as they are written, each with what it does here."""


class StatusBar(LineView):
    """One line. It repaints only the cells that change."""

    DEFAULT_CSS = "StatusBar { dock: bottom; height: 1; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="status-bar")
        self._kernel = KernelState.STARTING
        self._device = ""
        self._elapsed: float | None = None
        self._queued = 0
        self._is_fresh = False
        self._press: Press = ()
        self._say = ""
        self._trouble = ""
        self._saved: bool | None = None
        self._told_of = False
        self.meter = ByteMeter(self)

    def on_mount(self) -> None:
        """Count bytes where they are dear."""
        self.meter.follow_pace()

    def show_kernel(self, state: KernelState, *, elapsed: float | None = None, queued: int = 0) -> None:
        """The kernel's state; where a cell runs, for how long, and how many wait behind it."""
        if (state, elapsed, queued) != (self._kernel, self._elapsed, self._queued):
            self._kernel, self._elapsed, self._queued = state, elapsed, queued
            self._is_fresh = self._is_fresh and state is not KernelState.BUSY
            self.redraw()

    def show_fresh(self) -> None:
        """The kernel is not the one of before: there is nothing in it, and that is said until a cell runs."""
        self._is_fresh = True
        self.redraw()

    def show_device(self, label: str) -> None:
        """Where training runs."""
        self._device = label
        self.redraw()

    def show_saved(self, saved: bool | None) -> None:
        """Whether what the learner did is in the record; None while it is on its way there.

        Before they did anything there is nothing to say, but that it would not be kept.
        """
        self._told_of = self._told_of or saved is None or not saved
        if self._told_of and saved != self._saved:
            self._saved = saved
            self.redraw()

    def show_press(self, press: Press) -> None:
        """What to press next."""
        if press != self._press:
            self._press = press
            self.redraw()

    def say(self, words: str, *, trouble: bool = False) -> None:
        """Words in the place of the keys, until they are taken away with an empty string."""
        if trouble:
            self._trouble = words
        else:
            self._say = words
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line: state at the left, keys at the right."""
        mark, words, role = _kernel(self._kernel)
        if self._kernel is KernelState.BUSY and self._elapsed is not None and self._elapsed >= 1:
            words += " " + duration(self._elapsed)
        left = [(f"{mark} {words}", palette[role])]
        if self._queued:
            left.append(("  " + _("{count} queued").format(count=self._queued), palette["state-queued"]))
        if self._is_fresh:
            left.append(("  " + _("fresh: no variables"), palette["state-queued"]))
        if self._saved is not None:
            kept, look = ("✓ " + _("saved"), "muted") if self._saved else ("✗ " + _("not saved"), "state-failed")
            left.append(("  " + kept, palette[look]))
        if self._trouble or self._say:
            words, role = (self._say, "strong") if self._say else (self._trouble, "wrong")
            return [between(strip(*left), strip((words, palette[role])), width)]
        if self.meter.words:
            left.append(("  " + self.meter.words, palette["muted"]))
        state = strip(*left)
        keys = self._keys(width - state.cell_length - 2, palette)
        for device in (self._device, self._device.partition(",")[0]):  # the name alone where all has no room
            shown = strip(("  " + device, palette["muted"]))
            if device and state.cell_length + shown.cell_length + 2 + keys.cell_length <= width:
                state = Strip.join([state, shown])
                break
        return [between(state, keys, width)]

    def _keys(self, room: int, palette: Palette) -> Strip:
        """As many as there is room for, the likeliest first."""
        keys = Strip([])
        for key, what in self._press:
            gap = "  " if keys.cell_length else ""
            pair = strip((gap, palette["muted"]), (key, palette["key"]), (" " + what, palette["muted"]))
            if keys.cell_length + pair.cell_length > room:
                break
            keys = Strip.join([keys, pair])
        return keys


def _kernel(state: KernelState) -> tuple[str, str, str]:
    return {
        KernelState.STARTING: ("○", _("starting"), "state-queued"),
        KernelState.IDLE: ("●", _("ready"), "state-ok"),
        KernelState.BUSY: ("●", _("running"), "state-running"),
        KernelState.INTERRUPTING: ("■", _("stopping"), "state-running"),
        KernelState.RESTARTING: ("○", _("restarting"), "state-queued"),
        KernelState.DEAD: ("✗", _("kernel died"), "state-failed"),
        KernelState.STOPPED: ("–", _("no kernel"), "state-idle"),
    }[state]
