"""The connection drops while a cell runs; the lesson opens again as if it had not. Real app, record and kernel."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tutor.kernel import registry
from tutor.kernel.events import KernelState
from tutor.screens.lesson import LessonScreen
from tutor.screens.still_running import StillRunningScreen
from tutor.widgets.states import CellState

BODY = """
```{code-cell} python
:id: slow
import pathlib, time
gate = pathlib.Path(GATE)
print('be' + 'gun')
while not gate.exists():
    time.sleep(0.01)
print('bet' + 'ween')
while gate.exists():
    time.sleep(0.01)
print('en' + 'ded')
```

```{code-cell} python
:id: quick
print('gate ' + 'is', gate.name)
```
"""


@pytest.fixture
def keep() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="d2lk-", dir="/var/tmp"))
    yield directory
    for record in registry.live(directory):
        record.process().kill()
    shutil.rmtree(directory, ignore_errors=True)


async def test_a_cell_goes_on_while_there_is_no_tutor_and_is_watched_again(
    open_lesson: Any, keep: Path, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    body = BODY.replace("GATE", repr(str(gate)))
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
    gate.touch()
    (record,) = registry.live(keep)
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.sees("begun", "between")
        await bench.until(lambda: bench.cell("slow").state is CellState.RUNNING)
        assert bench.screen.runs.is_active("slow")
        gate.unlink()
        assert await bench.ended("slow") is CellState.OK
        await bench.sees("ended")
        assert await bench.run("quick") is CellState.OK  # variables are alive
        await bench.sees("gate is gate")
        kept = bench.kept().runs
        assert [kept[step].outcome for step in ("slow", "quick")] == ["ok", "ok"]
        text = "".join(output.payload["text"] for output in kept["slow"].outputs)
        assert text == "begun\nbetween\nended\n"
    assert [found.id for found in registry.live(keep)] == [record.id]


async def test_a_cell_that_ended_meanwhile_is_shown_as_it_ended(open_lesson: Any, keep: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    body = BODY.replace("GATE", repr(str(gate)))
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.until(lambda: bench.cell("slow").state is CellState.RUNNING)
        await bench.press("i", "i")
        assert await bench.ended("slow") is CellState.INTERRUPTED


async def test_a_kernel_that_died_meanwhile_is_told_once_and_nothing_is_run_again(
    open_lesson: Any, keep: Path, tmp_path: Path
) -> None:
    body = BODY.replace("GATE", repr(str(tmp_path / "gate")))
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
    (record,) = registry.live(keep)
    os.kill(record.pid, signal.SIGKILL)
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.sees("begun")
        await bench.until(lambda: bench.cell("slow").state is CellState.DIED)
        await bench.until(lambda: any("is gone since" in note.message for note in bench.app._notifications))
        assert all(note.timeout <= 10 for note in bench.app._notifications)
        bench.app.clear_notifications()  # its time is over: what it said stands where it belongs
        await bench.until(lambda: not bench.app.screen.query("Toast"))
        await bench.sees("The kernel of this lesson is gone since", "fresh: no variables")
        assert bench.kept().runs["slow"].outcome == "died"
        assert await bench.run("quick") is CellState.FAILED  # a fresh kernel: nothing was run again
        await bench.until(lambda: "fresh: no variables" not in bench.text())
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.until(lambda: bench.screen.runs.state is KernelState.IDLE)
        assert not [note for note in bench.app._notifications if "is gone since" in note.message]


@pytest.mark.parametrize(("key", "left"), [("l", 1), ("s", 0)])
async def test_quitting_while_a_cell_runs_leaves_it_or_stops_it(
    open_lesson: Any, keep: Path, tmp_path: Path, key: str, left: int
) -> None:
    body = BODY.replace("GATE", repr(str(tmp_path / "gate")))
    async with open_lesson(body, kernel=True, keep=keep) as bench:
        await bench.at("slow")
        await bench.press("r")
        await bench.sees("begun")
        await bench.press("ctrl+q")
        await bench.until(lambda: isinstance(bench.app.screen, StillRunningScreen))
        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, LessonScreen))
        await bench.press("ctrl+q")
        await bench.until(lambda: isinstance(bench.app.screen, StillRunningScreen))
        await bench.press(key)
        await bench.until(lambda: bench.app._exit)
    assert len(registry.live(keep)) == left


TRAINING = """
```{code-cell} python
:id: above
import pathlib, time, torch
from engine import LinearRegression, SyntheticRegressionData, Trainer
gate = pathlib.Path(GATE)
```

```{code-cell} python
:id: train
class Gated(LinearRegression):
    def training_step(self, batch):
        while self.trainer.epoch >= 2 and not gate.exists():
            time.sleep(0.01)
        return super().training_step(batch)

data = SyntheticRegressionData(torch.tensor([2.0, -3.4]), 4.2)
trainer = Trainer(4, device="cpu", checkpoint_every=0, scale=False)
trainer.fit(Gated(lr=0.03), data)
print('notes:', trainer.run._notes)
```
"""


async def test_a_training_whose_kernel_died_goes_on_from_its_checkpoint(
    open_lesson: Any, keep: Path, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    body = TRAINING.replace("GATE", repr(str(gate)))
    async with open_lesson(body, kernel=True, keep=keep, size=(100, 60)) as bench:
        await bench.run("above")
        await bench.at("train")
        await bench.press("C")
        await bench.sees("No training of this cell was cut short")
        await bench.press("r")
        await bench.until(lambda: (chart := bench.cell("train").chart) is not None and _kept_at(chart) == 2)
    (record,) = registry.live(keep)
    os.kill(record.pid, signal.SIGKILL)
    end = time.monotonic() + 60
    while record.is_alive:
        assert time.monotonic() < end
    gate.touch()
    async with open_lesson(body, kernel=True, keep=keep, size=(100, 60)) as bench:
        await bench.at("train")
        await bench.until(lambda: bench.cell("train").state is CellState.DIED)
        await bench.sees("cut off in epoch", "kept as it was at epoch 2", "C goes on from there")
        await bench.press("C")
        assert await bench.ended("train") is CellState.OK
        await bench.sees("resumed at epoch 2", "✓ trained")
        run = bench.cell("train").chart.curves.current
        assert min(run.series["train_loss"].x) < 1  # with what the kernel before had learned
        assert run.finished.epochs == 4
        assert not run.can_go_on
        assert await bench.run("train") is CellState.OK  # and once more, from the beginning
        await bench.sees("notes: []")


def _kept_at(chart: Any) -> float | None:
    run = chart.curves.current
    return run.kept.epoch if run is not None and run.kept is not None else None
