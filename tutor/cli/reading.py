"""`read LESSON`: a lesson's text on a terminal or a printer. Quizzes without answers, exercises without solutions."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from lessons.catalog import load_course
from lessons.model import ChoiceQuiz, CodeCell, Exercise, Lesson, MatchQuiz, OrderQuiz, Prose, Quiz, Step
from lessons.parser import read_lesson
from tutor.cli.output import console
from tutor.prose import lay_out
from tutor.prose.console import to_rich
from tutor.words import _

WIDEST = 88
"""Columns of running text."""


def print_lesson(name: str, *, pager: bool) -> None:
    """Print the lesson that `name` means. Raises `UnknownLesson`, `LessonFormatError`."""
    lesson = read_lesson(load_course().find(name).path)
    out = console()
    width = max(20, min(out.width, WIDEST))
    text = to_rich(lay_out("\n\n".join(markdown(lesson)), width))
    if not (pager and sys.stdout.isatty()):
        out.print(text, end="", soft_wrap=True)
        return
    os.environ.setdefault("LESS", "-RFX")  # colours, and no pager for what fits the screen
    with out.pager(styles=not os.environ.get("NO_COLOR")):
        out.print(text, end="", soft_wrap=True)


def markdown(lesson: Lesson) -> Iterator[str]:
    """The lesson as Markdown blocks."""
    heading = next((step.markdown for step in lesson.steps if isinstance(step, Prose)), "")
    if not heading.lstrip().startswith("# "):
        yield f"# {lesson.title}"
    for step in lesson.steps:
        yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    match step:
        case Prose():
            yield step.markdown
        case CodeCell():
            yield fenced(step.source)
        case Exercise():
            yield f"**{_('Exercise')}** `{step.id}`"
            yield fenced(step.source)
        case _:
            yield f"**{_('Question')}** `{step.id}`"
            yield step.prompt
            yield from _choices(step)


def _choices(quiz: Quiz) -> Iterator[str]:
    """What there is to choose from, sorted where the order would tell the answer."""
    match quiz:
        case ChoiceQuiz():
            items = [option.text for option in quiz.options]
        case OrderQuiz():
            items = sorted(quiz.items)
        case MatchQuiz():
            items = [left for left, _right in quiz.pairs]
            yield _list(sorted(right for _left, right in quiz.pairs))
        case _:
            return
    yield _list(items)


def _list(items: list[str]) -> str:
    return "\n".join("- " + item.replace("\n", "\n  ") for item in items)


def fenced(source: str) -> str:
    """Code as a Markdown block, whatever backticks are in it."""
    longest = max((len(line) - len(line.lstrip("`")) for line in map(str.strip, source.split("\n"))), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{source.rstrip()}\n{fence}"
