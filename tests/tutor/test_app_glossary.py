"""Terms of the glossary, found with Ctrl+P."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from progress_db import Place
from tutor.screens.home import HomeScreen
from tutor.screens.lesson import LessonScreen
from tutor.screens.term import TermScreen

MakeApp = Callable[..., Any]

GLOSSARY = """
[[term]]
name = "broadcasting"
zh = "广播"
says = "Stretches axes of length 1, as if $\\\\alpha$ were copied."
lesson = "first-steps/tensors"

[[term]]
name = "leaky ReLU"
zh = "带泄露修正线性单元"
says = "Leaks."
lesson = "first-steps/tensors"

[[term]]
name = "ReLU"
zh = "修正线性单元"
says = "Cuts at zero."
lesson = "first-steps/tensors"

[[term]]
name = "wreckage"
zh = "残骸"
says = "What is left."
lesson = "first-steps/broken"
"""


@pytest.fixture
def glossary(content: Path) -> Path:
    path = content / "01-first-steps" / "glossary.toml"
    path.write_text(GLOSSARY, "utf-8")
    return path


@pytest.fixture
def broken_glossary(glossary: Path) -> Path:
    glossary.write_text("[[term]", "utf-8")
    return glossary


async def choose(app: Any, pilot: Any, words: str, shown: str) -> None:
    await pilot.press("ctrl+p")
    await pilot.press(*words)
    await app.found(shown)
    await pilot.press("enter")
    await app.until(lambda: isinstance(app.screen, TermScreen))
    await pilot.pause()


@pytest.mark.parametrize("words", ["broadc", "广播"])
async def test_a_term_is_explained_and_enter_opens_its_lesson(
    make_app: MakeApp, returning: Path, glossary: Path, words: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot, words, "what it means")
        text = app.text()
        assert "broadcasting  广播" in text
        assert "as if α were copied" in text.replace("𝛼", "α").replace("𝜶", "α")
        assert "2.1 Tensors and shapes" in text
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen) and app.screen.lesson.id == "first-steps/tensors")


async def test_the_term_that_is_called_what_was_typed_comes_first(
    make_app: MakeApp, returning: Path, glossary: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot, "ReLU", "leaky ReLU")
        assert "Cuts at zero." in app.text()


async def test_escape_leads_back_and_a_broken_lesson_is_not_offered(
    make_app: MakeApp, returning: Path, glossary: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await choose(app, pilot, "wreckage", "what it means")
        assert "open the lesson" not in app.text()
        await pilot.press("enter")
        assert isinstance(app.screen, TermScreen)
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, HomeScreen))


async def test_a_glossary_that_cannot_be_read_is_told_and_lessons_are_found_all_the_same(
    make_app: MakeApp, returning: Path, broken_glossary: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*"tensors")
        await app.found("First steps")
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        assert any("glossary.toml" in notification.message for notification in app._notifications)


async def test_a_term_is_marked_where_its_lesson_first_uses_it_and_a_click_explains_it(
    make_app: MakeApp, returning: Path, content: Path, glossary: Path
) -> None:
    lesson = glossary.with_name("01-tensors.md")
    text = lesson.read_text("utf-8").replace("A word of prose.", "Beware of broadcasting, and of broadcasting twice.")
    lesson.write_text(text, "utf-8")
    app = make_app(start_at=Place("first-steps/tensors", ""))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: "broadcasting twice" in app.text())
        row, line = next((y, line) for y, line in enumerate(app.text().split("\n")) if "broadcasting twice" in line)
        first, second = line.index("broadcasting"), line.rindex("broadcasting")
        await pilot.click(offset=(second + 2, row))
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.get_style_at(first + 2, row).italic
        await pilot.click(offset=(first + 2, row))
        await app.until(lambda: isinstance(app.screen, TermScreen))
        await app.until(lambda: "Stretches axes" in app.text())
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
