"""An open lesson: the whole app on a course of one's own, a real record, and (where asked for) a real kernel."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from lessons.catalog import load_course
from progress_db import LessonState, Place, Progress
from tutor.kernel.launch import launch
from tutor.kernels import Kernels
from tutor.screens.lesson import LessonScreen
from tutor.widgets.code_cell import CodeCell
from tutor.widgets.quiz_card import QuizCard
from tutor.widgets.states import CellState

LESSON = "first-steps/tensors"
COURSE = """\
title = "A small course"

[[chapter]]
number = 1
slug = "first-steps"
title = "First steps"
"""
HEAD = """\
---
title: {title}
id: {id}
book: "2.1"
minutes: 10
requires: []
objectives:
  - Know more than before.
---

# {title}

"""
OVER = (CellState.OK, CellState.FAILED, CellState.INTERRUPTED, CellState.ABORTED, CellState.DIED)


class Bench:
    """The app with a lesson open, and what a test asks of it."""

    def __init__(self, app: Any, pilot: Pilot[int], record: Path) -> None:
        self.app = app
        self.pilot = pilot
        self._record = record

    @property
    def screen(self) -> LessonScreen:
        assert isinstance(self.app.screen, LessonScreen), self.app.screen
        return self.app.screen

    def cell(self, step: str) -> CodeCell:
        return self.screen.steps.cells[step]

    def quiz(self, step: str) -> QuizCard:
        return self.screen.steps.quizzes[step]

    def text(self) -> str:
        return str(self.app.text())

    async def until(self, condition: Callable[[], object]) -> None:
        await self.app.until(condition)

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await self.until(lambda text=text: text in self.text())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def burst(self, *keys: str) -> None:
        """Press all of them before any is acted on."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    async def at(self, step: str) -> None:
        """Make a step the current one."""
        self.screen.moves.choose(self.screen.steps.widgets[step])
        await self.pilot.pause()

    async def run(self, step: str) -> CellState:
        """Run a cell to its end."""
        await self.at(step)
        await self.press("r")
        return await self.ended(step)

    async def ended(self, step: str) -> CellState:
        """How the run of a cell ended."""
        await self.until(lambda: self.cell(step).state in OVER and not self.screen.runs.is_active(step))
        await self.pilot.pause()
        return self.cell(step).state

    def kept(self) -> LessonState:
        """What the record has, once all is committed."""
        assert self.app.record.recorder.flush(60)
        progress = Progress.open(self._record)
        try:
            return progress.lesson(LESSON)
        finally:
            progress.close()


OpenLesson = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture(scope="session")
def sockets() -> Iterator[Path]:
    """A short directory for the sockets of kernels."""
    directory = Path(tempfile.mkdtemp(prefix="d2lt-", dir="/tmp"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def lesson_app(make_app: Callable[..., Any], tmp_path: Path, record: Path, sockets: Path) -> Callable[..., Any]:
    """Makes an app that opens a lesson of that body."""

    def make(body: str, *, kernel: bool = False, warm: bool = False, keep: Path | None = None, step: str = "") -> Any:
        content = tmp_path / "lesson-content"
        chapter = content / "01-first-steps"
        chapter.mkdir(parents=True, exist_ok=True)
        (content / "course.toml").write_text(COURSE, "utf-8")
        (chapter / "01-tensors.md").write_text(HEAD.format(title="Tensors", id=LESSON) + body, "utf-8")
        after = HEAD.format(title="What comes after", id="first-steps/after") + "The end.\n"
        (chapter / "02-after.md").write_text(after, "utf-8")
        kernels = None
        if kernel:
            environment = {"OMP_NUM_THREADS": "1", "D2L_TUTOR_WARMUP": "1" if warm else "0"}
            kernels = Kernels(partial(launch, sockets, keep=keep, environment=environment), keep=keep)
        return make_app(course=load_course(content), record_path=record, kernels=kernels, start_at=Place(LESSON, step))

    return make


@pytest.fixture
def open_lesson(lesson_app: Callable[..., Any], record: Path) -> OpenLesson:
    """Opens a lesson of that body in the app. Twice in a test: the app is closed and started anew between."""

    @asynccontextmanager
    async def open_lesson(body: str, *, size: tuple[int, int] = (100, 40), **given: Any) -> AsyncIterator[Bench]:
        app = lesson_app(body, **given)
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                await app.until(lambda: isinstance(app.screen, LessonScreen))
                await pilot.pause()
                yield Bench(app, pilot, record)
        finally:
            app.close()

    return open_lesson
