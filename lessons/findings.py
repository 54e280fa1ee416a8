"""What the check found, and where in the file it is: the parsed lesson forgets the lines that only an author needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lessons.errors import printable
from lessons.scanner import front_matter, options, read_text, scan, tags


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an author must mend. `str()` is `path:line: cause`."""

    path: Path
    line: int
    cause: str

    def __str__(self) -> str:
        return printable(f"{self.path}:{self.line}: {self.cause}")


class Places:
    """The lines of one lesson's file. Lines are from 1; a fence is named by the line that opens it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = read_text(path)
        self._lines = text.split("\n")
        self._first: dict[int, int] = {}
        self._parts: dict[tuple[str, str], int] = {}
        for fence in scan(text, path, front_matter(text, path)[1]):
            if fence.name != "code-cell":
                continue
            given, _, self._first[fence.line] = options(fence, path)
            for part in tags(given.get("tags", "")) & {"check", "solution"}:
                self._parts[given.get("for", ""), part] = fence.line

    def at(self, line: int, cause: str) -> Finding:
        """A finding of this file."""
        return Finding(self.path, line, cause)

    def part(self, exercise: str, part: str) -> int:
        """The line of the fence that holds the check or the solution of an exercise."""
        return self._parts[exercise, part]

    def inside(self, fence: int, line: int | None) -> int:
        """The file's line of a cell's own `line`, from 1; the fence's where that is not known."""
        return fence if line is None else self._first.get(fence, fence + 1) + line - 1

    def key(self, fence: int, key: str) -> int:
        """The line of a YAML key at the left of a quiz; the fence's where there is none."""
        for number, line in enumerate(self._lines[fence:], start=fence + 1):
            if line.startswith(f"{key}:"):
                return number
            if line.startswith(("```", ":::")):
                break
        return fence
