"""A lesson to read: the column of steps, the contents beside it, and the keys that move. Nothing is run or kept.

`LessonScreen` builds on this and adds what the learner does. The two are apart so that reading can be understood, and
tested, without a kernel or a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget

from lessons.glossary import Term, find
from lessons.model import Lesson
from tutor import messages
from tutor.screens.lesson_contents import Marks, contents_lines
from tutor.screens.lesson_moves import Moves
from tutor.screens.lesson_steps import Steps
from tutor.screens.lesson_views import Views
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.contents import Contents
from tutor.widgets.end_card import EndCard
from tutor.widgets.notebook import Notebook
from tutor.widgets.quiz_card import QuizCard
from tutor.widgets.status_bar import StatusBar
from tutor.widgets.title_card import TitleCard
from tutor.words import _

TELL_SECONDS = 4.0

WIDE = 116
"""From that many columns on, the contents are shown beside the notebook unless they are put away."""


class ReadingScreen(Views):
    """The steps of a lesson, to move through. `before` and `after` are its neighbours, as (id, title)."""

    AUTO_FOCUS = ""  # None would be the app's: the first widget there is

    def __init__(
        self,
        lesson: Lesson,
        steps: Steps,
        before: tuple[str, str] | None,
        after: tuple[str, str] | None,
        terms: Sequence[Term] = (),
    ) -> None:
        super().__init__()
        self._terms = terms
        self.lesson = lesson
        self.steps = steps
        self.before = before
        self.after = after
        self.status = StatusBar()
        self._painted = self._paint_seconds = 0.0
        self.contents = Contents(list(contents_lines(lesson)))
        self._end = EndCard(after[1] if after else None)
        widgets = [*steps.widgets.values(), self._end]
        self.notebook = Notebook(TitleCard(lesson), widgets)
        self.moves = Moves(self.notebook, self._step_changed)
        self.marks = Marks(steps, self.contents, self._end)
        self._contents_wanted: bool | None = None
        self._telling: Timer | None = None

    def compose(self) -> ComposeResult:
        """Contents, notebook, status bar."""
        with Horizontal(id="lesson-body"):
            yield self.contents
            yield self.notebook
        yield self.status

    def _on_idle(self, event: events.Idle) -> None:  # type: ignore[override]
        """Paint at once, if painting takes half of the time at most; Textual waits for a tick of 60 in a second."""
        if monotonic() - self._painted >= self._paint_seconds and self.is_mounted:
            begun = monotonic()
            self._on_timer_update()
            self._painted = monotonic()
            self._paint_seconds = self._painted - begun

    def on_mount(self) -> None:
        """Follow what scrolls and grows."""
        self.contents.display = self._has_room
        self.marks.show_all()
        self.watch(self.notebook, "scroll_y", self._scrolled, init=False)
        self.watch(self.notebook, "virtual_size", self._grown, init=False)

    # What the screen that builds on this adds

    def show_press(self) -> None:
        """Say what to press next."""

    def place_changed(self) -> None:
        """Another part of the lesson is seen."""

    def end_reached(self) -> None:
        """The last line is seen."""

    def tell(self, words: str) -> None:
        """Say it in the status bar for a while: a toast would cover what it is about."""
        self.status.say(words)
        if self._telling is not None:
            self._telling.stop()
        self._telling = self.set_timer(TELL_SECONDS, lambda: self.status.say(""), name="tell")

    def chord_waiting(self, words: str | None) -> None:
        """Say what the second press will do."""
        self.status.say(words or "")

    # Moving

    def _step_changed(self) -> None:
        current = self.moves.current
        self.contents.show_current(getattr(current, "step", ""))
        self.show_press()
        self.place_changed()
        if current is self._end:
            self.end_reached()

    def _grown(self) -> None:
        self.place_changed()
        if self.moves.at_end:
            self.end_reached()

    def _scrolled(self) -> None:
        self.moves.scrolled()
        self.place_changed()
        if self.moves.at_end:
            self.end_reached()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys mean something else now."""
        if self.is_mounted:
            self.show_press()

    async def take_key(self, event: events.Key) -> None:
        """A digit answers a quiz."""
        current = self.moves.current
        if isinstance(current, QuizCard) and (self.focused is None or current in self.focused.ancestors_with_self):
            await current.take_key(event)

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
        self._go(self.after, _("This is the last lesson so far."))

    def action_previous_lesson(self) -> None:
        """The lesson before."""
        self._go(self.before, _("This is the first lesson."))

    def _go(self, neighbour: tuple[str, str] | None, none: str) -> None:
        if neighbour is None:
            self.tell(none)
        else:
            self.post_message(messages.LessonChosen(neighbour[0]))

    def action_open_lesson(self, lesson: str) -> None:
        """Another lesson, that something here leads to."""
        self.post_message(messages.LessonChosen(lesson))

    async def action_leave(self) -> None:
        """Back to the course."""
        await self.run_action("app.show_course")

    # The contents

    @property
    def _has_room(self) -> bool:
        return self._contents_wanted if self._contents_wanted is not None else self.app.size.width >= WIDE

    def action_contents(self) -> None:
        """Show the contents and go there; put them away if that is where the focus is."""
        if self.contents.display and self.contents.has_focus:
            self._contents_wanted = self.contents.display = False
            self.moves.focus()
        else:
            self._contents_wanted = self.contents.display = True
            self.set_focus(self.contents, scroll_visible=False)

    @on(messages.StepChosen)
    def _go_to_step(self, message: messages.StepChosen) -> None:
        self.moves.go_to(self.steps.widgets[message.step], 0)
        self._leave_contents()

    @on(messages.ContentsLeft)
    def _leave_contents(self) -> None:
        if not self.app.size.width >= WIDE:
            self._contents_wanted = None
            self.contents.display = False
        self.moves.focus()

    def on_resize(self) -> None:
        """The contents are beside the notebook only where there is room."""
        self.contents.display = self._has_room

    # The current step

    @property
    def _cell(self) -> CodeCell | None:
        current = self.moves.current
        return current if isinstance(current, CodeCell) else None

    def action_explain(self, name: str) -> None:
        """What a term means that the lesson marks."""
        from tutor.screens.term import TermScreen

        self.app.push_screen(TermScreen(find(self._terms, name)[0], ""))

    def action_copy(self) -> None:
        """The cell, or the prose, to the clipboard of the terminal."""
        current: Widget = self.moves.current
        text = current.source if isinstance(current, CodeCell) else getattr(current, "markdown", "")
        if text:
            self.app.copy_to_clipboard(text)
            self.tell(_("Copied."))
