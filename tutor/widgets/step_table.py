"""Where each step of a lesson stands: heights, one under the other. Numbers only: no widget, no drawing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


class StepTable:
    """Slots of some height, each with at least so many blank lines `above` and `below` it.

    Blank lines of neighbours are shared, as margins are in a style sheet: a slot is as high as its content, its own
    lines below, and what the slot before leaves of those above. `start` lines are above the first.
    """

    def __init__(self, margins: Sequence[tuple[int, int]]) -> None:
        below = [0, *(margin[1] for margin in margins)]
        self._above = [max(0, above - before) for (above, _below), before in zip(margins, below, strict=False)]
        self._below = [margin[1] for margin in margins]
        self._contents = [0] * len(margins)
        self._ends: list[int] = []
        self._start = 0

    def set_start(self, start: int) -> None:
        """How much is above the first slot."""
        if start != self._start:
            self._start = start
            self._ends = []

    def set_height(self, slot: int, content: int) -> None:
        """How high the content of a slot is, without blank lines."""
        if self._contents[slot] != content:
            self._contents[slot] = content
            self._ends = []

    def height(self, slot: int) -> int:
        """Of its content."""
        return self._contents[slot]

    def top(self, slot: int) -> int:
        """The line where the slot begins, its blank lines above included."""
        return self._all_ends()[slot - 1] if slot else self._start

    def content_top(self, slot: int) -> int:
        """The line where its content begins."""
        return self.top(slot) + self._above[slot]

    def bottom(self, slot: int) -> int:
        """The line behind the slot."""
        return self._all_ends()[slot]

    def at(self, line: int) -> int:
        """The slot that has that line; the first or the last where none does."""
        return min(bisect_right(self._all_ends(), line), len(self._contents) - 1)

    def between(self, first: int, end: int) -> range:
        """The slots that have lines of [first, end)."""
        return range(self.at(first), self.at(max(end - 1, first)) + 1)

    def tops(self) -> tuple[int, ...]:
        """Of all slots, and the end of the last."""
        return (self._start, *self._all_ends())

    @property
    def total(self) -> int:
        """All lines."""
        ends = self._all_ends()
        return ends[-1] if ends else self._start

    def _all_ends(self) -> list[int]:
        if not self._ends:
            y = self._start
            for above, content, below in zip(self._above, self._contents, self._below, strict=True):
                y += above + content + below
                self._ends.append(y)
        return self._ends
