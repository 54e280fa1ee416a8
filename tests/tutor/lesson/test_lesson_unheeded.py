"""Cells that an interrupt does not stop: said, and killing is offered. Real app, real kernel."""

from __future__ import annotations

from typing import Any

import pytest

from tutor.kernel.heed import SWITCH
from tutor.widgets.states import CellState

C_CODE = """
```{code-cell} python
:id: stuck
import hashlib
print('be' + 'gun', flush=True); hashlib.pbkdf2_hmac('sha256', b'', b'', 300_000_000)
```
"""

STUBBORN = """
```{code-cell} python
:id: stuck
import time
caught = 0
while True:
    try:  # what is told is told in here: the next signal may come at once
        print('be' + 'gun' if not caught else 'caught ' + str(caught) + '.')
        time.sleep(600)
    except KeyboardInterrupt:
        caught += 1
```
"""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0.3")


async def _killed(bench: Any) -> None:
    await bench.sees("It does not stop. 0 0 kills it; i i tries again.")
    await bench.press("0", "0")
    await bench.sees("Restart the kernel all the same?")
    await bench.press("y")
    assert await bench.ended("stuck") is CellState.DIED
    await bench.sees("begun")  # what it put out is kept
    await bench.until(lambda: "It does not stop" not in bench.text())
    assert bench.kept().runs["stuck"].outcome == "died"


async def test_c_code_that_does_not_stop_is_told_and_can_be_killed(open_lesson: Any) -> None:
    async with open_lesson(C_CODE, kernel=True) as bench:
        await bench.at("stuck")
        await bench.press("r")
        await bench.sees("begun")
        await bench.press("i", "i")
        await _killed(bench)


async def test_a_cell_that_swallows_the_interrupt_gets_one_a_press_and_can_be_killed(open_lesson: Any) -> None:
    async with open_lesson(STUBBORN, kernel=True) as bench:
        await bench.at("stuck")
        await bench.press("r")
        await bench.sees("begun")
        for press in range(1, 4):
            await bench.press("i", "i")
            await bench.sees(f"caught {press}.")
        await bench.sees("It does not stop")
        assert "caught 4" not in bench.text()  # one signal a press
        await _killed(bench)
