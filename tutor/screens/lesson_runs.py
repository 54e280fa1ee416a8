"""Runs of cells: sends them to the kernel, and hands what comes back to the cells. No keys and no layout.

What a run puts out is kept elsewhere (`tutor.ingest`), from the kernel's journal. Runs of before that have no end
in the record are taken up again, if the kernel that the lesson finds still has them.

Runs that are asked for before there is a kernel wait here, and are shown as queued. A check of an exercise is sent when
its cell has ended well, so that a check that fails aborts nothing that was queued before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from progress_db.ids import new_id
from progress_db.records import CellRun
from tutor.kernel.events import (
    CHECK,
    Attached,
    CellFinished,
    CellStarted,
    DeviceFound,
    ErrorRaised,
    InputAnswered,
    InputRequested,
    InterruptUnheeded,
    KernelDied,
    KernelEvent,
    KernelState,
    Outcome,
    Output,
    OutputCleared,
    OutputLost,
    RunId,
    StateChanged,
    StreamWritten,
    TrainingReported,
    ValueShown,
)
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.states import CellState
from tutor.words import _

if TYPE_CHECKING:
    from progress_db.recorder import Recorder
    from tutor.kernel.session import KernelSession

STATE_OF_OUTCOME = {
    Outcome.OK: CellState.OK,
    Outcome.ERROR: CellState.FAILED,
    Outcome.INTERRUPTED: CellState.INTERRUPTED,
    Outcome.ABORTED: CellState.ABORTED,
    Outcome.DIED: CellState.DIED,
}


class Watcher(Protocol):
    """Who is told of what goes beyond a cell."""

    def kernel_changed(self) -> None:
        """The kernel's state, or the queue, is another."""

    def device_found(self, facts: Mapping[str, object]) -> None:
        """The device is known."""

    def kernel_died(self, reason: str, step: str | None) -> None:
        """The kernel is gone; it was running `step`."""

    def input_wanted(self, step: str, prompt: str, password: bool) -> None:
        """A cell waits for `input()`."""

    def input_over(self, step: str) -> None:
        """The question was answered, or is no longer asked."""

    def interrupt_unheeded(self, seconds: float) -> None:
        """The cell was interrupted, and goes on."""

    def output_lost(self, count: int) -> None:
        """The kernel could not keep so many of its outputs."""

    def run_ended(self, step: str, source: str, outcome: Outcome) -> None:
        """A run of a cell is over."""

    def check_ended(self, step: str, source: str, error: ErrorRaised | None, outcome: Outcome) -> None:
        """A check of an exercise is over; `error` is what it raised."""


@dataclass
class _Run:
    id: RunId
    step: str
    source: str
    is_check: bool = False
    checked: str = ""
    """The learner's source that a check is about."""
    may_fail: bool = False
    """Whether the author means it to raise: then what is queued behind it runs all the same."""
    afresh: bool = False
    """Whether it must not find what earlier versions of its cell left: of an exercise, lest a check passes on that."""
    resume: bool = False
    started: float | None = None
    error: ErrorRaised | None = None


class LessonRuns:
    """The runs of one lesson's cells."""

    def __init__(
        self,
        lesson: str,
        cells: Mapping[str, CodeCell],
        recorder: Recorder,
        watcher: Watcher,
        unended: Iterable[CellRun] = (),
    ) -> None:
        self._lesson = lesson
        self._cells = cells
        self._recorder = recorder
        self._watcher = watcher
        self._session: KernelSession | None = None
        self._runs: dict[RunId, _Run] = {}
        self._latest: dict[str, RunId] = {}
        self._unsent: list[_Run] = []
        self._unsettled = {run.id: _Run(run.id, run.step, run.source) for run in unended if run.step in cells}
        self._latest.update({run.step: run.id for run in self._unsettled.values()})
        self.state = KernelState.STARTING

    # Asking

    def connected(self, session: KernelSession) -> None:
        """There is a kernel: what waited goes to it."""
        self._session = session
        if self.state is KernelState.STARTING:  # it may have been up before we listened
            self.state = session.state
            self._watcher.kernel_changed()
        if not getattr(session.process, "is_found", False):
            self.settle()
        waiting, self._unsent = self._unsent, []
        for run in waiting:
            self._send(run)

    def settle(self) -> None:
        """No kernel has the runs of before that have no end: that is said under their cells."""
        unseen, self._unsettled = self._unsettled, {}
        for run in unseen.values():
            if self._latest.get(run.step) == run.id:
                cell = self._cells[run.step]
                cell.show_state(CellState.INTERRUPTED)
                cell.output.note(_("The end of this run was not seen. Nothing was run again."))

    def run(self, step: str, source: str, *, resume: bool = False) -> None:
        """Run a cell. An error of one that is meant to raise stops none of those behind it.

        `resume`: what it trains goes on from its checkpoint.
        """
        cell = self._cells[step]
        run = _Run(new_id(), step, source, may_fail=cell.may_fail, afresh=cell.card is not None, resume=resume)
        self._runs[run.id] = run
        self._latest[step] = run.id
        cell.begin_run()
        cell.show_state(CellState.QUEUED)
        self._recorder.run_started(run.id, self._lesson, step, source, time.time())
        self._send(run)
        self._watcher.kernel_changed()

    def check(self, step: str, check: str, checked: str) -> None:
        """Run the check of an exercise. Its outcome is an attempt, and not a run of the cell."""
        run = _Run(CHECK + new_id(), step, check, is_check=True, checked=checked)
        self._runs[run.id] = run
        self._send(run)

    def note_died(self, words: str) -> None:
        """What became of the kernel of before: under the cells that it was running."""
        for cell in self._cells.values():
            if cell.state is CellState.DIED:
                cell.output.note(f"✗ {words}", role="wrong")

    def give_up(self, reason: str) -> None:
        """There is no kernel for what waits for one: it is not run, and under the first it is said why."""
        first = next((run for run in self._unsent if not run.is_check), None)
        self._drop_unsent()
        if first is not None:
            self._cells[first.step].output.note(_("Not run. {reason}").format(reason=reason))

    def _drop_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        for run in unsent:
            self._finish(CellFinished(run.id, Outcome.ABORTED, 0.0))

    def interrupt(self) -> None:
        """Stop the cell that runs; those that wait are not run."""
        self._drop_unsent()
        if self._session is not None and self._runs:
            self._session.interrupt()

    def restart(self) -> None:
        """A fresh kernel, without variables."""
        if self._session is not None:
            self._session.restart()

    def answer(self, text: str) -> None:
        """What the learner typed for `input()`: it goes to the cell."""
        if self._session is not None:
            self._session.answer_input(text)

    @property
    def session(self) -> KernelSession | None:
        """The kernel, once there is one."""
        return self._session

    @property
    def running(self) -> tuple[str, float] | None:
        """The step whose cell runs, and since when (of `time.monotonic`)."""
        for run in self._runs.values():
            if run.started is not None:
                return run.step, run.started
        return None

    @property
    def queued(self) -> int:
        """How many cells wait."""
        return sum(run.started is None and not run.is_check for run in self._runs.values())

    def is_active(self, step: str) -> bool:
        """Whether a run of that cell waits or goes on."""
        return any(run.step == step for run in self._runs.values())

    def _send(self, run: _Run) -> None:
        if self._session is None:
            self._unsent.append(run)
        else:
            self._session.run(
                run.source,
                run=run.id,
                cell=run.step,
                silent=run.is_check,
                may_fail=run.may_fail,
                afresh=run.afresh,
                resume=run.resume,
            )

    # Hearing

    def take(self, events: Sequence[KernelEvent]) -> None:
        """What the kernel said, in order."""
        outputs: list[Output] = []
        for event in events:
            if isinstance(event, StreamWritten | ValueShown | OutputCleared | TrainingReported | ErrorRaised):
                if outputs and outputs[0].run != event.run:
                    self._put_out(outputs)
                    outputs = []
                outputs.append(event)
                continue
            if outputs:
                self._put_out(outputs)
                outputs = []
            self._hear(event)
        if outputs:
            self._put_out(outputs)

    def _hear(self, event: KernelEvent) -> None:
        if isinstance(event, StateChanged):
            self.state = event.state
            self._watcher.kernel_changed()
        elif isinstance(event, CellStarted):
            self._started(event)
        elif isinstance(event, CellFinished):
            self._finish(event)
        elif isinstance(event, Attached):
            self._attached(event)
        elif isinstance(event, InputAnswered):
            if (run := self._runs.get(event.run)) is not None:
                self._watcher.input_over(run.step)
        elif isinstance(event, OutputLost):
            self._watcher.output_lost(event.count)
        elif isinstance(event, InputRequested):
            if (run := self._runs.get(event.run)) is not None:
                self._watcher.input_wanted(run.step, event.prompt, event.password)
        elif isinstance(event, InterruptUnheeded):
            self._watcher.interrupt_unheeded(event.seconds)
        elif isinstance(event, DeviceFound):
            self._watcher.device_found(event.facts)
        elif isinstance(event, KernelDied):
            running = self.running
            self._watcher.kernel_died(event.reason, running[0] if running else None)

    def _started(self, event: CellStarted) -> None:
        run = self._runs.get(event.run) or self._taken_up(event.run)
        if run is None:
            if event.cell not in self._cells or event.run.startswith(CHECK):
                return
            # Another tutor has the same lesson open, and ran this cell.
            run = self._runs[event.run] = _Run(event.run, event.cell, self._cells[event.cell].source)
            self._latest[event.cell] = event.run
            self._cells[event.cell].begin_run()
        ago = max(0.0, time.time() - event.at) if event.at is not None else 0.0
        run.started = time.monotonic() - ago
        self._show_running(run)
        self._watcher.kernel_changed()

    def _show_running(self, run: _Run) -> None:
        if not run.is_check and self._latest.get(run.step) == run.id:
            self._cells[run.step].show_state(CellState.QUEUED if run.started is None else CellState.RUNNING)

    def _taken_up(self, run_id: RunId) -> _Run | None:
        """A run of before that goes on."""
        run = self._unsettled.pop(run_id, None)
        if run is not None:
            self._runs[run_id] = run
        return run

    def _attached(self, event: Attached) -> None:
        for run_id in filter(None, (event.running, *event.queued)):
            run = self._runs.get(run_id) or self._taken_up(run_id)
            if run is not None:
                if run_id == event.running and run.started is None:
                    run.started = time.monotonic()
                self._show_running(run)
        self.settle()
        self._watcher.kernel_changed()

    def _put_out(self, outputs: list[Output]) -> None:
        run = self._runs.get(outputs[0].run) or self._taken_up(outputs[0].run)
        if run is None:
            return
        if run.is_check:
            run.error = next((output for output in outputs if isinstance(output, ErrorRaised)), run.error)
        elif self._latest.get(run.step) == run.id:
            self._cells[run.step].add_outputs(outputs)

    def _finish(self, event: CellFinished) -> None:
        run = self._runs.pop(event.run, None) or self._unsettled.pop(event.run, None)
        if run is None:
            return
        if run.is_check:
            self._watcher.check_ended(run.step, run.checked, run.error, event.outcome)
        else:
            if not event.journaled:
                self._recorder.run_finished(run.id, event.outcome.value, event.seconds)
            if self._latest.get(run.step) == run.id:
                cell = self._cells[run.step]
                cell.show_state(STATE_OF_OUTCOME[event.outcome], event.seconds)
                cell.end_run()
            self._watcher.run_ended(run.step, run.source, event.outcome)
        self._watcher.kernel_changed()


def runnable(steps: Iterable[str], upto: str | None = None) -> list[str]:
    """Of the cells' ids in order: those above `upto`, or all."""
    found = []
    for step in steps:
        if step == upto:
            break
        found.append(step)
    return found
