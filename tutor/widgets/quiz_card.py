"""A quiz: its prompt, the way to answer it with the keyboard, and at once the mark and the why of what was chosen.

It marks by itself (`lessons.marking` is pure) and posts `QuizAnswered`; an answer of the wrong form is not an answer:
the card says what form is expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.strip import Strip
from textual.widgets import Input

from lessons.marking import Answer, AnswerForm, mark, read_answer
from lessons.model import ChoiceQuiz, MatchQuiz, OrderQuiz, Quiz
from tutor.bindings import bindings
from tutor.keys import Context
from tutor.messages import QuizAnswered, QuizEntered, QuizLeft, StepClicked
from tutor.widgets.lesson_step import Host, Part
from tutor.widgets.line_view import LineView
from tutor.widgets.palette import Palette
from tutor.widgets.quiz_answering import Answering
from tutor.widgets.quiz_drawing import QuizLook, quiz_strips
from tutor.words import _


class QuizView(LineView, can_focus=True):
    """The card's lines. While the learner chooses, it has the focus and its keys."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.QUIZ)

    def __init__(self, quiz: Quiz) -> None:
        super().__init__(classes="quiz-view")
        self.look = QuizLook(quiz)

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """The card as it stands."""
        return quiz_strips(self.look, width, palette)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys mean something only while the learner answers; else they are the lesson's."""
        return not (action in _ACTIONS and self.look.answering is None)

    @property
    def _card(self) -> QuizCard:
        assert isinstance(self.parent, QuizCard)
        return self.parent

    def action_choose_down(self) -> None:
        """Next option."""
        self._card.change(lambda answering: answering.move_cursor(1))

    def action_choose_up(self) -> None:
        """Option before."""
        self._card.change(lambda answering: answering.move_cursor(-1))

    def action_toggle_choice(self) -> None:
        """Choose what is under the cursor."""
        self._card.change(lambda answering: answering.toggle())

    def action_move_down(self) -> None:
        """The item goes down."""
        self._card.change(lambda answering: answering.move_item(1))

    def action_move_up(self) -> None:
        """The item goes up."""
        self._card.change(lambda answering: answering.move_item(-1))

    def action_give_answer(self) -> None:
        """That is the answer."""
        self._card.give_chosen()

    def action_leave_quiz(self) -> None:
        """Back to the lesson, without an answer."""
        self._card.leave()

    async def action_answer_again(self) -> None:
        """Start over."""
        await self._card.enter()


_ACTIONS = frozenset(
    "choose_down choose_up toggle_choice move_down move_up give_answer leave_quiz answer_again".split()  # noqa: SIM905
)


class AnswerInput(Input):
    """Where an answer is typed."""

    DEFAULT_CSS = "AnswerInput { margin: 0 0 0 2; width: 1fr; max-width: 60; }"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave_quiz", _("leave"))]

    def action_leave_quiz(self) -> None:
        """Back to the lesson, without an answer."""
        assert isinstance(self.parent, QuizCard)
        self.parent.leave()


class QuizCard(Vertical, can_focus=True):
    """One quiz. `answers` are those given before, oldest first, each with whether it was right."""

    ABOVE, BELOW = 0, 1

    def __init__(self, quiz: Quiz, answers: Sequence[tuple[Any, bool]] = ()) -> None:
        super().__init__(classes="step quiz")
        self.step = quiz.id
        self.quiz = quiz
        self._view = QuizView(quiz)
        self._input: AnswerInput | None = None
        self._host: Host | None = None
        if answers:
            self._view.look.first_right = answers[0][1]
            self._show_mark(answers[-1][0])

    def compose(self) -> ComposeResult:
        """The lines; an input comes when it is needed."""
        yield self._view

    def parts(self) -> Iterable[Part]:
        """The card's lines."""
        yield Part(self._view, pad=1, ground="surface")

    def hosted(self, host: Host) -> None:
        """It has to be a widget before it can be answered."""
        self._host = host
        self._view.stands_in = host.changed

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer."""
        return self._view.look.mark is not None

    @property
    def is_right(self) -> bool:
        """Whether the latest answer is right."""
        return self._view.look.mark is not None and self._view.look.mark.correct

    @property
    def is_answering(self) -> bool:
        """Whether the learner is at it."""
        return self._view.look.answering is not None or self._input is not None

    async def enter(self, typed: str = "") -> None:
        """Begin to answer; what is answered already is kept until there is another answer."""
        if self._host is not None:
            await self._host.woken()
        look = self._view.look
        look.mark, look.complaint = None, ""
        if isinstance(self.quiz, ChoiceQuiz | OrderQuiz | MatchQuiz):
            look.answering = Answering(self.quiz)
            self._view.redraw()
            self.screen.set_focus(self._view, scroll_visible=False)
        elif self._input is None:
            self._input = AnswerInput(typed, placeholder=_("type the answer, then Enter"), compact=True)
            self._input.cursor_blink = False
            look.typing = True
            self._view.redraw()
            await self.mount(self._input)
            self.screen.set_focus(self._input, scroll_visible=False)
        self.add_class("-answering")
        self.post_message(QuizEntered(self.step))

    def leave(self) -> None:
        """Stop answering; the answer that was there before is shown again."""
        self._close()
        if self._view.look.answer is not None:
            self._show_mark(self._view.look.answer)
        self._view.redraw()
        self.screen.set_focus(self, scroll_visible=False)
        self.post_message(QuizLeft(self.step))

    def change(self, how: Any) -> None:
        """Let a key act on what is put together."""
        if self._view.look.answering is not None:
            how(self._view.look.answering)
            self._view.look.complaint = ""
            self._view.redraw()

    def give_chosen(self) -> None:
        """Take what is chosen as the answer."""
        answering = self._view.look.answering
        if answering is not None:
            answering.settle()
            self._give(answering.given)

    @on(Input.Submitted)
    def _give_typed(self, message: Input.Submitted) -> None:
        message.stop()
        self._give(message.value)

    def _give(self, given: str | list[int]) -> None:
        look = self._view.look
        try:
            answer = read_answer(self.quiz, given)
            marked = mark(self.quiz, answer)
        except AnswerForm as error:
            look.complaint = str(error)
            self._view.redraw()
            return
        self._close()
        look.answer, look.mark = answer, marked
        if look.first_right is None:
            look.first_right = marked.correct
        self._view.redraw()
        self.screen.set_focus(self, scroll_visible=False)
        self.post_message(QuizAnswered(self.step, answer, marked.correct))

    def _close(self) -> None:
        look = self._view.look
        look.answering, look.typing, look.complaint = None, False, ""
        if self._input is not None:
            self._input.remove()
            self._input = None
        self.remove_class("-answering")

    def _show_mark(self, answer: Answer) -> None:
        look = self._view.look
        try:
            look.answer, look.mark = answer, mark(self.quiz, answer)
        except AnswerForm:  # the author has since changed the quiz: the old answer fits it no more
            look.answer, look.mark = None, None

    async def take_key(self, event: events.Key) -> None:
        """A digit answers without entering first, and chooses while answering."""
        if self._input is not None or event.character is None or event.character not in "0123456789":
            return
        answering = self._view.look.answering
        if answering is None:
            if event.character == "0" or self.is_answered or (self.is_attached and not self.has_focus):
                return
            typed = not isinstance(self.quiz, ChoiceQuiz | OrderQuiz | MatchQuiz)
            await self.enter(event.character if typed else "")
            answering = self._view.look.answering
        event.stop()
        if answering is not None:
            if answering.press(int(event.character)):
                self._give(answering.given)
            else:
                self._view.redraw()

    def on_click(self, event: events.Click) -> None:
        """Become the current step."""
        self.post_message(StepClicked(self.step))
