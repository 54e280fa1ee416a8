"""`open PATH` in the real app: a notebook, a folder of them, what is kept of them, and what must not happen."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from lessons.catalog import Course
from lessons.notebooks.folder import course_of
from lessons.notebooks.formats import notebook_id
from progress_db import Progress
from progress_db.records import Place
from tutor.kernel.launch import launch
from tutor.kernels import Kernels
from tutor.named import path_named, split_step
from tutor.screens.home import HomeScreen
from tutor.screens.lesson import LessonScreen
from tutor.widgets.states import CellState

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
Opened = Callable[..., Any]


@pytest.fixture
def opened(make_app: Callable[..., Any], record: Path, sockets: Path) -> Opened:
    """Opens the notebook at a path, or (a course) its home."""

    with Progress.open(record) as progress:
        progress.lesson_opened("first-steps/tensors")  # else a newcomer would be greeted

    @asynccontextmanager
    async def open_path(
        path: Path | None = None, *, course: Course | None = None, kernel: bool = False, resume: bool = False
    ) -> AsyncIterator[Any]:
        kernels = None
        if kernel:
            environment = {"OMP_NUM_THREADS": "1", "D2L_TUTOR_WARMUP": "0"}
            kernels = Kernels(partial(launch, sockets, environment=environment))
        given: dict[str, Any] = {"course": course} if course is not None else {}
        place = Place(notebook_id(path), "") if path is not None else None
        app = make_app(record_path=record, kernels=kernels, start_at=place, resume=resume, **given)
        try:
            async with app.run_test(size=(100, 40), notifications=True) as pilot:
                await pilot.pause()
                app.pilot = pilot
                yield app
        finally:
            app.close()

    return open_path


def cell(app: Any, words: str) -> Any:
    assert isinstance(app.screen, LessonScreen)
    return next(one for one in app.screen.steps.cells.values() if words in one.authored)


async def write(app: Any, words: str, text: str) -> None:
    """Edit the cell that holds these words, as a learner does."""
    found = cell(app, words)
    app.screen.moves.choose(found)
    await app.pilot.press("enter")
    await app.until(lambda: bool(app.screen.query(TextArea)))
    editor = app.screen.query_one(TextArea)
    editor.text = text
    await app.pilot.press("escape")
    await app.pilot.pause()


async def ran(app: Any, words: str) -> str:
    """Run the cell; what the screen says then."""
    found = cell(app, words)
    app.screen.moves.choose(found)
    await app.pilot.press("r")
    over = (CellState.OK, CellState.FAILED, CellState.DIED)
    await app.until(lambda: found.state in over and not app.screen.runs.is_active(found.step))
    await app.pilot.pause()
    return str(app.text())


async def test_opening_shows_what_the_file_kept_and_changes_nothing(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "kept.ipynb"
    shutil.copy(NOTEBOOKS / "kept.ipynb", path)
    before = path.read_bytes()
    async with opened(path) as app:
        await app.until(lambda: "ZeroDivisionError" in app.text())
        text = app.text()
        assert "Kept" in text
        assert "kept.ipynb" in text
        assert "     0\n" in text.replace("\r", "")
        assert "42" in text
        assert cell(app, "40 + 2").state is CellState.IDLE
    assert path.read_bytes() == before
    assert [name for name in os.listdir(tmp_path) if "kept" in name] == ["kept.ipynb"]


async def test_edits_live_in_the_record_and_survive_an_edit_of_the_file(
    opened: Opened, tmp_path: Path, record: Path
) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Page\n\n```python\nrate = 0.1\nprint('rate', rate)\n```\n\n```python\nother = 1\n```\n")
    async with opened(path) as app:
        await write(app, "rate = 0.1", "rate = 0.5  # mine\nprint('rate', rate)")
    with Progress.open(record) as progress:
        assert list(progress.lesson(notebook_id(path)).drafts.values()) == ["rate = 0.5  # mine\nprint('rate', rate)"]
    new = "# Page\n\n```python\nimport sys\n```\n\nMore text.\n\n```python\nrate = 0.2\nprint('the rate', rate)\n```\n"
    path.write_text(new)
    async with opened(path) as app:
        await app.until(lambda: "rate = 0.5  # mine" in app.text())
        assert cell(app, "rate = 0.2").is_edited
        assert not cell(app, "import sys").is_edited
    assert path.read_text() == new


async def test_a_cell_runs_in_the_folder_of_its_file_also_after_a_restart(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "far" / "away"
    folder.mkdir(parents=True)
    (folder / "numbers.txt").write_text("41 and one")
    path = folder / "page.md"
    path.write_text("# Page\n\n```python\nprint('read', open('numbers.txt').read())\n```\n")
    async with opened(path, kernel=True) as app:
        assert "read 41 and one" in await ran(app, "numbers.txt")
        app.screen.runs.restart()
        assert "read 41 and one" in await ran(app, "numbers.txt")
    async with opened(path) as app:
        await app.until(lambda: "read 41 and one" in app.text())


async def test_a_folder_is_a_course_with_its_own_contents(opened: Opened) -> None:
    async with opened(course=course_of(NOTEBOOKS / "book")) as app:
        await app.until(lambda: isinstance(app.screen, HomeScreen) and "Fitting a Line" in app.text())
        assert "A Small Book" in app.text()
        app.open_lesson(notebook_id(NOTEBOOKS / "book" / "chapter_lines" / "slope.md"))
        await app.until(lambda: isinstance(app.screen, LessonScreen) and "Fig. 1.1.1" in app.text())
        assert "section 1.1" in app.text()
        app.screen.action_next_lesson()
        await app.until(lambda: "Least Squares" in app.text())


async def test_a_broken_file_of_a_folder_closes_nothing_else(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "1-good.md").write_text("# Good\n")
    (tmp_path / "2-bad.ipynb").write_text('{"cells": [')
    async with opened(course=course_of(tmp_path)) as app:
        await app.until(lambda: "Good" in app.text())
        app.open_lesson(notebook_id(tmp_path / "2-bad.ipynb"))
        await app.until(lambda: "cut off" in app.text())
        assert isinstance(app.screen, HomeScreen)


async def test_a_notebook_is_gone_on_with_and_missed_kindly(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# A page of mine\n\nText.\n\n```python\n1\n```\n")
    async with opened(path) as app:
        await app.until(lambda: "A page of mine" in app.text())
        await app.pilot.press("j")
        app.screen._place.keep()
    async with opened(resume=True) as app:
        await app.until(lambda: "A page of mine" in app.text())
    path.unlink()
    async with opened(resume=True) as app:
        await app.until(lambda: isinstance(app.screen, HomeScreen) and "cannot be opened" in app.text())


async def test_nothing_hostile_reaches_the_terminal(opened: Opened, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m"
    cells = [
        {"cell_type": "markdown", "source": f"# Title {evil}\n\nText {evil}"},
        {
            "cell_type": "code",
            "source": f"x = '{evil}'",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": f"printed {evil} seen"},
                {"output_type": "execute_result", "data": {"text/plain": f"value {evil} seen"}},
                {"output_type": "error", "ename": f"E{evil}", "evalue": evil, "traceback": [evil]},
            ],
        },
    ]
    folder = tmp_path / "evil"
    folder.mkdir()
    path = folder / f"evil{evil[:5]}.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    course = course_of(folder)
    async with opened(course=course) as app:
        await app.until(lambda: "Title" in app.text())
        app.open_lesson(course.entries()[0].id)
        await app.until(lambda: isinstance(app.screen, LessonScreen) and "printed" in app.text())
        assert not any(char in app.text() for char in "\x1b\x07\x9b")
        app.screen.moves.choose(cell(app, "x ="))
        await app.pilot.press("enter")
        await app.until(lambda: bool(app.screen.query(TextArea)))
        await app.pilot.pause()
        assert "owned" in app.screen.query_one(TextArea).text
        assert not any(char in app.text() for char in "\x1b\x07\x9b")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_name_is_a_lessons_unless_it_plainly_is_a_path(place: Path) -> None:
    (place / "softmax").mkdir()
    (place / "lenet.md").write_text("")
    (place / "mine").mkdir()

    def known(name: str) -> bool:
        return name in ("softmax", "convolutional/lenet", "4.1")

    assert path_named("softmax", known) is None
    assert path_named("./softmax", known) == Path("softmax")
    assert path_named("convolutional/lenet", known) is None
    assert path_named("lenet.md", known) == Path("lenet.md")
    assert path_named("mine", known) == Path("mine")
    assert path_named("4.1", known) is None
    assert path_named("nothing", known) is None
    assert path_named("nothing.ipynb", known) == Path("nothing.ipynb")
    assert split_step("lenet.md#training") == ("lenet.md", "training")
    (place / "a#b.md").write_text("")
    assert split_step("a#b.md") == ("a#b.md", "")
