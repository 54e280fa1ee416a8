"""What can go wrong with a lesson's text: one exception, precise to the line, for every reader of the format."""

from __future__ import annotations

from pathlib import Path


class LessonFormatError(Exception):
    """A lesson, or the course file, is not in the format. `str()` is `path:line: cause`, in one sentence."""

    def __init__(self, path: Path, line: int, cause: str) -> None:
        super().__init__(path, line, cause)
        self.path = path
        self.line = line
        """Line in the file, from 1."""
        self.cause = cause

    def __str__(self) -> str:
        return printable(f"{self.path}:{self.line}: {self.cause}")


def printable(text: str) -> str:
    """`text` with control characters spelled out: names and files of others never steer the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
