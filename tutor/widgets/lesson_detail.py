"""What a lesson is about, beside the list on a wide screen: what one learns, what it needs, how far one is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from rich.cells import cell_len, chop_cells
from textual.strip import Strip

from lessons.model import Entry
from tutor.glyphs import glyphs
from tutor.marks import Standing
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _


class LessonDetail(LineView):
    """The chosen lesson's objectives and standing. `titles` are those of all lessons, by id."""

    DEFAULT_CSS = "LessonDetail { padding: 0 2 0 3; width: 1fr; height: 1fr; }"

    def __init__(self, titles: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._titles = titles
        self._entry: Entry | None = None
        self._standings: Mapping[str, Standing] = {}

    def show(self, entry: Entry) -> None:
        """Show that lesson."""
        self._entry = entry
        self.redraw()

    def show_standings(self, standings: Mapping[str, Standing]) -> None:
        """The marks changed."""
        self._standings = standings
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Wrapped to the width, and as high as the widget: so only what differs is repainted, and nothing moves."""
        lines = list(self._draw(self._entry, min(width, 64), palette)) if self._entry is not None else []
        return [*lines[: self.size.height], *(Strip.blank(width) for _ in range(self.size.height - len(lines)))]

    def _draw(self, entry: Entry, width: int, palette: Palette) -> Iterator[Strip]:
        for line in wrapped(entry.title, width):
            yield strip((line, palette["heading-1"]))
        facts = [_("Section {book}").format(book=entry.book) if entry.book else ""]
        facts.append(_("about {n} minutes").format(n=entry.minutes) if entry.minutes else "")
        yield strip((f" {glyphs().dot} ".join(fact for fact in facts if fact), palette["muted"]))
        if entry.broken is not None:
            yield strip()
            for line in wrapped(entry.broken, width):
                yield strip((line, palette["error"]))
            return
        if entry.objectives:
            yield strip()
            yield strip((_("You will"), palette["label"]))
            for objective in entry.objectives:
                first, *rest = wrapped(objective, width - 2)
                yield strip((f"{glyphs().dot} ", palette["list-marker"]), (first, palette["text"]))
                for line in rest:
                    yield strip(("  ", palette["text"]), (line, palette["text"]))
        standing = self._standings.get(entry.id)
        if standing is not None and standing.all:
            yield strip()
            yield strip((_("So far"), palette["label"]))
            for words, done, count in (
                (_("quizzes answered"), standing.quizzes, standing.quizzes_all),
                (_("right at once"), standing.first_right, standing.quizzes_all),
                (_("exercises solved"), standing.exercises, standing.exercises_all),
            ):
                if count:
                    yield strip((f"{done:>3} of {count:<3}", palette["text"]), (f" {words}", palette["muted"]))
        if entry.requires:
            yield strip()
            yield strip((_("Builds on"), palette["label"]))
            for name in entry.requires:
                for line in wrapped(self._titles.get(name, name), width):
                    yield strip((line, palette["muted"]))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells: at spaces, and between wide characters where there are none."""
    if len(text) == cell_len(text):
        return textwrap.wrap(text, width) or [""]
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(word, width)
        lines += full
    return [*lines, line]
