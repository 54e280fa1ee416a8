"""The lesson: one scrolling notebook of prose, cells, quizzes and exercises. It holds the record and the kernel.

The screen only joins its collaborators: `lesson_steps` makes and restores the widgets, `lesson_moves` scrolls,
`lesson_runs` talks to the kernel, `lesson_drafts` and `lesson_exercises` keep what the learner does. Widgets post what
the learner did; what follows from it is decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual import events, on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from lessons.model import Lesson
from progress_db.records import LessonState
from tutor import messages
from tutor.bindings import ChordScreen, bindings
from tutor.kernel.events import KernelEvent, KernelState
from tutor.keys import Context
from tutor.screens.lesson_completion import complete
from tutor.screens.lesson_contents import Marks, contents_lines
from tutor.screens.lesson_drafts import Drafts
from tutor.screens.lesson_exercises import Exercises
from tutor.screens.lesson_moves import Moves, Notebook
from tutor.screens.lesson_outside import NoEditor, edit_outside
from tutor.screens.lesson_place import PlaceKeeper
from tutor.screens.lesson_press import what_to_press
from tutor.screens.lesson_runs import LessonRuns
from tutor.screens.lesson_steps import make_steps, restore_runs
from tutor.screens.lesson_watch import Watch
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.contents import Contents
from tutor.widgets.end_card import EndCard
from tutor.widgets.exercise_card import ExerciseCard
from tutor.widgets.quiz_card import QuizCard
from tutor.widgets.status_bar import StatusBar
from tutor.widgets.title_card import TitleCard
from tutor.words import _

if TYPE_CHECKING:
    from progress_db.recorder import Recorder
    from tutor.kernel.session import KernelSession

Deliver: TypeAlias = Callable[[list[KernelEvent]], "Future[Any] | None"]
Connect: TypeAlias = "Callable[[Deliver], KernelSession]"
"""Gives a session whose batches of events go to `deliver`. Called once, off the UI thread, after the first paint."""

WIDE = 116
"""From that many columns on, the contents are shown beside the notebook unless they are put away."""


class LessonScreen(ChordScreen):
    """One open lesson.

    `state` is what the record has of it (`Progress.lesson(id)`); `connect` gives the kernel of this lesson, or raises
    with a sentence that says why not; `before` and `after` are its neighbours, as (id, title); `step` is where to open
    it, if not where it was left. The screen posts `LessonChosen` to the app when the learner moves on. It never stops a
    kernel: whoever gave `connect` does.
    """

    CSS_PATH = "lesson.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.LESSON)
    AUTO_FOCUS = None

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
        self.steps = make_steps(lesson, state)
        cells = self.steps.cells
        self._end = EndCard(after[1] if after else None)
        self._notebook = Notebook(TitleCard(lesson), *self.steps.widgets.values(), self._end, id="notebook")
        self._status = StatusBar()
        self._contents = Contents(list(contents_lines(lesson)))
        self._contents_wanted: bool | None = None
        self.moves = Moves(self._notebook, [*self.steps.widgets.values(), self._end], self._step_changed)
        self._place = PlaceKeeper(lesson.id, self.steps, self.moves, recorder, state.place, step)
        self._marks = Marks(self.steps, self._contents, self._end)
        watch = Watch(self, cells, self._status, self._marks.show, self._show_press)
        self.runs = watch.runs = LessonRuns(lesson.id, cells, recorder, watch, self.set_timer)
        self.exercises = watch.exercises = Exercises(lesson, cells, recorder, self.runs, self._marks.show)
        self._drafts = Drafts(lesson.id, cells, recorder, self.set_timer)

    def compose(self) -> ComposeResult:
        """Contents, notebook, status bar."""
        with Horizontal(id="lesson-body"):
            yield self._contents
            yield self._notebook
        yield self._status

    def on_mount(self) -> None:
        """Show what is kept; the kernel comes after the first paint."""
        self._contents.display = self._has_room
        restore_runs(self.steps, self._state.runs)
        self._marks.show_all()
        self._recorder.lesson_opened(self.lesson.id)
        self.watch(self._notebook, "scroll_y", self._scrolled, init=False)
        self.watch(self._notebook, "virtual_size", self.moves.laid_out, init=False)
        self.call_after_refresh(self._place.open)
        self.call_after_refresh(self._reach_kernel)

    # The kernel

    @work(thread=True, group="kernel", name="reach-kernel", exit_on_error=False)
    def _reach_kernel(self) -> None:
        if self._connect is None:
            self.post_message(messages.KernelUnreachable(_("There is no kernel: cells cannot be run.")))
            return
        try:
            session = self._connect(self._deliver)
        except Exception as error:  # its message is the sentence that the learner reads
            self.post_message(messages.KernelUnreachable(str(error)))
        else:
            self.post_message(messages.KernelConnected(session))
        import engine.charts  # noqa: F401  (brings plotext, some 120 ms: here, and not when the first curve comes)

    def _deliver(self, batch: list[KernelEvent]) -> Future[None]:
        """From the session's thread."""
        taken: Future[None] = Future()
        if not self.post_message(messages.KernelReported(batch, taken)):
            taken.set_result(None)
        return taken

    @on(messages.KernelConnected)
    def _take_session(self, message: messages.KernelConnected) -> None:
        self.runs.connected(message.session)

    @on(messages.KernelUnreachable)
    def _say_unreachable(self, message: messages.KernelUnreachable) -> None:
        self._status.show_kernel(KernelState.STOPPED)
        self._status.say(message.reason, trouble=True)

    @on(messages.KernelReported)
    def _take_events(self, message: messages.KernelReported) -> None:
        try:
            self.runs.take(message.events)
        finally:
            self.call_after_refresh(message.taken.set_result, None)

    # Moving

    def _step_changed(self) -> None:
        current = self.moves.current
        self._contents.show_current(getattr(current, "step", ""))
        self._show_press()
        self._place.changed(self.set_timer)
        if current is self._end:
            self._place.reached_end()

    def _show_press(self) -> None:
        self._status.show_press(what_to_press(self.moves.current, self.runs, self.focused, is_last=self._after is None))

    def _scrolled(self) -> None:
        self.moves.scrolled()
        self._place.changed(self.set_timer)
        if self.moves.at_end:
            self._place.reached_end()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys mean something else now."""
        if self.is_mounted:
            self._show_press()

    @on(messages.StepClicked)
    def _choose_clicked(self, message: messages.StepClicked) -> None:
        self.moves.choose(self.steps.widgets.get(message.step, self._end), show=False)

    def action_down(self) -> None:
        """Down."""
        self.moves.down()

    def action_up(self) -> None:
        """Up."""
        self.moves.up()

    def action_first(self) -> None:
        """To the top."""
        self.moves.first()

    def action_last(self) -> None:
        """To the end."""
        self.moves.last()

    def action_page_down(self) -> None:
        """A page down."""
        self.moves.page(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.moves.page(-1)

    def action_next_lesson(self) -> None:
        """The next lesson."""
        self._go(self._after, _("This is the last lesson so far."))

    def action_previous_lesson(self) -> None:
        """The lesson before."""
        self._go(self._before, _("This is the first lesson."))

    def _go(self, neighbour: tuple[str, str] | None, none: str) -> None:
        if neighbour is None:
            self.notify(none)
        else:
            self.post_message(messages.LessonChosen(neighbour[0]))

    async def action_leave(self) -> None:
        """Back to the course."""
        self._place.keep()
        await self.run_action("app.show_course")

    # The contents

    @property
    def _has_room(self) -> bool:
        return self._contents_wanted if self._contents_wanted is not None else self.app.size.width >= WIDE

    def action_contents(self) -> None:
        """Show the contents and go there; put them away if that is where the focus is."""
        if self._contents.display and self._contents.has_focus:
            self._contents_wanted = self._contents.display = False
            self.moves.focus()
        else:
            self._contents_wanted = self._contents.display = True
            self._contents.focus(scroll_visible=False)

    @on(messages.StepChosen)
    def _go_to_step(self, message: messages.StepChosen) -> None:
        self.moves.go_to(self.steps.widgets[message.step], 0)
        self._leave_contents()

    @on(messages.ContentsLeft)
    def _leave_contents(self) -> None:
        if not self.app.size.width >= WIDE:
            self._contents_wanted = None
            self._contents.display = False
        self.moves.focus()

    def on_resize(self) -> None:
        """The contents are beside the notebook only where there is room."""
        self._contents.display = self._has_room

    # Cells

    @property
    def _cell(self) -> CodeCell | None:
        current = self.moves.current
        return current if isinstance(current, CodeCell) else None

    @property
    def _card(self) -> ExerciseCard | None:
        return self._cell.card if self._cell is not None else None

    async def action_edit(self) -> None:
        """Edit the cell, or answer the quiz."""
        current = self.moves.current
        if isinstance(current, CodeCell):
            await current.edit()
        elif isinstance(current, QuizCard):
            await current.enter()
        elif current is self._end:
            self.action_next_lesson()

    async def action_run(self) -> None:
        """Run the cell and stay; of a quiz, answer it again."""
        if (cell := self._cell) is not None:
            self._run([cell.step], alone=True)
            self.moves.hold()
        elif isinstance(self.moves.current, QuizCard) and not self.moves.current.is_answering:
            await self.moves.current.enter()

    async def action_run_advance(self) -> None:
        """Run the cell and go on."""
        if (cell := self._cell) is not None:
            self._run([cell.step], alone=True)
            await cell.leave_editor(focus=False)
        self.moves.advance()
        self.moves.hold()

    def action_run_all(self) -> None:
        """Run every cell, in order."""
        self._run(list(self.steps.cells), alone=False)

    def action_run_above(self) -> None:
        """Run the cells above the current step."""
        above = self.moves.before_current()
        self._run([step for step, cell in self.steps.cells.items() if cell in above], alone=False)

    def _run(self, steps: list[str], *, alone: bool) -> None:
        if self._connect is None:
            self.notify(_("There is no kernel: cells cannot be run."), severity="warning")
            return
        self._drafts.keep()
        for step in steps:
            self.exercises.run_begins(step, alone=alone)
            self.runs.run(step, self.steps.cells[step].source)

    def action_interrupt(self) -> None:
        """Stop what runs."""
        self.runs.interrupt()

    @work(group="restart", exclusive=True)
    async def action_restart(self) -> None:
        """A fresh kernel, after a question where variables would be lost."""
        if self.runs.state is not KernelState.DEAD and self.runs.running is not None:
            from tutor.screens.confirm import ConfirmScreen

            question = _("A cell is running. Restart the kernel all the same?")
            detail = _("Its variables are lost; outputs and drafts stay.")
            if not await self.app.push_screen_wait(
                ConfirmScreen(question, detail=detail, yes=_("Restart"), no=_("Go on"))
            ):
                return
        self.runs.restart()

    def action_values(self) -> None:
        """Turn the cell's knobs."""
        if self._cell is not None and self._cell.knob_bar is not None:
            self._cell.knob_bar.focus(scroll_visible=False)

    @on(messages.KnobTurned)
    def _turn_knob(self, message: messages.KnobTurned) -> None:
        if trouble := self._drafts.turn(message.step, message.knob, message.value):
            self.notify(trouble, severity="warning")

    @on(messages.KnobsLeft)
    @on(messages.InputLeft)
    @on(messages.QuizLeft)
    def _back_to_step(self) -> None:
        self.moves.focus()
        self._show_press()

    def action_reset(self) -> None:
        """Back to the author's version."""
        if self._cell is not None and self._drafts.reset(self._cell.step):
            self.notify(_("The author's version is back. u undoes that."))

    def action_undo_reset(self) -> None:
        """The learner's version again."""
        if self._cell is not None and not self._drafts.undo_reset(self._cell.step):
            self.notify(_("There is nothing to undo here."))

    def action_external_editor(self) -> None:
        """The cell in the learner's editor."""
        if (cell := self._cell) is None:
            return
        try:
            with self.app.suspend():
                edited = edit_outside(cell.source, cell.step)
        except SuspendNotSupported:
            self.notify(_("The terminal cannot be handed to an editor here."), severity="warning")
        except NoEditor as error:
            self.notify(str(error), severity="warning")
        else:
            self._drafts.replace(cell.step, edited)

    def action_copy(self) -> None:
        """The cell, or the prose, to the clipboard of the terminal."""
        current: Widget = self.moves.current
        text = current.source if isinstance(current, CodeCell) else getattr(current, "markdown", "")
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(_("Copied."), timeout=2)

    @on(messages.DraftEdited)
    def _keep_draft(self, message: messages.DraftEdited) -> None:
        self._drafts.edited(message.step, message.source)
        self._marks.show(message.step)

    @on(messages.EditingStarted)
    @on(messages.EditingLeft)
    @on(messages.QuizEntered)
    def _keys_changed(self) -> None:
        self._show_press()
        self.moves.hold()

    @on(messages.CompletionRequested)
    def _complete(self, message: messages.CompletionRequested) -> None:
        editor = self.steps.cells[message.step].editor
        if editor is not None and self.runs.session is not None:
            work = complete(self.runs.session, editor, message.code, message.cursor)
            self.run_worker(work, name="complete", group="completion", exclusive=True, exit_on_error=False)

    @on(messages.InputGiven)
    async def _answer_input(self, message: messages.InputGiven) -> None:
        cell = self.steps.cells[message.step]
        self.runs.answer(message.step, message.text, message.prompt, secret=message.secret)
        await cell.stop_asking()
        self.moves.focus()

    # Exercises and quizzes

    def action_hint(self) -> None:
        """The next hint."""
        if self._card is not None:
            self._card.next_hint()
            self.moves.hold()

    def action_hint_back(self) -> None:
        """The hint before."""
        if self._card is not None:
            self._card.hint_before()

    @work(group="solution", exclusive=True)
    async def action_solution(self) -> None:
        """Show the solution, or hide it; ask back before it is earned."""
        if (card := self._card) is None:
            return
        if not card.is_solution_shown and not card.is_solution_earned:
            from tutor.screens.confirm import ConfirmScreen

            question = _("Show the solution now?")
            detail = _("You learn more from a hint (h), and from one more try.")
            if not await self.app.push_screen_wait(
                ConfirmScreen(question, detail=detail, yes=_("Show it"), no=_("Not yet"))
            ):
                return
        card.show_solution(not card.is_solution_shown)
        self.moves.hold()

    @on(messages.HintShown)
    def _keep_hint(self, message: messages.HintShown) -> None:
        self._recorder.hint_opened(self.lesson.id, message.step, message.count)

    @on(messages.SolutionShown)
    def _keep_solution(self, message: messages.SolutionShown) -> None:
        self._recorder.solution_opened(self.lesson.id, message.step)

    @on(messages.QuizAnswered)
    def _keep_answer(self, message: messages.QuizAnswered) -> None:
        self._recorder.answer_given(self.lesson.id, message.step, message.answer, message.correct)
        self._marks.show(message.step)
        self._keys_changed()

    # Leaving

    def chord_waiting(self, words: str | None) -> None:
        """Say what the second press will do."""
        self._status.say(words or "")

    def on_screen_suspend(self) -> None:
        """Another screen is in front."""
        self._place.keep()
        self._drafts.keep()

    def on_unmount(self) -> None:
        """Keep what is not kept yet."""
        self._place.keep()
        self._drafts.keep()
        self.runs.close()
