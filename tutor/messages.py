"""What happened, as Textual messages: widgets say it, screens act on it, the app hears the rest.

Facts in the past tense. A widget that posts one of these knows neither the record nor the kernel; `step` is always the
id of a step of the open lesson, never a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from textual.message import Message

from lessons.model import Knob
from tutor.kernel.events import KernelEvent


@dataclass
class LessonChosen(Message):
    """The learner wants that lesson open, at its last place or at `step`. The app opens it."""

    lesson: str
    step: str | None = None


@dataclass
class KernelReported(Message):
    """The kernel said something; a batch, in order. The next batch waits until `taken` is done: the screen has it."""

    events: Sequence[KernelEvent]
    taken: Future[None]


@dataclass
class KernelConnected(Message):
    """A session with the kernel is there, and takes runs. `session` is what the app's `connect` returned."""

    session: Any


@dataclass
class KernelUnreachable(Message):
    """No kernel could be started; `reason` says why in one sentence."""

    reason: str
    error: Exception | None = None
    """What was raised."""


@dataclass
class RunRequested(Message):
    """The learner wants a cell run."""

    step: str
    advance: bool = False


@dataclass
class DraftEdited(Message):
    """The source of a cell changed under the learner's hands."""

    step: str
    source: str


@dataclass
class EditorEscaped(Message):
    """The learner wants out of a cell's editor."""

    step: str


@dataclass
class EditingStarted(Message):
    """A cell is being edited."""

    step: str


@dataclass
class EditingLeft(Message):
    """A cell is no longer being edited."""

    step: str


@dataclass
class CompletionRequested(Message):
    """Tab was pressed behind a word: `code` is the cell, `cursor` a character offset into it."""

    step: str
    code: str
    cursor: int


@dataclass
class KnobTurned(Message):
    """A knob of a cell was turned to another value."""

    step: str
    knob: Knob
    value: float | int | bool | str


@dataclass
class KnobsLeft(Message):
    """The learner is done with a cell's knobs."""

    step: str


@dataclass
class InputGiven(Message):
    """The learner answered a cell's `input()`."""

    step: str
    text: str
    prompt: str
    secret: bool = False


@dataclass
class InputLeft(Message):
    """The learner went back to the lesson; the cell goes on waiting for its `input()`."""

    step: str


@dataclass
class QuizEntered(Message):
    """A quiz is being answered."""

    step: str


@dataclass
class QuizLeft(Message):
    """A quiz was left without an answer."""

    step: str


@dataclass
class QuizAnswered(Message):
    """A quiz was answered in the right form, and marked."""

    step: str
    answer: Any
    correct: bool


@dataclass
class HintShown(Message):
    """A hint of an exercise was opened that was not before; `count` are open now."""

    step: str
    count: int


@dataclass
class SolutionShown(Message):
    """The solution of an exercise was opened."""

    step: str


@dataclass
class RecordSettled(Message, bubble=False):
    """The record committed what it was told; or it cannot, for now. To the screen in front."""

    saved: bool


@dataclass
class StepChosen(Message):
    """The learner chose a step in the contents."""

    step: str


@dataclass
class ContentsLeft(Message):
    """The learner is done with the contents."""


@dataclass
class LineNumbersChosen(Message):
    """The learner wants numbers at the lines of code, or not."""

    shown: bool


@dataclass
class StepClicked(Message):
    """A step was clicked: it becomes the current one."""

    step: str
