"""From a lesson's id to its screen, or to a sentence that says why it stays closed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lessons.catalog import Course
from lessons.errors import LessonFormatError
from lessons.model import Entry
from lessons.parser import read_lesson
from tutor.paths import shown
from tutor.screens.lesson import LessonScreen
from tutor.words import _

if TYPE_CHECKING:
    from tutor.kernels import Kernels
    from tutor.record import OpenRecord


class LessonClosed(Exception):
    """A lesson cannot be opened. `str()` says why, for the learner."""


def lesson_screen(
    course: Course, lesson_id: str, step: str | None, record: OpenRecord, kernels: Kernels | None
) -> LessonScreen:
    """The screen of that lesson, where it was left or at `step`. Raises `LessonClosed`."""
    try:
        entry = course.entry(lesson_id)
        lesson = read_lesson(entry.path)
    except KeyError as error:
        raise LessonClosed(_("There is no lesson “{name}” in this course.").format(name=lesson_id)) from error
    except LessonFormatError as error:
        words = _("{file}, line {line}: {cause}").format(file=shown(error.path), line=error.line, cause=error.cause)
        raise LessonClosed(words) from error
    state = record.progress.lesson(lesson.id)
    return LessonScreen(
        lesson,
        state=state,
        recorder=record.recorder,
        connect=partial(kernels.connect, lesson.id, known=state.journals) if kernels else None,
        before=_neighbour(course.before(lesson_id)),
        after=_neighbour(course.after(lesson_id)),
        step=step,
    )


def _neighbour(entry: Entry | None) -> tuple[str, str] | None:
    return (entry.id, entry.title) if entry is not None and entry.broken is None else None
