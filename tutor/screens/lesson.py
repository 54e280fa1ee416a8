"""The lesson: one scrolling notebook of prose, cells, quizzes and exercises. It holds the record and the kernel.

The screen only joins its collaborators: `lesson_steps` makes and restores the widgets, `lesson_moves` scrolls,
`lesson_runs` talks to the kernel, `lesson_drafts` and `lesson_exercises` keep what the learner does. Widgets post what
the learner did; what follows from it is decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import SuspendNotSupported
from textual.binding import BindingType

from lessons.glossary import Term
from lessons.model import Lesson
from progress_db.records import LessonState
from tutor import messages
from tutor.bindings import bindings
from tutor.kernel.events import KernelState
from tutor.keys import Context
from tutor.screens.lesson_drafts import Drafts
from tutor.screens.lesson_exercises import Exercises
from tutor.screens.lesson_kernel import NO_KERNEL, Connect, ConnectedScreen
from tutor.screens.lesson_outside import NoEditor, edit_outside
from tutor.screens.lesson_place import PlaceKeeper
from tutor.screens.lesson_press import what_to_press
from tutor.screens.lesson_runs import LessonRuns
from tutor.screens.lesson_steps import make_steps, restore_runs
from tutor.screens.lesson_watch import Watch
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.end_card import EndCard
from tutor.widgets.exercise_card import ExerciseCard
from tutor.widgets.quiz_card import QuizCard
from tutor.words import _

if TYPE_CHECKING:
    from textual.command import Provider

    from progress_db.recorder import Recorder
    from progress_db.records import Version


def _cell_commands() -> type[Provider]:
    """Imported when the palette is opened first."""
    from tutor.screens.lesson_commands import CellCommands

    return CellCommands


class LessonScreen(ConnectedScreen):
    """One open lesson.

    `state` is what the record has of it (`Progress.lesson(id)`); `connect` gives the kernel of this lesson, or raises
    with a sentence that says why not; `before` and `after` are its neighbours, as (id, title); `step` is where to open
    it, if not where it was left; `terms` are those that it introduces; `versions` gives the texts that a step had. The
    screen posts `LessonChosen` to the app when the learner moves on. It never stops a kernel: whoever gave `connect`
    does.
    """

    CSS_PATH = "lesson.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.LESSON)
    COMMANDS: ClassVar[set[Any]] = {_cell_commands}

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
        terms: Sequence[Term] = (),
        versions: Callable[[str], Sequence[Version]] | None = None,
    ) -> None:
        super().__init__(lesson, make_steps(lesson, state, terms), before, after, terms, connect=connect)
        self._state = state
        self._recorder = recorder
        self._versions = versions
        cells = self.steps.cells
        self._place = PlaceKeeper(lesson.id, self.steps, self.moves, recorder, state.place, step)
        watch = Watch(self, cells, self.status, self.marks.show, self.show_press)
        unended = [run for run in state.runs.values() if run.outcome is None]
        self.runs = watch.runs = LessonRuns(lesson.id, cells, recorder, watch, unended)
        self.exercises = watch.exercises = Exercises(lesson, cells, recorder, self.runs, self.marks.show)
        self._drafts = Drafts(lesson.id, cells, recorder, self.set_timer)

    def on_mount(self) -> None:
        """Show what is kept; the kernel comes after the first paint."""
        restore_runs(self.steps, self._state.runs, self.lesson)
        self._place.begin()
        self._recorder.lesson_opened(self.lesson.id)
        self.call_after_refresh(self._open_place)
        self.call_after_refresh(self.reach_kernel)

    def _open_place(self) -> None:
        self._place.open()
        self._place.changed(self.set_timer)

    # Where the learner is

    def show_press(self) -> None:
        """Say what to press next."""
        press = what_to_press(self.moves.current, self.runs, self.focused, is_last=self.after is None)
        self.status.show_press(press)

    def place_changed(self) -> None:
        """Keep the place soon."""
        self._place.changed(self.set_timer)

    def end_reached(self) -> None:
        """The lesson counts as read to its end."""
        self._place.reached_end()

    # Cells

    @property
    def _card(self) -> ExerciseCard | None:
        return self._cell.card if self._cell is not None else None

    async def action_edit(self) -> None:
        """Edit the cell, or answer the quiz."""
        current = self.moves.current
        if isinstance(current, CodeCell):
            await current.edit()
        elif isinstance(current, QuizCard) and current.is_answered:
            self.moves.advance()  # whoever types a number and Enter has answered already
        elif isinstance(current, QuizCard):
            await current.enter()
        elif isinstance(current, EndCard):
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

    def action_go_on(self) -> None:
        """Go on with a training that was cut short; with a fresh kernel, what stands above it comes first."""
        cell = self._cell
        kept = cell.chart.curves.current if cell is not None and cell.chart is not None else None
        if cell is None or kept is None or not kept.can_go_on:
            self.tell(_("No training of this cell was cut short and kept."))
            return
        if self.runs.state is KernelState.DEAD:
            self.runs.restart()
        if kept.cut_off:
            self.action_run_above()
        self._run([cell.step], alone=False, resume=True)

    def _run(self, steps: list[str], *, alone: bool, resume: bool = False) -> None:
        if not self.has_kernel:
            self.tell(NO_KERNEL)
            return
        self._drafts.keep()
        for step in steps:
            self.exercises.run_begins(step, alone=alone)
            self.runs.run(step, self.steps.cells[step].source, resume=resume)
        if steps:
            self.reach_again()

    async def action_values(self) -> None:
        """Turn the cell's knobs."""
        if self._cell is not None and self._cell.knob_bar is not None:
            await self.notebook.woken(self._cell)
            self.set_focus(bar := self._cell.knob_bar, scroll_visible=False)
            self.moves.show_part(bar, bar.count)

    @on(messages.KnobTurned)
    def _turn_knob(self, message: messages.KnobTurned) -> None:
        if trouble := self._drafts.turn(message.step, message.knob, message.value):
            self.tell(trouble)

    @on(messages.KnobsLeft)
    @on(messages.InputLeft)
    @on(messages.QuizLeft)
    def _back_to_step(self) -> None:
        self.moves.focus()
        self.show_press()

    def action_reset(self) -> None:
        """Back to the author's version."""
        if self._cell is not None and self._drafts.reset(self._cell.step):
            self.tell(_("The author's version is back. u undoes that."))

    def action_undo_reset(self) -> None:
        """The learner's version again."""
        if self._cell is not None and not self._drafts.undo_reset(self._cell.step):
            self.tell(_("There is nothing to undo here."))

    @work(group="versions", exclusive=True)
    async def action_versions(self) -> None:
        """What the cell was, to put it back."""
        if (cell := self._cell) is None or self._versions is None:
            return
        from tutor.screens.versions import VersionsScreen, distinct

        self._drafts.keep()
        await asyncio.to_thread(self._recorder.flush, 2.0)
        found = distinct(self._versions(cell.step), cell.authored)
        if len(found) < 2:
            self.tell(_("There is only one version of this cell so far."))
        elif (source := await self.app.push_screen_wait(VersionsScreen(found, cell.authored, cell.source))) is not None:
            self._drafts.replace(cell.step, source)
            self.tell(_("It is back. What was there is in the list of versions (V)."))

    def action_external_editor(self) -> None:
        """The cell in the learner's editor."""
        if (cell := self._cell) is None:
            return
        try:
            with self.app.suspend():
                edited = edit_outside(cell.source, cell.step)
        except SuspendNotSupported:
            self.tell(_("The terminal cannot be handed to an editor here."))
        except NoEditor as error:
            self.tell(str(error))
        else:
            self._drafts.replace(cell.step, edited)

    @on(messages.DraftEdited)
    def _keep_draft(self, message: messages.DraftEdited) -> None:
        self._drafts.edited(message.step, message.source)
        self.status.show_saved(None)
        self.marks.show(message.step)

    @on(messages.EditingStarted)
    def _begin_at_cursor(self) -> None:
        self.show_press()
        self.moves.hold_cursor()

    def on_text_area_selection_changed(self) -> None:
        """The cursor of an editor moved."""
        self.moves.hold_cursor()

    @on(messages.EditingLeft)
    @on(messages.QuizEntered)
    def _keys_changed(self) -> None:
        self.show_press()
        self.moves.hold()

    @on(messages.CompletionRequested)
    def _complete(self, message: messages.CompletionRequested) -> None:
        editor = self.steps.cells[message.step].editor
        if editor is not None and self.runs.session is not None:
            from tutor.screens.lesson_completion import complete

            work = complete(self.runs.session, editor, message.code, message.cursor)
            self.run_worker(work, name="complete", group="completion", exclusive=True, exit_on_error=False)

    @on(messages.InputGiven)
    async def _answer_input(self, message: messages.InputGiven) -> None:
        cell = self.steps.cells[message.step]
        self.runs.answer(message.text)
        await cell.stop_asking()
        self.moves.focus()

    # Exercises and quizzes

    async def action_hint(self) -> None:
        """The next hint."""
        if self._card is not None:
            await self.notebook.woken(self.moves.current)
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
        await self.notebook.woken(self.moves.current)
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
        self.status.show_saved(None)
        self.marks.show(message.step)
        self._keys_changed()

    @on(messages.RecordSettled)
    def _say_saved(self, message: messages.RecordSettled) -> None:
        if not message.saved or not self._drafts.waiting:
            self.status.show_saved(message.saved)

    # Leaving

    def on_screen_suspend(self) -> None:
        """Another screen is in front."""
        self._place.keep()
        self._drafts.keep()

    def on_unmount(self) -> None:
        """Keep what is not kept yet."""
        self._place.keep()
        self._drafts.keep()
