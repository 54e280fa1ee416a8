"""The lesson: one scrolling notebook of prose, cells, quizzes and exercises. It holds the record and the kernel.

The screen only joins its collaborators: `lesson_steps` makes and restores the widgets, `lesson_moves` scrolls,
`lesson_runs` talks to the kernel. Widgets post what the learner did; what follows from it is decided here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from lessons.model import Lesson
from progress_db.records import LessonState, Place
from tutor.bindings import ChordScreen, bindings
from tutor.kernel.events import ErrorRaised, KernelEvent, KernelState, Outcome
from tutor.keys import Context
from tutor.messages import (
    DraftEdited,
    KernelConnected,
    KernelReported,
    KernelUnreachable,
    LessonChosen,
    StepClicked,
)
from tutor.screens.lesson_moves import Moves, Notebook
from tutor.screens.lesson_runs import LessonRuns
from tutor.screens.lesson_steps import make_steps, restore_runs
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.status_bar import StatusBar
from tutor.widgets.title_card import TitleCard
from tutor.words import _

if TYPE_CHECKING:
    from progress_db.recorder import Recorder
    from tutor.kernel.session import KernelSession

Deliver: TypeAlias = Callable[[list[KernelEvent]], "Future[Any] | None"]
Connect: TypeAlias = "Callable[[Deliver], KernelSession]"
"""Gives a session whose batches of events go to `deliver`. Called once, off the UI thread, after the first paint."""

DRAFT_SECONDS = 0.5
"""A draft is kept when typing pauses that long, and at the latest after as long again."""


class LessonScreen(ChordScreen):
    """One open lesson.

    `state` is what the record has of it (`Progress.lesson(id)`); `connect` gives the kernel of this lesson, or raises
    with a sentence that says why not; `before` and `after` are its neighbours, as (id, title); `step` is where to open
    it, if not where it was left. The screen posts `LessonChosen` to the app when the learner moves on. It never stops a
    kernel: whoever gave `connect` does.
    """

    CSS_PATH = "lesson.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.LESSON)

    def __init__(
        self,
        lesson: Lesson,
        *,
        state: LessonState,
        recorder: Recorder,
        connect: Connect | None,
        before: tuple[str, str] | None = None,
        after: tuple[str, str] | None = None,
        step: str | None = None,
    ) -> None:
        super().__init__()
        self.lesson = lesson
        self._state = state
        self._recorder = recorder
        self._connect = connect
        self._before = before
        self._after = after
        self._open_at = step
        self._steps = make_steps(lesson, state)
        self._runs = LessonRuns(lesson.id, self._steps.cells, recorder, self, self.set_timer)
        self._drafts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The notebook, and the status bar."""
        self._notebook = Notebook(TitleCard(self.lesson), *self._steps.widgets.values(), id="notebook")
        self._moves = Moves(self._notebook, list(self._steps.widgets.values()), self._step_changed)
        self._status = StatusBar()
        with Horizontal(id="lesson-body"):
            yield self._notebook
        yield self._status

    def on_mount(self) -> None:
        """Show what is kept; the kernel comes after the first paint."""
        restore_runs(self._steps, self._state.runs)
        self._recorder.lesson_opened(self.lesson.id)
        self.call_after_refresh(self._open_place)
        self.call_after_refresh(self._reach_kernel)

    def _open_place(self) -> None:
        place = self._state.place
        if self._open_at is not None and self._open_at in self._steps.widgets:
            self._moves.go_to(self._steps.widgets[self._open_at], 0)
        elif place is not None and place.step in self._steps.widgets:
            self._moves.go_to(self._steps.widgets[place.step], place.offset)
        else:
            self._moves.choose(next(iter(self._steps.widgets.values())), show=False)

    # The kernel

    @work(thread=True, group="kernel", name="reach-kernel", exit_on_error=False)
    def _reach_kernel(self) -> None:
        if self._connect is None:
            self.post_message(KernelUnreachable(_("There is no kernel: cells cannot be run.")))
            return
        try:
            session = self._connect(self._deliver)
        except Exception as error:  # its message is the sentence that the learner reads
            self.post_message(KernelUnreachable(str(error)))
        else:
            self.post_message(KernelConnected(session))

    def _deliver(self, events: list[KernelEvent]) -> Future[None]:
        """From the session's thread."""
        taken: Future[None] = Future()
        if not self.post_message(KernelReported(events, taken)):
            taken.set_result(None)
        return taken

    @on(KernelConnected)
    def _take_session(self, message: KernelConnected) -> None:
        self._runs.connected(message.session)

    @on(KernelUnreachable)
    def _say_unreachable(self, message: KernelUnreachable) -> None:
        self._status.show_kernel(KernelState.STOPPED)
        self._status.say(message.reason, trouble=True)

    @on(KernelReported)
    def _take_events(self, message: KernelReported) -> None:
        try:
            self._runs.take(message.events)
        finally:
            self.call_after_refresh(message.taken.set_result, None)

    def kernel_changed(self) -> None:
        """The kernel's state, or the queue, is another."""
        running = self._runs.running
        elapsed = time.monotonic() - running[1] if running else None
        self._status.show_kernel(self._runs.state, elapsed=elapsed, queued=self._runs.queued)

    def device_found(self, facts: Mapping[str, object]) -> None:
        """The device is known."""
        self._status.show_device(str(facts.get("label") or facts.get("name") or ""))

    def kernel_died(self, reason: str, step: str | None) -> None:
        """The kernel is gone."""
        if step is not None:
            self._steps.cells[step].output.note(reason)
        self._status.say(reason, trouble=True)

    def input_wanted(self, step: str, prompt: str, password: bool) -> None:
        """A cell waits for `input()`."""

    def run_ended(self, step: str, source: str, outcome: Outcome) -> None:
        """A run is over."""

    def check_ended(self, step: str, source: str, error: ErrorRaised | None, outcome: Outcome) -> None:
        """A check is over."""

    # Moving

    def _step_changed(self) -> None:
        pass

    @on(StepClicked)
    def _choose_clicked(self, message: StepClicked) -> None:
        self._moves.choose(self._steps.widgets[message.step], show=False)

    def action_down(self) -> None:
        """Down."""
        self._moves.down()

    def action_up(self) -> None:
        """Up."""
        self._moves.up()

    def action_first(self) -> None:
        """To the top."""
        self._moves.first()

    def action_last(self) -> None:
        """To the end."""
        self._moves.last()

    def action_page_down(self) -> None:
        """A page down."""
        self._moves.page(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._moves.page(-1)

    def action_next_lesson(self) -> None:
        """The next lesson."""
        if self._after is not None:
            self.post_message(LessonChosen(self._after[0]))

    def action_previous_lesson(self) -> None:
        """The lesson before."""
        if self._before is not None:
            self.post_message(LessonChosen(self._before[0]))

    async def action_leave(self) -> None:
        """Back to the course."""
        await self.run_action("app.show_course")

    # Cells

    @property
    def _cell(self) -> CodeCell | None:
        current = self._moves.current
        return current if isinstance(current, CodeCell) else None

    async def action_edit(self) -> None:
        """Edit the current cell."""
        if (cell := self._cell) is not None:
            await cell.edit()

    async def action_run(self) -> None:
        """Run the current cell."""
        if (cell := self._cell) is not None:
            self._keep_drafts()
            self._runs.run(cell.step, cell.source)

    async def action_run_advance(self) -> None:
        """Run, and go on."""
        cell = self._cell
        await self.action_run()
        if cell is not None:
            await cell.leave_editor(focus=False)
        self._moves.advance()

    def action_run_all(self) -> None:
        """Run every cell."""
        self._run_steps(list(self._steps.cells))

    def action_run_above(self) -> None:
        """Run the cells above the current step."""
        order = self._steps.order
        above = set(order[: order.index(self._current_id)])
        self._run_steps([step for step in self._steps.cells if step in above])

    @property
    def _current_id(self) -> str:
        current = self._moves.current
        return next(step for step, widget in self._steps.widgets.items() if widget is current)

    def _run_steps(self, steps: Sequence[str]) -> None:
        for step in steps:
            self._runs.run(step, self._steps.cells[step].source)

    def action_interrupt(self) -> None:
        """Stop what runs."""
        self._runs.interrupt()

    def action_restart(self) -> None:
        """A fresh kernel."""
        self._runs.restart()

    @on(DraftEdited)
    def _mind_draft(self, message: DraftEdited) -> None:
        if not self._drafts:
            self.set_timer(DRAFT_SECONDS, self._keep_drafts, name="keep-drafts")
        self._drafts[message.step] = message.source

    def _keep_drafts(self) -> None:
        drafts, self._drafts = self._drafts, {}
        for step, source in drafts.items():
            authored = self._steps.cells[step].authored
            self._recorder.draft_saved(self.lesson.id, step, None if source == authored else source)

    def chord_waiting(self, words: str | None) -> None:
        """Say what the second press will do."""
        self._status.say(words or "")

    def _on_screen_suspend(self) -> None:
        self._leave_place()

    def on_unmount(self) -> None:
        """Keep what is not kept yet."""
        self._keep_drafts()
        self._runs.close()

    def _leave_place(self) -> None:
        step, offset = self._moves.place()
        name = next(name for name, widget in self._steps.widgets.items() if widget is step)
        self._recorder.place_left(Place(self.lesson.id, name, offset, time.time()))

    def _widgets(self) -> Iterator[CodeCell]:
        yield from self._steps.cells.values()
