"""How far a lesson is: derived from what the catalog knows and what the record holds. Pure; no screen, no query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lessons.model import Entry
from progress_db.records import LessonStanding
from tutor.marks import Mark, Standing, Totals, totals

__all__ = ["Mark", "Standing", "Totals", "standing_of", "standings_of", "totals"]


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


def standings_of(entries: Iterable[Entry], kept: Mapping[str, LessonStanding]) -> dict[str, Standing]:
    """Of every entry, by lesson id."""
    return {entry.id: standing_of(entry, kept.get(entry.id)) for entry in entries}
