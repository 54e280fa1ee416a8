"""Finds the fences of a lesson's text, with their lines. It knows MyST's syntax and nothing of what a lesson means.

The catalog reads every lesson with this before the first paint, so it looks at fence lines only (one regular
expression over the text) and imports nothing heavy. As in MyST, what is inside a fence is literal until the fence's own
end: to nest one, the outer fence is longer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lessons.errors import LessonFormatError

PROSE_DIRECTIVES = frozenset(
    (
        "note",
        "tip",
        "warning",
        "important",
        "caution",
        "attention",
        "danger",
        "seealso",
        "admonition",
        "math",
        "code",
        "code-block",
        "figure",
        "image",
        "table",
        "list-table",
        "dropdown",
    )
)
"""Directives that stay in the prose, for its renderer to draw."""
STEP_DIRECTIVES = frozenset(("code-cell", "quiz", "hint"))

_FENCE_LINE = re.compile(r"^ {0,3}(`{3,}|~{3,}|:{3,})([^\n]*)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"\s*\{([^}\s]*)\}\s*(.*)")
_OPTION = re.compile(r":([\w-]+):[ \t]*(.*)")
_NESTED_STEP = re.compile(r"^ {0,3}(?:`{3,}|~{3,}|:{3,})\s*\{(code-cell|quiz|hint)\}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block at the top level of the text."""

    name: str | None
    """The directive, `None` for a plain code block."""
    argument: str
    """What follows the directive's name on its line."""
    body: str
    """Between the fence lines, without the last line break."""
    line: int
    """Line of the opening fence in the file, from 1. The body starts on the next."""
    start: int
    """Offset of the opening fence in the text."""
    end: int
    """Offset just after the closing fence line."""


def scan(text: str, path: Path, start: int = 0) -> list[Fence]:
    """The fences of `text` from the offset `start` on, in order. Raises `LessonFormatError`."""
    fences: list[Fence] = []
    opened: re.Match[str] | None = None
    opened_line, line, at = 0, 1 + text.count("\n", 0, start), start
    for match in _FENCE_LINE.finditer(text, start):
        line += text.count("\n", at, match.start())
        at = match.start()
        marks, info = match[1], match[2]
        if opened is None:
            if marks[0] == "`" and "`" in info:
                continue  # inline code that happens to begin a line
            if marks[0] == ":" and not info.strip():
                raise LessonFormatError(path, line, f"`{marks}` closes nothing: no directive is open here")
            opened, opened_line = match, line
        elif marks[0] == opened[1][0] and len(marks) >= len(opened[1]) and not info.strip():
            fences.append(_fence(text, path, opened, match, opened_line))
            opened = None
    if opened is not None:
        raise LessonFormatError(path, opened_line, f"the fence `{opened[0].strip()}` is never closed")
    return fences


def _fence(text: str, path: Path, opened: re.Match[str], closed: re.Match[str], line: int) -> Fence:
    body = text[opened.end() + 1 : max(opened.end() + 1, closed.start() - 1)]
    directive = _DIRECTIVE.fullmatch(opened[2])
    name, argument = (directive[1], directive[2].strip()) if directive else (None, "")
    if name is not None and name not in STEP_DIRECTIVES:
        if name not in PROSE_DIRECTIVES:
            known = ", ".join(sorted(STEP_DIRECTIVES)) + ", note, tip, warning, important"
            raise LessonFormatError(path, line, f"the directive `{{{name}}}` is not known (known: {known}, …)")
        if opened[1][0] == ":" and (nested := _NESTED_STEP.search(body)):
            inner = line + 1 + body.count("\n", 0, nested.start())
            raise LessonFormatError(
                path, inner, f"a `{{{nested[1]}}}` inside a `{{{name}}}` would never be a step: move it out"
            )
    return Fence(name, argument, body, line, opened.start(), closed.end())


def options(fence: Fence, path: Path) -> tuple[dict[str, str], str, int]:
    """The options of a directive, what is left of its body, and the file line on which that begins.

    Options are `:key: value` lines, or the same between two `---` lines without the first colon (as jupytext writes
    them where there are many).
    """
    lines = fence.body.split("\n")
    found: dict[str, str] = {}
    count = 0
    if lines[0].strip() == "---":
        for count, line in enumerate(lines[1:], start=1):
            if line.strip() == "---":
                return found, "\n".join(lines[count + 1 :]), fence.line + 2 + count
            key, colon, value = line.partition(":")
            if not colon:
                raise LessonFormatError(path, fence.line + 1 + count, "an option reads `key: value`")
            found[key.strip()] = value.strip()
        raise LessonFormatError(path, fence.line + 1, "the options that `---` opens are never closed by another `---`")
    while count < len(lines) and (option := _OPTION.fullmatch(lines[count].rstrip())):
        if option[1] in found:
            raise LessonFormatError(path, fence.line + 1 + count, f"the option `{option[1]}` is given twice")
        found[option[1]] = option[2].strip()
        count += 1
    return found, "\n".join(lines[count:]), fence.line + 1 + count


def tags(value: str) -> frozenset[str]:
    """The tags in `[a, b]`, or in `a, b`."""
    return frozenset(tag for part in value.strip("[] ").split(",") if (tag := part.strip().strip("'\"")))


def front_matter(text: str, path: Path) -> tuple[str, int]:
    """The YAML between the first two `---` lines, and the offset where the body begins. Raises `LessonFormatError`."""
    if not text.startswith("---\n"):
        raise LessonFormatError(path, 1, "the front matter is missing: a lesson begins with a `---` line")
    end = re.compile(r"^---[ \t]*$", re.MULTILINE).search(text, 4)
    if end is None:
        raise LessonFormatError(path, 1, "the front matter is never closed by a second `---` line")
    return text[4 : end.start()], min(end.end() + 1, len(text))


def read_text(path: Path) -> str:
    """The text of a lesson's file, line breaks made `\\n`. Raises `LessonFormatError` where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LessonFormatError(path, 1, f"the file could not be read: {error.strerror or error}") from error
    try:
        return plain_text(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise LessonFormatError(path, line, f"not UTF-8 from byte {error.start} on") from error


def plain_text(text: str) -> str:
    """`text` with line breaks made `\\n`, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
