"""Keys that act on their second press, and say so on the first."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App

from tutor import bindings as bindings_module
from tutor.bindings import ChordScreen, bindings
from tutor.keys import Context


class Chorded(ChordScreen):
    BINDINGS = bindings(Context.LESSON)

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.said: list[str | None] = []

    def chord_waiting(self, words: str | None) -> None:
        self.said.append(words)

    def action_interrupt(self) -> None:
        self.done.append("interrupt")

    def action_restart(self) -> None:
        self.done.append("restart")


class Chords(App[None]):
    def get_default_screen(self) -> Any:
        return Chorded()


async def test_one_press_only_says_what_a_second_would_do() -> None:
    app = Chords()
    async with app.run_test() as pilot:
        await pilot.press("i")
        assert app.screen.done == []
        assert "interrupt" in app.screen.said[-1]


async def test_the_second_press_acts_once_and_ends_the_waiting() -> None:
    app = Chords()
    async with app.run_test() as pilot:
        await pilot.press("i", "i", "i")
        assert app.screen.done == ["interrupt"]
        assert app.screen.said[1] is None  # then the third press waits anew
        await pilot.press("i")
        assert app.screen.done == ["interrupt", "interrupt"]


async def test_two_different_first_presses_are_no_chord() -> None:
    app = Chords()
    async with app.run_test() as pilot:
        await pilot.press("i", "0")
        assert app.screen.done == []
        await pilot.press("0")
        assert app.screen.done == ["restart"]


async def test_a_second_press_that_comes_too_late_is_a_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(bindings_module, "monotonic", lambda: now[0])
    app = Chords()
    async with app.run_test() as pilot:
        await pilot.press("0")
        now[0] += bindings_module.CHORD_SECONDS + 0.1
        await pilot.press("0")
        assert app.screen.done == []
        now[0] += 0.1
        await pilot.press("0")
        assert app.screen.done == ["restart"]
