"""Moving through a lesson: steps, pages, contents, the end, and the lessons beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tutor.kernel.events import StreamWritten

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

PARAGRAPH = "\n\n".join(f"Line {number} of a long stretch." for number in range(40))
BODY = f"""\
The first words.

```{{code-cell}} python
:id: above
1
```

## A long part

{PARAGRAPH}

```{{code-cell}} python
:id: below
2
```

## The last part 最后

The last words 中文.
"""


def bare(text: str) -> list[str]:
    """The lines without the bar of the current step and without the scrollbar."""
    return [line.strip(" ▌▁▂▃▄▅▆▇█▕") for line in text.splitlines()]


async def test_j_goes_from_step_to_step_and_scrolls_inside_a_long_one(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        moves = bench.screen.moves
        await bench.press("j")
        assert moves.current is bench.cell("above")
        await bench.press("j")
        long = moves.current
        seen = set()
        for _press in range(60):
            if moves.current is not long:
                break
            seen.update(bare(bench.text()))
            await bench.press("j")
        assert moves.current is bench.cell("below")
        assert {f"Line {number} of a long stretch." for number in range(40)} <= seen
        await bench.press("k")
        assert moves.current is long


async def test_pages_show_every_line_and_come_back(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        seen = set(bare(bench.text()))
        for _page in range(8):
            await bench.press("space")
            seen.update(bare(bench.text()))
        assert {f"Line {number} of a long stretch." for number in range(40)} <= seen
        assert "The last words 中文." in seen
        await bench.press(*["b"] * 9)
        assert "The first words." in bench.text()


async def test_g_and_shift_g_and_the_end_is_kept_as_finished(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.press("G")
        await bench.sees("The last words 中文.", "next: What comes after")
        bench.kept()
        assert bench.app.record.progress.standings()["first-steps/tensors"].finished is not None
        await bench.press("g")
        await bench.sees("section 2.1", "10 minutes", "Know more than before.")


async def test_the_contents_lead_to_a_step(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        assert "below" not in bench.text()
        await bench.press("t")
        await bench.sees("A long part", "below", "The last part 最后")
        await bench.press("j", "j", "enter")
        assert bench.screen.moves.current is bench.cell("below")
        await bench.until(lambda: not bench.screen.contents.display)


async def test_n_opens_the_next_lesson_and_p_comes_back(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.press("n")
        await bench.until(lambda: bench.screen.lesson.id == "first-steps/after")
        await bench.press("p")
        await bench.until(lambda: bench.screen.lesson.id == "first-steps/tensors")


async def test_what_is_read_stays_where_it_is_when_a_cell_above_grows(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.press("space", "space")
        before = bare(bench.text())[:20]
        total = bench.screen.notebook.total
        above = bench.cell("above")
        above.add_outputs([StreamWritten("", "stdout", "".join(f"{number}\n" for number in range(12)))])
        await bench.until(lambda: bench.screen.notebook.total == total + 12)
        await bench.until(lambda: bare(bench.text())[:20] == before)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_nothing_is_wider_than_the_screen_and_prose_keeps_its_measure(
    open_lesson: OpenLesson, size: tuple[int, int]
) -> None:
    async with open_lesson("word " * 200, size=size) as bench:
        text = bench.text().splitlines()
        assert len(text) == size[1]
        prose = [line.rpartition("▕")[2] for line in bare(bench.text()) if "word word" in line]
        assert max(map(len, prose)) <= 90


async def test_copying_goes_to_the_clipboard_of_the_terminal(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("above")
        await bench.press("y")
        assert bench.app.clipboard == "1"


async def test_a_step_that_was_asked_for_is_the_place_from_then_on(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, step="above") as bench:
        await bench.until(lambda: bench.kept().place is not None)
        assert bench.kept().place.step == "above"


async def test_a_resize_keeps_the_place(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.press("space", "space")
        first = bare(bench.text())[1] or bare(bench.text())[2]
        await bench.pilot.resize_terminal(120, 40)
        await bench.until(lambda: first in "".join(bare(bench.text())[:5]))


async def test_the_arrows_move_as_j_and_k_do(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.press("down")
        assert bench.screen.moves.current is bench.cell("above")
        await bench.press("up")
        assert bench.screen.moves.current is not bench.cell("above")
        await bench.press("pagedown", "end")
        await bench.sees("next: What comes after")


async def test_the_palette_offers_what_the_keys_do(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.press("ctrl+p", *"run all cells")
        await bench.sees("Run all cells")
        await bench.press("escape", "escape")
        await bench.until(lambda: bench.screen.focused is None)
        await bench.press("j")
        assert bench.screen.moves.current is bench.cell("above")
