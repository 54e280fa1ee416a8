"""What runs, on the course's screen: said while it changes, and silent while it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tutor.app import TutorApp
from tutor.census import KernelNow, Work
from tutor.screens import home
from tutor.screens.lesson import LessonScreen
from tutor.widgets.lesson_tree import LessonTree

MakeApp = Callable[..., Any]
TENSORS, HEADS = "first-steps/tensors", "attention/multi-head"


def kernel(lesson: str, work: Work, since: float | None, outcome: str = "") -> KernelNow:
    return KernelNow(lesson, lesson, work, since, "cell", outcome, 1.0, 1, Path("log"), Path("journal"))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[KernelNow]:
    """What the census finds; the test changes it."""
    found: list[KernelNow] = []
    monkeypatch.setattr(TutorApp, "_census", lambda _app: lambda: tuple(found))
    monkeypatch.setattr(home, "LOOK", 0.05)
    return found


async def test_what_runs_is_listed_under_where_to_go_on_and_enter_opens_it(
    make_app: MakeApp, returning: Path, found: list[KernelNow]
) -> None:
    found.append(kernel(TENSORS, Work.BUSY, time.time() - 1))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: "Running" in app.text())
        lines = app.text().splitlines()
        top = next(number for number, line in enumerate(lines) if "Running" in line)
        assert "Tensors and shapes" in lines[top + 1]
        assert time.strftime("running since %H:%M", time.localtime(found[0].since)) in lines[top + 1]
        await pilot.press("j", "enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert app.screen.lesson.id == TENSORS


async def test_what_finished_while_the_learner_was_away_is_news_and_what_they_saw_is_not(
    make_app: MakeApp, returning: Path, found: list[KernelNow]
) -> None:
    found += [
        kernel(TENSORS, Work.IDLE, time.time() + 5, "ok"),
        kernel(HEADS, Work.IDLE, 1000.0, "ok"),
    ]
    app = make_app()
    async with app.run_test(size=(100, 30)):
        await app.until(lambda: "Running" in app.text())
        tensors = next(line for line in app.text().splitlines() if "while you were away" in line)
        assert "Tensors" in tensors
        assert "finished at" in tensors
        assert any("Multi-head" in line and "idle since 1970" in line for line in app.text().splitlines())
        found[0] = kernel(TENSORS, Work.IDLE, time.time() + 5, "error")
        await app.until(lambda: "while you were away: error" in app.text())
        found[0] = kernel(TENSORS, Work.WAITING, time.time())
        await app.until(lambda: "asks for input since" in app.text())
        found.clear()
        await app.until(lambda: "Running" not in app.text())


async def test_nothing_is_drawn_while_nothing_changes(
    make_app: MakeApp, returning: Path, found: list[KernelNow], monkeypatch: pytest.MonkeyPatch
) -> None:
    found.append(kernel(TENSORS, Work.BUSY, time.time()))
    looks: list[int] = []
    monkeypatch.setattr(TutorApp, "_census", lambda _app: lambda: looks.append(1) or tuple(found))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: "Running" in app.text())
        tree = app.screen.query_one(LessonTree)
        await pilot.press("j", "j")
        chosen = tree.lesson
        drawn: list[int] = []
        monkeypatch.setattr(tree, "refresh", lambda *_: drawn.append(1))
        seen = len(looks)
        await app.until(lambda: len(looks) >= seen + 5)
        assert drawn == []
        assert tree.lesson == chosen


async def test_the_cursor_stays_on_its_lesson_when_another_one_ends(
    make_app: MakeApp, returning: Path, found: list[KernelNow]
) -> None:
    found.append(kernel(HEADS, Work.BUSY, None))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: "running" in app.text())
        tree = app.screen.query_one(LessonTree)
        await pilot.press("j", "j")
        assert tree.lesson == TENSORS
        found.clear()
        await app.until(lambda: "Running" not in app.text())
        assert tree.lesson == TENSORS


async def test_no_kernel_is_counted_while_a_lesson_is_read(
    make_app: MakeApp, returning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(TutorApp, "_census", lambda _app: lambda: looks.append(1) or ())
    monkeypatch.setattr(home, "LOOK", 600)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: len(looks) == 1 and not _is_looking(app))  # one look at a time
        course = app.screen
        course._look_at_kernels()
        await app.until(lambda: len(looks) == 2 and not _is_looking(app))
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        course._look_at_kernels()
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "census"])
        assert len(looks) == 2
        await pilot.press("q")
        await app.until(lambda: len(looks) == 3)


def _is_looking(app: TutorApp) -> bool:
    return any(worker.group == "census" and worker.is_running for worker in app.workers)
