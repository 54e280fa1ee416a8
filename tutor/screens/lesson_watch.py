"""What the kernel's news mean for the screen: the status bar, the cell that was running, the marks in the contents."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from textual.timer import Timer
from textual.widget import Widget

from tutor.kernel.events import ErrorRaised, KernelState, Outcome
from tutor.screens.lesson_exercises import Exercises
from tutor.screens.lesson_runs import LessonRuns
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.states import CellState
from tutor.widgets.status_bar import StatusBar
from tutor.words import _


class Watch:
    """Is told by `LessonRuns`, and tells the widgets."""

    def __init__(
        self,
        host: Widget,
        cells: Mapping[str, CodeCell],
        status: StatusBar,
        stands: Callable[[str], None],
        keys_changed: Callable[[], None],
    ) -> None:
        self._host = host
        self._cells = cells
        self._status = status
        self._stands = stands
        self._keys_changed = keys_changed
        self._ticker: Timer | None = None
        self.runs: LessonRuns | None = None
        self.exercises: Exercises | None = None

    def kernel_changed(self) -> None:
        """The kernel's state, or the queue, is another."""
        runs = self.runs
        if runs is None or not self._host.is_mounted:
            return
        if runs.running is None:
            if self._ticker is not None:
                self._ticker.stop()
                self._ticker = None
        elif self._ticker is None:
            self._ticker = self._host.set_interval(1.0, self._tick, name="elapsed")
        if runs.state is KernelState.IDLE:
            self._status.say("", trouble=True)
        self._show_state()
        self._keys_changed()
        for step in self._cells:
            self._stands(step)

    def device_found(self, facts: Mapping[str, object]) -> None:
        """The device is known."""
        self._status.show_device(str(facts.get("label") or facts.get("name") or ""))

    def kernel_died(self, reason: str, step: str | None) -> None:
        """The kernel is gone: said where it ran, and in the status bar. What was put out stays."""
        advice = _("Press 0 0 for a fresh kernel; outputs and drafts are kept.")
        if step is not None:
            self._cells[step].output.note(f"✗ {reason} {advice}", role="wrong")
        self._status.say(f"{reason} {_('0 0 restarts it.')}", trouble=True)

    def input_wanted(self, step: str, prompt: str, password: bool) -> None:
        """A cell waits for `input()`."""
        self._host.run_worker(self._ask(step, prompt, password), name="ask-input", group="input")

    async def _ask(self, step: str, prompt: str, password: bool) -> None:
        cell = self._cells[step]
        await cell.ask(prompt, password=password)
        is_current = cell.has_class("-current") and self._host.screen.focused in (None, cell)
        if cell.asking is not None and is_current:  # the cell itself may only just have become a widget
            cell.asking.focus(scroll_visible=False)

    def input_over(self, step: str) -> None:
        """The question was answered, here or in another tutor."""
        if (cell := self._cells[step]).asking is not None:
            self._host.run_worker(cell.stop_asking(), name="stop-asking", group="input")

    def output_lost(self, count: int) -> None:
        """The disk was full: what was shown meanwhile is not saved."""
        self._status.say(_("{count} outputs could not be saved: the disk was full.").format(count=count), trouble=True)

    def interrupt_unheeded(self, seconds: float) -> None:
        """The interrupt brought nothing about: killing would, and costs the variables."""
        self._status.say(_("It does not stop. 0 0 kills it; i i tries again."), trouble=True)
        words = _(
            "Interrupted {seconds:.0f} s ago, and it goes on: it is in C code, or catches KeyboardInterrupt. "
            "Killing the kernel (0 0) ends it: variables are lost, outputs and drafts are kept."
        )
        self._host.notify(words.format(seconds=seconds), title=_("The cell does not stop"), severity="warning")

    def run_ended(self, step: str, source: str, outcome: Outcome) -> None:
        """A run is over."""
        self.input_over(step)
        if self.exercises is not None:
            self.exercises.run_ended(step, source, outcome)

    def check_ended(self, step: str, source: str, error: ErrorRaised | None, outcome: Outcome) -> None:
        """A check is over."""
        if self.exercises is not None:
            self.exercises.check_ended(step, source, error, outcome)
        self._stands(step)

    def _tick(self) -> None:
        runs = self.runs
        if runs is None or runs.running is None:
            return
        step, since = runs.running
        if (cell := self._cells[step]).state is CellState.RUNNING:
            cell.show_state(CellState.RUNNING, time.monotonic() - since)
        self._show_state()

    def _show_state(self) -> None:
        runs = self.runs
        assert runs is not None
        elapsed = time.monotonic() - runs.running[1] if runs.running else None
        self._status.show_kernel(runs.state, elapsed=int(elapsed) if elapsed is not None else None, queued=runs.queued)
