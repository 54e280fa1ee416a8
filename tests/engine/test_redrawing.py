"""Figures that are drawn again from their data: the same at the same size, larger at a larger one; damage is told."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
import torch

from engine import ResNet18, plot, show_heatmaps, show_histogram, show_images, show_surface, summary, trace
from engine.plots import Plot, Series, draw, place_under
from engine.reading import curves_of
from engine.redrawing import MIME, THINNED, FigureUnreadable, drawn_again, packed, thinned, unpacked
from engine.sheets import Sheet
from engine.terminal import ESCAPE, cells


def _annotated():
    x = torch.arange(-3, 3, 0.1)
    return plot(x, [torch.sin(x), 1 / x], "x", "f(x)", ["sin", "1/x"]).annotate("here", (0, 0), (1, 1))


FIGURES = {
    "plot": _annotated,
    "histogram": lambda: show_histogram([[1.0, 2.0, 2.0], [3.0, math.nan]], 5, "x", legend=["a", "b"]),
    "images": lambda: show_images(torch.rand(6, 28, 28), 2, 3, titles=list("abcdef")),
    "heat maps": lambda: show_heatmaps(torch.rand(1, 2, 6, 6), "keys", "queries", ["one", "two"]),
    "surface": lambda: show_surface(lambda a, b: a**2 - b**2, path=[(0.5, 0.5)]),
    "trace": lambda: trace(ResNet18(), (1, 1, 32, 32)),
    "summary": lambda: summary(ResNet18(), (1, 1, 32, 32)),
}
GROWING = ("plot", "histogram", "images", "heat maps", "surface")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("D2L_TUTOR_TEXT", raising=False)


def data_of(name: str) -> tuple[str, str]:
    """Text and data of a figure, as a kernel puts them out."""
    torch.manual_seed(1)
    bundle = FIGURES[name]()._repr_mimebundle_()
    return bundle["text/plain"], bundle[MIME]


@pytest.mark.parametrize("name", FIGURES)
def test_at_its_own_size_it_looks_as_it_did(name):
    text, data = data_of(name)
    assert drawn_again(data, 80) == text


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("width", [40, 60, 120])
def test_it_keeps_to_the_width(name, width):
    width = max(width, 60) if name == "summary" else width  # its numbers and shapes are never cut
    _text, data = data_of(name)
    assert max(cells(line) for line in drawn_again(data, width, 30).split("\n")) <= width


@pytest.mark.parametrize("name", GROWING)
def test_it_fills_the_screen(name):
    text, data = data_of(name)
    small, large = drawn_again(data, 80, 22).split("\n"), drawn_again(data, 200, 56).split("\n")
    assert len(small) <= 22
    assert max(len(text.split("\n")), 40) < len(large) <= 56


def test_numbers_stand_in_a_heat_map_that_has_room_for_them():
    matrix = torch.tensor([[0.25, 0.75], [1.0, 0.0]])
    data = show_heatmaps(matrix, "keys", "queries")._repr_mimebundle_()[MIME]
    assert "0.75" not in drawn_again(data, 80)
    large = drawn_again(data, 80, 20)
    assert all(number in large for number in ("0.25", "0.75", " 1 ", " 0 "))


def test_numbers_stand_in_it_without_colour_too(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    data = show_heatmaps(torch.tensor([[0.25, 0.75], [1.0, 0.0]]), "keys", "queries")._repr_mimebundle_()[MIME]
    large = drawn_again(data, 80, 20)
    assert "0.75" in large
    assert "\x1b" not in large


def test_it_is_ascii_where_it_is_drawn_again_and_not_where_it_was_made(monkeypatch):
    for name in FIGURES:
        _text, data = data_of(name)
        with monkeypatch.context() as patch:
            patch.setenv("D2L_TUTOR_TEXT", "ascii")
            assert drawn_again(data, 80, 24).isascii(), name


def test_a_network_is_no_wider_than_it_is_easy_to_read():
    _text, data = data_of("trace")
    assert max(cells(line) for line in drawn_again(data, 300, 50).split("\n")) <= 90
    assert max(cells(line) for line in drawn_again(data, 60, 50).split("\n")) == 60


def test_the_place_under_a_column_is_where_a_point_there_was_drawn():
    plot_ = Plot([Series("points", [1.0, 10.0, 100.0], [1.0, 2.0, 3.0], "here")], xlog=True)
    lines = draw(plot_, 60, 20).split("\n")
    column = next(line for line in map(ESCAPE.sub, [""] * 20, lines[1:]) if "●" in line and "2" in line).index("●")
    assert place_under(plot_, 60, 20, column) == pytest.approx(10.0, rel=0.1)
    assert place_under(plot_, 60, 20, 0) is None


def test_bars_are_read_by_their_middles_and_points_from_left_to_right():
    plot_ = Plot(
        [
            Series("boxes", boxes=[(0, 0, 2, 5), (2, -3, 4, 0)], label="bars"),
            Series("points", [3.0, 1.0], [30.0, 10.0], "points"),
            Series("faces", [0.0, 1.0, 2.0], [0.0, 1.0, 0.0]),
        ]
    )
    read = [(number, curve.x, curve.y) for number, curve in curves_of(plot_)]
    assert read == [(0, (1.0, 3.0), (5, -3)), (1, (1.0, 3.0), (10.0, 30.0))]


def test_what_is_not_finite_comes_through():
    series = Series("line", [0.0, 1.0, 2.0], [math.inf, math.nan, -1.5])
    content = unpacked(packed(Sheet([[Plot([series])]])))
    assert isinstance(content, Sheet)
    panel = content.rows[0][0]
    assert isinstance(panel, Plot)
    assert [str(value) for value in panel.series[0].y] == ["inf", "nan", "-1.5"]


def test_a_long_line_keeps_its_peaks():
    y = [0.0] * 100_000
    y[54_321], y[77_777] = 9.0, -9.0
    x, kept = thinned(Series("line", range(100_000), y))
    assert len(x) == len(kept) <= THINNED + 2
    assert (x[list(kept).index(9.0)], x[list(kept).index(-9.0)]) == (54_321, 77_777)
    assert list(x) == sorted(x)


def test_a_long_line_is_no_long_message():
    data = packed(Sheet([[Plot([Series("line", range(300_000), [i % 7 / 7 for i in range(300_000)])])]]))
    assert 0 < len(data) < 200_000


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "{}",
        '{"sheet": 3}',
        '{"engine.module": {}}',
        '{"flow": {"rows": [{"label": "x", "step": 0, "inputs": [9]}], "outputs": "ab"}, "sheet": {}}',
        '{"table": {"head": ["a"], "rows": [], "foot": []}}',
        '{"sheet": {"rows": [[{"picture": {"width": 9, "height": 9, "pixels": "eJwDAAAAAAE=", "foot": []}}]],'
        '"scale": null}}',
    ],
)
def test_what_is_no_figure_is_told(data):
    with pytest.raises(FigureUnreadable, match="cannot be drawn again"):
        drawn_again(data, 80)


def test_a_figure_of_the_wrong_types_is_told():
    made = json.loads(packed(Sheet([[Plot([Series("line", [1.0], [2.0])])]])))
    made["sheet"]["rows"][0][0]["plot"]["title"] = 5
    with pytest.raises(FigureUnreadable):
        drawn_again(json.dumps(made), 80)


def test_drawing_again_needs_no_torch():
    words = (
        "import sys, engine.redrawing; print([name for name in ('torch', 'numpy', 'plotext') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
