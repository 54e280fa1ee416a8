"""Terms are marked where they are first used, and marking moves no word."""

import pytest

from lessons.catalog import load_course
from lessons.glossary import load_glossary
from lessons.model import Prose
from lessons.parser import read_lesson
from tutor.prose import TERM, lay_out, line_text, placed


def _terms(markdown: str, *names: str, width: int = 60) -> list[tuple[str, str | None]]:
    return [
        (span.text, span.link) for line in lay_out(markdown, width, terms=names) for span in line if span.role == "term"
    ]


def test_only_the_first_use_is_marked() -> None:
    assert _terms("A tensor is a tensor.\n\nA tensor again.", "tensor") == [("tensor", TERM + "tensor")]


def test_plurals_capitals_and_emphasis_count() -> None:
    text = "**Learning rates** and *classes*, never subclass."
    assert _terms(text, "learning rate", "class") == [
        ("Learning rates", TERM + "learning rate"),
        ("classes", TERM + "class"),
    ]


def test_the_longest_name_wins() -> None:
    assert _terms("The learning rate of this learning.", "learning", "learning rate") == [
        ("learning rate", TERM + "learning rate"),
        ("learning", TERM + "learning"),
    ]


def test_code_formulas_headings_and_links_are_left_alone() -> None:
    text = "# The loss\n\n`loss`, $loss$, [loss](https://example.org) and\n\n```python\nloss = 1\n```\n"
    assert _terms(text, "loss") == []


def test_a_term_may_go_over_the_end_of_a_source_line() -> None:
    assert _terms("The learning\nrate is here.", "learning rate") == [("learning rate", TERM + "learning rate")]


def test_chinese_needs_no_blanks() -> None:
    assert _terms("这是张量的形状。", "张量") == [("张量", TERM + "张量")]


def test_a_term_is_placed_in_the_text_that_uses_it_first_by_whatever_name() -> None:
    names = {"multilayer perceptron (MLP)": ("multilayer perceptron", "mlp"), "bias": ("bias",)}
    texts = ["`bias` only.", "An MLP.", "A multilayer perceptron has a bias."]
    assert placed(texts, names) == [(), ("mlp",), ("bias",)]


@pytest.mark.parametrize("entry", [entry.id for entry in load_course().entries()])
def test_in_every_lesson_what_is_placed_is_marked_and_no_word_moves(entry: str) -> None:
    lesson = read_lesson(load_course().entry(entry).path)
    texts = [step.markdown for step in lesson.steps if isinstance(step, Prose)]
    names = {term.name: term.names for term in load_glossary() if term.lesson == entry}
    for text, terms in zip(texts, placed(texts, names), strict=True):
        plain, marked = lay_out(text, 72), lay_out(text, 72, terms=terms)
        assert [line_text(line) for line in marked] == [line_text(line) for line in plain]
        links = {span.link for line in marked for span in line if span.role == "term"}
        assert links == {TERM + name for name in terms}
