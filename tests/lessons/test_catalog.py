"""The course as it is listed: in order, found by any name, and open even where one file is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.catalog import CONTENT, UnknownLesson, load_course, read_entry
from lessons.errors import LessonFormatError

PLAN = """
title = "A course"
[[chapter]]
number = 1
slug = "introduction"
title = "Introduction"
[[chapter]]
number = 2
slug = "preliminaries"
title = "Preliminaries"
[[chapter]]
number = 3
slug = "regression"
title = "Regression"
"""


def write(content: Path, name: str, lesson: str, title: str, book: str, body: str = "") -> Path:
    path = content / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"---\ntitle: {title}\nid: {lesson}\nbook: {book}\nminutes: 5\n---\n{body}")
    return path


@pytest.fixture
def content(tmp_path):
    (tmp_path / "course.toml").write_text(PLAN)
    body = "```{quiz} q\n```\n````md\n```{quiz} shown\n```\n````\n```{code-cell}\n:id: e\n:tags: [exercise]\n```\n"
    write(tmp_path, "01-introduction/02-second.md", "introduction/second", "Second things", "1.2")
    write(tmp_path, "01-introduction/10-tenth.md", "introduction/tenth", "Linear regression", "1.10")
    write(tmp_path, "01-introduction/01-first.md", "introduction/first", "First things", "1.1", body)
    write(tmp_path, "03-regression/04-scratch.md", "regression/scratch", "Linear regression from scratch", "3.4")
    return tmp_path


def test_the_order_is_that_of_the_book(content):
    course = load_course(content)
    assert [chapter.slug for chapter in course.chapters] == ["introduction", "preliminaries", "regression"]
    ids = [entry.id for entry in course.entries()]
    assert ids == ["introduction/first", "introduction/second", "introduction/tenth", "regression/scratch"]
    assert course.chapters[1].lessons == ()
    assert course.after("introduction/tenth") == course.entry("regression/scratch")
    assert course.before("introduction/second") == course.entry("introduction/first")
    assert course.after("regression/scratch") is None
    assert course.before("introduction/first") is None
    with pytest.raises(KeyError):
        course.entry("introduction/none")


def test_an_entry_knows_what_there_is_to_do(content):
    entry = load_course(content).entry("introduction/first")
    assert (entry.quizzes, entry.exercises) == (("q",), ("e",))
    assert (entry.title, entry.book, entry.minutes, entry.broken) == ("First things", "1.1", 5, None)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("regression/scratch", "regression/scratch"),
        ("scratch", "regression/scratch"),
        ("04-scratch.md", "regression/scratch"),
        ("3.4", "regression/scratch"),
        ("§ 3.4", "regression/scratch"),
        ("Linear Regression", "introduction/tenth"),
        ("from scratch", "regression/scratch"),
        ("scratch linear", "regression/scratch"),
        ("second thigns", "introduction/second"),
        ("1.10", "introduction/tenth"),
    ],
)
def test_a_lesson_is_found_by_what_a_learner_calls_it(content, name, found):
    assert load_course(content).find(name).id == found


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("things", "introduction/second"), ("linear regresion from", "regression/scratch"), ("", None), ("zebra", None)],
)
def test_an_unknown_name_is_met_with_suggestions(content, name, suggested):
    with pytest.raises(UnknownLesson) as caught:
        load_course(content).find(name)
    assert (suggested in caught.value.suggestions) if suggested else caught.value.suggestions == ()
    assert caught.value.several == (name == "things")
    assert ("Several lessons go by" if caught.value.several else "No lesson is called") in str(caught.value)
    assert suggested is None or suggested in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "---\ntitle: [\n---\n", "---\ntitle: x\nid: introduction/second\n---\n```{quiz} q\n", "\udcff"]
)
def test_a_broken_file_says_so_and_the_rest_opens(content, text):
    path = content / "01-introduction/02-second.md"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    course = load_course(content)
    assert len(course.entries()) == 4
    entry = course.entry("introduction/second")
    assert entry.title == "Second"
    assert entry.broken is not None
    assert entry.broken.startswith(f"{path}:")


def test_two_lessons_of_one_id(content):
    path = write(content, "03-regression/05-copy.md", "regression/scratch", "Copy", "3.5")
    course = load_course(content)
    assert course.entry("regression/scratch").title == "Linear regression from scratch"
    assert (
        course.entry("regression/copy").broken
        == f"{path}:1: the id `regression/scratch` is already that of 04-scratch.md"
    )


def test_a_translation_takes_the_place_of_its_lesson(content):
    write(content, "01-introduction/01-first.zh.md", "introduction/first", "最初", "1.1")
    assert load_course(content).entry("introduction/first").title == "First things"
    translated = load_course(content, "zh")
    assert translated.entry("introduction/first").title == "最初"
    assert translated.entry("introduction/second").title == "Second things"
    assert len(translated.entries()) == 4


@pytest.mark.parametrize(
    ("plan", "line"), [('title = "x"\n[[chapter\n', 2), ('title = "x"\n[[chapter]]\nslug = "x"\n', 1), ("title = 1", 1)]
)
def test_a_broken_plan_names_its_line(tmp_path, plan, line):
    (tmp_path / "course.toml").write_text(plan)
    with pytest.raises(LessonFormatError) as caught:
        load_course(tmp_path)
    assert caught.value.line == line


def test_no_course_at_all(tmp_path):
    with pytest.raises(LessonFormatError, match="could not be read"):
        load_course(tmp_path)


def test_our_course_opens():
    course = load_course()
    assert [chapter.number for chapter in course.chapters] == list(range(1, 21))
    assert {entry.id: entry.broken for entry in course.entries() if entry.broken} == {}
    assert course.find("softmax-regression").id == "classification/softmax-regression"


def test_the_catalog_loads_nothing_heavy():
    code = (
        "import sys; from lessons.catalog import load_course; load_course();"
        "heavy = ('torch', 'textual', 'jupyter_client', 'markdown_it', 'asyncio', 'zmq');"
        "print([name for name in heavy if name in sys.modules])"
    )
    root = CONTENT.parents[1]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


HEADS = ["---", "title: t", "id: a/b", "minutes: -1", "requires: x", "objectives: {a: b}", "book: ["]
BODIES = ["```{quiz} q", "```", ":::", "```{code-cell}", ":tags: [exercise]", ":id: e", "~~~", "\x00", "\r"]
PIECES = st.sampled_from(HEADS) | st.sampled_from(BODIES)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(PIECES | st.binary(max_size=10), max_size=12))
def test_whatever_a_file_holds_it_has_an_entry(lines, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "01-some-lesson.md"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    entry = read_entry(path, "introduction")
    assert entry.broken is None or entry.broken.startswith(f"{path}:")
    assert entry.broken is None or entry.id == "introduction/some-lesson"
