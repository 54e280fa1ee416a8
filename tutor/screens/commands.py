"""What Ctrl+P offers besides the app's own commands: every lesson, by its title."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

from textual.command import Hit, Hits, Provider

from lessons.catalog import Course
from tutor.messages import LessonChosen


class HasCourse(Protocol):
    """The app, as far as this file knows it."""

    course: Course


class LessonCommands(Provider):
    """One command a lesson, once something is typed: before, the app's own commands stand alone."""

    async def search(self, query: str) -> Hits:
        """What may be meant by `query`."""
        matcher = self.matcher(query)
        for name, about, command in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), command, help=about)

    def _commands(self) -> list[tuple[str, str, Callable[[], object]]]:
        course = cast(HasCourse, self.app).course
        return [
            (f"{entry.book} {entry.title}".strip(), chapter.title, partial(self._open, entry.id))
            for chapter in course.chapters
            for entry in chapter.lessons
            if entry.broken is None
        ]

    def _open(self, lesson: str) -> None:
        self.app.post_message(LessonChosen(lesson))
