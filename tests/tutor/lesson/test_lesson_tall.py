"""A step taller than the screen: its first line is seen when it gets the focus, the cursor while it is edited."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tutor.kernel.events import StreamWritten
from tutor.widgets.exercise_card import Verdict

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

LINES = "\n".join(f"    # step {number} of many" for number in range(34))
BODY = f"""\
{"Some words before. " * 40}

```{{code-cell}} python
:id: above
1
```

```{{code-cell}} python
:id: tall
:tags: [exercise]
def tall(x):
{LINES}
    ...
```

:::{{hint}}
Only one line is missing.
:::

```{{code-cell}} python
:tags: [solution]
:for: tall
def tall(x):
    return x
```

```{{code-cell}} python
:tags: [check]
:for: tall
assert tall(1) == 1, "tall(1) must be 1"
```

The last words.
"""


@pytest.mark.parametrize("size", [(80, 24), (120, 30)])
async def test_the_first_line_of_a_tall_exercise_is_seen_when_it_gets_the_focus(
    open_lesson: OpenLesson, size: tuple[int, int]
) -> None:
    async with open_lesson(BODY, size=size) as bench:
        await bench.at("above")
        await bench.press("ctrl+r")
        assert bench.screen.moves.current is bench.cell("tall")
        assert "def tall(x):" in bench.text()
        await bench.press("enter")
        await bench.until(lambda: bench.cell("tall").editor is not None and bench.cell("tall").editor.is_mounted)
        await bench.pilot.pause()
        assert "def tall(x):" in bench.text()


async def test_what_an_exercise_says_is_seen_rather_than_its_first_line(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.at("tall")
        await bench.press("h")
        await bench.sees("Only one line is missing.")
        bench.cell("tall").card.show_verdict(Verdict(False, "tall(1) must be 1"))
        await bench.sees("tall(1) must be 1")


async def test_the_cursor_of_a_tall_cell_is_seen_wherever_it_goes(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        bench.cell("tall").add_outputs([StreamWritten("", "stdout", "out\n")])
        await bench.at("tall")
        await bench.press("enter")
        await bench.until(lambda: bench.cell("tall").editor is not None and bench.cell("tall").editor.is_mounted)
        assert "def tall(x):" in bench.text()
        for number in range(34):
            await bench.press("down")
            assert f"# step {number} of many" in bench.text()
        for number in reversed(range(33)):
            await bench.press("up")
            assert f"# step {number} of many" in bench.text()
        await bench.press("up")
        assert "def tall(x):" in bench.text()
        await bench.press(*["down"] * 36, "end", "enter", *"last")
        assert "▌  last" in bench.text()
        await bench.press(*["enter"] * 6, *"further")
        assert "▌  further" in bench.text()
