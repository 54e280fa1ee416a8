"""What Ctrl+P offers besides the app's own commands: every lesson, by its title, and every term of the glossary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol, cast

from textual.command import Hit, Hits, Provider

from lessons.catalog import Course
from lessons.glossary import GlossaryFormatError, Term, load_glossary
from tutor.messages import LessonChosen
from tutor.words import _

CALLED, BEGINS, ELSE = 0.9, 0.75, 0.6
"""What a term scores of what a lesson would: where both are called the same, the lesson stands above. Of two terms, the
one that is called what was typed stands above one that only has it somewhere, as `ReLU` above `leaky ReLU`."""


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


class TermCommands(Provider):
    """One command a term, by its English or 中文 name: it is explained in a dialog."""

    _terms: tuple[Term, ...] = ()

    async def startup(self) -> None:
        """Read the glossaries of the course that is open."""
        entries = cast(HasCourse, self.app).course.entries()
        if not entries:
            return
        try:
            self._terms = await asyncio.to_thread(load_glossary, entries[0].path.parent.parent)
        except GlossaryFormatError as error:
            self.app.notify(str(error), title=_("The glossary could not be read"), severity="warning", markup=False)

    async def search(self, query: str) -> Hits:
        """What may be meant by `query`."""
        matcher = self.matcher(query)
        for term in self._terms:
            name = f"{term.name} {term.zh}"
            score = matcher.match(name) * _weight(term, query)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(self._explain, term), help=_("what it means"))

    def _explain(self, term: Term) -> None:
        from tutor.screens.term import TermScreen

        entries = cast(HasCourse, self.app).course.entries()
        entry = next((entry for entry in entries if entry.id == term.lesson and entry.broken is None), None)
        self.app.push_screen(TermScreen(term, f"{entry.book} {entry.title}".strip() if entry else ""))


def _weight(term: Term, query: str) -> float:
    wanted = " ".join(query.split()).casefold()
    if wanted in term.names:
        return CALLED
    return BEGINS if any(name.startswith(wanted) for name in term.names) else ELSE
