"""What a lesson is, once it is parsed: plain frozen records, no text format and no screen in sight.

A lesson is a sequence of steps. A step is keyed by its id (`chapter/lesson#step-id` across the course), never by its
position, so that a learner's record survives an author's edits. The format that these are read from is in `parser`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Knob:
    """A value that the learner may turn without editing: `lr = 0.1  #@param {type: "slider", min: 0.001, max: 10}`."""

    name: str
    """The name that is assigned to."""
    line: int
    """Line inside the cell's source, from 0."""
    kind: Literal["slider", "number", "integer", "choice", "switch", "text"]
    value: float | int | bool | str
    """The value in the source."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    log: bool = False
    """Whether a slider moves by ratios."""
    options: tuple[str, ...] = ()
    """The values of a `choice`."""


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between two things to do. `id` is the slug of its first heading, or of the heading above it."""

    id: str
    line: int
    """Line in the file, from 1."""
    markdown: str


@dataclass(frozen=True, slots=True)
class CodeCell:
    """Code to run, and to play with."""

    id: str
    line: int
    source: str
    tags: frozenset[str] = frozenset()
    outputs: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """What a notebook's file says that the cell put out: kind and payload, as the record keeps outputs (`stream`,
    `value`, `error`). A lesson of ours has none."""
    label: str = ""
    """What to call it, where its id says nothing to people: that of a notebook's cell may be a random one."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A code cell that the learner completes, with its ladder of hints, its check and its solution."""

    id: str
    line: int
    source: str
    """What the learner starts from."""
    check: str
    """Asserts, run after the learner's cell. Their messages are the feedback."""
    solution: str
    """One answer that passes. It runs *after* the learner's cell, never instead of it."""
    hints: tuple[str, ...] = ()
    """Markdown, mildest first."""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a `choice` or `choices` quiz."""

    text: str
    correct: bool
    why: str


@dataclass(frozen=True, slots=True)
class QuizHead:
    """What every quiz has."""

    id: str
    line: int
    prompt: str
    why: str = ""
    """Why the answer is what it is, Markdown. Empty where every option has its own."""
    verify: str | None = None
    """A Python expression that must agree with the answer once the cells above have run."""


@dataclass(frozen=True, slots=True)
class ChoiceQuiz(QuizHead):
    """Choose one (`several` false), or all that are right and nothing else (`several` true)."""

    options: tuple[Option, ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class NumberQuiz(QuizHead):
    """A number, right within `tolerance` (inclusive, plus 1e-9)."""

    answer: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class TextQuiz(QuizHead):
    """A word or phrase, compared without case and outer space with each of `accept`."""

    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeQuiz(QuizHead):
    """The shape of a tensor."""

    answer: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderQuiz(QuizHead):
    """Put `items` in order; they are stored in the right one."""

    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchQuiz(QuizHead):
    """Match each left to its right."""

    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputQuiz(QuizHead):
    """What does this print? Compared exactly, but for outer space."""

    answer: str = ""


Quiz: TypeAlias = ChoiceQuiz | NumberQuiz | TextQuiz | ShapeQuiz | OrderQuiz | MatchQuiz | OutputQuiz
Step: TypeAlias = Prose | CodeCell | Exercise | Quiz


@dataclass(frozen=True, slots=True)
class Lesson:
    """A parsed lesson."""

    id: str
    """`chapter/lesson`, for example `classification/softmax-regression`."""
    title: str
    book: str
    """Section of the book, for example `4.1`."""
    minutes: int
    requires: tuple[str, ...]
    objectives: tuple[str, ...]
    steps: tuple[Step, ...]
    path: Path
    language: str = "en"
    front_matter: Mapping[str, object] = field(default_factory=dict)

    def step(self, step_id: str) -> Step:
        """The step of that id. Raises `KeyError`."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson as the catalog knows it without parsing its body: enough for the home screen and `list`."""

    id: str
    title: str
    chapter: str
    """Slug of its chapter."""
    book: str
    minutes: int
    path: Path
    requires: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    """Ids of its exercises, in order."""
    quizzes: tuple[str, ...] = ()
    """Ids of its quizzes, in order."""
    broken: str | None = None
    """File, line and cause in one sentence, where the file could not be read. The rest of the course still opens."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the course. `lessons` may be empty: a chapter that is announced and not yet written."""

    slug: str
    number: int
    title: str
    lessons: tuple[Entry, ...] = ()
