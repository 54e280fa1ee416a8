"""What a run put out, under its cell: streams, values, tables and errors, as they come."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tutor import pace
from tutor.kernel.events import Output
from tutor.widgets.advice import advice, lesson_about
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.output_log import Block, Failure, OutputLog, Stream, Value
from tutor.widgets.palette import Palette
from tutor.widgets.terminal_text import TerminalText, TextLine, plain, read
from tutor.words import _

if TYPE_CHECKING:
    from tutor.widgets.html_table import Table
    from tutor.widgets.output_picture import OutputPictures

HEAD, TAIL = 24, 24
"""Lines of one output that the screen shows of a long one."""
VALUE_HEAD = 72
"""The same of a value: a figure or the drawing of a network is seen whole."""
INDENT = 2
REPAINT_SECONDS = 1 / 20
"""A flood is painted at most that often; a single output at once."""


class CellOutput(LineView):
    """Outputs of the latest run of one cell."""

    DEFAULT_CSS = "CellOutput { height: auto; }"

    def __init__(self, *, is_made_above: Callable[[str], bool] | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._is_made_above = is_made_above
        self._log = OutputLog(self._stderr)
        self._notes: list[tuple[str, str]] = []
        self._due = False
        self._quiet_until = 0.0
        self._pictures: OutputPictures | None = None

    def begin(self) -> None:
        """A new run: what is there goes away when its first output comes, or the run ends; so that nothing jumps."""
        self._log = OutputLog(self._stderr)
        self._notes = []

    def add(self, outputs: Iterable[Output]) -> None:
        """More output."""
        for output in outputs:
            self._log.add(output)
        self._paint_soon()

    def finish(self) -> None:
        """The run is over: what it put out is all there is, be it nothing."""
        self._paint()

    def note(self, text: str, *, role: str = "hidden") -> None:
        """Say something about the output that the program did not: that some was not kept, that the kernel died."""
        self._notes.append((text, role))
        self._paint_soon()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._log.blocks and not self._notes

    @property
    def blocks(self) -> Sequence[Block]:
        """What is there, one after another."""
        return self._log.blocks

    def _stderr(self) -> Style:
        return self.palette["stderr"]

    def _paint_soon(self) -> None:
        """Paint now if the last time is a while ago, else when it is; never more than once in between."""
        if self._due:
            return
        if not self.is_attached:
            self.redraw()
            return
        now = self.app._loop.time() if self.app._loop else 0.0  # the clock that timers go by
        if now >= self._quiet_until:
            self._paint()
        else:
            self._due = True
            self.set_timer(self._quiet_until - now, self._paint, name="paint-output")

    def _paint(self) -> None:
        self._due = False
        self._quiet_until = (self.app._loop.time() if self.app._loop else 0.0) + max(
            REPAINT_SECONDS, 1 / pace.current().frames
        )
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """All blocks, one after another."""
        lines: list[Strip] = []
        for block in self._log.blocks:
            if isinstance(block, Stream):
                lines.extend(_text(block.text, width, palette))
            elif isinstance(block, Value):
                table = _table(block.html) if block.html else None
                if table is not None:
                    lines.extend(table.strips(width, palette, indent=INDENT))
                elif block.png and (picture := self._picture(block, width, palette)):
                    lines.extend(picture)
                else:
                    shown = _redrawn(block, width - INDENT) or block.text
                    lines.extend(_text(shown, width, palette, head=VALUE_HEAD))
            elif isinstance(block, Failure):
                lines.extend(_failure(block, width, palette, self._is_made_above))
        if self._log.hidden:
            lines.append(_hidden(_("{count} outputs are not shown").format(count=f"{self._log.hidden:,}"), palette))
        for text, role in self._notes:
            folded = textwrap.wrap(plain(text), max(width - INDENT, 20), break_on_hyphens=False)
            lines.extend(wrapped([((line, palette[role]),) for line in folded], width, indent=INDENT))
        return inked(lines, palette)

    def _picture(self, value: Value, width: int, palette: Palette) -> list[Strip]:
        """The value as a picture; nothing where its text says as much."""
        from tutor.widgets.output_picture import OutputPictures, stands_for_picture

        text = "\n".join("".join(part for part, _style in line) for line in (*value.text.head, *value.text.rest))
        if not stands_for_picture(text):
            return []
        if self._pictures is None:
            self._pictures = OutputPictures(self.redraw)
        return self._pictures.strips(value.png, width, palette, indent=INDENT)


def _redrawn(value: Value, room: int) -> TerminalText | None:
    """A figure that was drawn for a wider terminal, for this one; None: it fits, or cannot be drawn again."""
    lines = (*value.text.head, *value.text.rest)
    if not value.figure or all(sum(cell_len(part) for part, _style in line) <= room for line in lines):
        return None
    from engine.redrawing import FigureUnreadable, drawn_again  # not before a figure is too wide

    try:
        return read(drawn_again(value.figure, room))
    except FigureUnreadable:
        return None


def _table(html: str) -> Table | None:
    from tutor.widgets.html_table import read_table  # html.parser: not before somebody shows a DataFrame

    return read_table(html)


def _text(text: TerminalText, width: int, palette: Palette, *, head: int = HEAD) -> Iterator[Strip]:
    first, hidden, last = text.shown(head, TAIL)
    yield from wrapped(first, width, indent=INDENT)
    if hidden:
        yield _hidden(_("{count} lines are not shown").format(count=f"{hidden:,}"), palette)
        yield from wrapped(last, width, indent=INDENT)


def _failure(
    block: Failure, width: int, palette: Palette, is_made_above: Callable[[str], bool] | None
) -> Iterator[Strip]:
    error = block.error
    yield Strip([])
    name = plain(error.name)
    value = read(error.value)
    head = [((name, palette["error-head"]),)] if not error.value else []
    message = [line for part in (value.head, value.rest) for line in part]
    for position, line in enumerate(message):
        text = "".join(part for part, _style in line)
        prefix = ((name + ": ", palette["error-head"]),) if position == 0 else ()
        head.append((*prefix, (text, palette["error"])))
    yield from wrapped(head[:HEAD], width, indent=INDENT)
    trace = list(error.traceback)
    if trace and plain(trace[-1]).startswith(f"{name}:") and len(message) <= 1:
        trace.pop()  # it says what the first line says
    if trace:
        yield from _text(read("\n".join(trace)), width, palette)
    if words := advice(error, is_made_above):
        lines = textwrap.wrap(words, max(width - INDENT, 20), break_on_hyphens=False)
        lesson = lesson_about(error)
        yield from wrapped([tuple(_with_link(line, lesson, palette)) for line in lines], width, indent=INDENT)


def _with_link(line: str, lesson: str, palette: Palette) -> Iterator[tuple[str, Style]]:
    """A line of text in which the id of a lesson opens it with a click."""
    before, found, after = line.partition(lesson) if lesson else (line, "", "")
    yield before, palette["text"]
    if found:
        yield found, palette["link"] + Style(meta={"@click": f"screen.open_lesson({found!r})"})
        yield after, palette["text"]


def _hidden(text: str, palette: Palette) -> Strip:
    return strip((" " * INDENT + "⋯ " + text + " ⋯", palette["hidden"]))


def inked(lines: list[Strip], palette: Palette) -> list[Strip]:
    """What the engine drew, in colours that can be seen on this ground."""
    if palette.is_dark:
        return lines
    from tutor.widgets.ink import on_paper

    return on_paper(lines)


def wrapped(lines: Sequence[TextLine], width: int, *, indent: int = 0) -> Iterator[Strip]:
    """Lines cut at the width: nothing that a program wrote is beyond the edge."""
    room = max(width - indent, 10)
    margin = Segment(" " * indent)
    for line in lines:
        whole = Strip([Segment(text, style) for text, style in line])
        length = sum(cell_len(text) for text, _style in line)
        if length <= room:
            yield Strip([margin, *whole], length + indent) if indent else whole
            continue
        start = 0
        while start < length:
            part = whole.crop(start, min(start + room, length))
            yield Strip([margin, *part], part.cell_length + indent)
            start += room
