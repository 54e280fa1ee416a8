"""`read LESSON`: a lesson from top to bottom, on a terminal, on paper or for a screen reader; nothing to press.

Quizzes come without answers, exercises without solutions. What there is to do stands beside a bar, so that it is told
from the text; each has a word that says what it is, since a bar is not read out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from rich.style import Style

from lessons.catalog import load_course
from lessons.model import (
    ChoiceQuiz,
    CodeCell,
    Exercise,
    Lesson,
    MatchQuiz,
    NumberQuiz,
    OrderQuiz,
    OutputQuiz,
    Prose,
    Quiz,
    ShapeQuiz,
    Step,
)
from lessons.parser import read_lesson
from tutor import text_profile
from tutor.cli.output import console
from tutor.figures.gallery import Gallery, are_drawn
from tutor.math import Profile
from tutor.paths import settings_path
from tutor.prose import Line, Span, lay_out, line_width
from tutor.prose.console import to_rich
from tutor.prose.wrapping import wrap
from tutor.settings import Settings
from tutor.widgets.figures import drawn
from tutor.words import _

WIDEST = 84
"""Columns of running text, as on the lesson's screen."""
MARGIN = 2


def print_lesson(name: str, *, pager: bool, text: str | None = None) -> None:
    """Print the lesson that `name` means, with that text profile. Raises `UnknownLesson`, `LessonFormatError`."""
    lesson = read_lesson(load_course().find(name).path)
    if text is not None:
        text_profile.choose(text)
    text_profile.prefer(Settings.load(settings_path()).text)
    out = console()
    is_shown = sys.stdout.isatty()
    margin = MARGIN if out.width >= 60 else 0
    width = max(20, min(out.width - 2 * margin, WIDEST))
    gallery = Gallery(lesson.path, drawn=lambda: out.is_terminal and out.color_system != "standard" and are_drawn())
    laid_out = lay_out_lesson(lesson, width, gallery)
    printed = to_rich([(Span(" " * margin), *line) if line and margin else line for line in laid_out], drawer(gallery))
    if not (pager and is_shown):
        out.print(printed, end="", soft_wrap=True)
        return
    os.environ.setdefault("LESS", "-RFX")  # colours, and no pager for what fits the screen
    with out.pager(styles=not os.environ.get("NO_COLOR")):
        out.print(printed, end="", soft_wrap=True)


def drawer(gallery: Gallery) -> Callable[[Span], Iterator[tuple[str, Style]]]:
    """For `to_rich`: draws the lines of pictures, each of which is decoded when its first line is."""

    def draw(span: Span) -> Iterator[tuple[str, Style]]:
        key = (span.link or "").rpartition("/")[0]
        if gallery.pixels(key) is None:
            gallery.decode(key)
        for segment in drawn(span, gallery, Style(dim=True)):
            yield segment.text, segment.style or Style.null()

    return draw


def lay_out_lesson(lesson: Lesson, width: int, gallery: Gallery | None = None) -> list[Line]:
    """The whole lesson in `width` columns, with the text profile that was chosen. `gallery` knows its pictures."""
    profile = text_profile.current()
    blocks = [_head(lesson, width, profile), *(_step(step, width, profile, gallery) for step in lesson.steps)]
    lines: list[Line] = [()]
    for block in filter(None, blocks):
        lines += [*block, ()]
    return lines


def _head(lesson: Lesson, width: int, profile: Profile) -> list[Line]:
    """Title, where it stands in the book, how long it takes, what will be learned."""
    dot = "-" if profile.ascii else "·"
    facts = [lesson.book, _("{minutes} minutes").format(minutes=lesson.minutes)]
    head: list[Line] = [
        *lay_out(f"# {lesson.title}", width, profile=profile),
        (Span(f" {dot} ".join(filter(None, facts)), "table-rule"),),
    ]
    if lesson.objectives:
        head += [(), *lay_out(_list(lesson.objectives), width, profile=profile)]
    return [*head, (), (Span(("-" if profile.ascii else "─") * width, "rule"),)]


def _step(step: Step, width: int, profile: Profile, gallery: Gallery | None) -> list[Line]:
    match step:
        case Prose():
            return _prose(step.markdown, width, profile, gallery)
        case CodeCell():
            return lay_out(fenced(step.source), width, profile=profile)
        case Exercise():
            return _barred("important", _("Exercise"), step.id, [fenced(step.source)], width, profile)
        case _:
            blocks = [step.prompt, *_choices(step)]
            return _barred("note", f"{_('Question')}: {_kind(step)}", step.id, blocks, width, profile)


def _prose(markdown: str, width: int, profile: Profile, gallery: Gallery | None) -> list[Line]:
    """Prose without the lesson's own title, which stands above; a section begins with more air."""
    first, _newline, rest = markdown.lstrip().partition("\n")
    text = rest if first.startswith("# ") else markdown
    if gallery is not None:
        text = gallery.shortened(text)
    lines = lay_out(text, width, profile=profile, figures=gallery)
    spaced = [
        [(), line] if number == 0 and line and line[0].role == "heading-2" else [line]
        for number, line in enumerate(lines)
    ]
    return list(chain.from_iterable(spaced))


def _barred(kind: str, title: str, step: str, blocks: Sequence[str], width: int, profile: Profile) -> list[Line]:
    """Something to do: a title, and Markdown beside a bar."""
    bar = Span("| " if profile.ascii else "▎ ", f"admonition-{kind}-bar")
    end = bar._replace(text=bar.text.rstrip())
    name, place = Span(title, f"admonition-{kind}-title"), Span(step, "table-rule")
    gap = width - line_width((bar, name, place))
    lines: list[Line] = [(bar, name, Span(" " * gap), place)]
    if gap < 2:
        lines = [(bar, *line) for line in wrap([name], width - 2)]
    head = len(lines)
    for block in blocks:
        lines += [(), *lay_out(block, width - 2, profile=profile)]
    return [*lines[:head], *((bar, *line) if line else (end,) for line in lines[head:])]


def _kind(quiz: Quiz) -> str:
    """What kind of answer it wants."""
    match quiz:
        case ChoiceQuiz():
            return _("choose all that are right") if quiz.several else _("choose one")
        case NumberQuiz():
            return _("a number")
        case ShapeQuiz():
            return _("a shape")
        case OrderQuiz():
            return _("put in order")
        case MatchQuiz():
            return _("match the pairs")
        case OutputQuiz():
            return _("what is printed?")
        case _:
            return _("a word or two")


def _choices(quiz: Quiz) -> Iterator[str]:
    """What there is to choose from, sorted where the order would tell the answer."""
    match quiz:
        case ChoiceQuiz():
            yield _list([option.text for option in quiz.options], numbered=True)
        case OrderQuiz():
            yield _list(sorted(quiz.items))
        case MatchQuiz():
            yield _list([left for left, _right in quiz.pairs], numbered=True)
            yield f"*{_('with')}*"
            yield _list(sorted(right for _left, right in quiz.pairs))


def _list(items: Sequence[str], *, numbered: bool = False) -> str:
    """A list in Markdown. Loose or tight as its items are; none becomes a part of another."""
    marks = [f"{number}. " for number in range(1, len(items) + 1)] if numbered else ["- "] * len(items)
    indented = (item.strip().replace("\n", "\n" + " " * len(mark)) for mark, item in zip(marks, items, strict=True))
    return "\n".join(mark + item for mark, item in zip(marks, indented, strict=True))


def fenced(source: str) -> str:
    """Code as a Markdown block, whatever backticks are in it."""
    longest = max((len(line) - len(line.lstrip("`")) for line in map(str.strip, source.split("\n"))), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{source.rstrip()}\n{fence}"
