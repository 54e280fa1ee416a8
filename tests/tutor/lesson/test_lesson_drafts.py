"""Writing in cells: what is typed is kept, can be taken back, and is there again, with everything else, on return."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tutor.screens import lesson_drafts
from tutor.widgets.states import CellState

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose before.

```{code-cell} python
:id: greet
x = 1
```

```{code-cell} python
:id: show
print("x is", x)
```

""" + "\n\n".join(f"## Part {number}\n\nA paragraph to scroll over." for number in range(30))


async def test_enter_edits_esc_leaves_and_the_draft_is_kept(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("greet")
        await bench.press("enter")
        assert bench.cell("greet").editor is not None
        await bench.press("end", *"0")
        assert bench.cell("greet").source == "x = 10"
        await bench.until(lambda: bench.kept().drafts.get("greet") == "x = 10")  # while it is still being edited
        await bench.press("escape")
        assert bench.cell("greet").editor is None
        await bench.sees("x = 10", "edited")


async def test_what_is_typed_ahead_is_in_the_editor_that_it_was_typed_for(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("show")
        await bench.press("enter", "escape")
        assert bench.cell("show").has_focus
        bench.burst("k", "enter", *"y = 3;")
        await bench.until(lambda: bench.cell("greet").source == "y = 3;x = 1")
        assert bench.cell("show").editor is None


async def test_saved_is_said_once_it_is_committed_and_not_before_anything_was_done(
    open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_drafts, "KEEP_SECONDS", 600.0)  # it is kept when we say so
    async with open_lesson(BODY) as bench:
        drafts = bench.screen._drafts
        assert bench.app.record.recorder.flush(60)  # that the lesson was opened
        await bench.at("greet")
        assert "saved" not in bench.text()
        await bench.press("enter", "end", *"0")
        assert "saved" not in bench.text()
        drafts.keep()
        await bench.sees("✓ saved")
        assert bench.kept().drafts == {"greet": "x = 10"}
        await bench.press("1")
        assert "saved" not in bench.text()
        drafts.keep()
        await bench.sees("✓ saved")


async def test_what_cannot_be_committed_is_said_and_so_is_its_recovery(open_lesson: OpenLesson, record: Path) -> None:
    async with open_lesson(BODY) as bench:
        assert bench.app.record.recorder.flush(60)
        other = sqlite3.connect(record, isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
            await bench.at("greet")
            await bench.press("enter", "end", *"0")
            await bench.sees("✗ not saved")
        finally:
            other.close()
        await bench.sees("✓ saved")
        assert bench.kept().drafts == {"greet": "x = 10"}


async def test_what_was_typed_is_what_runs(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("greet")
        await bench.press("enter", "end", *"23", "ctrl+r")
        assert await bench.ended("greet") is CellState.OK
        assert bench.cell("greet").editor is None
        assert await bench.run("show") is CellState.OK
        await bench.sees("x is 123")
        assert bench.kept().runs["greet"].source == "x = 123"


async def test_reset_and_its_undo(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("greet")
        await bench.press("enter", "end", *"7", "escape")
        await bench.press("x")
        assert bench.cell("greet").source == "x = 1"
        await bench.until(lambda: "greet" not in bench.kept().drafts)
        await bench.press("u")
        assert bench.cell("greet").source == "x = 17"
        await bench.until(lambda: bench.kept().drafts.get("greet") == "x = 17")


async def test_all_is_found_again_and_nothing_is_run(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("greet")
        await bench.press("enter", "end", *"5", "escape")
        assert await bench.run("greet") is CellState.OK
        assert await bench.run("show") is CellState.OK
        await bench.press("pagedown", "pagedown")
        place = bench.screen.moves.place()[1]
        top = bench.text().splitlines()[2].strip("▌ ")
    async with open_lesson(BODY, kernel=False) as bench:
        await bench.until(lambda: bench.text().splitlines()[2].strip("▌ ") == top)
        assert bench.screen.moves.place()[1] == place
        await bench.press("g")
        await bench.sees("x = 15", "edited", "x is 15")
        assert bench.cell("show").state is CellState.OK
        assert len(bench.kept().runs) == 2


async def test_an_editor_of_ones_own_is_used_where_the_terminal_can_be_handed_over(
    open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("greet")
        monkeypatch.setenv("EDITOR", "true")
        await bench.press("e")
        await bench.sees("cannot be handed")  # a test has no terminal
        assert bench.cell("greet").source == "x = 1"


def test_the_external_editor_gives_back_what_it_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutor.screens.lesson_outside import NoEditor, edit_outside

    script = tmp_path / "editor.sh"
    script.write_text('#!/bin/sh\necho "y = 2" >> "$1"\n', "utf-8")
    script.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    assert edit_outside("x = 1\n", "greet") == "x = 1\ny = 2\n"
    monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")
    with pytest.raises(NoEditor, match="no-such-editor-anywhere"):
        edit_outside("x = 1", "greet")


async def test_tab_completes_a_name_and_indents_where_there_is_none(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        await bench.at("greet")
        await bench.press("enter", "end", "enter", "tab")
        assert bench.cell("greet").source == "x = 1\n    "
        await bench.press(*"print", "escape")
        bench.cell("greet").source = "import collections\ncollections.OrderedD"
        assert await bench.run("greet") is CellState.FAILED  # the module is there now
        await bench.press("enter", "down", "end", "tab")
        await bench.until(lambda: bench.cell("greet").source.endswith("OrderedDict"))


async def test_several_completions_are_a_list_to_choose_from(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, kernel=True) as bench:
        bench.cell("greet").source = "apple_one = 1; apple_two = 2"
        assert await bench.run("greet") is CellState.OK
        bench.cell("greet").source = "app"
        await bench.press("enter", "end", "tab")
        await bench.until(lambda: bench.cell("greet").editor.has_completions)
        assert bench.cell("greet").source == "apple_"
        await bench.press("down", "enter")
        assert bench.cell("greet").source == "apple_two"
        assert bench.cell("greet").editor is not None
