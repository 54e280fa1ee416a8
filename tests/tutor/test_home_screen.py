"""The course's screen, as a learner meets it: with a real record, and without a kernel."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from progress_db import Progress
from progress_db.backups import back_up
from tutor.app import DeviceKnown
from tutor.screens.greeting import GreetingScreen
from tutor.screens.help import HelpScreen
from tutor.screens.home import HomeScreen
from tutor.screens.lesson import LessonScreen
from tutor.screens.search import SearchScreen
from tutor.widgets.lesson_tree import LessonTree

MakeApp = Callable[..., Any]


async def test_a_first_start_greets_and_then_shows_the_course(make_app: MakeApp, record: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: isinstance(app.screen, GreetingScreen))
        text = app.text()
        assert "Five keys are enough" in text
        assert "progress.db" in text.replace("\n", "")
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, HomeScreen))
        assert "Tensors and shapes" in app.text()
        await app.until(record.exists)


async def test_the_greeting_leads_into_the_first_lesson(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: isinstance(app.screen, GreetingScreen))
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert app.screen.lesson.id == "first-steps/tensors"


async def test_the_greeting_fits_on_one_screen_of_80_by_24(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: isinstance(app.screen, GreetingScreen))
        await pilot.pause()
        assert "What it runs on" in app.text()
        assert "see the whole course" in app.text()


async def test_marks_totals_and_the_place_come_from_the_record(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = app.text()
    assert "✓ Tensors and shapes" in text
    assert "◐ Multi-head attention 多头注意力" in text
    assert "1 done · 1 begun · 2 of 3 quizzes right · 1 exercise solved" in text
    assert "1/3" in text
    lines = text.splitlines()
    top = next(number for number, line in enumerate(lines) if "Continue" in line)
    assert "Multi-head attention" in lines[top + 1]
    assert "exercise “double”" in lines[top + 2]


async def test_enter_on_a_fresh_start_continues_at_the_exact_place(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert app.screen.lesson.id == "attention/multi-head"


async def test_keys_move_over_lessons_and_enter_opens_the_one_under_the_cursor(
    make_app: MakeApp, returning: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        tree = app.screen.query_one(LessonTree)
        await pilot.press("j")
        assert tree.lesson == "first-steps/tensors"
        await pilot.press("G")
        assert tree.lesson == "attention/multi-head"
        await pilot.press("k", "k", "k", "k", "k")
        assert tree.lesson == "attention/multi-head"  # the place on top
        await pilot.press("pagedown", "g", "j", "enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert app.screen.lesson.id == "first-steps/tensors"


async def test_q_in_a_lesson_leads_back_with_marks_as_they_are_now(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert app.record is not None
        app.record.recorder.answer_given("attention/multi-head", "colour", "blue", True)
        app.record.recorder.attempt_made("attention/multi-head", "double", "…", True, "")
        await pilot.press("q")
        await app.until(lambda: isinstance(app.screen, HomeScreen))
        await app.until(lambda: "✓ Multi-head attention" in app.text())


async def test_a_lesson_that_was_left_is_the_same_one_when_it_is_opened_again(
    make_app: MakeApp, returning: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        lesson = app.screen
        await pilot.press("q")
        await app.until(lambda: isinstance(app.screen, HomeScreen))
        await pilot.press("c")
        await app.until(lambda: app.screen is lesson)


async def test_a_broken_lesson_says_where_and_why_and_the_rest_opens(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(200, 24)) as pilot:
        await pilot.pause()
        assert "! Broken" in app.text()
        assert "02-broken.md:" in app.text()
        await pilot.press("j", "j", "enter")
        await app.until(lambda: any("02-broken.md:" in note.message for note in app._notifications))
        assert isinstance(app.screen, HomeScreen)
        await pilot.press("k", "enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))


async def test_a_chapter_without_lessons_is_announced(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = next(line for line in app.text().splitlines() if "What comes later" in line)
        assert "not yet written" in line


async def test_the_device_is_looked_for_and_then_named(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "looking for a device" in app.text()
        app.post_message(
            DeviceKnown({"kind": "cuda", "name": "NVIDIA H200", "memory_free": 139 << 30, "memory_total": 140 << 30})
        )
        await app.until(lambda: "NVIDIA H200, 139 GiB free of 140" in app.text())


async def test_beside_the_list_a_wide_screen_tells_what_a_lesson_teaches(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("j")
        assert "Read the shape of any tensor." in app.text()
        assert "Section 2.1" in app.text()
    narrow = make_app()
    async with narrow.run_test(size=(80, 24)) as pilot:
        await pilot.press("j")
        assert "Read the shape of any tensor." not in narrow.text()


# Search


async def _search(app: Any, pilot: Any, words: str) -> None:
    await pilot.press("slash")
    await app.until(lambda: isinstance(app.screen, SearchScreen))
    await pilot.press(*words)
    await app.until(lambda: app.screen.query_one(Input).value == words)


@pytest.mark.parametrize("words", ["attn", "multi", "heads", "11.5", "多头"])
async def test_search_finds_and_enter_opens(make_app: MakeApp, returning: Path, words: str) -> None:
    app = make_app()
    if words == "attn":
        words = "mha"  # initials
    async with app.run_test(size=(80, 24)) as pilot:
        await _search(app, pilot, words)
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert app.screen.lesson.id == "attention/multi-head"


async def test_search_that_finds_nothing_says_so_and_opens_nothing(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await _search(app, pilot, "zzz")
        assert "Nothing in the course goes by that" in app.text()
        await pilot.press("enter")
        assert isinstance(app.screen, SearchScreen)
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, HomeScreen))


async def test_search_works_from_inside_a_lesson(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        await _search(app, pilot, "tensors")
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen) and app.screen.lesson.id == "first-steps/tensors")


@pytest.mark.parametrize("where", ["home", "lesson"])
async def test_a_search_that_is_typed_in_one_go_searches(make_app: MakeApp, returning: Path, where: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        if where == "lesson":
            await pilot.press("c")
            await app.until(lambda: isinstance(app.screen, LessonScreen))
        for key in ("slash", *"tensors"):
            app.post_message(events.Key(key, "/" if key == "slash" else key))
        await app.until(lambda: isinstance(app.screen, SearchScreen) and app.screen.query_one(Input).value == "tensors")


# Help and commands


async def test_help_shows_the_keys_of_the_screen_it_was_asked_on_first(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await app.until(lambda: isinstance(app.screen, HelpScreen))
        assert app.text().index("continue where you left off") < app.text().index("Anywhere")
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, HomeScreen))
        await pilot.press("c")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        await pilot.press("f1")
        await app.until(lambda: isinstance(app.screen, HelpScreen))
        assert "continue where you left off" not in app.text()
        assert "next lesson" in app.text()


async def test_the_palette_opens_lessons_by_title(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*"tensors")
        await app.found("First steps")
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen) and app.screen.lesson.id == "first-steps/tensors")


async def test_a_theme_chosen_in_the_palette_is_kept_for_the_next_start(
    make_app: MakeApp, returning: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.json"
    app = make_app(settings_path=settings)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.theme == "d2l-dark"
        await pilot.press("ctrl+p")
        await pilot.press(*"light")
        await app.found("ink on paper")
        await pilot.press("enter")
        await app.until(lambda: app.theme == "d2l-light")
        await app.until(settings.exists)
    assert make_app(settings_path=settings).theme == "d2l-light"


# Sizes


@pytest.mark.parametrize("size", [(1, 1), (20, 6), (40, 12), (80, 24), (120, 40), (200, 60), (400, 100)])
async def test_every_size_shows_something_and_none_crashes(
    make_app: MakeApp, returning: Path, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = app.text()
    if size >= (40, 12):
        assert "Continue" in text
    elif size == (20, 6):
        assert "at least 40×12" in " ".join(text.split())


async def test_room_given_back_brings_the_course_back(make_app: MakeApp, returning: Path) -> None:
    app = make_app()
    async with app.run_test(size=(30, 8)) as pilot:
        await app.until(lambda: "Too small" in app.text())
        await pilot.resize_terminal(80, 24)
        await app.until(lambda: "Tensors and shapes" in app.text())


# A record that cannot be used


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _garbage(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"this is not a database, and it is somebody's")
    return _bytes(path)


def _empty(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return _bytes(path)


async def test_a_locked_record_is_said_with_what_to_do_and_nothing_of_it_changes(
    make_app: MakeApp, returning: Path
) -> None:
    before = _bytes(returning)
    with closing(sqlite3.connect(returning, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        app = make_app()
        async with app.run_test(size=(100, 30)):
            await app.until(lambda: "Nothing you do now will be kept." in app.text())
            assert "is locked by another program" in " ".join(app.text().split())
        other.execute("ROLLBACK")
    assert _bytes(returning) == before


def _delete(path: Path) -> None:
    path.unlink()


def _truncated(path: Path) -> bytes:
    path.write_bytes(_bytes(path)[: path.stat().st_size // 2])
    return _bytes(path)


def _foreign(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
        other.commit()
    return _bytes(path)


def _aside(record: Path) -> Path:
    (found,) = record.parent.glob("progress.db.aside-*")
    return found


@pytest.mark.parametrize("damage", [_garbage, _empty, _foreign])
async def test_what_is_no_record_is_moved_aside_and_said_and_the_app_works(
    make_app: MakeApp, record: Path, damage: Callable[[Path], bytes]
) -> None:
    before = damage(record)
    app = make_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await app.until(lambda: "There was no backup yet, and a new record" in " ".join(app.text().split()))
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert "Nothing you do now will be kept." not in app.text()
    assert _bytes(_aside(record)) == before
    with Progress.open(record) as progress:
        assert "first-steps/tensors" in progress.standings()


@pytest.mark.parametrize("damage", [_garbage, _empty, _truncated, _foreign])
async def test_the_newest_good_backup_takes_the_place_of_a_damaged_record(
    make_app: MakeApp, returning: Path, damage: Callable[[Path], bytes]
) -> None:
    back_up(returning)
    before = damage(returning)
    app = make_app()
    async with app.run_test(size=(100, 40), notifications=True):
        await app.until(lambda: "the backup of then is in its place" in " ".join(app.text().split()))
        assert "1 done · 1 begun" in app.text()
    assert _bytes(_aside(returning)) == before


async def test_the_record_of_a_newer_tutor_is_shown_and_left_alone(make_app: MakeApp, returning: Path) -> None:
    with sqlite3.connect(returning) as connection:
        connection.execute("PRAGMA user_version = 999")
        connection.execute("CREATE TABLE of_tomorrow (id TEXT)")
    before = _bytes(returning)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await app.until(lambda: "Nothing you do now will be kept." in app.text())
        assert "newer d2l-tutor" in " ".join(app.text().split())
        assert "1 done · 1 begun" in app.text()
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        await app.until(lambda: "Nothing you do now will be kept." in app.text())
    assert _bytes(returning) == before


async def test_a_record_that_was_deleted_is_known_to_have_backups(make_app: MakeApp, returning: Path) -> None:
    back_up(returning)
    _delete(returning)
    app = make_app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await app.until(lambda: isinstance(app.screen, GreetingScreen))
        await pilot.press("escape")
        await app.until(lambda: "There are backups of an earlier one" in " ".join(app.text().split()))
