"""Links in sight, to copy; numbers at the lines of code, kept for the next time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tutor import code_lines
from tutor.screens.lesson import LessonScreen
from tutor.screens.links import LinkScreen
from tutor.settings import Settings

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]
LINKS = "See [arrays](https://d2l.ai/ndarray.html), <https://pytorch.org>, and [the same](https://pytorch.org).\n"
CODE = """
```{code-cell} python
:id: long
first = 1
second = [first for first in range(1000) if first % 7 == 3 and first % 11 == 5 and first % 13 == 1 and first > 100]
third = 3
```

```{code-cell} python
:id: short
other = 1
```
"""


async def test_the_links_in_sight_are_copied(open_lesson: OpenLesson) -> None:
    async with open_lesson(LINKS) as bench:
        await bench.press("o")
        assert isinstance(bench.app.screen, LinkScreen)
        await bench.sees("https://d2l.ai/ndarray.html", "the same")
        await bench.press("j", "y")
        assert bench.app.clipboard == "https://pytorch.org"
        await bench.sees("copied")
        await bench.press("k", "enter")
        assert bench.app.clipboard == "https://d2l.ai/ndarray.html"
        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, LessonScreen))


async def test_without_a_link_it_says_so(open_lesson: OpenLesson) -> None:
    async with open_lesson("Nothing but words.\n") as bench:
        await bench.press("o")
        await bench.sees("There is no link in sight.")


async def test_every_cell_has_numbers_on_request_and_they_are_kept(open_lesson: OpenLesson, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    async with open_lesson(CODE) as bench:
        bench.app.settings_path = path
        await bench.sees("first = 1")
        assert "1  first = 1" not in bench.text()
        await bench.press("number_sign")
        await bench.sees("1  first = 1", "2  second", "3  third = 3", "1  other = 1")
        folded = next(line for line in bench.text().splitlines() if "↪" in line)
        assert folded.split("↪")[0].strip(" ▌") == "", "what hangs over has no number of its own"
        await bench.until(lambda: path.exists() and Settings.load(path).line_numbers == "on")
        await bench.press("number_sign")
        await bench.until(lambda: "1  first = 1" not in bench.text())
        await bench.until(lambda: Settings.load(path).line_numbers == "")


def test_they_are_there_at_the_next_start(make_app: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings(line_numbers="on").save(path)
    make_app(settings_path=path)
    assert code_lines.shown()
    make_app()
    assert not code_lines.shown()


async def test_nothing_moves_when_a_cell_with_numbers_is_edited(open_lesson: OpenLesson) -> None:
    async with open_lesson(CODE) as bench:
        await bench.at("long")
        await bench.press("number_sign")
        await bench.sees("3  third = 3")
        before = next(line for line in bench.text().splitlines() if "third" in line)
        await bench.press("enter")
        await bench.until(lambda: bench.cell("long").editor is not None and bench.cell("long").editor.is_mounted)
        await bench.until(lambda: before in bench.text().splitlines())
