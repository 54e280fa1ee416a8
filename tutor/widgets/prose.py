"""A stretch of prose: one light widget that draws what `tutor.prose` laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from tutor.messages import StepClicked
from tutor.prose import TERM, Line, lay_out
from tutor.text_profile import current
from tutor.widgets.lesson_step import Host, Part
from tutor.widgets.line_view import LineView
from tutor.widgets.palette import Palette

if TYPE_CHECKING:
    from tutor.figures.gallery import Gallery

MEASURE = 84
"""Columns of prose at most: longer lines are harder to find the start of."""
_PICTURE_SIGNS = ("![", "<img", "{figure}", "{image}")


def names_pictures(markdown: str) -> bool:
    """Whether there may be a picture in it; where there is none, nothing of theirs is imported."""
    return any(sign in markdown for sign in _PICTURE_SIGNS)


class Prose(LineView, can_focus=True):
    """A step of prose. It can be the current step; there is nothing to do in it."""

    ABOVE, BELOW = 0, 0

    def __init__(
        self,
        step: str,
        markdown: str,
        *,
        terms: Sequence[str] = (),
        gallery: Gallery | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id, classes="step")
        self.step = step
        self.markdown = gallery.shortened(markdown) if gallery is not None else markdown
        self.gallery = gallery if names_pictures(self.markdown) else None
        """The pictures that it shows; None where it has none."""
        self._terms = terms
        self._asked: Counter[str] = Counter()
        self._undrawn: list[str] = []

    def parts(self) -> Iterable[Part]:
        """Itself."""
        yield Part(self)

    def hosted(self, host: Host) -> None:
        """Nothing happens to prose."""
        self.stands_in = host.changed

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """The Markdown at that width, and a line of air under it."""
        measure = min(width, MEASURE)
        lines = lay_out(self.markdown, measure, profile=current(), terms=self._terms, figures=self.gallery)
        if self.gallery is not None:
            self._ask_for(self.gallery, lines)
        return [*line_strips(lines, palette, gallery=self.gallery), Strip.blank(width)]

    def _ask_for(self, gallery: Gallery, lines: Sequence[Line]) -> None:
        """Have the pictures decoded that are not yet, and draw again then."""
        from tutor.widgets.figures import ATTEMPTS, decoding, keys

        missing = [key for key in keys(lines) if gallery.pixels(key) is None and self._asked[key] < ATTEMPTS]
        self._undrawn = missing
        if missing:
            self._asked.update(missing)
            decoding.ask(gallery, missing, self.redraw)

    def seen(self) -> None:
        """It is in sight: its pictures are wanted before others."""
        if self._undrawn and self.gallery is not None:
            from tutor.widgets.figures import decoding

            decoding.hurry(self.gallery, self._undrawn)
            self._undrawn = []

    def render_line(self, y: int) -> Strip:
        """One line of it, which is seen."""
        self.seen()
        return super().render_line(y)

    def on_click(self, event: events.Click) -> None:
        """Become the current step."""
        self.post_message(StepClicked(self.step))


def markdown_strips(
    markdown: str, width: int, palette: Palette, *, indent: int = 0, terms: Sequence[str] = ()
) -> list[Strip]:
    """Markdown as lines of at most `MEASURE` columns."""
    lines = lay_out(markdown, min(width - indent, MEASURE), profile=current(), terms=terms)
    return line_strips(lines, palette, indent=indent)


def line_strips(
    lines: Sequence[Line], palette: Palette, *, indent: int = 0, gallery: Gallery | None = None
) -> list[Strip]:
    """Laid-out lines in the theme's styles. A link opens with a click where the terminal can (OSC 8), a term always."""
    margin = [Segment(" " * indent)] if indent else []
    strips = []
    for line in lines:
        segments = list(margin)
        for span in line:
            if span.role == "picture" and gallery is not None:
                from tutor.widgets.figures import drawn

                segments += drawn(span, gallery, palette["image-note"])
                continue
            style = palette[span.role]
            if span.link and span.role == "term":
                style = style + Style(meta={"@click": f"screen.explain({span.link.removeprefix(TERM)!r})"})
            elif span.link:
                style = style + Style(link=span.link)
            segments.append(Segment(span.text, style))
        strips.append(Strip(segments))
    return strips
