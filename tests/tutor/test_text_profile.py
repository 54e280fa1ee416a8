"""Which characters text is made of: the environment first, then the setting, then what the terminal can show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lessons.parser import parse
from progress_db import Place
from tutor import text_profile
from tutor.cli.reading import lay_out_lesson
from tutor.glyphs import glyphs
from tutor.prose import Line, line_text, line_width
from tutor.settings import Settings

LESSON = """\
---
id: sets/sums
title: Sums
book: "2.3"
minutes: 10
objectives: [Add what there is to add.]
---

# Sums

A matrix $\\mathbf{W}$ and a sum:

$$\\sum_{i=1}^n x_i^2$$

## Now a question

```{quiz} pairs
kind: match
prompt: What belongs together?
pairs: [[one, "1"], [two, "2"]]
why: Count.
```

```{quiz} which
kind: choice
prompt: Which is more?
options:
  - {text: two, correct: true, why: It is.}
  - {text: one, correct: false, why: It is not.}
```
"""


def laid_out(width: int = 70) -> list[Line]:
    return lay_out_lesson(parse(LESSON, Path("sums.md")), width)


def text(width: int = 70) -> str:
    return "\n".join(map(line_text, laid_out(width)))


@pytest.mark.parametrize(("name", "letter"), [("full", "𝐖"), ("plain", "W"), ("ascii", "W")])
def test_each_profile_has_its_letters(monkeypatch: pytest.MonkeyPatch, name: str, letter: str) -> None:
    monkeypatch.setenv("D2L_TUTOR_TEXT", name)
    assert f"A matrix {letter} and" in text()
    assert text().isascii() == (name == "ascii")


def test_a_terminal_without_more_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    assert text_profile.chosen() == "ascii"
    monkeypatch.setenv("D2L_TUTOR_TEXT", "full")
    assert text_profile.chosen() == "full"


def test_the_environment_goes_before_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    text_profile.prefer("plain")
    assert text_profile.chosen() == "plain"
    monkeypatch.setenv("D2L_TUTOR_TEXT", "full")
    text_profile.prefer("ascii")
    assert text_profile.chosen() == "full"


def test_nonsense_is_passed_over_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text_profile.prefer("cuneiform")
    assert text_profile.chosen() == "full"
    monkeypatch.setenv("D2L_TUTOR_TEXT", "cuneiform")
    assert text_profile.chosen() == "full"
    with pytest.raises(ValueError, match="full, plain, ascii"):
        text_profile.choose("cuneiform")


def test_settings_keep_it_and_older_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "d2l-light"}', "utf-8")
    settings = Settings.load(path)
    assert (settings.theme, settings.text) == ("d2l-light", "")
    settings.text = "ascii"
    settings.save(path)
    assert Settings.load(path) == settings
    path.write_text('{"theme": 3, "text": "plain", "from a newer version": 1}', "utf-8")
    assert Settings.load(path) == Settings(text="plain")


def test_a_lesson_is_read_from_top_to_bottom() -> None:
    lines = text().split("\n")
    assert lines[1:3] == ["Sums", "2.3 · 10 minutes"]
    assert sum(line == "Sums" for line in lines) == 1, "its title is not said twice"
    question = next(line for line in lines if "match the pairs" in line)
    assert question.startswith("▎ Question")
    assert question.endswith("pairs")
    assert "▎ 1. one" in lines
    assert "▎ • 1" in lines
    assert "Count." not in text()
    assert "It is." not in text()


@pytest.mark.parametrize("width", [20, 40, 76])
def test_no_line_is_wider_than_asked(width: int) -> None:
    assert max(map(line_width, laid_out(width))) <= width


async def test_the_palette_changes_what_a_lesson_is_drawn_with(make_app: Callable[..., Any], tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    app = make_app(start_at=Place("first-steps/tensors", "", 0), settings_path=settings)
    async with app.run_test(size=(80, 24)):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {"Text: all characters", "Text: plain letters", "Text: ASCII"} <= set(titles)
        await app.until(lambda: "• Read the shape" in app.text())
        app.choose_text("ascii")
        await app.until(lambda: "- Read the shape" in app.text())
        assert glyphs().done == "x"
        assert Settings.load(settings).text == "ascii"
