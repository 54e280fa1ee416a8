"""A closer look: charts to read values in, tables, pictures and formulas on the full screen; TeX; ASCII; pace."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from PIL import Image

from engine.diagrams import plot
from engine.events import MetricPoint, RunFinished, RunStarted, StepsDone
from engine.redrawing import MIME, Drawn
from engine.tables import Table
from tutor import pace
from tutor.kernel.events import TrainingReported, ValueShown
from tutor.screens.formulas import FormulaScreen
from tutor.screens.full_view import FullView
from tutor.widgets.exhibits import ChartExhibit
from tutor.widgets.key_line import KeyLine
from tutor.widgets.output_log import FIGURE
from tutor.widgets.states import CellState
from tutor.widgets.training_chart import chart_height

OpenLesson = Callable[..., AbstractAsyncContextManager[Any]]

BODY = """\
The sum $\\sum_i x_i \\le 1$ – “small” → and a derivative:

$$\\frac{\\partial f}{\\partial x} = 2x$$

```{code-cell} python
:id: train
fit()
```

```{quiz} which
kind: choice
prompt: Which is more?
options:
  - {text: two, correct: true, why: It is.}
  - {text: one, correct: false, why: It is not.}
```
"""
TABLE = """<table><thead><tr><th></th><th>a</th><th>b</th></tr></thead>
<tbody><tr><th>0</th><td>17</td><td>4</td></tr></tbody></table>"""


def report(run: str = "a", lr: float = 0.1, epochs: int = 4) -> TrainingReported:
    """A run of `epochs` out of four, ten steps each; the loss at a place is 2 − place / 4."""
    started = RunStarted(run, "LeNet", "FashionMNIST", False, "CPU", 4, 10, {"lr": lr})
    points = [MetricPoint(run, "train_loss", step / 10, 2 - step / 40) for step in range(10 * epochs + 1)]
    points += [MetricPoint(run, "val_acc", float(epoch), 0.5 + epoch / 10) for epoch in range(1, epochs + 1)]
    done = StepsDone(run, 10 * epochs, 40, epochs, 1000.0, 1.0)
    end = RunFinished(run, "completed", 1.0, 4.0, 1000.0, {"val_acc": 0.9})
    return TrainingReported("", (started, *points, done, *((end,) if epochs == 4 else ())))


async def test_values_are_read_point_by_point(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([report()])
        await bench.press("f")
        await bench.sees("epoch 4 · step 40", "train_loss 1", "val_acc 0.9")
        await bench.press("left", "left")
        await bench.sees("epoch 3.8 · step 38", "train_loss 1.05", "val_acc 0.9")
        await bench.press("home")
        await bench.sees("epoch 0 · step 0", "train_loss 2", "val_acc 0.6")
        await bench.press("right")
        await bench.sees("epoch 0.1 · step 1", "train_loss 1.975")
        assert "┊" in bench.text()
        await bench.press("escape")
        await bench.until(lambda: bench.app.screen is not None and not isinstance(bench.app.screen, FullView))


async def test_the_mouse_reads_values_too(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([report()])
        await bench.press("f")
        await bench.sees("step 40")
        lines = bench.text().splitlines()
        row = next(y for y, line in enumerate(lines) if "┤" in line)
        axis = lines[row].index("┤")
        await bench.pilot.hover(offset=(axis + 1, row + 1))
        await bench.sees("step 0 ")
        middle = axis + 1 + (100 - axis) // 2
        await bench.pilot.hover(offset=(middle, row + 1))
        await bench.until(lambda: isinstance(bench.app.screen.exhibit, ChartExhibit) and bench.app.screen.exhibit.at)
        assert math.isclose(bench.app.screen.exhibit.at, 2.0, abs_tol=0.15)


async def test_it_is_live_and_keeps_how_it_is_looked_at(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        cell = bench.cell("train")
        cell.add_outputs([report(epochs=2)])
        await bench.press("f")
        await bench.sees("step 20", "50%")
        cell.begin_run()
        cell.add_outputs([report("b", 0.3)])
        await bench.sees("step 40", "train_loss (lr=0.1)", "✓ trained")
        await bench.press("l", "m")
        chart = cell.chart
        await bench.until(lambda: chart.look.log_y and chart.look.apart and not chart.look.smooth)
        await bench.until(lambda: bench.text().count("└") == 2)  # two pairs of axes
        await bench.press("s", "escape")
        assert chart.look.smooth


async def test_a_step_without_anything_says_so(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        await bench.press("f")
        await bench.sees("This step has no chart, picture, table or formula.")


async def test_tables_outputs_and_pictures_one_after_another(open_lesson: OpenLesson) -> None:
    memory = io.BytesIO()
    Image.new("RGB", (60, 30), (200, 30, 30)).save(memory, format="png")
    png = base64.b64encode(memory.getvalue()).decode()
    wide = "".join(f"{number:>6}" for number in range(60))
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs(
            [
                ValueShown("", {"text/plain": wide}),
                ValueShown("", {"text/plain": "a  b", "text/html": TABLE}),
                ValueShown("", {"text/plain": "figure", "image/png": png}),
            ]
        )
        await bench.press("f")
        await bench.sees("60 × 30 pixels", "▀▀▀▀", "1/3")
        await bench.press("tab")
        await bench.sees("17", "2/3")
        await bench.press("tab")
        await bench.sees("columns from 1 of 360", "3/3")
        assert "59" not in bench.text()
        await bench.press(*["right"] * 50)
        await bench.sees("59")


async def test_a_formula_fills_the_screen_and_its_tex_is_copied(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.press("g", "f")
        await bench.sees("∂f", "\\frac{\\partial f}{\\partial x} = 2x")
        await bench.press("y")
        assert bench.app.clipboard == "\\frac{\\partial f}{\\partial x} = 2x"


async def test_the_formulas_in_sight_are_listed_as_tex(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.press("g", "dollar_sign")
        await bench.sees("\\sum_i x_i \\le 1", "\\frac{\\partial f}{\\partial x} = 2x")
        await bench.press("y")
        await bench.sees("copied")
        assert bench.app.clipboard == "\\sum_i x_i \\le 1"
        await bench.press("j", "enter")
        assert bench.app.clipboard == "\\frac{\\partial f}{\\partial x} = 2x"
        await bench.press("dollar_sign")
        await bench.until(lambda: not isinstance(bench.app.screen, FormulaScreen))


async def test_where_there_is_no_formula_nothing_opens(open_lesson: OpenLesson) -> None:
    async with open_lesson("No formula here.\n") as bench:
        await bench.press("dollar_sign")
        await bench.sees("There is no formula in sight.")


async def test_only_ascii_in_lesson_chart_and_lists(open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    async with open_lesson(BODY) as bench:
        bench.cell("train").add_outputs([report()])
        await bench.at("train")
        await bench.sees("train_loss", "+ trained")
        assert bench.text().isascii()
        await bench.press("f")
        await bench.sees("step 40")
        await bench.press("left")
        await bench.sees("step 39")
        assert bench.text().isascii()
        await bench.press("escape", "g", "dollar_sign")
        await bench.sees("\\frac")
        assert bench.text().isascii()


async def test_the_meter_says_what_was_sent_and_is_no_news_itself(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        bench.app.choose_pace("low-bandwidth")
        bench.screen.status.say("", trouble=True)
        bench.app._driver.sent = 10240
        bench.screen.status.meter.measure()
        await bench.sees("10.0 KB")
        bench.app._driver.sent = 10240 + 150
        bench.screen.status.meter.measure()
        await bench.pilot.pause()
        assert "10.0 KB" in bench.text()
        await bench.press("f")
        await bench.until(lambda: isinstance(bench.app.screen, FullView))
        bench.app.screen.query_one(KeyLine).meter.measure()
        await bench.sees("10.1 KB")
        await bench.press("escape")
        bench.app.choose_pace("lively")
        await bench.until(lambda: "KB" not in bench.text())


async def test_calm_is_once_a_second(open_lesson: OpenLesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_TUTOR_PACE", "calm")
    assert pace.current().frames == 1
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        bench.cell("train").show_state(CellState.RUNNING)
        bench.cell("train").add_outputs([report(epochs=2)])
        chart = bench.cell("train").chart
        await bench.until(lambda: chart.is_attached and chart.size.height)
        await bench.pilot.pause()
        await bench.sees("50%")
        painted = chart._painted
        chart.take([StepsDone("a", 22, 40, 2, 1000.0, 1.0)])
        chart.take([StepsDone("a", 23, 40, 2, 1000.0, 1.0)])
        await bench.sees("57%")
        assert chart._painted - painted >= 0.99


async def test_a_chart_that_is_no_widget_yet_keeps_up(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        bench.cell("train").add_outputs([report(epochs=2)])
        await bench.sees("50%")
        for step in (22, 23):
            bench.cell("train").chart.take([StepsDone("a", step, 40, 2, 1000.0, 1.0)])
        await bench.sees("57%")


def test_a_chart_grows_with_the_terminal_within_limits() -> None:
    assert [chart_height(rows) for rows in (24, 40, 60, 200)] == [14, 20, 28, 28]


async def test_a_figure_is_drawn_anew_for_the_room_that_it_has(open_lesson: OpenLesson) -> None:
    shown = plot([0.0, 1.0, 2.0], [0.0, 1.0, 4.0], "seconds", "metres", legend=["fall"], width=60)
    output = ValueShown("", dict(shown._repr_mimebundle_()), is_result=True)
    async with open_lesson(BODY, size=(110, 50)) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([output])
        await bench.sees("→ seconds")
        assert str(shown).splitlines()[-2] in bench.text()  # in the lesson as it was put out
        await bench.press("f")
        await bench.until(lambda: isinstance(bench.app.screen, FullView))
        await bench.sees("→ seconds", "fall")
        rows = [line for line in bench.text().splitlines() if "┤" in line or "│" in line]
        assert len(rows) > 40
        axis = next(line for line in bench.text().splitlines() if "└" in line)
        assert len(axis.rstrip()) > 100


async def test_the_values_of_a_diagram_are_read_by_key_and_by_mouse(open_lesson: OpenLesson) -> None:
    shown = plot(
        [0.0, 1.0, 2.0, 4.0], [[0.0, 1.0, 4.0, 16.0], [1.0, 2.0, 3.0, 5.0]], "seconds", legend=["fall", "walk"]
    )
    async with open_lesson(BODY, size=(100, 30)) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([ValueShown("", dict(shown._repr_mimebundle_()))])
        await bench.press("f")
        await bench.sees("→ seconds")
        await bench.press("home")
        await bench.sees("seconds 0   ", "fall 0", "walk 1")
        await bench.press("right", "right")
        await bench.sees("seconds 2   ", "fall 4", "walk 3")
        assert "┊" in bench.text()
        await bench.press("end")
        await bench.sees("seconds 4   ", "fall 16", "walk 5")
        axis = next(line for line in bench.text().splitlines() if "└" in line).index("└")
        await bench.pilot.hover(offset=(axis + 1 + (99 - axis) // 4, 10))
        await bench.sees("seconds 1   ", "fall 1", "walk 2")


async def test_a_figure_that_is_too_wide_for_the_window_is_drawn_narrower(open_lesson: OpenLesson) -> None:
    shown = plot([0.0, 1.0, 2.0], [0.0, 1.0, 4.0], "seconds", "metres", width=79)
    async with open_lesson(BODY, size=(60, 40)) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([ValueShown("", dict(shown._repr_mimebundle_()))])
        await bench.sees("→ seconds", "└")
        await bench.pilot.pause()
        lines = bench.text().splitlines()
        last = next(number for number, line in enumerate(lines) if "└" in line)
        assert lines[last].count("┬") >= 3  # the axis is in one piece
        assert "→ seconds" in lines[last + 2]


async def test_a_figure_whose_data_is_damaged_is_shown_as_it_was_put_out(open_lesson: OpenLesson) -> None:
    async with open_lesson(BODY) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([ValueShown("", {"text/plain": "as it was", MIME: '{"sheet": 1}'})])
        await bench.press("f")
        await bench.until(lambda: isinstance(bench.app.screen, FullView))
        await bench.sees("as it was")


def test_the_mime_type_is_the_engine_s() -> None:
    assert FIGURE == MIME


async def test_the_head_of_a_long_table_stays(open_lesson: OpenLesson) -> None:
    rows = "".join(f"<tr><th>row{number}</th><td>{number}</td></tr>" for number in range(50))
    html = f"<table><thead><tr><th></th><th>price</th></tr></thead><tbody>{rows}</tbody></table>"
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([ValueShown("", {"text/plain": "a table", "text/html": html})])
        await bench.press("f")
        await bench.sees("price", "row0 ", "row18")
        await bench.press("j", "j")
        await bench.until(lambda: "row1 " not in bench.text())
        await bench.sees("price", "row2 ", "row20")
        await bench.press("end")
        await bench.sees("price", "row49")


async def test_the_head_of_a_long_summary_stays(open_lesson: OpenLesson) -> None:
    rows = [(f"Layer{number}", str(number), "(1, 2)", "7") for number in range(50)]
    shown = Drawn(Table(("layer", "name", "output shape", "parameters"), rows, ["350 parameters."]), 80)
    async with open_lesson(BODY, size=(80, 24)) as bench:
        await bench.at("train")
        bench.cell("train").add_outputs([ValueShown("", dict(shown._repr_mimebundle_()))])
        await bench.press("f")
        await bench.sees("output shape", "Layer0 ")
        await bench.press("end")
        await bench.sees("output shape", "Layer49", "350 parameters.")
        assert "Layer0 " not in bench.text()
