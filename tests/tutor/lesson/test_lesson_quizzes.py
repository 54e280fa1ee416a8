"""Quizzes: every kind is answered with the keyboard, marked at once, kept, and shown on return."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from lessons.marking import presented

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose.

```{quiz} one
kind: choice
prompt: Which is even?
options:
  - {text: Three., why: Three is odd.}
  - {text: Four., correct: true, why: Twice two.}
```

```{quiz} some
kind: choices
prompt: Which are odd?
options:
  - {text: Three., correct: true, why: Three is odd.}
  - {text: Four., why: Four is even.}
  - {text: Five., correct: true, why: Five is odd.}
```

```{quiz} number
kind: number
prompt: One half?
answer: 0.5
tolerance: 0.01
verify: 1 / 2
why: Divide.
```

```{quiz} word
kind: text
prompt: The colour of the sky?
accept: [blue]
why: Look up.
```

```{quiz} shape
kind: shape
prompt: Rows by columns?
answer: [2, 3]
verify: "[2, 3]"
why: Rows come first.
```

```{quiz} order
kind: order
prompt: In which order?
items: [first, second, third]
why: As they count.
```

```{quiz} match
kind: match
prompt: What belongs together?
pairs:
  - [dog, bark]
  - [cat, meow]
  - [cow, moo]
why: Listen.
```

```{quiz} output
kind: output
prompt: "What does `print(1 + 1)` print?"
answer: "2"
verify: "print(1 + 1)"
why: It adds.
```
"""


def number_of(bench: Any, quiz: str, index: int) -> int:
    """The number under which the option of that index is shown."""
    return presented(bench.quiz(quiz).quiz).index(index) + 1


async def test_a_choice_is_marked_at_once_with_its_why_and_the_first_answer_counts(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("one")
        await bench.press(str(number_of(bench, "one", 0)))
        await bench.sees("✗ not right", "Three is odd.")
        assert "Twice two." not in bench.text()
        await bench.press("r", str(number_of(bench, "one", 1)))
        await bench.sees("✓ right", "Twice two.", "not at first")
        given = bench.kept().answers["one"]
        assert [(answer.answer, answer.correct) for answer in given] == [(0, False), (1, True)]


async def test_enter_after_a_digit_goes_on_and_leaves_the_mark_in_sight(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("one")
        await bench.press("enter", str(number_of(bench, "one", 0)), "enter")
        await bench.sees("✗ not right", "Three is odd.")
        assert not bench.quiz("one").is_answering
        assert bench.screen.moves.current is bench.quiz("some")


async def test_the_cursor_chooses_too(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("one")
        moves = number_of(bench, "one", 1) - 1
        await bench.press("enter", *["j"] * moves, "enter")
        await bench.sees("✓ right")
        assert bench.quiz("one").has_focus


async def test_choices_need_all_that_are_right(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("some")
        await bench.press("enter", str(number_of(bench, "some", 0)), "enter")
        assert bench.quiz("some").is_answered
        assert not bench.quiz("some").is_right
        await bench.press("r", *(str(number_of(bench, "some", index)) for index in (0, 2)), "enter")
        assert bench.quiz("some").is_right
        assert [answer.answer for answer in bench.kept().answers["some"]] == [[0], [0, 2]]


async def test_choices_without_a_choice_say_what_is_expected(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("some")
        await bench.press("enter", "enter")
        await bench.sees("Expected one option or more.")
        assert bench.quiz("some").is_answering
        assert "some" not in bench.kept().answers


@pytest.mark.parametrize(
    ("quiz", "wrong_form", "keys", "answer"),
    [
        ("number", "half", "0.5", 0.5),
        ("shape", "two", "(2,3)", [2, 3]),
        ("word", " ", "Blue", "Blue"),
        ("output", " ", "2", "2"),
    ],
)
async def test_what_is_typed_is_marked_unless_it_has_the_wrong_form(
    open_lesson: OpenLesson, quiz: str, wrong_form: str, keys: str, answer: Any
) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at(quiz)
        await bench.press("enter", *wrong_form, "enter")
        await bench.sees("Expected")
        assert quiz not in bench.kept().answers
        await bench.press("ctrl+u", *(["backspace"] * 8), *keys, "enter")
        await bench.until(lambda: bench.quiz(quiz).is_answered)
        assert bench.quiz(quiz).is_right
        (given,) = bench.kept().answers[quiz]
        assert given.answer == answer


async def test_an_order_is_made_by_moving_items(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("order")
        await bench.press("enter")
        answering = bench.quiz("order")._view.look.answering
        for place in range(3):  # take each item up to its place, as a learner would
            answering.cursor = answering.shown.index(place)
            await bench.press(*["K"] * (answering.cursor - place))
        await bench.press("enter")
        assert bench.quiz("order").is_right
        assert bench.kept().answers["order"][0].answer == [0, 1, 2]


async def test_an_order_says_how_items_are_moved_while_it_is_answered(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("order")
        assert "J K move" not in bench.text()
        await bench.press("enter")
        await bench.sees("J K move")
        await bench.press("escape")
        await bench.until(lambda: "J K move" not in bench.text())


async def test_a_match_is_made_by_numbers(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("match")
        await bench.press("enter", str(number_of(bench, "match", 0)), "enter")
        await bench.sees("Expected one choice for each of the 3")
        await bench.press("k", *(str(number_of(bench, "match", index)) for index in range(3)), "enter")
        assert bench.quiz("match").is_right


async def test_keys_that_are_typed_ahead_reach_what_they_were_meant_for(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 120)) as bench:
        await bench.at("match")
        bench.burst("enter", *(str(number_of(bench, "match", index)) for index in range(3)), "enter")
        await bench.until(lambda: bench.quiz("match").is_answered)
        assert bench.quiz("match").is_right
        await bench.at("output")
        bench.burst("enter", "2", "enter")
        await bench.until(lambda: bench.quiz("output").is_answered)
        assert bench.quiz("output").is_right


async def test_esc_leaves_without_an_answer(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("one")
        await bench.press("enter", "escape")
        assert not bench.quiz("one").is_answering
        assert bench.quiz("one").has_focus
        await bench.at("number")
        await bench.press("enter", *"12", "escape")
        assert not bench.quiz("number").is_answered
        assert bench.kept().answers == {}


async def test_an_answer_is_shown_on_return(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("number")
        await bench.press("7", "enter")
        await bench.sees("✗ not right")
    async with open_lesson(BODY, step="number") as bench:
        await bench.sees("✗ not right", "your answer  7", "Divide.")


async def test_the_contents_and_the_end_count_answers(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(140, 60)) as bench:
        await bench.at("one")
        await bench.press(str(number_of(bench, "one", 1)))
        await bench.press("G")
        await bench.sees("1 of 8 quizzes answered", "✓ one ?", "What comes after")
