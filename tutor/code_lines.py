"""Whether lines of code have numbers. One choice for the whole app, as the characters and the pace are. No Textual."""

from __future__ import annotations

AIR = 2
"""Columns between a number and its line: as many as an editor has, so that nothing moves when a cell is edited."""

_shown = False


def shown() -> bool:
    """Whether they have."""
    return _shown


def show(wanted: bool) -> None:
    """They have from now on, or not."""
    global _shown
    _shown = wanted


def gutter(lines: int) -> int:
    """Columns that the numbers of so many lines take; none where they are not shown."""
    return len(str(lines)) + AIR if _shown else 0
