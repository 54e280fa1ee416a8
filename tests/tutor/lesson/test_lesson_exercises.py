"""Exercises: the check after a run, hints in order, the solution when it is earned, and what is kept of it all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from tutor.widgets.states import CellState

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose.

```{code-cell} python
:id: double
:tags: [exercise]
def double(x):
    ...
```

:::{hint}
The mildest hint.
:::

:::{hint}
The strongest hint.
:::

```{code-cell} python
:tags: [solution]
:for: double
def double(x):
    return x + x
```

```{code-cell} python
:tags: [check]
:for: double
assert double(2) is not None, "double returns nothing yet"
assert double(2) == 4, "twice two is four"
```
"""


async def test_a_check_that_fails_says_which_assertion_and_why(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        assert await bench.run("double") is CellState.OK
        await bench.sees("✗ double returns nothing yet", "double(2) is not None", "tries: 1")
        bench.cell("double").source = "def double(x):\n    return 3 * x"
        await bench.run("double")
        await bench.sees("✗ twice two is four", "double(2) == 4")
        attempts = bench.kept().attempts["double"]
        assert [(a.passed, a.message) for a in attempts] == [
            (False, "double returns nothing yet"),
            (False, "twice two is four"),
        ]
        assert attempts[1].source == "def double(x):\n    return 3 * x"
        assert list(bench.kept().runs) == ["double"]  # a check is no run of the cell


async def test_a_check_that_passes(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        bench.cell("double").source = "def double(x):\n    return 2 * x"
        await bench.run("double")
        await bench.sees("✓ The check passes.")
        assert bench.kept().attempts["double"][-1].passed
    async with open_lesson(BODY) as bench:
        await bench.sees("✓ The check passes.")


async def test_a_check_does_not_pass_on_an_old_definition(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        bench.cell("double").source = "def double(x):\n    return 2 * x"
        await bench.run("double")
        await bench.sees("✓ The check passes.")
        bench.cell("double").source = "def twice(x):\n    return 2 * x"
        await bench.run("double")
        await bench.sees("double is what the check looks for, and this cell does not make it.")
        assert [attempt.passed for attempt in bench.kept().attempts["double"]] == [True, False]
        bench.cell("double").source = "def double(x):\n    return 2 * x"
        await bench.press("A")
        await bench.until(lambda: not bench.screen.runs.is_active("double"))
        bench.cell("double").source = "pass"
        await bench.run("double")
        await bench.until(lambda: len(bench.kept().attempts["double"]) == 3)
        assert not bench.kept().attempts["double"][-1].passed


async def test_a_check_that_breaks_elsewhere_shows_where(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        bench.cell("double").source = "def double(x):\n    return x + undefined_name"
        await bench.run("double")
        await bench.sees("NameError", "undefined_name", "a runs all cells above")
        assert not bench.kept().attempts["double"][0].passed


async def test_a_cell_that_fails_is_not_checked(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        bench.cell("double").source = "1 / 0"
        assert await bench.run("double") is CellState.FAILED
        assert bench.kept().attempts == {}


async def test_run_all_runs_the_cell_and_not_the_check(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.press("A")
        assert await bench.ended("double") is CellState.OK
        assert bench.kept().attempts == {}


async def test_hints_come_one_at_a_time_and_go_back(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("double")
        await bench.press("h")
        await bench.sees("The mildest hint.")
        assert "The strongest hint." not in bench.text()
        await bench.press("h", "h")
        await bench.sees("The strongest hint.")
        await bench.press("H")
        await bench.sees("The mildest hint.")
        assert bench.kept().hints["double"] == 2
    async with open_lesson(BODY) as bench:
        await bench.sees("The strongest hint.")


async def test_the_solution_is_asked_back_for_before_it_is_earned(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("double")
        await bench.press("s")
        await bench.sees("Show the solution now?")
        await bench.press("n")
        assert "return x + x" not in bench.text()
        await bench.press("s")
        await bench.sees("Show the solution now?")
        await bench.press("y")
        await bench.sees("return x + x")
        await bench.until(lambda: "double" in bench.kept().solutions)
        await bench.press("s")
        await bench.until(lambda: "return x + x" not in bench.text())


async def test_after_three_tries_the_solution_comes_at_once(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        for tries in (1, 2, 3):
            await bench.run("double")
            await bench.until(lambda tries=tries: bench.cell("double").card.tries == tries)
        await bench.press("s")
        await bench.sees("return x + x")
