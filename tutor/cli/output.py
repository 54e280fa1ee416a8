"""Rich's console as every command uses it: as wide as it needs where nobody draws lines, and never guessing at
markup."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from tutor.cli.exits import ReaderGone

UNLIMITED = 1000
"""Columns for a file or a pipe: a program that reads a table must not find it cut at 80."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise ReaderGone


def console(*, width: int | None = None) -> Console:
    """A console on standard output. NO_COLOR, TERM=dumb and COLUMNS hold, as Rich reads them."""
    if width is None and not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        width = UNLIMITED
    return _Console(width=width, highlight=False, soft_wrap=False)
