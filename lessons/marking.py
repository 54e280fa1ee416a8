"""Reads what a learner answers to a quiz, and marks it. An answer is plain JSON, so that the record can keep it.

| quiz | an answer |
|---|---|
| choice | the index of the option chosen |
| choices | the sorted indexes of those chosen |
| number | a number |
| text, output | the text |
| shape | the list of sizes |
| order | the indexes of the items, in the order that the learner gave them |
| match | for each left, the index of the pair whose right was chosen |

Indexes are those of the lesson's file, from 0. A learner sees options, items and rights in the order of `presented`, so
that the right one is not always where an author likes to put it; what is typed ("b", "2 1 3") is read in that order.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from lessons.model import (
    ChoiceQuiz,
    MatchQuiz,
    NumberQuiz,
    OrderQuiz,
    OutputQuiz,
    Quiz,
    ShapeQuiz,
    TextQuiz,
)

Answer: TypeAlias = int | float | str | list[int]
Given: TypeAlias = str | int | float | Sequence[int]
"""What a screen or a command line hands over: typed text, or indexes that were selected."""

_SLACK = 1e-9


class AnswerForm(Exception):
    """An answer has the wrong form, and is not marked. The message says what form is expected."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether an answer is right, and why."""

    correct: bool
    why: tuple[str, ...]
    """Markdown, one for each thing that was chosen; for the other kinds the quiz's own."""


def presented(quiz: Quiz) -> tuple[int, ...]:
    """The order in which a learner sees options, items or rights: always the same for a quiz, whatever the machine.

    Empty where there is nothing to order. Items to put in order are never shown in the right one.
    """
    count = _count(quiz)
    order = list(range(count))
    shuffle = random.Random(quiz.id)
    shuffle.shuffle(order)
    while isinstance(quiz, OrderQuiz | MatchQuiz) and len(set(_labels(quiz))) > 1 and _is_right_order(quiz, order):
        shuffle.shuffle(order)
    return tuple(order)


def read_answer(quiz: Quiz, given: Given) -> Answer:
    """The answer that `given` means. Raises `AnswerForm`."""
    if isinstance(quiz, NumberQuiz):
        return _read_number(given)
    if isinstance(quiz, ShapeQuiz):
        return _read_shape(given)
    if isinstance(quiz, TextQuiz | OutputQuiz):
        text = str(given).replace("\r\n", "\n").strip()
        if not text and not (isinstance(quiz, OutputQuiz) and not quiz.answer):
            raise AnswerForm("Expected some text.")
        return text
    chosen = _indexes(quiz, given)
    if isinstance(quiz, ChoiceQuiz):
        if not quiz.several:
            if len(chosen) != 1:
                raise AnswerForm("Expected one option.")
            return chosen[0]
        if not chosen:
            raise AnswerForm("Expected one option or more.")
        return sorted(set(chosen))
    count = _count(quiz)
    if isinstance(quiz, OrderQuiz) and sorted(chosen) != list(range(count)):
        raise AnswerForm(f"Expected all {count} items, each of them once.")
    if len(chosen) != count:
        raise AnswerForm(f"Expected one choice for each of the {count} on the left.")
    return chosen


def mark(quiz: Quiz, answer: Answer) -> Mark:
    """Marks an answer that `read_answer` gave, now or long ago. Raises `AnswerForm` where it fits the quiz no more."""
    answer = read_answer(quiz, answer)
    if isinstance(quiz, ChoiceQuiz):
        chosen = _indexes(quiz, answer)
        right = [i for i, option in enumerate(quiz.options) if option.correct]
        whys = [quiz.options[i].why for i in chosen] + [quiz.why]
        return Mark(chosen == right, tuple(why for why in whys if why))
    return Mark(_correct(quiz, answer), (quiz.why,) if quiz.why else ())


def _correct(quiz: Quiz, answer: Answer) -> bool:
    if isinstance(quiz, NumberQuiz):
        assert isinstance(answer, int | float)
        return abs(answer - quiz.answer) <= quiz.tolerance + _SLACK
    if isinstance(quiz, TextQuiz):
        return str(answer).strip().casefold() in {accepted.strip().casefold() for accepted in quiz.accept}
    if isinstance(quiz, OutputQuiz):
        return str(answer) == quiz.answer.strip()
    assert isinstance(answer, list)
    if isinstance(quiz, ShapeQuiz):
        return tuple(answer) == quiz.answer
    assert isinstance(quiz, OrderQuiz | MatchQuiz)
    return _is_right_order(quiz, answer)


def _labels(quiz: OrderQuiz | MatchQuiz) -> tuple[str, ...]:
    return quiz.items if isinstance(quiz, OrderQuiz) else tuple(right for _, right in quiz.pairs)


def _is_right_order(quiz: OrderQuiz | MatchQuiz, order: Sequence[int]) -> bool:
    """By text, not by index: equal items, or two lefts with the same right, are interchangeable."""
    labels = _labels(quiz)
    return tuple(labels[i] for i in order) == labels


def _count(quiz: Quiz) -> int:
    if isinstance(quiz, ChoiceQuiz):
        return len(quiz.options)
    if isinstance(quiz, OrderQuiz):
        return len(quiz.items)
    return len(quiz.pairs) if isinstance(quiz, MatchQuiz) else 0


def _indexes(quiz: Quiz, given: Given) -> list[int]:
    count = _count(quiz)
    last = chr(ord("a") + count - 1)
    if isinstance(given, str):
        tokens = re.findall(r"\d+|[^\W\d_]", given) if re.fullmatch(r"[\s\w,;.()>\[\]-]*", given) else []
        order = presented(quiz)
        places = [int(t[:9]) - 1 if t.isdecimal() else ord(t.lower()) - ord("a") for t in tokens if t.isascii()]
        if not tokens or len(places) < len(tokens) or not all(0 <= place < count for place in places):
            many = isinstance(quiz, OrderQuiz | MatchQuiz) or (isinstance(quiz, ChoiceQuiz) and quiz.several)
            form = f"numbers from 1 to {count} or letters from a to {last}, as in `2 1`" if many else ""
            raise AnswerForm(f"Expected {form or f'a number from 1 to {count}, or a letter from a to {last}'}.")
        return [order[place] for place in places]
    values = [given] if isinstance(given, int | float) else list(given)
    if not all(type(value) is int and 0 <= value < count for value in values):
        raise AnswerForm(f"Expected {'one' if len(values) == 1 else 'some'} of the {count} that are listed.")
    return [int(value) for value in values]


_TIMES_TEN = re.compile(r"\s*[×x*]\s*10\s*(?:\^|\*\*)\s*")


def _read_number(given: Given) -> float:
    expected = "Expected a number, for example `0.25`, `-3`, `1e-3` or `1/3`."
    if isinstance(given, int | float) and not isinstance(given, bool):
        if not math.isfinite(given):
            raise AnswerForm(expected)
        return given
    if not isinstance(given, str):
        raise AnswerForm(expected)
    text = _TIMES_TEN.sub("e", given.strip().replace("−", "-").replace("–", "-"))
    if len(text) > 100:
        raise AnswerForm(expected)
    if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text):
        plain = text.replace(",", "")
        raise AnswerForm(f"`{text}` may mean two numbers: write `{plain}` or `{text.replace(',', '.')}`.")
    if re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", text) and not re.fullmatch(r"[-+]?0,\d+", text):
        text = text.replace(",", "")
    elif text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if text.endswith("%"):  # it may stand for 0.5 or for 50: only the question knows
        raise AnswerForm("Expected a number without a percent sign, in the unit that the question asks for.")
    over = text.split("/")
    try:
        if len(over) == 2 and all(re.fullmatch(r"\s*[-+]?\d+(\.\d*)?\s*", part) for part in over):
            value = float(Fraction(over[0].strip()) / Fraction(over[1].strip()))
        else:
            value = float(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise AnswerForm(expected) from None
    if not math.isfinite(value):
        raise AnswerForm(expected)
    return value


def _balanced(text: str) -> bool:
    return bool(text) and text.count("(") == text.count(")") and text.count("[") == text.count("]")


def _read_shape(given: Given) -> list[int]:
    expected = "Expected a shape, for example `(3, 4)`; a scalar has the shape `()`."
    if isinstance(given, str):
        text = re.sub(r"^torch\.Size", "", given.strip())
        if not re.fullmatch(r"[\[(\s]*(\d+\s*(?:(?:[,x×*]|\s)\s*\d+\s*)*)?,?[\])\s]*", text) or not _balanced(text):
            raise AnswerForm(expected)
        return [int(size[:18]) for size in re.findall(r"\d+", text)]
    sizes = [given] if isinstance(given, int | float) else list(given)
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise AnswerForm(expected)
    return [int(size) for size in sizes]
