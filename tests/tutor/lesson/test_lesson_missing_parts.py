"""A part of the tutor is missing that an open lesson needs: what can be shown is shown, and the lesson goes on."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tutor.kernel.events import ValueShown
from tutor.widgets.states import CellState

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose.

```{code-cell} python
:id: first
print("fir" + "st")
```

```{code-cell} python
:id: second
print("sec" + "ond")
```
"""


def said(bench: Any) -> list[str]:
    return [note.message for note in bench.app._notifications]


async def test_an_output_that_cannot_be_drawn_leaves_the_others(
    open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tutor.widgets.html_table", None)
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.until(lambda: bench.app._is_seen)
        table = "<table><tr><td>1</td></tr></table>"
        bench.cell("first").add_outputs([ValueShown("r", {"text/plain": "1", "text/html": table})])
        await bench.sees("A part that shows this is missing")
        await bench.until(lambda: said(bench))
        assert "the module tutor.widgets.html_table" in said(bench)[0]
        assert await bench.run("second") is CellState.OK
        await bench.sees("second")


async def test_the_screen_goes_on_when_what_it_needs_to_complete_is_missing(
    open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tutor.screens.lesson_completion", None)
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.until(lambda: bench.screen.runs.session is not None)
        await bench.at("first")
        await bench.press("enter", "p", "r", "tab")
        await bench.until(lambda: said(bench))
        assert "tutor.screens.lesson_completion" in said(bench)[0]
        await bench.press("escape")
        assert await bench.run("second") is CellState.OK


async def test_without_what_drives_the_kernel_it_is_said_why_no_cell_runs(
    open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch, sockets: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tutor.kernel.session", None)
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("first")
        await bench.press("r")
        await bench.sees("the module tutor.kernel.session")
        assert bench.cell("first").state is CellState.ABORTED
    end = time.monotonic() + 60
    while _served_from(sockets):  # no kernel is left that nobody could end
        assert time.monotonic() < end


def _served_from(sockets: Path) -> list[int]:
    """The processes whose command line names that directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if os.fsencode(sockets) in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found
