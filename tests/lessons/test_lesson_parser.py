"""The format of a lesson: what a good text becomes, and the line that a broken one is blamed on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.errors import LessonFormatError
from lessons.model import (
    ChoiceQuiz,
    CodeCell,
    Exercise,
    MatchQuiz,
    NumberQuiz,
    OrderQuiz,
    OutputQuiz,
    Prose,
    ShapeQuiz,
    TextQuiz,
)
from lessons.parser import parse, read_lesson, slug

PATH = Path("03-regression/01-a-lesson.md")
HEAD = """---
title: A lesson
id: regression/a-lesson
book: 3.10
minutes: 20
requires: [preliminaries/arrays]
objectives:
  - Know one thing.
---
"""
FIRST = HEAD.count("\n") + 1
"""The first line of the body."""


def steps_of(body: str):
    return parse(HEAD + body, PATH).steps


def error_of(body: str) -> LessonFormatError:
    with pytest.raises(LessonFormatError) as caught:
        parse(HEAD + body, PATH)
    return caught.value


def quiz(yaml: str):
    (step,) = steps_of(f"```{{quiz}} a-quiz\n{yaml}\n```\n")
    return step


EXERCISE = """
```{code-cell} python
:id: double
:tags: [exercise]
def double(x):
    ...
```

:::{hint}
Two of them.
:::

:::{hint}
```python
x + x
```
:::

```{code-cell} python
:tags: [check]
:for: double
assert double(2) == 4, "twice"
```

```{code-cell} python
:tags: [solution]
:for: double
def double(x):
    return x + x
```
"""


def test_front_matter_is_kept_as_it_is_written():
    lesson = parse(HEAD, PATH)
    assert (lesson.id, lesson.title, lesson.minutes) == ("regression/a-lesson", "A lesson", 20)
    assert lesson.book == "3.10", "a section is text: 3.10 is not 3.1"
    assert lesson.requires == ("preliminaries/arrays",)
    assert lesson.objectives == ("Know one thing.",)
    assert lesson.language == "en"
    assert parse(HEAD, PATH.with_name("01-a-lesson.zh.md")).language == "zh"


def test_prose_is_split_at_headings_and_around_cells():
    steps = steps_of("Before.\n\n# One *fine* day\n\ntext\n\n```{code-cell}\n1\n```\nafter\n## One fine day\nend\n")
    assert [(type(step).__name__, step.id) for step in steps] == [
        ("Prose", "start"),
        ("Prose", "one-fine-day"),
        ("CodeCell", "one-fine-day-cell"),
        ("Prose", "one-fine-day-2"),
        ("Prose", "one-fine-day-3"),
    ]
    assert isinstance(steps[3], Prose)
    assert (steps[3].markdown, steps[3].line) == ("after", FIRST + 9)


def test_a_made_up_id_never_takes_an_authors():
    steps = steps_of("# Sum\ntext\n```{code-cell}\n1\n```\n```{code-cell}\n:id: sum\n2\n```\n```{code-cell}\n3\n```\n")
    assert [step.id for step in steps] == ["sum-2", "sum-cell", "sum", "sum-cell-2"]


def test_what_stays_in_the_prose():
    body = """# Title

:::{tip} Try it
# not a heading
:::

```python
# a comment, not a heading
```

````{note}
```python
x = 1
```
````

````md
```{quiz} shown-not-asked
```
````
"""
    (step,) = steps_of(body)
    assert isinstance(step, Prose)
    assert step.markdown == body.strip()


def test_jupytexts_cell_breaks_end_a_step_and_are_not_shown():
    first, second = steps_of('# T\none\n\n+++ {"tags": []}\n\ntwo\n')
    assert isinstance(first, Prose)
    assert isinstance(second, Prose)
    assert (first.markdown, second.markdown, second.id) == ("# T\none", "two", "t-2")


def test_a_code_cell():
    (cell,) = steps_of("```{code-cell} python\n:id: plot\n:tags: [a, 'b']\nx = {\n  1: 2}\n\n\nx\n```\n")
    assert cell == CodeCell("plot", FIRST, "x = {\n  1: 2}\n\n\nx", frozenset("ab"))


def test_options_as_jupytext_writes_them():
    (cell,) = steps_of("```{code-cell} ipython3\n---\nid: plot\ntags: [a]\nmystnb: {}\n---\nx\n```\n")
    assert cell == CodeCell("plot", FIRST, "x", frozenset("a"))


def test_an_exercise_gathers_its_parts():
    (step,) = steps_of(EXERCISE)
    assert isinstance(step, Exercise)
    assert step.source == "def double(x):\n    ..."
    assert step.check == 'assert double(2) == 4, "twice"'
    assert step.solution == "def double(x):\n    return x + x"
    assert step.hints == ("Two of them.", "```python\nx + x\n```")
    assert step.line == FIRST + 1


def test_windows_line_breaks_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "01-a-lesson.md"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + EXERCISE).replace("\n", "\r\n").encode())
    assert read_lesson(path).steps == steps_of(EXERCISE)


def test_every_kind_of_quiz():
    why = "why: since\nprompt: which?\n"
    options = "options:\n  - {text: yes, correct: true, why: so}\n  - {text: 1e-3, why: no}"
    choice = quiz(f"kind: choice\n{why}{options}")
    assert isinstance(choice, ChoiceQuiz)
    assert [(o.text, o.correct, o.why) for o in choice.options] == [("yes", True, "so"), ("1e-3", False, "no")]
    assert not choice.several
    several = quiz(f"kind: choices\n{why}{options}")
    assert isinstance(several, ChoiceQuiz)
    assert several.several
    head = {"id": "a-quiz", "line": FIRST, "prompt": "which?", "why": "since"}
    assert quiz(f"kind: number\n{why}answer: 1e-3\ntolerance: 0.1\nverify: 1 + 1") == NumberQuiz(
        **head, verify="1 + 1", answer=0.001, tolerance=0.1
    )
    assert quiz(f"kind: text\n{why}accept: [ReLU, no]") == TextQuiz(**head, accept=("ReLU", "no"))
    assert quiz(f"kind: shape\n{why}answer: [3, 4]") == ShapeQuiz(**head, answer=(3, 4))
    assert quiz(f"kind: shape\n{why}answer: []") == ShapeQuiz(**head, answer=())
    assert quiz(f"kind: order\n{why}items: [a, b]") == OrderQuiz(**head, items=("a", "b"))
    assert quiz(f"kind: match\n{why}pairs: [[a, 1], [b, 2]]") == MatchQuiz(**head, pairs=(("a", "1"), ("b", "2")))
    assert quiz(f"kind: output\n{why}answer: |\n  a\n   b\n") == OutputQuiz(**head, answer="a\n b")


@pytest.mark.parametrize(
    ("body", "line", "cause"),
    [
        ("text\n\n```python\nx\n", 2, "never closed"),
        ("text\n:::\n", 1, "closes nothing"),
        ("```{quizz} a\n```\n", 0, "`{quizz}` is not known"),
        (":::{tip}\n\n```{quiz} a\n```\n:::\n", 2, "would never be a step"),
        (":::{hint}\ntext\n:::\n", 0, "belongs to no exercise"),
        (EXERCISE + "\ntext\n\n:::{hint}\nlate\n:::\n", 33, "belongs to no exercise"),
        (EXERCISE.replace("Two of them.", ""), 8, "hint is empty"),
        (EXERCISE.replace("[check]", "[check, solution]"), 18, "not both"),
        (EXERCISE.replace("[solution]", "[other]"), 24, "`:for:` needs"),
        (EXERCISE.partition(":::{hint}")[0], 1, "no cell tagged `check`"),
        (EXERCISE.partition("```{code-cell} python\n:tags: [solution]")[0], 1, "no cell tagged `solution`"),
        (EXERCISE + EXERCISE, 31, "already taken on line 11"),
        (EXERCISE.replace(":for: double", ":for: triple"), 18, "names no exercise above it"),
        (EXERCISE.replace(":id: double\n", ""), 1, "needs an `:id:`"),
        ("```{code-cell} bash\nls\n```\n", 0, "is `python`, not `bash`"),
        ("```{code-cell}\n:tag: [a]\n```\n", 0, "no option `tag`"),
        ("```{code-cell}\n:id: a\n:id: b\n```\n", 2, "given twice"),
        ("```{code-cell}\n---\nid: a\n```\n", 1, "never closed"),
        ("```{code-cell}\n:id: Not_a-slug\n```\n", 0, "may hold only"),
        ("```{quiz}\nkind: text\n```\n", 0, "needs an id"),
        ("```{quiz} a\n```\n", 1, "must be a mapping"),
        ("```{quiz} a\nprompt: p\n```\n", 1, "has no `kind`"),
        ("```{quiz} a\nkind: guess\nprompt: p\n```\n", 1, "unknown kind `guess`"),
        ("```{quiz} a\nkind: text\nprompt: a\nwhy: b: c\n```\n", 3, "not valid YAML"),
        ("```{quiz} a\nkind: text\nprompt: a\naccept: [a]\nwhyy: b\n```\n", 4, "has no key `whyy`"),
        ("```{quiz} a\nkind: text\nprompt: a\naccept: a\n```\n", 3, "must be a list"),
        ("```{quiz} a\nkind: text\nprompt: a\naccept: []\n```\n", 1, "`accept` needs"),
        ("```{quiz} a\nkind: text\nprompt: [a]\naccept: [a]\n```\n", 2, "must be text"),
        ("```{quiz} a\nkind: text\nkind: text\nprompt: a\naccept: [a]\n```\n", 2, "given twice"),
        ("```{quiz} a\nkind: number\nprompt: a\nanswer: two\n```\n", 3, "must be a number"),
        ("```{quiz} a\nkind: number\nprompt: a\nanswer: .nan\n```\n", 3, "number"),
        ("```{quiz} a\nkind: number\nprompt: a\nanswer: 1\ntolerance: -1\n```\n", 4, "cannot be"),
        ("```{quiz} a\nkind: shape\nprompt: a\nanswer: [3, -4]\n```\n", 3, "whole numbers"),
        ("```{quiz} a\nkind: order\nprompt: a\nitems: [a]\n```\n", 1, "`items` needs"),
        ("```{quiz} a\nkind: match\nprompt: a\npairs:\n  - [a, b]\n  - [a]\n```\n", 5, "a pair reads"),
        ("```{quiz} a\nkind: choice\nprompt: a\noptions:\n  - text: a\n  - text: b\n```\n", 1, "exactly one"),
        ("```{quiz} a\nkind: choices\nprompt: a\noptions:\n  - text: a\n  - text: b\n```\n", 1, "no `correct: true`"),
        (
            "```{quiz} a\nkind: choice\nprompt: a\noptions:\n  - text: a\n    correct: maybe\n  - text: b\n```\n",
            4,
            "true or false",
        ),
    ],
)
def test_an_error_names_its_line_and_cause(body, line, cause):
    error = error_of(body)
    assert cause in error.cause
    assert error.line == FIRST + line
    assert str(error) == f"{PATH}:{error.line}: {error.cause}"


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("# No front matter\n", 1, "missing"),
        ("---\ntitle: a\n", 1, "never closed"),
        ("---\ntitle: a\n---\n", 2, "has no `id`"),
        ("---\ntitle: a\nid: A lesson\n---\n", 2, "`A lesson` is not of the form"),
        ("---\ntitle: a\nid: a/b\nminutes: soon\n---\n", 2, "whole number"),
        ("---\ntitle: a\nid: a/b\n\trequires: c\n---\n", 4, "not valid YAML"),
        ("---\ntitle: a\nid: a/b\nwhen: 2026-99-99\n---\n", 2, "not valid YAML"),
        ("---\n- title\n---\n", 2, "must be a mapping"),
    ],
)
def test_an_error_in_the_front_matter(text, line, cause):
    with pytest.raises(LessonFormatError) as caught:
        parse(text, PATH)
    assert cause in caught.value.cause
    assert caught.value.line == line


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(LessonFormatError, match="could not be read"):
        read_lesson(tmp_path / "none.md")
    latin = tmp_path / "latin.md"
    latin.write_bytes(b"---\ntitle: \xe9\n---\n")
    with pytest.raises(LessonFormatError, match="not UTF-8") as caught:
        read_lesson(latin)
    assert caught.value.line == 2


def test_an_error_never_steers_the_terminal():
    error = error_of("```{\x1b[2Jquiz} a\n```\n")
    assert "\x1b" not in str(error)
    assert "\\x1b[2Jquiz" in str(error)


def test_slugs():
    assert slug("The `forward` pass, *again*") == "the-forward-pass-again"
    assert slug("梯度 与 snake_case") == "梯度-与-snake-case"
    assert slug("$$$") == "section"


PIECES = st.sampled_from(
    [
        *EXERCISE.split("\n\n"),
        "```",
        "````",
        ":::",
        "```{quiz} a",
        "```{code-cell}",
        ":::{hint}",
        ":::{tip}",
        "# heading",
        "---",
        "+++",
        ":id: x",
        "kind: choice",
        "options: [&a [*a], {text: b}]",
        "prompt: !!int x",
        "when: 2026-13-01",
        "? [a]",
        "<<: 1",
        "\x00",
        "\ud800",
        "<<: *none",
        "!!python/object:os.system a",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=20), max_size=12), st.lists(PIECES, max_size=3))
def test_whatever_the_text_only_a_format_error_is_raised(body, head):
    text = HEAD.replace("\nbook", "\n" + "\n".join([*head, "book"])) + "\n".join(body)
    lines, ids = line_or_steps(text)
    assert lines == sorted(lines)
    assert 1 <= lines[0] <= lines[-1] <= text.count("\n") + text.count("\r") + 1
    assert len(ids) == len(set(ids))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all(text):
    for whole in (text, f"---\n{text}\n---\n", f"{HEAD}```{{quiz}} a\n{text}\n```\n"):
        lines, _ = line_or_steps(whole)
        assert lines[0] >= 1


def line_or_steps(text: str) -> tuple[list[int], list[str]]:
    """The line of the one error that may be raised, or the lines and ids of the steps."""
    try:
        lesson = parse(text, PATH)
    except LessonFormatError as error:
        return [error.line], []
    return [1] + [step.line for step in lesson.steps], [step.id for step in lesson.steps]
