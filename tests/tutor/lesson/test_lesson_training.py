"""Training in a lesson: the curve while it falls, its knobs, and a stop that keeps what was learned."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from engine.events import MetricPoint, RunDiverged, RunFinished, RunStarted, StepsDone
from tutor.kernel.events import TrainingReported
from tutor.widgets import plotting
from tutor.widgets.states import CellState

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
Some prose.

```{code-cell} python
:id: train
from engine import LinearRegression, SyntheticRegressionData, Trainer
import torch

lr = 0.03  #@param {type: "slider", min: 0.001, max: 10, log: true}

model = LinearRegression(lr=lr)
data = SyntheticRegressionData(w=torch.tensor([2.0, -3.4]), b=4.2)
Trainer(max_epochs=EPOCHS).fit(model, data)
```

```{code-cell} python
:id: ask
print("weights of shape", tuple(model.net.weight.shape))
```
"""


def report(run: str, lr: float) -> TrainingReported:
    """A run of two epochs, whole."""
    started = RunStarted(
        run, "LeNet", "FashionMNIST", True, "CPU, 2 cores", 2, 10, {"lr": lr}, ("a tenth of the data",)
    )
    points = [MetricPoint(run, "train_loss", step / 10, 2.3 / (1 + step)) for step in range(20)]
    done = StepsDone(run, 10, 20, 1, 1234.0, 5.0)
    return TrainingReported("", (started, *points, done))


async def test_the_chart_shows_curves_progress_and_what_must_be_said(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 50)) as bench:
        bench.cell("train").add_outputs([report("a", 0.1)])
        await bench.sees("LeNet · FashionMNIST", "a tenth of the data", "stand-in", "train_loss", "CPU, 2 cores")
        await bench.sees("50%", "epoch 1/2", "1,234 examples/s", "5.0 s left")
        finished = RunFinished("a", "completed", 12.0, 2.0, 1234.0, {"train_loss": 0.1, "val_acc": 0.83})
        bench.cell("train").add_outputs([TrainingReported("", (finished,))])
        await bench.sees("✓ trained", "val_acc 0.83", "2 epochs in 12 s")


async def test_the_first_chart_keeps_its_room_until_what_draws_it_is_there(
    open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plotting, "_is_here", False)
    async with open_lesson(BODY, size=(100, 50)) as bench:
        cell = bench.cell("train")
        cell.add_outputs([report("a", 0.1)])
        before = cell.chart.lines(92)
        assert any("50%" in line.text for line in before)
        assert not any("train_loss" in line.text for line in before)
        await bench.sees("LeNet · FashionMNIST", "train_loss", "50%")
        assert len(cell.chart.lines(92)) == len(before)


async def test_a_board_that_draws_no_training_says_nothing_of_one(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 50)) as bench:
        begun = RunStarted("b", "coins a round over round", "", False, "", 0, 0)
        points = [MetricPoint("b", "average so far", float(t), 1 / t) for t in range(1, 9)]
        bench.cell("train").add_outputs([TrainingReported("", (begun, *points))])
        await bench.sees("coins a round over round", "average so far 0.125")
        assert "starting" not in bench.text()
        over = RunFinished("b", "completed", 0.007, 0.0, 0.0, {"average so far": 0.125})
        bench.cell("train").add_outputs([TrainingReported("", (over,))])
        await bench.sees("average so far 0.125")
        assert "trained" not in bench.text()
        assert "epochs in" not in bench.text()


async def test_a_chart_that_grew_out_of_sight_is_drawn_whole_when_it_comes_back(open_lesson: OpenLesson) -> None:
    long = BODY + "\n\n" + "\n\n".join(f"Line {number} of a long stretch." for number in range(80))
    async with open_lesson(long, size=(100, 60)) as bench:
        await bench.screen.notebook.woken(bench.cell("train"))
        bench.cell("train").add_outputs([report("a", 0.1)])
        await bench.sees("50%")
        await bench.press("G")
        assert "50%" not in bench.text()
        finished = RunFinished("a", "completed", 12.0, 2.0, 1234.0, {"train_loss": 0.1, "val_acc": 0.83})
        warning = RunDiverged("a", 1, 12, "The loss is no longer a number.", "A smaller learning rate helps.")
        bench.cell("train").add_outputs([TrainingReported("", (warning, finished))])
        await bench.pilot.pause()
        await bench.press("g")
        await bench.sees("✓ trained", "A smaller learning rate helps.", "val_acc 0.83")
        assert "50%" not in bench.text()
        notebook, cell = bench.screen.notebook, bench.cell("train")
        drawn = sum(len(part.view.lines(notebook._width - 3 - 2 * part.pad)) for part in cell.parts())
        assert notebook.extent(cell).height >= drawn


async def test_a_second_run_lies_over_the_first(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 50)) as bench:
        bench.cell("train").add_outputs([report("a", 0.1)])
        bench.cell("train").begin_run()
        bench.cell("train").add_outputs([report("b", 0.3)])
        await bench.sees("train_loss (lr=0.1)")


async def test_a_frame_repaints_only_the_cells_that_changed(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY, size=(100, 50)) as bench:
        await bench.screen.notebook.woken(bench.cell("train"))
        bench.cell("train").add_outputs([report("a", 0.1)])
        await bench.sees("50%")
        chart = bench.cell("train").chart
        regions = []
        refresh = chart.refresh
        chart.refresh = lambda *changed, **options: (regions.extend(changed), refresh(*changed, **options))[1]
        done = StepsDone("a", 11, 20, 1, 1234.0, 5.0)
        chart.take([done])
        await bench.sees("55%")
        assert 0 < sum(region.area for region in regions) < 80


async def test_a_knob_is_turned_by_keys_and_writes_the_draft(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        await bench.press("v", "l")
        assert "lr = 0.05 " in bench.cell("train").source
        await bench.press("h", "h")
        assert "lr = 0.02 " in bench.cell("train").source
        await bench.until(lambda: "lr = 0.02 " in bench.kept().drafts.get("train", ""))
        await bench.press("escape")
        assert bench.cell("train").has_focus


@pytest.mark.parametrize("lines", [12, 60])
async def test_the_knobs_come_into_sight_when_they_are_turned(open_lesson: OpenLesson, lines: int) -> None:
    """The cell's own lines fill the screen, or more than that."""
    body = BODY.replace(":id: train\n", ":id: train\n" + "# a line of the cell\n" * lines)
    async with open_lesson(body, size=(100, 20)) as bench:
        await bench.at("train")
        assert "to turn" not in bench.text()
        await bench.press("v")
        await bench.sees("0.03   ← → turn")
        await bench.press("l")
        await bench.sees("0.05   ← → turn")


async def test_a_knob_takes_every_press_of_a_burst(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        bench.burst("v", "l", "l", "h", "h", "h")
        await bench.until(lambda: "lr = 0.02 " in bench.kept().drafts.get("train", ""))
        assert "lr = 0.02 " in bench.cell("train").source


@pytest.mark.slow
async def test_training_draws_stops_at_the_next_batch_and_keeps_what_was_learned(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY.replace("EPOCHS", "100000"), kernel=True, warm=True, size=(100, 50)) as bench:
        await bench.at("train")
        await bench.press("r")
        await bench.sees("epoch 2")
        await bench.press("i", "i")
        assert await bench.ended("train") is CellState.OK
        await bench.sees("■ stopped; what was learned is kept")
        assert await bench.run("ask") is CellState.OK
        await bench.sees("weights of shape (1, 2)")
        assert any(output.kind == "training" for output in bench.kept().runs["train"].outputs)
    async with open_lesson(BODY, step="train", size=(100, 50)) as bench:
        await bench.sees("■ stopped; what was learned is kept", "train_loss", "LinearRegression")
