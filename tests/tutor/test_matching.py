"""Fuzzy search over the course."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.model import Chapter, Entry
from tutor.matching import letters, search


def _entry(name: str, title: str, book: str, *objectives: str) -> Entry:
    return Entry(f"x/{name}", title, "x", book, 10, Path(f"{name}.md"), objectives=objectives)


CHAPTERS = (
    Chapter(
        "x",
        1,
        "Networks",
        (
            _entry("mlp", "Multilayer perceptrons", "5.1", "Say where ReLU passes gradients on."),
            _entry("softmax", "Softmax regression", "4.1", "Compute a cross-entropy loss."),
            _entry("linear", "Linear regression from scratch", "3.4"),
            _entry("mha", "Multi-head attention", "11.5"),
            _entry("zh", "注意力机制与多头", "11.1"),
        ),
    ),
)


def found(query: str) -> list[str]:
    return [hit.entry.id.partition("/")[2] for hit in search(CHAPTERS, query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("softmax", "softmax"),
        ("SOFT", "softmax"),
        ("regression soft", "softmax"),
        ("mha", "mha"),
        ("mulper", "mlp"),
        ("4.1", "softmax"),
        ("§ 11.5", "mha"),
        ("cross-entropy", "softmax"),
        ("relu gradients", "mlp"),
        ("多头", "zh"),
    ],
)
def test_the_best_hit_is_what_was_meant(query: str, first: str) -> None:
    assert found(query)[0] == first


def test_a_word_s_start_counts_more_than_its_middle() -> None:
    assert found("per")[0] == "mlp"


def test_a_chapter_s_number_finds_its_sections() -> None:
    assert set(found("11")) == {"mha", "zh"}


def test_nothing_typed_is_the_course_in_order() -> None:
    assert found("  ") == ["mlp", "softmax", "linear", "mha", "zh"]


def test_scattered_letters_find_nothing() -> None:
    assert found("xq") == []
    assert found("oea") == []  # o, e, a stand in that order in “Softmax regression”, by chance


def test_a_hit_by_its_objective_says_so() -> None:
    assert search(CHAPTERS, "entropy")[0].because == "Compute a cross-entropy loss."


def test_the_letters_that_were_meant_are_told() -> None:
    assert letters("mha", "Multi-head attention")[1] == [0, 6, 11]
    assert letters("head", "Multi-head attention")[1] == [6, 7, 8, 9]


@given(st.text(max_size=30), st.text(max_size=60))
def test_places_are_in_the_text_and_nothing_raises(query: str, text: str) -> None:
    score, places = letters(query, text)
    assert all(0 <= place < len(text) for place in places)
    assert (score == 0.0) or query.strip() == "" or places


@given(st.text(max_size=40))
def test_any_query_can_be_typed(query: str) -> None:
    assert len(search(CHAPTERS, query)) <= 5
