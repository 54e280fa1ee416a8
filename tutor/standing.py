"""How far a lesson is: derived from what the catalog knows and what the record holds. Pure; no screen, no query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lessons.model import Entry
from progress_db.records import LessonStanding


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


def standing_of(entry: Entry, kept: LessonStanding | None) -> Standing:
    """How far `entry` is. What the record has of steps that the author has since removed does not count.

    Done is a lesson whose quizzes are all answered and whose exercises are all solved; where it has neither, one whose
    end was reached.
    """
    if entry.broken is not None:
        return Standing(Mark.BROKEN)
    kept = kept or LessonStanding()
    quizzes, exercises = frozenset(entry.quizzes), frozenset(entry.exercises)
    answered, passed = kept.answered & quizzes, kept.passed & exercises
    complete = answered == quizzes and passed == exercises
    if complete and (quizzes or exercises or kept.finished is not None):
        mark = Mark.DONE
    elif kept.opened is not None or answered or passed or kept.finished is not None:
        mark = Mark.BEGUN
    else:
        mark = Mark.TODO
    return Standing(mark, len(answered), len(quizzes), len(kept.first_right & quizzes), len(passed), len(exercises))


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


def standings_of(entries: Iterable[Entry], kept: Mapping[str, LessonStanding]) -> dict[str, Standing]:
    """Of every entry, by lesson id."""
    return {entry.id: standing_of(entry, kept.get(entry.id)) for entry in entries}
