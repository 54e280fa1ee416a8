"""How far a lesson is, as a screen shows it: plain records. Where they come from is in `standing`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Where a lesson stands."""

    TODO = "todo"
    BEGUN = "begun"
    DONE = "done"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one lesson is."""

    mark: Mark
    quizzes: int = 0
    """Quizzes with an answer."""
    quizzes_all: int = 0
    first_right: int = 0
    """Quizzes whose first answer was right."""
    exercises: int = 0
    """Exercises solved."""
    exercises_all: int = 0

    @property
    def done(self) -> int:
        """Quizzes answered and exercises solved."""
        return self.quizzes + self.exercises

    @property
    def all(self) -> int:
        """Quizzes and exercises there are."""
        return self.quizzes_all + self.exercises_all


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole course at a glance."""

    lessons: int
    lessons_done: int
    lessons_begun: int
    quizzes: int
    first_right: int
    exercises: int


def totals(standings: Iterable[Standing]) -> Totals:
    """The sum over lessons."""
    known = [standing for standing in standings if standing.mark is not Mark.BROKEN]
    return Totals(
        len(known),
        sum(standing.mark is Mark.DONE for standing in known),
        sum(standing.mark is Mark.BEGUN for standing in known),
        sum(standing.quizzes for standing in known),
        sum(standing.first_right for standing in known),
        sum(standing.exercises for standing in known),
    )
