"""What a learner types becomes an answer or a sentence about its form, and an answer gets its mark."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.marking import AnswerForm, mark, presented, read_answer
from lessons.model import (
    ChoiceQuiz,
    MatchQuiz,
    NumberQuiz,
    Option,
    OrderQuiz,
    OutputQuiz,
    ShapeQuiz,
    TextQuiz,
)

HEAD = {"line": 1, "prompt": "?", "why": "because"}
OPTIONS = (Option("a", True, "why a"), Option("b", False, "why b"), Option("c", True, "why c"))
CHOICE = ChoiceQuiz(id="one", line=1, prompt="?", options=OPTIONS[:2])
CHOICES = ChoiceQuiz(id="several", line=1, prompt="?", options=OPTIONS, several=True)
NUMBER = NumberQuiz(id="n", **HEAD, answer=0.3, tolerance=0.1)
TEXT = TextQuiz(id="t", **HEAD, accept=("ReLU", "rectified linear unit"))
SHAPE = ShapeQuiz(id="s", **HEAD, answer=(3, 4))
SCALAR = ShapeQuiz(id="s", **HEAD, answer=())
ORDER = OrderQuiz(id="o", **HEAD, items=("first", "second", "third"))
MATCH = MatchQuiz(id="m", **HEAD, pairs=(("x", "1"), ("y", "2"), ("z", "1")))
OUTPUT = OutputQuiz(id="out", **HEAD, answer="1\n 2")
ALL = (CHOICE, CHOICES, NUMBER, TEXT, SHAPE, SCALAR, ORDER, MATCH, OUTPUT)


def correct(quiz, given) -> bool:
    answer = read_answer(quiz, given)
    kept = json.loads(json.dumps(answer, allow_nan=False))
    assert mark(quiz, kept) == mark(quiz, answer)
    return mark(quiz, kept).correct


def form_of(quiz, given) -> str:
    with pytest.raises(AnswerForm) as caught:
        read_answer(quiz, given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1e-3", 0.001),
        (" 1/4 ", 0.25),
        ("-1/2", -0.5),
        ("−2", -2),
        ("0,125", 0.125),
        ("2,5", 2.5),
        ("1,234.5", 1234.5),
        ("2.5 × 10^-3", 0.0025),
        ("+.5", 0.5),
    ],
)
def test_numbers_as_people_write_them(typed, value):
    assert read_answer(NUMBER, typed) == pytest.approx(value)


@pytest.mark.parametrize("typed", ["", "two", "nan", "inf", "1e999", "1/0", "1/2/3", "50%", "9" * 200, True, [1]])
def test_what_is_no_number(typed):
    assert "Expected a number" in form_of(NUMBER, typed)


def test_a_percent_sign_may_mean_two_numbers_too():
    assert "without a percent sign" in form_of(NUMBER, "50%")


def test_a_comma_that_may_mean_two_numbers_is_asked_about():
    assert form_of(NUMBER, "1,000") == "`1,000` may mean two numbers: write `1000` or `1.000`."


def test_tolerance_is_inclusive():
    assert correct(NUMBER, "0.4")
    assert correct(NUMBER, 0.2)
    assert not correct(NUMBER, 0.41)
    exact = NumberQuiz(id="n", line=1, prompt="?", answer=0.3)
    assert correct(exact, 0.1 + 0.2)
    assert not correct(exact, 0.3001)


@pytest.mark.parametrize(
    "typed", ["3, 4", "(3, 4)", "[3,4]", "torch.Size([3, 4])", "3 4", "3x4", "3 × 4", [3, 4], (3, 4)]
)
def test_shapes_as_people_write_them(typed):
    assert correct(SHAPE, typed)
    assert not correct(SCALAR, typed)


@pytest.mark.parametrize("typed", ["()", "[]", "torch.Size([])", []])
def test_the_shape_of_a_scalar(typed):
    assert correct(SCALAR, typed)


@pytest.mark.parametrize("typed", ["", "three", "3, -4", "(3, 4", "3.5, 4", "3;4", [3, -1], [3.5]])
def test_what_is_no_shape(typed):
    assert "(3, 4)" in form_of(SHAPE, typed)


def test_text_without_case_and_outer_space():
    assert correct(TEXT, "  relu ")
    assert correct(TEXT, "Rectified Linear Unit")
    assert not correct(TEXT, "re lu")
    assert form_of(TEXT, "  ") == "Expected some text."


def test_output_is_exact_inside():
    assert correct(OUTPUT, "1\r\n 2\n")
    assert not correct(OUTPUT, "1\n2")


def test_one_choice_answers_with_its_own_why():
    assert mark(CHOICE, 0).why == ("why a",)
    assert mark(CHOICE, 1) == type(mark(CHOICE, 0))(False, ("why b",))
    assert "1 to 2" in form_of(CHOICE, "3")
    assert "1 to 2" in form_of(CHOICE, "perhaps")
    assert "one option" in form_of(CHOICE, "1 2")
    assert form_of(CHOICE, 2) == "Expected one of the 2 that are listed."
    assert form_of(CHOICE, True)


def test_choices_are_all_or_nothing():
    assert correct(CHOICES, [2, 0])
    assert read_answer(CHOICES, [2, 0, 2]) == [0, 2]
    assert not correct(CHOICES, [0])
    assert not correct(CHOICES, [0, 1, 2])
    assert mark(CHOICES, [0, 1]).why == ("why a", "why b")
    assert form_of(CHOICES, []) == "Expected one option or more."


def test_order():
    assert correct(ORDER, [0, 1, 2])
    assert not correct(ORDER, [1, 0, 2])
    for wrong in ([0, 1], [0, 0, 1], [0, 1, 2, 2]):
        assert "all 3 items" in form_of(ORDER, wrong)


def test_match_by_what_is_written_on_the_right():
    assert correct(MATCH, [0, 1, 2])
    assert correct(MATCH, [2, 1, 0]), "two rights that read the same are the same"
    assert not correct(MATCH, [1, 0, 2])
    assert "each of the 3" in form_of(MATCH, [0, 1])


@pytest.mark.parametrize("quiz", [CHOICE, CHOICES, ORDER, MATCH], ids=lambda quiz: quiz.id)
def test_what_is_typed_is_read_in_the_order_that_is_shown(quiz):
    shown = presented(quiz)
    count = len(shown)
    assert sorted(shown) == list(range(count))
    right = [i for i, o in enumerate(quiz.options) if o.correct] if isinstance(quiz, ChoiceQuiz) else range(count)
    places = [shown.index(i) for i in right]
    assert correct(quiz, " ".join(str(place + 1) for place in places))
    assert correct(quiz, ", ".join("abc"[place] for place in places))


@pytest.mark.parametrize("seed", range(20))
def test_items_to_put_in_order_are_never_shown_in_order(seed):
    quiz = OrderQuiz(id=f"o-{seed}", line=1, prompt="?", items=("a", "b"))
    assert presented(quiz) == (1, 0)


def test_nothing_is_shown_in_order_where_there_is_nothing_to_order():
    assert presented(NUMBER) == ()


@given(
    st.sampled_from(ALL), st.text(max_size=30) | st.lists(st.integers(-1, 4), max_size=4) | st.floats() | st.integers()
)
def test_any_answer_is_marked_or_told_its_form(quiz, given):
    form, answer = "", None
    try:
        answer = read_answer(quiz, given)
    except AnswerForm as error:
        form = str(error)
    if answer is None:
        assert form.endswith(".")
    else:
        assert read_answer(quiz, json.loads(json.dumps(answer, allow_nan=False))) == answer
        assert mark(quiz, answer).correct in (True, False)
