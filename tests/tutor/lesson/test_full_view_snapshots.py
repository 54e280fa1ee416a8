"""The full screen as pictures: charts at three sizes, apart, read at a place, without colour, in ASCII; formulas.

`pytest … --snapshot-update` makes them anew, after somebody has looked at them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import textual

from engine.diagrams import plot
from engine.events import MetricPoint, RunFinished, RunStarted
from engine.redrawing import Drawn
from engine.sheets import Scale, Sheet
from engine.tiles import HeatMap
from tutor.kernel.events import TrainingReported, ValueShown
from tutor.screens.formulas import FormulaScreen
from tutor.screens.full_view import FullView

MADE_WITH = "8.2"
pytestmark = pytest.mark.skipif(
    not textual.__version__.startswith(f"{MADE_WITH}."), reason=f"the pictures were made with Textual {MADE_WITH}"
)
BODY = r"""
The softmax, $\hat{y}_j = \exp(o_j) / \sum_k \exp(o_k)$ (软最大), and its loss:

$$
l(\mathbf{y}, \hat{\mathbf{y}}) = - \sum_{j=1}^q y_j \log \frac{\exp(o_j)}{\sum_{k=1}^q \exp(o_k)}
$$

```{code-cell} python
:id: train
fit()
```
"""


def run(name: str, lr: float) -> TrainingReported:
    """Ten epochs of forty steps."""
    started = RunStarted(name, "LeNet", "FashionMNIST", True, "CPU, 2 cores", 10, 40, {"lr": lr}, ("stand-in data",))
    points = [MetricPoint(name, "train_loss", i / 40, 0.3 + 2 * math.exp(-lr * i / 8)) for i in range(401)]
    points += [MetricPoint(name, "val_loss", e, 0.4 + 2 * math.exp(-lr * e * 5)) for e in range(1, 11)]
    points += [MetricPoint(name, "val_acc", e, 0.9 - 0.7 * math.exp(-lr * e * 4)) for e in range(1, 11)]
    end = RunFinished(name, "completed", 12.0, 10.0, 1234.0, {"val_acc": 0.88})
    return TrainingReported("", (started, *points, end))


@pytest.fixture
def picture(lesson_app: Callable[..., Any], snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Compare what the keys lead to with its picture."""

    def compare(size: tuple[int, int], theme: str, step: str, wanted: type, *keys: str) -> bool:
        app = lesson_app(BODY)
        app.theme = theme

        async def prepare(pilot: Any) -> None:
            await app.until(lambda: "no kernel" in app.text())
            cell = app.screen.steps.cells["train"]
            cell.add_outputs([run("a", 0.05)])
            cell.begin_run()
            cell.add_outputs([run("b", 0.1)])
            await pilot.pause()
            app.screen.moves.choose(app.screen.steps.widgets[step] if step else app.screen.moves.current)
            await pilot.press(keys[0])
            await app.until(lambda: isinstance(app.screen, wanted))
            await pilot.press(*keys[1:])
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_a_chart(picture: Callable[..., bool], size: tuple[int, int]) -> None:
    assert picture(size, "d2l-dark", "train", FullView, "f")


def test_a_chart_in_two_panels_read_in_the_middle(picture: Callable[..., bool]) -> None:
    assert picture((120, 40), "d2l-light", "train", FullView, "f", "m", "b", "b", "b", "b")


def test_a_chart_without_colour(picture: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture((80, 24), "d2l-dark", "train", FullView, "f", "b", "b", "b")


def test_a_chart_in_ascii(picture: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    assert picture((80, 24), "d2l-contrast", "train", FullView, "f", "b", "b", "b")


def test_formulas_and_their_tex(picture: Callable[..., bool]) -> None:
    assert picture((80, 24), "d2l-dark", "", FormulaScreen, "dollar_sign", "j")


def surface() -> Any:
    """matplotlib's, as a kernel shows it."""
    from matplotlib.figure import Figure

    from engine.matplotlib_charts import as_sheet

    ax = Figure().add_subplot(projection="3d")
    places = [number / 5 - 1 for number in range(11)]
    x, y = numpy.meshgrid(places, places)
    ax.plot_surface(x, y, x**2 - y**2)
    ax.set(xlabel="x", ylabel="y", zlabel="loss")
    return Drawn(as_sheet(ax.figure))


def lines() -> Any:
    """Six curves in one diagram."""
    x = [number / 10 for number in range(-30, 31)]
    curves = [math.sin, math.cos, math.tanh, lambda v: max(v, 0.0), lambda v: 1 / (1 + math.exp(-v)), abs]
    names = ["sin", "cos", "tanh", "relu", "sigmoid", "abs"]
    return plot(x, [[curve(each) for each in x] for curve in curves], "x", "f(x)", names)


def weights() -> Any:
    """Attention over eight words, as a heat map."""
    rows = [[math.exp(-abs(i - j)) for j in range(8)] for i in range(8)]
    values = [value / sum(row) for row in rows for value in row]
    return Drawn(Sheet([[HeatMap(8, 8, values, 0.0, 0.8)]], scale=Scale(0.0, 0.8, "keys", "queries")))


@pytest.fixture
def figure(lesson_app: Callable[..., Any], snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Compare a figure on the full screen, after some keys, with its picture."""

    def compare(shown: Any, size: tuple[int, int], theme: str, *keys: str) -> bool:
        app = lesson_app(BODY)
        app.theme = theme
        bundle = dict(shown._repr_mimebundle_())

        async def prepare(pilot: Any) -> None:
            await app.until(lambda: "no kernel" in app.text())
            app.screen.steps.cells["train"].add_outputs([ValueShown("", bundle)])
            await pilot.pause()
            app.screen.moves.choose(app.screen.steps.widgets["train"])
            await pilot.press("f")
            await app.until(lambda: isinstance(app.screen, FullView))
            await pilot.press(*keys)
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


@pytest.mark.parametrize(("theme", "size"), [("d2l-dark", (120, 40)), ("d2l-light", (80, 24))])
def test_six_curves_read_at_a_place(figure: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    assert figure(lines(), size, theme, "home", "space", "space", "space")


@pytest.mark.parametrize(("theme", "size"), [("d2l-contrast", (120, 40)), ("d2l-light", (80, 24))])
def test_a_heat_map_with_its_numbers(figure: Callable[..., bool], theme: str, size: tuple[int, int]) -> None:
    assert figure(weights(), size, theme)


def test_a_heat_map_without_colour(figure: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert figure(weights(), (80, 24), "d2l-dark")


def test_a_surface_in_space(figure: Callable[..., bool]) -> None:
    assert figure(surface(), (120, 40), "d2l-dark")


def test_a_surface_in_ascii(figure: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    assert figure(surface(), (80, 24), "d2l-dark")
