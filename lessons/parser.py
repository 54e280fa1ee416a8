"""Text of a lesson → `Lesson`. The format is DESIGN §3: a MyST Markdown notebook. Nothing here runs or draws a step.

Whatever the text, the only exception is `LessonFormatError`, with the line of the file. What an author owes a learner
beyond the format (a `why`, a `verify` that agrees, a solution that passes) is proved by `check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lessons.errors import LessonFormatError
from lessons.model import CodeCell, Exercise, Lesson, Prose, Step
from lessons.quizzes import read_quiz
from lessons.scanner import STEP_DIRECTIVES, Fence, front_matter, options, plain_text, read_text, scan, tags
from lessons.yaml_nodes import Fields, compose, construct

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LESSON_ID = re.compile(rf"{SLUG.pattern}/{SLUG.pattern}")

_CELL_OPTIONS = frozenset(("id", "tags", "for"))
_FOREIGN_OPTIONS = frozenset(
    (
        "mystnb",
        "name",
        "class",
        "caption",
        "editable",
        "slideshow",
        "jupyter",
        "collapsed",
        "scrolled",
        "deletable",
        "number-lines",
        "lineno-start",
        "emphasize-lines",
    )
)
"""What jupytext and MyST-NB may write on a cell, and we do not read."""
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]*?)[ \t#]*$|^(\+\+\+)[^\n]*$", re.MULTILINE)
_LANGUAGE = re.compile(r"\.([a-z]{2}(?:-[A-Za-z]+)?)\.md$")


def read_lesson(path: Path) -> Lesson:
    """The lesson in the file at `path`. Raises `LessonFormatError`."""
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> Lesson:
    """The lesson in `text`; `path` names it in errors and says its language. Raises `LessonFormatError`."""
    text = plain_text(text)
    yaml_text, body = front_matter(text, path)
    fields = Fields(compose(yaml_text, path, 2), path, 2, "the front matter")
    title, lesson_id = fields.text("title"), fields.text("id")
    if not LESSON_ID.fullmatch(lesson_id):
        raise fields.error(f"the id `{lesson_id}` is not of the form `chapter/lesson` in a-z, 0-9 and `-`")
    minutes = fields.text("minutes", "0")
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 6):
        raise fields.error(f"`minutes` must be a whole number, not `{minutes}`")
    return Lesson(
        id=lesson_id,
        title=title,
        book=fields.text("book", ""),
        minutes=int(minutes),
        requires=fields.texts("requires", ()),
        objectives=fields.texts("objectives", ()),
        steps=tuple(_Steps(text, path, body).steps()),
        path=path,
        language=language_of(path),
        front_matter=construct(yaml_text, path, 2),
    )


def language_of(path: Path) -> str:
    """The language that a lesson's file name says: `01-data-manipulation.zh.md` is `zh`, without one it is `en`."""
    match = _LANGUAGE.search(path.name)
    return match[1] if match else "en"


def slug(heading: str) -> str:
    """A heading as an id: `The *forward* pass` is `the-forward-pass`."""
    return "-".join(re.findall(r"[^\W_]+", heading.lower())) or "section"


@dataclass(slots=True)
class _Draft:
    """An exercise whose check, solution and hints are still to come."""

    id: str
    line: int
    source: str
    tags: frozenset[str]
    check: str | None = None
    solution: str | None = None
    hints: tuple[str, ...] = ()

    def finished(self, path: Path) -> Exercise:
        for part, found in (("check", self.check), ("solution", self.solution)):
            if found is None:
                cause = f"the exercise `{self.id}` has no cell tagged `{part}` with `:for: {self.id}`"
                raise LessonFormatError(path, self.line, cause)
        assert self.check is not None
        assert self.solution is not None
        return Exercise(self.id, self.line, self.source, self.check, self.solution, self.hints, self.tags)


class _Steps:
    """Builds the steps of one text, in one pass over its fences."""

    def __init__(self, text: str, path: Path, body: int) -> None:
        self._text, self._path, self._body = text, path, body
        self._fences = scan(text, path, body)
        self._ids = self._explicit_ids()
        self._heading = "start"
        self._steps: list[Step | _Draft] = []
        self._drafts: dict[str, _Draft] = {}

    def steps(self) -> Iterator[Step]:
        """The steps, in order. Raises `LessonFormatError`."""
        at = self._body
        inner: list[Fence] = []
        for fence in self._fences:
            if fence.name not in STEP_DIRECTIVES:
                inner.append(fence)
                continue
            self._add_prose(at, fence.start, inner)
            at, inner = fence.end, []
            {"code-cell": self._add_cell, "quiz": self._add_quiz, "hint": self._add_hint}[fence.name or ""](fence)
        self._add_prose(at, len(self._text), inner)
        for step in self._steps:
            yield step.finished(self._path) if isinstance(step, _Draft) else step

    def _error(self, line: int, cause: str) -> LessonFormatError:
        return LessonFormatError(self._path, line, cause)

    def _explicit_ids(self) -> set[str]:
        """The ids that the author gave, so that none that is made up takes one of them."""
        lines: dict[str, int] = {}
        for fence in self._fences:
            if fence.name == "quiz":
                name = fence.argument
            elif fence.name == "code-cell":
                name = options(fence, self._path)[0].get("id", "")
            else:
                continue
            if not name:
                continue
            if not SLUG.fullmatch(name):
                raise self._error(fence.line, f"the id `{name}` may hold only a-z, 0-9 and single `-` between")
            if name in lines:
                raise self._error(fence.line, f"the id `{name}` is already taken on line {lines[name]}")
            lines[name] = fence.line
        return set(lines)

    def _new_id(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self._ids:
            count += 1
            name = f"{wanted}-{count}"
        self._ids.add(name)
        return name

    def _add_prose(self, start: int, end: int, inner: list[Fence]) -> None:
        """The prose between two offsets, a step for each heading. `inner` are the fences that it holds."""
        breaks = [
            match
            for match in _HEADING.finditer(self._text, start, end)
            if not any(fence.start <= match.start() < fence.end for fence in inner)
        ]
        at = start
        for match in breaks:
            self._add_prose_step(at, match.start())
            if match[2]:
                at = match.end()
            else:
                at, self._heading = match.start(), slug(match[1])
        self._add_prose_step(at, end)

    def _add_prose_step(self, start: int, end: int) -> None:
        markdown = self._text[start:end]
        if not markdown.strip():
            return
        start += len(markdown) - len(markdown.lstrip("\n"))
        line = 1 + self._text.count("\n", 0, start)
        self._steps.append(Prose(self._new_id(self._heading), line, markdown.strip("\n").rstrip()))

    def _add_cell(self, fence: Fence) -> None:
        if fence.argument and fence.argument not in ("python", "python3", "ipython3"):
            raise self._error(fence.line, f"a code cell is `python`, not `{fence.argument}`")
        given, source, _ = options(fence, self._path)
        for key in given.keys() - _CELL_OPTIONS - _FOREIGN_OPTIONS:
            raise self._error(fence.line, f"a code cell has no option `{key}` (it has id, tags and for)")
        kinds = tags(given.get("tags", ""))
        if parts := kinds & {"check", "solution"}:
            self._add_part(fence, sorted(parts), given, source)
        elif "for" in given:
            raise self._error(fence.line, "`:for:` needs the tag `check` or `solution`")
        elif "exercise" in kinds:
            if not given.get("id"):
                raise self._error(fence.line, "an exercise needs an `:id:`")
            draft = _Draft(given["id"], fence.line, source, kinds)
            self._drafts[draft.id] = draft
            self._steps.append(draft)
        else:
            name = given.get("id") or self._new_id(f"{self._heading}-cell")
            self._steps.append(CodeCell(name, fence.line, source, kinds))

    def _add_part(self, fence: Fence, parts: list[str], given: dict[str, str], source: str) -> None:
        if len(parts) == 2 or given.get("id"):
            raise self._error(fence.line, "a cell is a `check` or a `solution`, not both, and has no id of its own")
        part, name = parts[0], given.get("for", "")
        if name not in self._drafts:
            raise self._error(fence.line, f"this {part} names no exercise above it (`:for: {name}`)")
        draft = self._drafts[name]
        if getattr(draft, part) is not None:
            raise self._error(fence.line, f"the exercise `{name}` already has a {part}")
        setattr(draft, part, source)

    def _add_quiz(self, fence: Fence) -> None:
        if not fence.argument:
            raise self._error(fence.line, "a quiz needs an id: ```{quiz} its-id")
        self._steps.append(read_quiz(fence.argument, fence.body, self._path, fence.line, fence.line + 1))

    def _add_hint(self, fence: Fence) -> None:
        last = self._steps[-1] if self._steps else None
        if not isinstance(last, _Draft):
            raise self._error(fence.line, "this hint belongs to no exercise: it comes right after one")
        hint = "\n".join(part for part in (fence.argument, fence.body) if part).strip()
        if not hint:
            raise self._error(fence.line, "this hint is empty")
        last.hints = (*last.hints, hint)
