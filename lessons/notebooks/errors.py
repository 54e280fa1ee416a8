"""What keeps a file from being opened as a notebook."""

from __future__ import annotations

from pathlib import Path

from lessons.errors import LessonFormatError, printable


class NotebookClosed(LessonFormatError):
    """A file or folder cannot be opened as a notebook. `str()` is `path: cause`, with the line where one is known."""

    def __init__(self, path: Path, cause: str, line: int | None = None) -> None:
        super().__init__(path, line or 1, cause)
        self._known_line = line

    def __str__(self) -> str:
        where = f"{self.path}" if self._known_line is None else f"{self.path}:{self._known_line}"
        return printable(f"{where}: {self.cause}")


class NoSuchNotebook(NotebookClosed):
    """There is no such file or folder."""
