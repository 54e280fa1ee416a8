"""The course as a list of lines: where to go on, chapters, lessons with their marks. It knows no record and no kernel.

It draws lines itself: some forty strips, made once for a width, a theme and a state. A tree of widgets would cost more
than the whole first paint may.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lessons.model import Chapter, Entry
from tutor.glyphs import glyphs
from tutor.marks import Mark, Standing
from tutor.widgets.palette import Palette, palette
from tutor.words import _

BAR = 8
"""Cells of a lesson's progress bar."""
WIDEST = 108
"""Beyond this many cells the columns would drift too far apart to be read as one line."""
NARROW = 60
"""Below this many cells the last column is left out: titles matter more."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Where to go on (or to begin): the first thing on the screen."""

    label: str
    lesson: str
    title: str
    where: str
    """The step, or what else tells the place; may be empty."""


@dataclass(frozen=True, slots=True)
class Alive:
    """A lesson with a kernel, in words that stay as they are while nothing happens."""

    lesson: str
    title: str
    busy: bool
    words: str
    news: bool = False
    """Whether the words tell something that the learner has not seen."""


@dataclass(frozen=True, slots=True)
class _Item:
    """What a line belongs to: something that Enter opens."""

    kind: Literal["resume", "alive", "lesson"]
    lesson: str


@dataclass(frozen=True, slots=True)
class _Line:
    parts: tuple[tuple[str, str], ...]
    """Text and role, from the left."""
    right: tuple[tuple[str, str], ...] = ()
    """The same, flush with the right margin."""
    item: _Item | None = None


class LessonTree(ScrollView, can_focus=True):
    """The list. Enter and a click open; the screen binds the keys."""

    DEFAULT_CSS = """
    LessonTree { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = set()

    @dataclass
    class Highlighted(Message):
        """The cursor came to a lesson."""

        lesson: str

    @dataclass
    class Opened(Message):
        """The learner wants that lesson; `resume` at the place on top of the list."""

        lesson: str
        resume: bool

    def __init__(self, chapters: tuple[Chapter, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chapters = chapters
        self._standings: Mapping[str, Standing] = {}
        self._resume: Resume | None = None
        self._alive: tuple[Alive, ...] = ()
        self._lines: list[_Line] = []
        self._items: list[_Item] = []
        self._cursor = 0
        self._strips: dict[int, Strip] = {}
        self._look: tuple[int, str] = (0, "")

    # What is shown

    def show(self, standings: Mapping[str, Standing], resume: Resume | None) -> None:
        """Show these marks, and that place on top. The cursor stays on its lesson."""
        self._standings, self._resume = standings, resume
        self._renew()

    def show_alive(self, alive: tuple[Alive, ...]) -> None:
        """Show which lessons have a kernel. Nothing is drawn where nothing has changed."""
        if alive != self._alive:
            self._alive = alive
            self._renew()

    def _renew(self) -> None:
        before = self._items[self._cursor] if self._items else None
        self._lines = list(self._make_lines())
        self._items = list(dict.fromkeys(line.item for line in self._lines if line.item is not None))
        self._cursor = self._items.index(before) if before in self._items else 0
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()

    @property
    def lesson(self) -> str | None:
        """The lesson under the cursor."""
        return self._items[self._cursor].lesson if self._items else None

    def _make_lines(self) -> Iterator[_Line]:
        if self._resume is not None:
            yield from self._resume_lines(self._resume)
        if self._alive:
            yield _Line(())
            yield _Line(((" ", "text"), (_("Running"), "key")))
            for alive in self._alive:
                sign, role = (glyphs().begun, "state-running") if alive.busy else (glyphs().todo, "muted")
                said = "right" if alive.news else role
                item = _Item("alive", alive.lesson)
                yield _Line(((" ", "text"), (sign, role), (f" {alive.title}", "text")), ((alive.words, said),), item)
        before_empty = False
        for chapter in self._chapters:
            number = f" {chapter.number or '':>2}  "  # the parts of somebody else's folder may have none
            if chapter.lessons:
                yield _Line(())
                yield _Line(((number, "muted"), (chapter.title, "strong")))
                for entry in chapter.lessons:
                    yield from self._lesson_lines(entry)
            else:
                if not before_empty:
                    yield _Line(())
                yield _Line(((number, "muted"), (chapter.title, "muted")), ((_("not yet written"), "muted"),))
            before_empty = not chapter.lessons

    def _resume_lines(self, resume: Resume) -> Iterator[_Line]:
        item = _Item("resume", resume.lesson)
        yield _Line(((" ", "text"), (resume.label, "key")), item=item)
        yield _Line(((" ", "text"), (resume.title, "strong")), item=item)
        if resume.where:
            yield _Line(((" ", "text"), (resume.where, "muted")), item=item)

    def _lesson_lines(self, entry: Entry) -> Iterator[_Line]:
        item = _Item("lesson", entry.id)
        standing = self._standings.get(entry.id, Standing(Mark.TODO))
        sign = glyphs().mark(standing.mark)
        if entry.broken is not None:
            yield _Line(
                (("     ", "text"), (sign, "wrong"), (f" {entry.title}", "text")),
                ((_("cannot be read"), "wrong"),),
                item,
            )
            yield _Line(
                (("       ", "text"), (entry.broken.replace(str(entry.path), entry.path.name), "muted")), item=item
            )
            return
        role = {Mark.DONE: "right", Mark.BEGUN: "state-running"}.get(standing.mark, "muted")
        minutes = _("{minutes} min").format(minutes=entry.minutes) if entry.minutes else ""
        yield _Line(
            (("     ", "text"), (sign, role), (f" {entry.title}", "text")),
            (*_bar(standing), (f"{entry.book:>7}", "muted"), (f"{minutes:>8}", "muted")),
            item,
        )

    # Drawing

    def on_resize(self, event: events.Resize) -> None:
        """The strips fit another width now."""
        self.virtual_size = Size(event.size.width, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """One line of the list."""
        width = self.size.width
        base = self.rich_style
        look = (width, self.app.theme)
        if look != self._look:
            self._strips.clear()
            self._look = look
        row = y + int(self.scroll_offset.y)
        if row >= len(self._lines):
            return Strip.blank(width, base)
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self._draw(self._lines[row], width, palette(self.app)).apply_style(base)
        return strip

    def _draw(self, line: _Line, width: int, styles: Palette) -> Strip:
        inner = min(width, WIDEST) - 2
        right = line.right if width >= NARROW else line.right[:-1]
        here = line.item is not None and self._items and line.item == self._items[self._cursor]
        right_length = sum(cell_len(text) for text, _role in right)
        room = max(0, inner - 1 - right_length - (1 if right_length else 0))
        segments = [Segment(glyphs().pointer if here else " ", styles["key"])]
        segments += _fitted(line.parts, room, styles)
        if right_length:
            segments.append(Segment(" ", Style.null()))
            segments += [Segment(text, styles[role]) for text, role in right]
        strip = Strip(segments).adjust_cell_length(width).simplify()
        if here:
            strip = strip.apply_style(Style(bold=True, bgcolor=styles.colour("cursor-line").rich_color))
        return strip

    # Moving

    def move(self, by: int) -> None:
        """Move the cursor by so many things that can be opened."""
        self.move_to(self._cursor + by)

    def move_to(self, index: int) -> None:
        """Move the cursor to the nth thing that can be opened; negative: from the end."""
        if not self._items:
            return
        last = len(self._items) - 1
        index = max(0, min(index, last))
        if index != self._cursor:
            old, self._cursor = self._cursor, index
            self._repaint(self._items[old])
            self._repaint(self._items[index])
        self._reveal()
        self.post_message(self.Highlighted(self._items[index].lesson))

    def move_to_lesson(self, lesson: str) -> None:
        """Move the cursor to that lesson, if it is in the list."""
        item = _Item("lesson", lesson)
        if item in self._items:
            self.move_to(self._items.index(item))

    def last(self) -> None:
        """To the bottom."""
        self.move_to(len(self._items) - 1)

    def page(self, direction: int) -> None:
        """A screenful up or down."""
        rows = self._rows(self._items[self._cursor]) if self._items else []
        if not rows:
            return
        target = rows[0] + direction * max(1, self.size.height - 2)
        nearest = min(range(len(self._items)), key=lambda i: abs(self._rows(self._items[i])[0] - target))
        self.move_to(nearest if nearest != self._cursor else self._cursor + direction)

    def open(self) -> None:
        """Open what is under the cursor."""
        if self._items:
            item = self._items[self._cursor]
            self.post_message(self.Opened(item.lesson, item.kind == "resume"))

    def on_click(self, event: events.Click) -> None:
        """A click opens."""
        row = event.y + int(self.scroll_offset.y)
        if row < len(self._lines) and (item := self._lines[row].item) is not None:
            self.move_to(self._items.index(item))
            self.open()

    def _rows(self, item: _Item) -> list[int]:
        return [row for row, line in enumerate(self._lines) if line.item == item]

    def _repaint(self, item: _Item) -> None:
        top = int(self.scroll_offset.y)
        for row in self._rows(item):
            self._strips.pop(row, None)
            if 0 <= row - top < self.size.height:
                self.refresh(Region(0, row - top, self.size.width, 1))

    def _reveal(self) -> None:
        """Scroll as little as shows the cursor, and the heading above it."""
        rows = self._rows(self._items[self._cursor])
        top = 0 if self._cursor == 0 else max(0, rows[0] - 2)
        bottom = len(self._lines) if self._cursor == len(self._items) - 1 else rows[-1] + 2
        height = self.size.height
        offset = int(self.scroll_offset.y)
        if top < offset:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > offset + height:
            self.scroll_to(y=bottom - height, animate=False, force=True)


def _bar(standing: Standing) -> tuple[tuple[str, str], ...]:
    if standing.mark is Mark.TODO or not standing.all:
        return ()
    filled = BAR if standing.done == standing.all else min(BAR - 1, round(BAR * standing.done / standing.all))
    count = f"{standing.done}/{standing.all}"
    role = "right" if standing.mark is Mark.DONE else "state-running"
    return (
        (glyphs().bar_done * filled, role),
        (glyphs().bar_left * (BAR - filled), "faint"),
        (f"{count:>6}", "muted"),
    )


def _fitted(parts: tuple[tuple[str, str], ...], room: int, styles: Palette) -> list[Segment]:
    """The parts in exactly `room` cells; what does not fit ends in an ellipsis."""
    segments: list[Segment] = []
    left = room
    for text, role in parts:
        length = cell_len(text)
        if length > left:
            text = set_cell_size(text, max(0, left - 1)) + ("…" if left > 0 else "")
            length = left
        if length > 0:
            segments.append(Segment(text, styles[role]))
            left -= length
    if left > 0:
        segments.append(Segment(" " * left, Style.null()))
    return segments
