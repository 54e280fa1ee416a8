"""The course as pictures: two sizes, our themes, NO_COLOR and ASCII. Sealed: a fixed course, record and device.

`pytest tests/tutor/test_home_snapshots.py --snapshot-update` makes them anew, after somebody has looked at them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import textual

from lessons.catalog import Course
from tutor.app import DeviceKnown
from tutor.glyphs import glyphs

MADE_WITH = "8.2"
"""Textual's version that drew the pictures: another one may draw the same screen in other SVG."""

pytestmark = pytest.mark.skipif(
    not textual.__version__.startswith(f"{MADE_WITH}."), reason=f"the pictures were made with Textual {MADE_WITH}"
)

SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("d2l-dark", "d2l-light", "d2l-contrast")
DEVICE = {"kind": "cuda", "name": "NVIDIA H200", "memory_free": 139 << 30, "memory_total": 140 << 30}

Compare = Callable[..., bool]


def _without_paths(course: Course) -> Course:
    """The course with a fault that does not tell where this test ran."""
    chapters = tuple(
        replace(
            chapter,
            lessons=tuple(
                replace(entry, broken="02-broken.md:2: the list is never closed") if entry.broken else entry
                for entry in chapter.lessons
            ),
        )
        for chapter in course.chapters
    )
    return Course(course.title, chapters)


@pytest.fixture
def picture(make_app: Callable[..., Any], course: Course, snap_compare: Compare) -> Callable[..., bool]:
    """Compare the screen after some keys with its picture."""

    def compare(size: tuple[int, int], theme: str, *keys: str, wait_for: str = "", **given: Any) -> bool:
        app = make_app(course=_without_paths(course), **given)
        app.theme = theme

        async def prepare(pilot: Any) -> None:
            await pilot.pause()
            app.post_message(DeviceKnown(DEVICE))
            await app.until(lambda: "looking for a device" not in app.text())
            await pilot.press(*keys)
            await app.until(lambda: wait_for in app.text())
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_home(picture: Callable[..., bool], returning: Path, size: tuple[int, int], theme: str) -> None:
    assert picture(size, theme, "j")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_help(picture: Callable[..., bool], returning: Path, size: tuple[int, int], theme: str) -> None:
    assert picture(size, theme, "question_mark", wait_for="Anywhere")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_search(picture: Callable[..., bool], returning: Path, size: tuple[int, int], theme: str) -> None:
    keys = ("slash", *"head")
    assert picture(size, theme, *keys, wait_for="head")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_greeting(
    picture: Callable[..., bool],
    size: tuple[int, int],
    theme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tutor.app.shown", lambda path: "~/.local/share/d2l-tutor/progress.db")
    assert picture(size, theme, wait_for="Five keys")


def test_home_without_colour(picture: Callable[..., bool], returning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture((80, 24), "d2l-dark", "j")


def test_home_in_ascii(picture: Callable[..., bool], returning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_TUTOR_ASCII", "1")
    glyphs.cache_clear()
    assert picture((80, 24), "d2l-dark", "j")


@pytest.mark.parametrize("way", ["NO_COLOR", "D2L_TUTOR_ASCII"])
@pytest.mark.parametrize(("key", "words"), [("question_mark", "Anywhere"), ("slash", "head")], ids=["help", "search"])
def test_help_and_search_in_plain(
    picture: Callable[..., bool], returning: Path, key: str, words: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(way, "1")
    glyphs.cache_clear()
    assert picture((80, 24), "d2l-dark", key, *("head" if key == "slash" else ""), wait_for=words)
