"""The way into the app: looks at the terminal, and hands over to `tutor.start`. Standard library only, until that
begins."""

from __future__ import annotations

import os
import sys

from tutor.cli import exits
from tutor.words import _

LEAST_COLUMNS, LEAST_LINES = 40, 12
"""Below this a lesson cannot be read. 80×24 is what the screens are made for."""


def open_app(lesson: str | None = None, *, resume: bool = True) -> int:
    """Open the app at `lesson`, or where the learner was; the exit code."""
    size = terminal_size()
    if size is not None and (size[0] < LEAST_COLUMNS or size[1] < LEAST_LINES):
        sentence = _("The terminal is {now}; d2l-tutor needs {least} at least. Make it larger, or the font smaller.")
        least = f"{LEAST_COLUMNS}×{LEAST_LINES}"
        print(sentence.format(now=f"{size[0]}×{size[1]}", least=least), file=sys.stderr)
        return exits.USAGE
    from tutor.start import start

    return start(lesson, resume=resume)


def terminal_size() -> tuple[int, int] | None:
    """Columns and lines; None where there is no terminal, or it does not know its size."""
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
    except (OSError, ValueError):
        return None
    return (size.columns, size.lines) if size.columns and size.lines else None
