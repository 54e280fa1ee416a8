"""The glossaries: read, searched, and checked through the authors' command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lessons.__main__ import main
from lessons.catalog import load_course
from lessons.glossary import GlossaryFormatError, Term, UnknownTerm, find, load_glossary

PLAN = """
title = "A course"
[[chapter]]
number = 1
slug = "first"
title = "First"
[[chapter]]
number = 2
slug = "second"
title = "Second"
"""
LESSON = """---
title: Slopes
id: first/slopes
book: 1.1
minutes: 5
objectives: [Find a slope.]
---

# Slopes
"""

GRADIENT = Term("gradient", "梯度", "All slopes.", "first/slopes")
DESCENT = Term("gradient descent", "梯度下降", "Steps against the gradient.", "first/slopes")
PERCEPTRON = Term("multilayer perceptron (MLP)", "多层感知机", "Layers.", "first/slopes")
LOGIT = Term("Logit", "未规范化的预测（logit）", "A score.", "first/slopes")
TERMS = (GRADIENT, DESCENT, LOGIT, PERCEPTRON)


def entry(name: str = "slope", zh: str = "斜率", says: str = "How steep.", lesson: str = "first/slopes") -> str:
    return f"[[term]]\nname = '{name}'\nzh = '{zh}'\nsays = '{says}'\nlesson = '{lesson}'\n"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text(PLAN, "utf-8")
    for folder in ("01-first", "02-second"):
        (tmp_path / folder).mkdir()
    (tmp_path / "01-first" / "01-slopes.md").write_text(LESSON, "utf-8")
    return tmp_path


Write = Callable[..., Path]


@pytest.fixture
def write(content: Path) -> Write:
    def write(text: str, folder: str = "01-first") -> Path:
        path = content / folder / "glossary.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_terms_of_all_chapters_come_sorted_by_name(content: Path, write: Write) -> None:
    write(entry("slope") + entry("Angle"))
    write(entry("bias"), "02-second")
    assert [term.name for term in load_glossary(content)] == ["Angle", "bias", "slope"]


def test_a_course_without_glossaries_has_no_terms(content: Path) -> None:
    assert load_glossary(content) == ()


def test_the_course_that_comes_with_the_package_explains_its_words() -> None:
    terms = load_glossary()
    (softmax,) = find(terms, "softmax")
    assert softmax.lesson == "classification/softmax-regression"
    lessons = {entry.id for entry in load_course().entries()}
    assert {term.lesson for term in terms} <= lessons


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[term]\n", 1, "not valid TOML"),
        (entry() + "\n[[term]]\nname = 'bias'\n", 7, "“bias” has no `zh`"),
        (entry(says=" "), 1, "`says` of the term “slope” is empty"),
        (entry().replace("'斜率'", "3"), 1, "`zh` of the term “slope” is no text"),
        (entry() + "see = 'x'\n", 1, "`see`"),
        ("term = 3\n", 1, "[[term]]"),
        ("term = [3]\n", 1, "[[term]]"),
    ],
)
def test_a_glossary_that_is_not_in_the_format_says_where_and_why(
    content: Path, write: Write, text: str, line: int, said: str
) -> None:
    path = write(text)
    with pytest.raises(GlossaryFormatError) as raised:
        load_glossary(content)
    assert (raised.value.path, raised.value.line) == (path, line)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gradient", (GRADIENT,)),
        ("  Gradient   DESCENT ", (DESCENT,)),
        ("梯度", (GRADIENT,)),
        ("梯度下", (DESCENT,)),
        ("grad", (GRADIENT, DESCENT)),
        ("mlp", (PERCEPTRON,)),
        ("Multilayer perceptron", (PERCEPTRON,)),
        ("logit", (LOGIT,)),
        ("未规范化的预测", (LOGIT,)),
        ("multilayer percetron", (PERCEPTRON,)),
    ],
)
def test_a_term_is_found_by_its_names_their_beginnings_and_in_spite_of_a_slip(
    words: str, found: tuple[Term, ...]
) -> None:
    assert find(TERMS, words) == found


@pytest.mark.parametrize(
    ("words", "suggested"),
    [("descent", "gradient descent"), ("gradiance", "gradient descent"), ("感知", "multilayer perceptron (MLP)")],
)
def test_what_is_not_found_is_answered_with_what_is_near(words: str, suggested: str) -> None:
    with pytest.raises(UnknownTerm, match="Did you mean") as raised:
        find(TERMS, words)
    assert suggested in raised.value.suggestions


@pytest.mark.parametrize("words", ["", "  ", "zzzzzz"])
def test_what_is_like_nothing_gets_no_suggestions(words: str) -> None:
    with pytest.raises(UnknownTerm, match="names them all") as raised:
        find(TERMS, words)
    assert raised.value.suggestions == ()


def check(capsys: pytest.CaptureFixture[str], content: Path, *names: str) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and what is said of each glossary."""
    code = main(["check", "--no-run", "--json", "--content", str(content), *names])
    reports = json.loads(capsys.readouterr().out)["glossaries"]
    return code, {
        report["id"]: [f"{finding['line']}: {finding['cause']}" for finding in report["findings"]] for report in reports
    }


def test_the_check_is_content_with_glossaries_in_order(
    content: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(entry(says="The ratio $a / b$, at \\$5; `$HOME` is no formula.") + entry("angle"))
    write(entry("bias"), "02-second")
    assert check(capsys, content) == (0, {"01-first/glossary.toml": [], "02-second/glossary.toml": []})


def test_the_check_finds_names_twice_no_lessons_and_open_formulas(
    content: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(entry())
    write(
        entry("Slope") + entry("bias", lesson="first/none") + entry("rate", says="The $a / b.") + "[[term]]\n",
        "02-second",
    )
    code, found = check(capsys, content)
    assert code == 1
    assert found.pop("01-first/glossary.toml") == []
    said = found["02-second/glossary.toml"]
    assert said[:3] == [
        "1: the term “Slope” is already explained in 01-first/glossary.toml:1",
        "6: the term “bias” names the lesson `first/none`, which is no lesson",
        "11: a formula in the `says` of the term “rate” has no closing `$`",
    ]
    assert [cause[:18] for cause in said[3:]] == ["16: a term has no "] * 4


def test_the_check_of_a_folder_or_a_file_is_about_its_glossary_and_that_of_a_lesson_about_none(
    content: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write("[[term]\n")
    write(entry("bias"), "02-second")
    assert check(capsys, content, str(first.parent))[0] == 1
    assert check(capsys, content, str(content / "02-second")) == (0, {"02-second/glossary.toml": []})
    assert list(check(capsys, content, str(first))[1]) == ["01-first/glossary.toml"]
    assert check(capsys, content, "first/slopes") == (0, {})


def test_the_check_prints_faults_with_file_and_line(
    content: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(entry(lesson="none/such"))
    assert main(["check", "--no-run", "--content", str(content)]) == 1
    printed = capsys.readouterr().out
    assert f"{path}:1: the term “slope” names the lesson `none/such`" in printed
    assert "0 of 1 glossaries" in printed
