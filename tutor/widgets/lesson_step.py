"""What every step of a lesson is to the notebook: parts made of lines, which can be drawn before any widget exists.

A widget costs a task, its styles and a place in every layout: some milliseconds and kilobytes for each of the hundred
in a lesson. So a step is drawn by the notebook, from its parts, until the learner (or a run) touches it; then it is
mounted and draws itself. Both must look the same: what the style sheet says of steps is said here in numbers, and a
test compares the two cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tutor.widgets.line_view import LineView

if TYPE_CHECKING:
    from textual.widget import Widget

BESIDE = 3
"""Columns of a step that are not its content: the bar of the current step at the left, and a blank at each side."""


class Part(NamedTuple):
    """A view of a step, `pad` columns in from each side, on the theme's colour `ground` (the background, if empty)."""

    view: LineView
    pad: int = 0
    ground: str = ""


class Host(Protocol):
    """Who draws a step while it is no widget."""

    def changed(self) -> None:
        """It looks different."""

    def wake(self) -> None:
        """It must be a widget from now on."""

    async def woken(self) -> None:
        """The same, and wait until it is one."""


class Step(Protocol):
    """A widget that is one step. Until it is mounted, it tells `host` what happens to it."""

    step: str
    ABOVE: int
    """Blank lines above it, at least."""
    BELOW: int
    """Blank lines under it, at least."""

    def parts(self) -> Iterable[Part]:
        """What it shows, from the top."""

    def hosted(self, host: Host) -> None:
        """Tell the host what happens."""


def lines_of(step: Step, width: int, ground: Callable[[str], Style]) -> list[Strip]:
    """The step's lines at `width` columns, without the bar of the current step: those of its parts."""
    lines: list[Strip] = []
    content = width - BESIDE
    blank = ground("")
    before, after = Segment("  ", blank), Segment(" ", blank)
    for view, pad, name in step.parts():
        base = ground(name)
        room = content - 2 * pad
        edge = [Segment(" " * pad, base)] if pad else []
        for line in view.lines(room):
            inner = line.adjust_cell_length(room).apply_style(base)
            lines.append(Strip([before, *edge, *inner, *edge, after], width))
        view.forget()  # the lines above are kept by whoever asked
    return lines


def views_of(step: Step) -> Sequence[LineView]:
    """The views that it is drawn with."""
    return [part.view for part in step.parts()]


def is_awake(step: Widget) -> bool:
    """Whether it is a widget on the screen, or is about to be."""
    return step.parent is not None
