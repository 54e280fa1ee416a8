"""From what was named on the command line to the course and the place to open: a lesson, a notebook, or a folder."""

from __future__ import annotations

from pathlib import Path

from lessons.catalog import Course, UnknownLesson
from progress_db.records import Place
from tutor.named import path_named, split_step


def place_of(name: str, course: Course) -> tuple[Course, Place | None]:
    """The course and the place in it; a folder is a course of its own, without a place.

    Raises `UnknownLesson`, and `LessonFormatError` where a notebook cannot be read: before anything is painted.
    """
    asked, step = split_step(name)

    def is_lesson(one: str) -> bool:
        try:
            course.find(one)
        except UnknownLesson:
            return False
        return True

    path = path_named(asked, is_lesson)
    if path is None:
        return course, Place(course.find(asked).id, step)
    return _notebook(path, step, course)


def _notebook(path: Path, step: str, course: Course) -> tuple[Course, Place | None]:
    from lessons.notebooks.formats import notebook_id, read_notebook

    if path.is_dir():
        from lessons.notebooks.folder import course_of

        return course_of(path), None
    read_notebook(path)
    return course, Place(notebook_id(path), step)
