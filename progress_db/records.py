"""What the record gives back: frozen results of the queries in `store`. Facts are appended; these are derived from
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where the learner was."""

    lesson: str
    step: str
    offset: int = 0
    """Lines from the top of the step to the top of the screen."""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class KeptOutput:
    """One output of a run, in the order in which it came. `kind` and `payload` are the app's; the record only keeps
    them."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Death:
    """A kernel ended: every run of its lesson that has no end until then ended with it."""

    lesson: str
    running: str
    """The run that it was at; empty if it was idle."""
    at: float


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run ended."""

    run: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A piece of a kernel's journal: what is to be kept of it, in order, and where it ends."""

    upto: int
    """The offset behind it."""
    facts: Sequence[tuple[str, Sequence[KeptOutput]] | RunEnd | Death]
    """More output of a run; or an end."""


@dataclass(frozen=True, slots=True)
class CellRun:
    """One run of one cell, with all that was kept of its output."""

    id: str
    step: str
    source: str
    started: float
    """Seconds since the epoch."""
    outcome: str | None
    """`ok`, `error`, `interrupted`, `aborted`, `died`; None while it runs, or if nobody saw its end."""
    seconds: float | None
    outputs: tuple[KeptOutput, ...] = ()
    dropped: int = 0
    """Characters of output that were beyond the cap and are not kept here."""


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Which cell a run was of, and how it ended; without its output."""

    id: str
    lesson: str
    step: str
    started: float
    outcome: str | None
    """As in `CellRun`."""
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a quiz. The first one counts; the latest is shown."""

    step: str
    answer: Any
    """As JSON: an option's number, a list of them, a number, a text, …"""
    correct: bool
    at: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of an exercise's check."""

    step: str
    source: str
    passed: bool
    message: str
    """The message of the assertion that failed; empty if it passed."""
    at: float


@dataclass(frozen=True, slots=True)
class Version:
    """A text that a cell had: as it was left after an edit, or as it was run."""

    source: str | None
    """None: the author's."""
    at: float
    """When it was last written or run."""
    machine: str = ""
    """Name of the host on which that was."""
    is_here: bool = True
    """Whether that is this one."""
    outcome: str | None = None
    """How its latest run ended; None if it was never run, or did not end."""
    passed: bool | None = None
    """Whether it ever passed its exercise's check; None if it was never checked."""


@dataclass(frozen=True, slots=True)
class LessonState:
    """All that restores a lesson, without running anything."""

    drafts: Mapping[str, str] = field(default_factory=dict)
    """Step to the learner's latest source, where it differs from the author's."""
    authored: Mapping[str, str] = field(default_factory=dict)
    """Step to the author's version that its draft was made of, where that is known."""
    runs: Mapping[str, CellRun] = field(default_factory=dict)
    """Step to its latest run."""
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    """Step to its answers, oldest first."""
    attempts: Mapping[str, tuple[Attempt, ...]] = field(default_factory=dict)
    """Step to its attempts, oldest first."""
    hints: Mapping[str, int] = field(default_factory=dict)
    """Step to how many hints were opened."""
    solutions: frozenset[str] = frozenset()
    """Steps whose solution was opened."""
    place: Place | None = None
    journals: Mapping[str, int] = field(default_factory=dict)
    """Kernel to the offset up to which its journal is in here: what a screen has to hear from there on."""


@dataclass(frozen=True, slots=True)
class LessonStanding:
    """What the home screen shows of a lesson."""

    answered: frozenset[str] = frozenset()
    """Quizzes with an answer."""
    first_right: frozenset[str] = frozenset()
    """Quizzes whose first answer was right."""
    passed: frozenset[str] = frozenset()
    """Exercises whose check passed at least once."""
    opened: float | None = None
    """When it was last open, seconds since the epoch."""
    finished: float | None = None
    """When the learner reached its end."""
