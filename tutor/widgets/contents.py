"""The contents of the lesson: its headings, and the cells, quizzes and exercises with their marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from tutor.bindings import bindings
from tutor.keys import Context
from tutor.messages import ContentsLeft, StepChosen
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the contents."""

    step: str
    text: str
    level: int = 0
    """How far it is indented."""
    mark: str = " "
    role: str = "muted"
    """Of the mark."""


class Contents(LineView, can_focus=True):
    """A pane beside the notebook. It shows marks always, and is a list to choose from while it has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.CONTENTS)

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(id="contents")
        self._lines_of = list(lines)
        self._cursor = 0
        self._current = ""

    def show_mark(self, step: str, mark: str, role: str) -> None:
        """How a step stands now."""
        changed = [
            replace(line, mark=mark, role=role) if line.step == step and line.level else line for line in self._lines_of
        ]
        if changed != self._lines_of:
            self._lines_of = changed
            self.redraw()

    def show_current(self, step: str) -> None:
        """Where the learner is."""
        if step == self._current:
            return
        self._current = step
        if not self.has_focus:
            self._cursor = next((at for at, line in enumerate(self._lines_of) if line.step == step), self._cursor)
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """As many lines as there is room for, around the cursor."""
        height = self.size.height or len(self._lines_of)
        first = max(0, min(self._cursor - height // 2, len(self._lines_of) - height))
        lines = []
        for position in range(first, min(first + height, len(self._lines_of))):
            line = self._lines_of[position]
            here = position == self._cursor and self.has_focus
            role = "chosen" if line.step == self._current else "text" if not line.level else "muted"
            room = max(width - 4 - line.level, 4)
            text = line.text if cell_len(line.text) <= room else set_cell_size(line.text, room - 1).rstrip() + "…"
            lines.append(
                strip(
                    ("› " if here else "  ", palette["key"]),
                    ((" " * line.level + line.mark + " ") if line.level else "", palette[line.role]),
                    (text, palette["strong" if here else role]),
                )
            )
        return lines

    def action_contents_down(self) -> None:
        """Next line."""
        self._move(1)

    def action_contents_up(self) -> None:
        """Line before."""
        self._move(-1)

    def action_choose_step(self) -> None:
        """Go there."""
        self.post_message(StepChosen(self._lines_of[self._cursor].step))

    def action_leave_contents(self) -> None:
        """Back to the notebook."""
        self.post_message(ContentsLeft())

    def _move(self, by: int) -> None:
        self._cursor = max(0, min(len(self._lines_of) - 1, self._cursor + by))
        self.redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.call_next(self.redraw)  # Textual gives the focus after this

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.call_next(self.redraw)

    def on_resize(self) -> None:
        """Another height: other lines."""
        self.forget()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Go to the step of the line."""
        height = self.size.height
        first = max(0, min(self._cursor - height // 2, len(self._lines_of) - height))
        position = first + event.y
        if position < len(self._lines_of):
            self._cursor = position
            self.action_choose_step()
