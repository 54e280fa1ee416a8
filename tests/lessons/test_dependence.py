"""Which cells the check runs again with nothing solved: none too few, and no training that exercises do not touch."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.dependence import affected
from lessons.parser import parse

HEAD = "---\ntitle: t\nid: a/b\n---\n"
EXERCISE = """
```{{code-cell}}
:id: exercise
:tags: [exercise]
def double(x):
    ...
```
```{{code-cell}}
:tags: [solution]
:for: exercise
{solution}
```
```{{code-cell}}
:tags: [check]
:for: exercise
assert double(2) == 4, "twice"
```
"""
SOLUTION = "def double(x):\n    local = 2 * x\n    return local"


def rerun(*cells: str, solution: str = SOLUTION, at: int = 1) -> list[str]:
    parts = [f"```{{code-cell}}\n:id: c{number}\n{source}\n```" for number, source in enumerate(cells)]
    parts.insert(at, EXERCISE.format(solution=solution))
    lesson = parse(HEAD + "\n".join(parts), Path("x.md"))
    return [step.id for step in affected(lesson)]


@pytest.mark.parametrize(
    "cell",
    ["print(len(y))", "local = 1", "x = 2\nprint(x)", "def f(double_):\n    return double_", "torch.ones(3)"],
)
def test_a_cell_that_no_exercise_has_to_do_with(cell):
    assert rerun("import torch\ny = [1]", cell) == []


@pytest.mark.parametrize(
    "cell", ["double(1)", "f = lambda: double(1)", "del double", "print([double(i) for i in range(2)])"]
)
def test_a_cell_that_uses_what_an_exercise_defines(cell):
    assert rerun("unrelated = 1", cell) == ["exercise", "c1"]


def test_what_depends_on_what_depends():
    assert rerun("y = 1", "z = double(y)", "other = 1", "print(z)") == ["c0", "exercise", "c1", "c3"]


def test_what_a_solution_may_have_changed():
    changing = SOLUTION + "\nnet.weight = 3"
    assert rerun("from engine import net", "net.weight + 1", solution=changing) == ["c0", "exercise", "c1"]
    added = "@add_to_class(Net)\ndef forward(self): ..."
    assert rerun("from engine import Net", "Net()", solution=SOLUTION + "\n" + added) == ["c0", "exercise", "c1"]
    assert rerun("model = 1", "print(model)", solution=SOLUTION + "\nmodel.fit()") == ["c0", "exercise", "c1"]


def test_what_an_affected_cell_needs_comes_with_what_may_change_it():
    assert rerun("net = []", "net.append(1)", "double(net[0])") == ["c0", "exercise", "c1", "c2"]


def test_where_names_cannot_be_read_everything_is_run():
    assert rerun("%matplotlib inline", "1 + 1") == ["c0", "exercise", "c1"]


def test_a_lesson_without_an_exercise():
    lesson = parse(HEAD + "```{code-cell}\nx = 1\n```\n```{code-cell}\nx\n```\n", Path("x.md"))
    assert affected(lesson) == ()
    assert affected(parse(HEAD, Path("x.md"))) == ()
