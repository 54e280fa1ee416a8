"""A picture past the thrifty driver: shown once, again when all is sent afresh, and taken away with nothing left."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from tutor.driver import ThriftyDriver
from tutor.graphics import Placed

FRAME = "\x1b[1;1Hhello\x1b[0m"
KITTY, SIXEL = Placed("<picture>", "<gone>"), Placed("<sixel>", "")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the terminal."""
    written: list[str] = []
    monkeypatch.setattr(LinuxDriver, "write", lambda _self, data: written.append(data))
    return written


@pytest.fixture
async def driver() -> ThriftyDriver:
    app: Any = SimpleNamespace(size=Size(20, 4), console=None)
    return ThriftyDriver(app, debug=False, mouse=False, size=(20, 4))


def test_a_picture_is_sent_once_and_not_with_every_frame(driver: ThriftyDriver, sent: list[str]) -> None:
    driver.write(FRAME)
    driver.show_picture(KITTY)
    driver.write(FRAME)
    driver.write("\x1b[2;1Hmore\x1b[0m")
    assert "".join(sent).count("<picture>") == 1


def test_it_comes_again_where_all_is_sent_afresh_after_the_text(driver: ThriftyDriver, sent: list[str]) -> None:
    driver.write(FRAME)
    driver.show_picture(KITTY)
    sent.clear()
    driver.repaint()
    driver.write(FRAME)
    assert "hello" in sent[0]
    assert sent[-1] == "<picture>"


def test_it_goes_by_its_own_sequence(driver: ThriftyDriver, sent: list[str]) -> None:
    driver.write(FRAME)
    driver.show_picture(KITTY)
    driver.show_picture(None)
    assert sent[-1] == "<gone>"
    driver.repaint()
    driver.write(FRAME)
    assert "".join(sent).count("<picture>") == 1


def test_a_sixel_goes_because_its_cells_are_written_again(driver: ThriftyDriver, sent: list[str]) -> None:
    driver.write(FRAME)
    driver.show_picture(SIXEL)
    driver.show_picture(None)
    sent.clear()
    driver.write(FRAME)  # which the model of cells would have kept back
    assert "hello" in "".join(sent)
    assert "<sixel>" not in "".join(sent)


def test_pictures_are_counted(driver: ThriftyDriver, sent: list[str]) -> None:
    before = driver.sent
    driver.show_picture(KITTY)
    assert driver.sent == before + len(KITTY.show)
