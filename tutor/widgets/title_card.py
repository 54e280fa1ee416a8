"""The top of a lesson: its title, where it stands in the book, how long it takes, and what one can do afterwards."""

from __future__ import annotations

from textual.strip import Strip

from lessons.errors import printable
from lessons.model import Lesson
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.widgets.prose import markdown_strips
from tutor.words import _, ngettext


class TitleCard(LineView):
    """Drawn once; there is nothing to do in it."""

    def __init__(self, lesson: Lesson) -> None:
        super().__init__(classes="title-card")
        self._lesson = lesson

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Title, facts, objectives."""
        lesson = self._lesson
        minutes = ngettext("{count} minute", "{count} minutes", lesson.minutes).format(count=lesson.minutes)
        facts = "  ·  ".join(
            (
                *([_("section {book}").format(book=lesson.book)] if lesson.book else ()),
                *([minutes] if lesson.minutes else [printable(lesson.path.name)]),  # a notebook's file, then
            )
        )
        title = strip((lesson.title, palette["title"]))
        rule = strip(("━" * min(title.cell_length, width), palette["title-rule"]))
        lines = [title, rule, strip((facts, palette["muted"])), Strip([])]
        if lesson.objectives:
            lines.append(strip((_("After this lesson you can"), palette["label"])))
            for objective in lesson.objectives:
                lines.extend(markdown_strips(f"- {objective}", width, palette))
        return [*lines, Strip([])]
