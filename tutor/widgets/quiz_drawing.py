"""How a quiz looks: the prompt, what can be chosen, the mark, the why. Pure: from what is known to lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from lessons.marking import Answer, Mark, presented
from lessons.model import ChoiceQuiz, MatchQuiz, NumberQuiz, OrderQuiz, OutputQuiz, Quiz, ShapeQuiz
from tutor.widgets.line_view import between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.prose import markdown_strips
from tutor.widgets.quiz_answering import Answering
from tutor.widgets.terminal_text import plain
from tutor.words import _

INDENT = 2


@dataclass
class QuizLook:
    """All that a card's look depends on."""

    quiz: Quiz
    answer: Answer | None = None
    """The latest answer."""
    mark: Mark | None = None
    """Of the latest answer; None while another is given."""
    first_right: bool | None = None
    answering: Answering | None = None
    typing: bool = False
    complaint: str = ""
    """What form of answer is expected, after one of a wrong form."""


def quiz_strips(look: QuizLook, width: int, palette: Palette) -> list[Strip]:
    """The card's lines."""
    lines = [_head(look, width, palette)]
    lines.extend(markdown_strips(look.quiz.prompt, width, palette))
    body = list(_body(look, width, palette))
    if body:
        lines.extend([Strip([]), *body])
    if look.mark is not None:
        lines.extend(_mark(look.mark, width, palette))
    if look.complaint:
        lines.append(Strip([]))
        lines.extend(markdown_strips(look.complaint, width, palette, indent=INDENT))
    return lines


def _head(look: QuizLook, width: int, palette: Palette) -> Strip:
    left = strip((_("quiz"), palette["label"]), ("  " + kind_words(look.quiz), palette["muted"]))
    right = strip()
    if look.mark is not None:
        word, role = (_("✓ right"), "right") if look.mark.correct else (_("✗ not right"), "wrong")
        first = ""
        if look.first_right is not None and look.first_right != look.mark.correct:
            first = _("first answer was right") if look.first_right else _("not at first")
        right = strip((first + "  " if first else "", palette["muted"]), (word, palette[role]))
    elif look.first_right is not None:
        right = strip((_("again"), palette["muted"]))
    return between(left, right, width)


def kind_words(quiz: Quiz) -> str:
    """What is to be done, in two or three words."""
    if isinstance(quiz, ChoiceQuiz):
        return _("choose all that are right") if quiz.several else _("choose one")
    if isinstance(quiz, OrderQuiz):
        return _("put in order")
    if isinstance(quiz, MatchQuiz):
        return _("match")
    if isinstance(quiz, NumberQuiz):
        return _("a number")
    if isinstance(quiz, ShapeQuiz):
        return _("a shape")
    if isinstance(quiz, OutputQuiz):
        return _("what does it print?")
    return _("a word or two")


def _body(look: QuizLook, width: int, palette: Palette) -> Iterator[Strip]:
    quiz = look.quiz
    if isinstance(quiz, ChoiceQuiz):
        yield from _choices(look, quiz, width, palette)
    elif isinstance(quiz, OrderQuiz):
        yield from _order(look, quiz, width, palette)
    elif isinstance(quiz, MatchQuiz):
        yield from _match(look, quiz, width, palette)
    elif look.mark is not None and look.answer is not None:
        shown = plain(_typed(look.answer, quiz))
        role = "right" if look.mark.correct else "wrong"
        yield strip((" " * INDENT + _("your answer") + "  ", palette["muted"]), (shown, palette[role]))
    elif not look.typing:
        yield _keys(palette, ("Enter", _("to answer")))


def _choices(look: QuizLook, quiz: ChoiceQuiz, width: int, palette: Palette) -> Iterator[Strip]:
    answering = look.answering or Answering(quiz, look.answer if look.mark is not None else None)
    marks = ("◼", "◻") if quiz.several else ("●", "○")
    for position, index in enumerate(answering.shown):
        option = quiz.options[index]
        chosen = position in answering.chosen
        here = look.answering is not None and answering.cursor == position
        role = "chosen" if chosen else "muted"
        verdict = ""
        if look.mark is not None and chosen:
            role = "right" if option.correct else "wrong"
            verdict = "✓" if option.correct else "✗"
        elif look.mark is not None and quiz.several and option.correct and look.mark.correct:
            role = "right"
        yield from _item(
            [("›" if here else " ", "key"), (f"{verdict or marks[not chosen]} ", role), (f"{position + 1}  ", "muted")],
            option.text,
            width,
            palette,
        )


def _order(look: QuizLook, quiz: OrderQuiz, width: int, palette: Palette) -> Iterator[Strip]:
    answering = look.answering or Answering(quiz, look.answer if look.mark is not None else None)
    for position, index in enumerate(answering.shown):
        here = look.answering is not None and answering.cursor == position
        role, sign = "muted", "↕" if here else " "
        if look.mark is not None:
            right = quiz.items[index] == quiz.items[position]
            role, sign = ("right", "✓") if right else ("wrong", "✗")
        yield from _item(
            [("›" if here else " ", "key"), (f"{sign} ", role), (f"{position + 1}  ", "muted")],
            quiz.items[index],
            width,
            palette,
        )
    if look.answering is not None:
        yield Strip([])
        yield _keys(palette, ("j k", _("choose")), ("J K", _("move")), ("Enter", _("answer")))


def _keys(palette: Palette, *keys: tuple[str, str]) -> Strip:
    """What keys do while this quiz is answered."""
    told = [part for key, what in keys for part in ((key, palette["key"]), (f" {what}   ", palette["muted"]))]
    return strip((" " * INDENT, palette["text"]), *told)


def _match(look: QuizLook, quiz: MatchQuiz, width: int, palette: Palette) -> Iterator[Strip]:
    answering = look.answering or Answering(quiz, look.answer if look.mark is not None else None)
    shown = presented(quiz)
    for left in range(answering.count):
        here = look.answering is not None and answering.cursor == left
        right = answering.matches.get(left)
        role, sign = "muted", " "
        if look.mark is not None and right is not None:
            is_right = quiz.pairs[shown[right]][1] == quiz.pairs[left][1]
            role, sign = ("right", "✓") if is_right else ("wrong", "✗")
        answer = f" → **{right + 1}**" if right is not None else " → …"
        yield from _item(
            [("›" if here else " ", "key"), (f"{sign} ", role)], quiz.pairs[left][0] + answer, width, palette
        )
    yield Strip([])
    for position, index in enumerate(shown):
        yield from _item([("   ", "text"), (f"{position + 1}  ", "key")], quiz.pairs[index][1], width, palette)


def _item(marks: list[tuple[str, str]], markdown: str, width: int, palette: Palette) -> Iterator[Strip]:
    """A line of Markdown after its marks, and what wraps of it hanging below."""
    before = strip(*((text, palette[role]) for text, role in marks))
    indent = sum(cell_len(text) for text, _role in marks)
    lines = markdown_strips(markdown, max(width - indent, 10), palette)
    for number, line in enumerate(lines or [Strip([])]):
        yield Strip.join([before if number == 0 else Strip.blank(indent), line])


def _mark(marked: Mark, width: int, palette: Palette) -> Iterator[Strip]:
    role = "right" if marked.correct else "wrong"
    for why in dict.fromkeys(marked.why):
        yield Strip([])
        for line in markdown_strips(why, width - INDENT - 2, palette):
            yield Strip.join([strip((" " * INDENT + "▎ ", palette[role])), line])
    if not marked.correct:
        yield Strip([])
        yield _keys(palette, ("r", _("to try again; the first answer counts")))


def _typed(answer: Answer, quiz: Quiz) -> str:
    if isinstance(quiz, ShapeQuiz) and isinstance(answer, list):
        return "(" + ", ".join(str(size) for size in answer) + ("," if len(answer) == 1 else "") + ")"
    if isinstance(answer, float):
        return f"{answer:.10g}"
    return str(answer)
