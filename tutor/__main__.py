"""`d2l-tutor`, and `python -m tutor`. The ways into the app are taken at once; only the other commands import typer and
Rich."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

COMPLETING = "_D2L_TUTOR_COMPLETE"
"""Set by a shell that asks for completions: then nothing may start."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code (`tutor.cli.exits` lists them)."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    from tutor.cli import exits

    with exits.spoken() as end:
        lesson = _lesson_to_open(words)
        if lesson is not None:
            from tutor.cli.opening import open_app

            end.code = open_app(lesson or None)
        else:
            from tutor.cli.commands import run

            end.code = run(words)
    return end.code


def _lesson_to_open(words: list[str]) -> str | None:
    """What the app is to open: "" for the last place, None if these words are not plainly about opening the app."""
    if COMPLETING in os.environ:
        return None
    if not words:
        return ""
    if len(words) == 2 and words[0] == "open" and not words[1].startswith("-"):
        return words[1]
    return None


if __name__ == "__main__":
    sys.exit(main())
