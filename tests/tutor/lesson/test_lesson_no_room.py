"""As many kernels run as there may be: no cell waits in silence, and the learner says which kernel may go."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tutor import limits
from tutor.kernel import registry
from tutor.kernel.events import CellFinished, CellStarted, KernelEvent
from tutor.kernel.launch import launch
from tutor.kernels import Kernels
from tutor.screens.confirm import ConfirmScreen
from tutor.widgets.states import CellState

BODY = """
```{code-cell} python
:id: hello
print("hel" + "lo")
```

```{code-cell} python
:id: more
print("mo" + "re")
```
"""

OtherLesson = Callable[[str], Kernels]


@pytest.fixture
def keep() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="d2lk-", dir="/var/tmp"))
    yield directory
    for record in registry.live(directory):
        record.process().kill()
    shutil.rmtree(directory, ignore_errors=True)  # the last words of a kernel that was killed may just be written


@pytest.fixture
def other(keep: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherLesson]:
    """Has another tutor run a source in the lesson that comes after; and lets no lesson have a kernel beside it."""
    monkeypatch.setenv(limits.MOST_SWITCH, "1")
    settings = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1"}
    kernels = Kernels(partial(launch, sockets, keep=keep, environment=settings), keep=keep)

    def run(source: str) -> Kernels:
        there = threading.Event()
        waited_for = CellStarted if "while" in source else CellFinished

        def hear(events: list[KernelEvent]) -> None:
            if any(isinstance(event, waited_for) for event in events):
                there.set()

        kernels.connect("first-steps/after", hear).run(source, run="other", cell="there")
        assert there.wait(120)
        return kernels

    yield run
    kernels.stop()


async def test_the_one_that_is_idle_longest_gives_way_when_the_learner_says_so(
    open_lesson: Any, keep: Path, other: OtherLesson
) -> None:
    other("x = 1")
    (idle,) = registry.live(keep)
    async with open_lesson(BODY, kernel=True, keep=keep, size=(80, 24)) as bench:
        await bench.sees("1 kernels run already: run a cell to choose.")
        assert not isinstance(bench.app.screen, ConfirmScreen)  # opening asks nothing
        screen = bench.screen
        await bench.press("A")
        await bench.until(lambda: isinstance(bench.app.screen, ConfirmScreen))
        await bench.sees("1 kernels run already", "“What comes after” is idle", "Its variables are lost")
        await bench.press("y")
        await bench.until(lambda: screen.steps.cells["more"].state is CellState.OK)
        await bench.sees("hello", "more")
        (now,) = registry.live(keep)
        assert (now.lesson, now.id == idle.id) == (bench.screen.lesson.id, False)


async def test_a_cell_that_gets_no_kernel_is_said_not_to_have_run_and_may_be_run_later(
    open_lesson: Any, keep: Path, other: OtherLesson
) -> None:
    kernels = other("x = 1")
    async with open_lesson(BODY, kernel=True, keep=keep) as bench:
        screen = bench.screen
        await bench.at("hello")
        await bench.press("r")
        await bench.until(lambda: isinstance(bench.app.screen, ConfirmScreen))
        await bench.press("n")
        await bench.until(lambda: screen.steps.cells["hello"].state is CellState.ABORTED)
        await bench.sees("Not run. 1 kernels run already")
        assert bench.kept().runs["hello"].outcome == "aborted"
        assert len(registry.live(keep)) == 1
        kernels.end("first-steps/after")
        await bench.until(lambda: not registry.live(keep))
        await bench.press("r")
        await bench.until(lambda: screen.steps.cells["hello"].state is CellState.OK)


async def test_kernels_at_work_are_named_and_none_is_ended(open_lesson: Any, keep: Path, other: OtherLesson) -> None:
    other("while True: pass")
    async with open_lesson(BODY, kernel=True, keep=keep) as bench:
        screen = bench.screen
        await bench.at("hello")
        await bench.press("r")
        await bench.until(lambda: isinstance(bench.app.screen, ConfirmScreen))
        await bench.sees("All of them are at work: “What comes after”")
        await bench.press("y")  # there is nothing to agree to
        assert isinstance(bench.app.screen, ConfirmScreen)
        await bench.press("enter")
        await bench.until(lambda: screen.steps.cells["hello"].state is CellState.ABORTED)
        assert len(registry.live(keep)) == 1


async def test_one_who_goes_from_lesson_to_lesson_needs_room_for_one(
    open_lesson: Any, keep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.MOST_SWITCH, "1")
    async with open_lesson(BODY, kernel=True, keep=keep) as bench:
        await bench.run("hello")
        await bench.press("n")
        await bench.until(lambda: bench.screen.lesson.id == "first-steps/after" and bench.screen.runs.session)
        (now,) = registry.live(keep)
        assert now.lesson == "first-steps/after"
