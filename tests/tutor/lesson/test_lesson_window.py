"""Steps that nobody has touched are drawn by the notebook: they must look, stand and remember as widgets do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.kernel.events import ErrorRaised, StreamWritten
from tutor.widgets.states import CellState
from tutor.widgets.step_table import StepTable

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

KINDS = """\
Words with a [link](https://example.org), `code` and $x^2$, 中文 too.

```{code-cell} python
:id: cell
lr = 0.1  #@param {type: "slider", min: 0.001, max: 10, log: true}
print("a line of code that is long enough to be folded over more than one line of the screen", lr, lr, lr, lr, lr)
```

> A quotation.

```{quiz} one
kind: choice
prompt: Which is even?
options:
  - {text: Three., why: Three is odd.}
  - {text: Four., correct: true, why: Twice two.}
```

```{quiz} word
kind: text
prompt: The colour of the sky?
accept: [blue]
why: Look up.
```

```{code-cell} python
:id: task
:tags: [exercise]
def double(x):
    ...
```

:::{hint}
Twice.
:::

```{code-cell} python
:tags: [solution]
:for: task
def double(x):
    return 2 * x
```

```{code-cell} python
:tags: [check]
:for: task
assert double(2) == 4, "double(2) must be 4"
```

The last words.
"""

SECTIONS = "\n\n".join(
    f"## Section {n}\n\n{'Some words that fill a line or two of the screen, whatever its width may be. ' * 4}\n\n"
    f"```{{code-cell}} python\n:id: cell-{n}\nprint({n})\n```\n\n"
    f"```{{quiz}} quiz-{n}\nkind: number\nprompt: What is {n}?\nanswer: {n}\nverify: '{n}'\nwhy: Count.\n```"
    for n in range(12)
)


def cells(bench: Any) -> list[list[tuple[Any, ...]]]:
    """Each cell of the screen as it is seen: its character, the colour of that, its ground."""
    rows = []
    for strip in bench.screen._compositor.render_strips():
        row: list[tuple[Any, ...]] = []
        for text, style, _control in strip:
            ground = style.bgcolor.get_truecolor() if style and style.bgcolor else None
            for character in text:
                seen = style if character != " " else None
                ink = seen.color.get_truecolor() if seen and seen.color else None
                marks = (bool(seen.bold), bool(seen.italic), bool(seen.underline)) if seen else ()
                row.append((character, ink, ground, *marks))
        rows.append(row)
    return rows


@pytest.mark.parametrize("theme", ["d2l-dark", "d2l-light"])
@pytest.mark.parametrize("colours", [True, False])
@pytest.mark.parametrize("width", [50, 80, 130])
async def test_a_step_looks_the_same_as_lines_and_as_a_widget(
    open_lesson: OpenLesson, theme: str, width: int, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    async with open_lesson(KINDS, size=(width, 90)) as bench:
        bench.app.theme = theme
        bench.cell("cell").add_outputs([StreamWritten("", "stdout", "out\n"), StreamWritten("", "stderr", "err\n")])
        bench.cell("cell").add_outputs([ErrorRaised("", "ValueError", "no", ("Cell [cell], line 1", "> 1 x"))])
        bench.cell("cell").show_state(CellState.FAILED, 0.2)
        await bench.pilot.pause()
        notebook = bench.screen.notebook
        before, height = cells(bench), notebook.total
        asleep = [step for step in notebook.steps if not step.is_mounted]
        assert len(asleep) > 6
        for step in asleep:
            notebook.wake(step)
        await bench.until(lambda: all(step.is_mounted for step in notebook.steps))
        await bench.pilot.pause()
        assert notebook.total == height
        after = cells(bench)
        for y, (one, other) in enumerate(zip(before, after, strict=True)):
            assert one == other, f"line {y}: {''.join(cell[0] for cell in one)}"


async def test_reading_makes_no_widgets_and_editing_makes_one(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        await bench.press("pagedown", "j", "j", "G", "g")
        await bench.at("cell-1")
        assert not [step for step in bench.screen.notebook.steps if step.is_mounted]
        await bench.press("enter")
        assert [step for step in bench.screen.notebook.steps if step.is_mounted] == [bench.cell("cell-1")]


async def test_a_digit_answers_a_quiz_that_nobody_has_touched(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        await bench.at("quiz-3")
        await bench.press("3", "enter")
        assert bench.quiz("quiz-3").is_right
        await bench.sees("✓ right")


async def test_every_step_is_reached_down_and_up_and_the_height_never_changes(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        await bench.until(lambda: not bench.screen.notebook._unmeasured)
        heights = {bench.screen.notebook.total}
        down: set[str] = set()
        for key in ("pagedown", "pageup"):
            seen: set[str] = set()
            for _page in range(40):
                heights.add(bench.screen.notebook.total)
                lines = [line.partition("▕")[0] if "▕" in line else line for line in bench.text().splitlines()[:23]]
                seen.update(line.strip(" ▌▁▂▃▄▅▆▇█") for line in lines)
                await bench.press(key)
            for n in range(12):
                assert {f"Section {n}", f"print({n})", f"What is {n}?"} <= seen
            down = down or seen
            assert seen == down
        assert len(heights) == 1


async def test_a_draft_is_there_after_paging_to_the_end_and_back(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        await bench.at("cell-1")
        await bench.press("enter", "end", *"  # mine", "escape", "G")
        assert "# mine" not in bench.text()
        await bench.press("g")
        await bench.at("cell-1")
        await bench.sees("print(1)  # mine", "edited")
        assert bench.kept().drafts["cell-1"] == "print(1)  # mine"


async def test_an_editor_that_is_left_open_is_there_after_paging_to_the_end_and_back(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        await bench.at("cell-1")
        await bench.press("enter", "end", *"  # mine")
        bench.screen.action_last()
        await bench.pilot.pause()
        bench.screen.action_first()
        await bench.at("cell-1")
        assert bench.cell("cell-1").editor.text == "print(1)  # mine"
        await bench.sees("print(1)  # mine")


async def test_a_run_that_nobody_sees_keeps_all_its_output(open_lesson: OpenLesson) -> None:
    body = SECTIONS.replace("print(10)", "for n in range(20): print('far', n)")
    async with open_lesson(body, size=(80, 24), kernel=True) as bench:
        bench.screen._run(["cell-10"], alone=True)
        assert await bench.ended("cell-10") is CellState.OK
        assert "far" not in bench.text()
        await bench.at("cell-10")
        await bench.press("j")
        await bench.sees("far 18", "far 19")
        assert [output.payload["text"].count("far") for output in bench.kept().runs["cell-10"].outputs] == [20]


async def test_output_of_a_cell_that_is_no_widget_pushes_what_is_below(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        cell = bench.cell("cell-0")
        assert not cell.is_mounted
        cell.add_outputs([StreamWritten("", "stdout", "one\ntwo\n")])
        await bench.sees("one", "two")
        await bench.screen.notebook.woken(cell)
        cell.add_outputs([StreamWritten("", "stdout", "three\n")])
        await bench.sees("one", "two", "three")


async def test_an_answer_and_one_that_is_being_given_survive_paging(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        await bench.at("quiz-1")
        await bench.press("1", "enter")
        await bench.at("quiz-2")
        await bench.press("2")
        bench.screen.action_last()
        await bench.pilot.pause()
        bench.screen.action_first()
        await bench.at("quiz-1")
        await bench.sees("✓ right", "your answer  1")
        assert bench.quiz("quiz-2").is_answering
        await bench.at("quiz-2")
        await bench.press("enter")
        assert bench.quiz("quiz-2").is_answering  # its input has the focus no more: Enter goes back to it


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (80, 50)])
async def test_a_resize_keeps_the_words_at_the_top(open_lesson: OpenLesson, size: tuple[int, int]) -> None:
    async with open_lesson(SECTIONS, size=(80, 24)) as bench:
        bench.screen.moves.go_to(bench.screen.steps.widgets["cell-7"], 0)
        await bench.pilot.pause()
        for columns, rows in (size, (80, 24)):
            await bench.pilot.resize_terminal(columns, rows)
            await bench.pilot.pause()
            assert "print(7)" in "\n".join(bench.text().splitlines()[:4])


async def test_the_first_paint_is_where_the_lesson_was_left(lesson_app: Callable[..., Any]) -> None:
    app = lesson_app(SECTIONS, step="cell-9")
    painted: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        from tutor.screens.lesson import LessonScreen

        await app.until(lambda: isinstance(app.screen, LessonScreen) and app.text())
        notebook = app.screen.notebook
        notebook.watch(notebook, "scroll_y", lambda: painted.append(app.text()), init=False)
        await app.until(lambda: "print(9)" in app.text())
        await pilot.pause()
        assert "print(0)" not in app.text()
        assert not any("print(0)" in text for text in painted)


async def test_a_click_makes_a_step_the_current_one(open_lesson: OpenLesson) -> None:
    async with open_lesson(SECTIONS, size=(80, 30)) as bench:
        line = next(y for y, text in enumerate(bench.text().splitlines()) if "print(0)" in text)
        assert not bench.cell("cell-0").is_mounted
        await bench.pilot.click(offset=(20, line))
        await bench.until(lambda: bench.screen.moves.current is bench.cell("cell-0"))


margins = st.tuples(st.integers(0, 2), st.integers(0, 2))


@given(st.lists(st.tuples(margins, st.integers(0, 30)), min_size=1, max_size=30), st.integers(0, 9))
def test_slots_lie_one_under_the_other_without_gaps(slots: list[tuple[tuple[int, int], int]], start: int) -> None:
    table = StepTable([margin for margin, _height in slots])
    table.set_start(start)
    for slot, (_margin, height) in enumerate(slots):
        table.set_height(slot, height)
    y = start
    for slot, ((_above, below), height) in enumerate(slots):
        before = slots[slot - 1][0][1] if slot else 0
        assert table.top(slot) == y
        assert table.content_top(slot) - y + before >= slots[slot][0][0]
        assert table.bottom(slot) == table.content_top(slot) + height + below
        y = table.bottom(slot)
        for line in range(table.top(slot), y):
            assert table.at(line) == slot
    assert table.total == y
