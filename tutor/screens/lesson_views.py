"""What a step has to look at closely: its chart, pictures, tables and formulas, and the screens that show them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from textual import work
from textual.strip import Strip
from textual.widget import Widget

from tutor import code_lines, text_profile
from tutor.bindings import ChordScreen
from tutor.math import display
from tutor.messages import LineNumbersChosen
from tutor.prose import images
from tutor.prose.figures import Image
from tutor.prose.inlines import plain_text
from tutor.prose.outline import Formula, formulas, links
from tutor.widgets.cell_output import CellOutput
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.lesson_step import views_of
from tutor.widgets.line_view import strip
from tutor.widgets.notebook import Notebook
from tutor.widgets.output_log import Stream, Value
from tutor.widgets.palette import Palette
from tutor.widgets.prose import Prose
from tutor.widgets.quiz_card import QuizCard
from tutor.widgets.terminal_text import plain
from tutor.words import _

if TYPE_CHECKING:
    from tutor.figures.gallery import Gallery
    from tutor.screens.lesson_moves import Moves
    from tutor.screens.lesson_steps import Steps
    from tutor.widgets.exhibits import Exhibit


MOST_PICTURES = 12
"""Of one step, that are decoded for the full screen."""


class Views(ChordScreen):
    """The keys of a lesson that open a closer look. Mixed into the screen that has the steps."""

    moves: Moves
    steps: Steps

    def tell(self, words: str) -> None:
        """Say it in the status bar for a while."""
        raise NotImplementedError

    @work(group="full-view", exclusive=True)
    async def action_full_view(self) -> None:
        """What the current step has to look at, on the full screen."""
        step = self.moves.current
        found = list(exhibits(step, colour=not self.app.no_color))
        if isinstance(step, Prose) and step.gallery is not None:
            found = [*await asyncio.to_thread(_pictures, step.gallery, step.markdown), *found]
        if not found:
            self.tell(_("This step has no chart, picture, table or formula."))
        elif self.is_current:
            from tutor.screens.full_view import FullView

            self.app.push_screen(FullView(found))

    def action_log_axis(self) -> None:
        """A logarithmic axis of the cell's chart, or not."""
        if isinstance(self.moves.current, CodeCell) and self.moves.current.chart is not None:
            self.moves.current.chart.toggle_log()

    def action_apart(self) -> None:
        """Each kind of curve in a chart of its own, or all in one."""
        if isinstance(self.moves.current, CodeCell) and self.moves.current.chart is not None:
            self.moves.current.chart.toggle_apart()

    def action_formulas(self) -> None:
        """The formulas that are in sight, as TeX, to copy."""
        found = list(dict.fromkeys(formula for step in self._in_sight() for formula in formulas(text_of(step))))
        if not found:
            self.tell(_("There is no formula in sight."))
            return
        from tutor.screens.formulas import FormulaScreen

        self.app.push_screen(FormulaScreen(found))

    def action_links(self) -> None:
        """The links that are in sight, to copy."""
        found = list(dict.fromkeys(link for step in self._in_sight() for link in links(text_of(step))))
        if not found:
            self.tell(_("There is no link in sight."))
            return
        from tutor.screens.links import LinkScreen

        self.app.push_screen(LinkScreen(found))

    def action_line_numbers(self) -> None:
        """Numbers at the lines of code, or not, here and from now on."""
        code_lines.show(not code_lines.shown())
        for cell in self.steps.cells.values():
            cell.redraw_source()
        self.post_message(LineNumbersChosen(code_lines.shown()))

    def _in_sight(self) -> Sequence[Widget]:
        """The current step first: it is what is read."""
        notebook = self.query_one(Notebook)
        top = round(notebook.scroll_y)
        seen = notebook.between(top, top + notebook.height)
        return sorted(seen, key=lambda step: step is not self.moves.current)


def text_of(step: Widget) -> str:
    """The Markdown of a step that has some."""
    if isinstance(step, QuizCard):
        return step.quiz.prompt
    return str(getattr(step, "markdown", ""))


def _pictures(gallery: Gallery, markdown: str) -> list[Exhibit]:
    """The pictures that a text names, decoded: not for the UI's thread. What cannot be shown, the text itself says."""
    from tutor.figures.sources import Unshown
    from tutor.widgets.pictures import FigureExhibit

    found: list[Exhibit] = []
    for image in images(markdown)[:MOST_PICTURES]:
        with suppress(Unshown):
            found.append(FigureExhibit(gallery.image(image.src), _caption(image)))
    return found


def _caption(image: Image) -> str:
    return plain(plain_text(image.alt) if image.alt is not None else image.words)


def exhibits(step: Widget, *, colour: bool) -> Iterator[Exhibit]:
    """What there is to look at in a step: the chart first, then outputs, the last one first."""
    from tutor.widgets.exhibits import ChartExhibit, LinesExhibit

    if not isinstance(step, CodeCell):
        for formula in formulas(text_of(step)):
            if formula.is_display:
                yield LinesExhibit(_("formula"), partial(formula_strips, formula), note=formula.tex)
        return
    if step.chart is not None:
        yield ChartExhibit(step.chart, colour=colour)
    outputs = [view for view in views_of(step) if isinstance(view, CellOutput)]
    blocks = [block for output in outputs for block in output.blocks]
    values = [block for block in blocks if isinstance(block, Value)]
    for value in reversed(values):
        yield from _of_value(value)
    streams = [block for block in blocks if isinstance(block, Stream)]
    if streams and not values and step.chart is None:
        yield LinesExhibit(_("output"), partial(_text_strips, streams[-1]))


def _of_value(value: Value) -> Iterator[Exhibit]:
    from tutor.widgets.drawn import DrawnExhibit
    from tutor.widgets.exhibits import LinesExhibit
    from tutor.widgets.html_table import read_table

    if value.figure:
        yield DrawnExhibit(value.figure, partial(_text_strips, value))
    if value.png:
        from tutor.widgets.pictures import PictureExhibit

        yield PictureExhibit(value.png)
    if value.figure or value.png:
        return
    table = read_table(value.html) if value.html else None
    if table is not None:
        heads = table.heads + 1 if table.heads else 0  # and the rule below
        yield LinesExhibit(_("table"), lambda width, palette: table.strips(100_000, palette), heads=heads)
    else:
        yield LinesExhibit(_("output"), partial(_text_strips, value))


def _text_strips(block: Value | Stream, width: int, palette: Palette) -> list[Strip]:
    first, hidden, last = block.text.shown(10_000, 10_000)
    gap = [strip((_("{count} lines are not shown").format(count=f"{hidden:,}"), palette["hidden"]))] if hidden else []
    return [*(strip(*line) for line in first), *gap, *(strip(*line) for line in last)]


def formula_strips(formula: Formula, width: int, palette: Palette) -> list[Strip]:
    """A formula in two dimensions."""
    shown = display(formula.tex, width, text_profile.current())
    role = "math" if shown.ok else "math-raw"
    return [strip((line, palette[role])) for line in shown.lines]
