"""From the id of a lesson or a notebook to its screen, or to a sentence that says why it stays closed."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lessons.catalog import Course, load_course
from lessons.errors import LessonFormatError
from lessons.glossary import GlossaryFormatError, Term, introduced
from lessons.model import Entry
from lessons.parser import read_lesson
from tutor.paths import shown
from tutor.recorded_texts import recorded_texts
from tutor.screens.lesson import LessonScreen
from tutor.words import _

if TYPE_CHECKING:
    from tutor.kernels import Kernels
    from tutor.record import OpenRecord


_log = logging.getLogger(__name__)

NOTEBOOK = "notebook:"
"""`lessons.notebooks.formats.PREFIX`, which is not imported for a lesson of the course."""


class LessonClosed(Exception):
    """A lesson cannot be opened. `str()` says why, for the learner."""


def lesson_screen(
    course: Course, lesson_id: str, step: str | None, record: OpenRecord, kernels: Kernels | None
) -> LessonScreen:
    """The screen of that lesson, where it was left or at `step`. Raises `LessonClosed`."""
    if lesson_id.startswith(NOTEBOOK):
        return _notebook_screen(course, lesson_id, step, record, kernels)
    try:
        course, entry = _found(course, lesson_id)
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
        terms=_terms(entry),
        versions=partial(record.progress.versions_of, lesson.id),
    )


def _found(course: Course, lesson_id: str) -> tuple[Course, Entry]:
    """The entry of that lesson; the tutor's own has it where a folder is open, and an error there leads to a lesson."""
    try:
        return course, course.entry(lesson_id)
    except KeyError:
        own = load_course()
        return own, own.entry(lesson_id)


def _terms(entry: Entry) -> tuple[Term, ...]:
    try:
        return introduced(entry.path, entry.id)
    except GlossaryFormatError as error:  # the lesson is whole without it
        _log.warning("%s", error)
        return ()


def _notebook_screen(
    course: Course, lesson_id: str, step: str | None, record: OpenRecord, kernels: Kernels | None
) -> LessonScreen:
    """The same of a notebook, be it of this course or another one."""
    from lessons.notebooks.formats import path_of, read_notebook
    from lessons.notebooks.identity import keep_identities
    from tutor.notebook_kernels import connect_in

    known = {entry.id for entry in course.entries()}
    path = course.entry(lesson_id).path if lesson_id in known else path_of(lesson_id)
    try:
        lesson = replace(read_notebook(path), id=lesson_id)
    except LessonFormatError as error:
        raise LessonClosed(str(error)) from error
    state = record.progress.lesson(lesson_id)
    connect = partial(connect_in, path.absolute().parent, kernels, lesson_id) if kernels else None
    return LessonScreen(
        keep_identities(lesson, recorded_texts(state)),
        state=state,
        recorder=record.recorder,
        connect=partial(connect, known=dict(state.journals)) if connect else None,
        before=_neighbour(course.before(lesson_id)) if lesson_id in known else None,
        after=_neighbour(course.after(lesson_id)) if lesson_id in known else None,
        step=step,
        versions=partial(record.progress.versions_of, lesson_id),
    )


def _neighbour(entry: Entry | None) -> tuple[str, str] | None:
    return (entry.id, entry.title) if entry is not None and entry.broken is None else None
