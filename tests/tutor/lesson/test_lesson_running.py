"""Running cells in a lesson, with a real kernel and a real record."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from tutor.kernel.events import KernelState
from tutor.widgets.states import CellState

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose before.

```{code-cell} python
:id: greet
print("hel" + "lo there")
40 + 2
```

More prose.

```{code-cell} python
:id: fail
def wrong():
    return 1 / 0

wrong()
```

```{code-cell} python
:id: after
print("this " + "came last")
```

```{code-cell} python
:id: slow
import time
print("be" + "gun", flush=True)
time.sleep(60)
```

```{code-cell} python
:id: ask
name = input("Your name? ")
print("good day,", name)
```
"""


async def test_a_cell_shows_what_it_writes_and_its_last_value(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        assert await bench.run("greet") is CellState.OK
        await bench.sees("hello there", "42", "✓")
        kept = bench.kept().runs["greet"]
        assert kept.outcome == "ok"
        assert [output.kind for output in kept.outputs] == ["stream", "value"]


async def test_a_run_before_the_kernel_is_there_is_queued_and_then_runs(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("greet")
        await bench.until(lambda: bench.screen.runs._session)
        bench.screen.runs._session = None  # as if the kernel had not come yet
        await bench.pilot.press("r")
        assert bench.cell("greet").state is CellState.QUEUED
        await bench.sees("queued")
        await bench.until(lambda: bench.app.kernels._lessons)
        bench.screen.runs.connected(bench.app.kernels._lessons[bench.screen.lesson.id].session)
        assert await bench.ended("greet") is CellState.OK


async def test_ctrl_r_runs_and_goes_on_while_r_stays(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("greet")
        await bench.press("ctrl+r")
        assert getattr(bench.screen.moves.current, "step", None) != "greet"
        assert await bench.ended("greet") is CellState.OK
        await bench.run("after")
        assert bench.screen.moves.current is bench.cell("after")


async def test_an_error_points_at_the_line_and_keeps_the_record(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        assert await bench.run("fail") is CellState.FAILED
        await bench.sees("ZeroDivisionError", "division by zero", "return 1 / 0", "✗ error")
        assert bench.kept().runs["fail"].outcome == "error"


async def test_run_above_runs_in_order_and_an_error_stops_the_rest(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("slow")
        await bench.press("a")
        assert await bench.ended("after") is CellState.ABORTED
        assert bench.cell("greet").state is CellState.OK
        assert bench.cell("fail").state is CellState.FAILED
        assert bench.cell("slow").state is CellState.IDLE


async def test_i_twice_interrupts_and_once_does_not(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
        await bench.press("i")
        await bench.sees("once more")
        assert bench.cell("slow").state is CellState.RUNNING
        await bench.press("i")
        assert await bench.ended("slow") is CellState.INTERRUPTED
        await bench.sees("■ stopped")


VARIABLES = """\
```{code-cell} python
:id: makes
made = 1
```

```{code-cell} python
:id: reads
made
```
"""


async def test_a_restart_of_an_idle_kernel_asks_and_only_then_forgets_variables(open_lesson: OpenLesson) -> None:
    async with open_lesson(VARIABLES, kernel=True) as bench:
        screen = bench.screen
        assert await bench.run("makes") is CellState.OK
        before = screen.runs.session.process.pid
        await bench.press("0", "0")
        await bench.sees("Restart the kernel?")
        await bench.press("n")
        assert await bench.run("reads") is CellState.OK
        await bench.press("0", "0")
        await bench.sees("Restart the kernel?")
        await bench.press("y")
        await bench.until(lambda: screen.runs.session.process.pid != before)
        await bench.until(lambda: screen.runs.state is KernelState.IDLE)
        assert await bench.run("reads") is CellState.FAILED
        await bench.sees("NameError")


async def test_a_restart_asks_while_a_cell_runs_and_leaves_its_output(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
        screen = bench.screen
        await bench.press("0", "0")
        await bench.sees("Restart the kernel all the same?")
        await bench.press("y")
        await bench.until(lambda: not screen.runs.is_active("slow"))
        await bench.until(lambda: screen.runs.state is KernelState.IDLE)
        assert await bench.run("greet") is CellState.OK
        await bench.sees("begun")  # what was put out before is still there


async def test_a_dead_kernel_is_said_its_output_stays_and_a_restart_brings_it_back(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
        process = bench.screen.runs.session.process
        os.kill(process.pid, signal.SIGKILL)
        assert await bench.ended("slow") is CellState.DIED
        await bench.sees("begun", "kernel died", "0 0")
        kept = bench.kept().runs["slow"]
        assert kept.outcome == "died"
        assert any("begun" in str(output.payload) for output in kept.outputs)
        await bench.press("0", "0")
        await bench.until(lambda: bench.screen.runs.state is KernelState.IDLE)
        assert await bench.run("greet") is CellState.OK


async def test_input_is_asked_for_under_the_cell_and_its_answer_is_kept(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("ask")
        await bench.press("r")
        await bench.until(lambda: bench.cell("ask").asking is not None and bench.cell("ask").asking.has_focus)
        await bench.press(*"Ada", "enter")
        assert await bench.ended("ask") is CellState.OK
        await bench.sees("Your name? Ada", "good day, Ada")
        await bench.until(lambda: bench.screen.moves.current.has_focus)


async def test_a_flood_is_shown_by_its_ends_and_counted(open_lesson: OpenLesson) -> None:
    body = "```{code-cell} python\n:id: flood\nfor i in range(100_000):\n    print('line', i)\n```\n"
    async with open_lesson(body, kernel=True, size=(100, 60)) as bench:
        assert await bench.run("flood") is CellState.OK
        await bench.sees("line 99999", "lines are not shown")
        output = bench.cell("flood").output
        assert output.size.height < 60
        assert "line 0" in "\n".join(strip.text for strip in output.draw(80, output.palette))


async def test_progress_bars_overwrite_and_escapes_never_reach_the_screen(open_lesson: OpenLesson) -> None:
    body = (
        "```{code-cell} python\n:id: bar\nimport sys\n"
        "for i in range(5):\n    sys.stdout.write(f'\\rstep {i}')\n"
        "print('\\n\\x1b]0;title\\x07\\x1b[2J\\x1b[31mred\\x1b[0m after')\n```\n"
    )
    async with open_lesson(body, kernel=True) as bench:
        assert await bench.run("bar") is CellState.OK
        await bench.sees("step 4", "red after")
        text = bench.text()
        assert "step 3" not in text
        assert "title" not in text.partition("step 4")[2]
        assert "\x1b" not in text


async def test_a_data_frame_is_a_table(open_lesson: OpenLesson) -> None:
    body = (
        "```{code-cell} python\n:id: frame\nimport pandas as pd\n"
        "pd.DataFrame({'rooms': [3, 4], 'price': [1.5, 2.25]}, index=['a', 'b'])\n```\n"
    )
    async with open_lesson(body, kernel=True) as bench:
        assert await bench.run("frame") is CellState.OK
        await bench.sees("rooms", "2.25", "──")


async def test_without_a_kernel_a_run_is_refused_in_words(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("greet")
        await bench.press("r")
        await bench.sees("There is no kernel: cells cannot be run.")
        assert bench.cell("greet").state is CellState.IDLE


async def test_who_jumps_into_a_lesson_is_told_that_a_cell_above_makes_the_name(open_lesson: OpenLesson) -> None:
    body = """
```{code-cell} python
:id: makes
net = 3
```

```{code-cell} python
:id: uses
net + next(iter([1]))
```
"""
    async with open_lesson(body, kernel=True) as bench:
        assert await bench.run("uses") is CellState.FAILED
        await bench.sees("A cell above makes net: press a, which runs all cells above.")
        assert "Did you mean" not in bench.text()
        await bench.press("a")
        assert await bench.ended("makes") is CellState.OK
        assert await bench.run("uses") is CellState.OK
