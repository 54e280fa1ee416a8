"""What keeps the app from opening is said in a sentence, with an exit code, and leaves no kernel behind."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from lessons.catalog import Course
from tutor import start as start_module
from tutor.start import NO_COURSE, NO_SUCH_LESSON, NO_TERMINAL, start


class Stdin:
    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class CountedKernels:
    def __init__(self) -> None:
        self.stops = 0

    keep = None

    def journals(self) -> list[object]:
        return []

    def stop(self, patience: float = 0.0, *, leave: bool = False) -> None:
        self.stops += 1


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> CountedKernels:
    """Kernels that are none, on a terminal."""
    found = CountedKernels()
    monkeypatch.setattr(start_module, "_launch", lambda: found)
    monkeypatch.setattr(start_module, "_has_terminal", lambda: True)
    return found


def test_without_a_terminal_it_says_what_does_without(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Stdin(False))
    assert start() == NO_TERMINAL
    assert "needs a terminal" in capsys.readouterr().err


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_draw_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], term: str
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdin", Stdin(True))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert start() == NO_TERMINAL
    assert "needs a terminal" in capsys.readouterr().err


def test_a_lesson_that_nobody_knows_is_said_with_what_may_have_been_meant(
    kernels: CountedKernels, course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))  # asked which of several, they say nothing
    assert start("te", course=course) == NO_SUCH_LESSON
    said = capsys.readouterr().err
    assert "“te”" in said
    assert "first-steps/tensors" in said
    assert kernels.stops == 1


def test_a_course_that_cannot_be_read_is_said(
    kernels: CountedKernels, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "course.toml").write_text("this is = = not toml", "utf-8")
    monkeypatch.setattr("lessons.catalog.CONTENT", tmp_path)
    assert start() == NO_COURSE
    assert "course.toml" in capsys.readouterr().err
    assert kernels.stops == 1


@pytest.mark.parametrize(
    ("name", "lesson", "step"),
    [("2.1", "first-steps/tensors", ""), ("multi-head#double", "attention/multi-head", "double")],
)
def test_a_lesson_opens_by_any_of_its_names_and_at_a_step(
    kernels: CountedKernels, course: Course, monkeypatch: pytest.MonkeyPatch, name: str, lesson: str, step: str
) -> None:
    opened: list[Any] = []

    def run(app: Any) -> int:
        opened.append(app._start_at)
        return 0

    monkeypatch.setattr("tutor.app.TutorApp.run", run)
    assert start(name, course=course) == 0
    assert (opened[0].lesson, opened[0].step) == (lesson, step)
