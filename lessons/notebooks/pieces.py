"""What every reader makes of its format: pieces of Markdown and of code, in order. And from these, a lesson's steps.

The ids of cells are the business of `identity`; here each cell gets the one that its file or its content gives it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lessons.errors import printable
from lessons.model import CodeCell, Lesson, Prose, Step
from lessons.notebooks.blocks import outside_fences
from lessons.parser import slug

PYTHON = frozenset(("", "python", "python3", "ipython", "ipython3", "py", "py3"))
"""What the language of a cell is called that the kernel can run."""

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+([^\n]*?)[ \t#]*$")
_SETEXT = re.compile(r"^(=+|-+)[ \t]*$")
_MARKS = re.compile(r"\*\*|__|`|\$|(?<!\w)[*_]|[*_](?!\w)")
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown."""

    markdown: str
    line: int


@dataclass(frozen=True, slots=True)
class Code:
    """A cell of code. `id` is the one that the file gives it, if any."""

    source: str
    line: int
    id: str = ""
    tags: frozenset[str] = frozenset()
    language: str = "python"
    outputs: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """What the file itself says that it put out: see `lessons.model.CodeCell.outputs`."""


Piece = Text | Code


@dataclass(frozen=True, slots=True)
class Pages:
    """One file, read."""

    pieces: tuple[Piece, ...]
    title: str = ""
    """Empty: the first heading, or the file's name."""
    book: str = ""
    """The number of the section, `3.4`, where a book gives it one."""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def lesson_of(pages: Pages, path: Path, lesson_id: str) -> Lesson:
    """The lesson that these pieces make."""
    steps = tuple(_steps(pages.pieces))
    title = pages.title or next(_titles(steps), "") or path.stem
    return Lesson(
        id=lesson_id,
        title=printable(" ".join(title.split()))[:200],
        book=pages.book,
        minutes=0,
        requires=(),
        objectives=(),
        steps=steps,
        path=path,
        front_matter=pages.metadata,
    )


def content_id(source: str) -> str:
    """An id that says something of the cell and changes with its content: `x-torch-arange-12-9c1e07`."""
    lines = [line for line in source.split("\n") if line.strip()]
    code = [line for line in lines if not line.lstrip().startswith(("#", "%%"))]
    words = re.findall(r"[A-Za-z0-9]+", (code or lines or [""])[0])
    digest = hashlib.sha256("\n".join(line.rstrip() for line in lines).encode("utf-8", "surrogatepass")).hexdigest()
    name = "-".join(words).lower()[:24].strip("-")
    return "-".join(filter(None, (name, digest[:6])))


def label_of(source: str) -> str:
    """What to call a cell: its first line that says something."""
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    plain = [line for line in lines if not line.startswith(("#", "%", "import ", "from ", "@"))] or lines or [""]
    return printable(plain[0])[:60]


def _steps(pieces: Iterable[Piece]) -> Iterator[Step]:
    """Prose, a step for each heading, and cells. Ids are unique."""
    taken: set[str] = set()
    counts: dict[str, int] = {}

    def new(wanted: str) -> str:
        wanted = name = printable(wanted)[:_LONGEST_ID]
        while name in taken:
            counts[wanted] = counts.get(wanted, 1) + 1
            name = f"{wanted}-{counts[wanted]}"
        taken.add(name)
        return name

    heading = "start"
    for piece in pieces:
        if isinstance(piece, Code) and piece.language.lower() in PYTHON:
            yield CodeCell(
                new(piece.id or content_id(piece.source)),
                piece.line,
                piece.source,
                piece.tags,
                outputs=piece.outputs,
                label=label_of(piece.source),
            )
            continue
        if isinstance(piece, Code):
            piece = Text(fenced(piece.source, piece.language), piece.line)
        for name, line, markdown in sections(piece):
            heading = name or heading
            yield Prose(new(f"text-{heading}"), line, markdown)


def sections(text: Text) -> Iterator[tuple[str, int, str]]:
    """The parts that begin with a heading: the heading's slug (empty where there is none), line and Markdown."""
    lines = text.markdown.split("\n")
    starts = {0: ""}
    for number, line in outside_fences(lines):
        if match := _HEADING.match(line):
            starts[number] = slug(plain_words(match[2]))
        elif _SETEXT.match(line) and number and lines[number - 1].strip() and line[0] == "=":
            starts[number - 1] = slug(plain_words(lines[number - 1]))
    places = sorted(starts)
    for start, end in zip(places, [*places[1:], len(lines)], strict=True):
        part = lines[start:end]
        while part and not part[0].strip():
            part, start = part[1:], start + 1
        markdown = "\n".join(part).rstrip()
        if markdown:
            yield starts.get(start, ""), text.line + start, markdown


def _titles(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Prose):
            first, _newline, rest = step.markdown.partition("\n")
            if match := _HEADING.match(first):
                yield plain_words(match[2])
            elif _SETEXT.match(rest.partition("\n")[0]) and rest.startswith("="):
                yield plain_words(first)


def plain_words(markdown: str) -> str:
    """A heading without its marks."""
    return " ".join(_MARKS.sub("", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)).split())


def fenced(source: str, language: str = "") -> str:
    """Code as a Markdown block, whatever backticks are in it."""
    longest = max((len(match) for match in re.findall(r"^\s*(`+)", source, re.MULTILINE)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{re.sub(r'[^A-Za-z0-9+#-]', '', language)}\n{source.rstrip()}\n{fence}"
