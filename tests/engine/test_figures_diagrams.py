"""Curves, points, bars and surfaces as text: the book's calls, what can be read, and what holds without colour."""

import re

import pytest
import torch

import engine
from engine.diagrams import annotate, plot, show_bars, show_histogram, show_list_len_pair_hist, show_scatter
from engine.figures import show_heatmaps, show_images, show_surface

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("D2L_TUTOR_TEXT", raising=False)


def lines(figure):
    return ESCAPE.sub("", str(figure)).splitlines()


X = torch.arange(0, 3, 0.1)
CALLS = {
    "plot": lambda: plot(X, [X**2, 2 * X], "x", "y", legend=["square", "double"]),
    "scatter": lambda: show_scatter([1, 2, 3], [3, 1, 2], ["a", "b", "a"], "x", "y"),
    "bars": lambda: show_bars([3, 1, -2], ["cat", "dog", "frog"]),
    "histogram": lambda: show_histogram(X, bins=5),
    "pairs": lambda: show_list_len_pair_hist(["src", "tgt"], "tokens", "count", [[1], [1, 2]], [[1, 2, 3]] * 4),
    "surface": lambda: show_surface(lambda x, y: x**2 + y**2, path=[(0.5, 0.5), (0, 0)]),
    "heat maps": lambda: show_heatmaps(torch.rand(1, 3, 8, 8), "keys", "queries", ["a", "b", "头"]),
    "images": lambda: show_images(torch.rand(8, 28, 28), 2, 4, titles=["ankle boot"] * 8),
}


@pytest.fixture(params=CALLS)
def call(request):
    return CALLS[request.param]


def test_everything_fits_the_terminal(call, monkeypatch):
    for width in (80, 60):
        monkeypatch.setenv("COLUMNS", str(width))
        assert max(len(line) for line in lines(call())) <= width


def test_everything_is_ascii_where_only_that_can_be_shown(call, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    monkeypatch.delenv("NO_COLOR")
    assert str(call()).replace("头", "").isascii()


def test_colour_is_never_used_without_leave(call, monkeypatch):
    assert "\x1b" not in str(call())
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[" in str(call())


def test_the_book_s_calls_are_taken_as_they_stand():
    plot(X, X**2, "x", "f(x)", ["f"], [0, 2], [0, 4], "linear", "log", ("-", "m--"), (4.5, 2.5), None)
    plot(X, X**2, xlabel="x", ylabel="f(x)", legend="f", figsize=(6, 4))
    show_images(torch.rand(2, 8, 8), 1, 2, ["a", "b"], 1.5)
    show_heatmaps(torch.rand(1, 1, 8, 8), "k", "q", ["t"], (2.5, 2.5), "Reds")
    assert {"annotate", "plot", "show_histogram", "show_list_len_pair_hist", "show_surface"} <= set(engine.__all__)


def test_two_lines_differ_without_colour():
    head, *rest = lines(plot([0, 1, 2], [[0, 1, 2], [2, 1, 0]], legend=["up", "down"], ylim=(0, 2)))
    assert head.split()[0] != head.split()[2]
    whole = plot([0, 1, 2], [0, 1, 2], ylim=(0, 2))
    dots = [sum(bin(ord(c) - 0x2800).count("1") for c in line if 0x2800 <= ord(c) < 0x2900) for line in lines(whole)]
    both = [sum(bin(ord(c) - 0x2800).count("1") for c in line if 0x2800 <= ord(c) < 0x2900) for line in rest]
    assert sum(dots) < sum(both) < 2 * sum(dots), "the second line is dashed"


def test_logarithmic_axes_make_a_power_law_straight():
    n = [1.0, 10.0, 100.0, 1000.0]
    straight = plot([0, 1, 2, 3], [0, 2, 4, 6], width=60)
    logarithmic = plot(n, [a**2 for a in n], xscale="log", yscale="log", width=60)
    inked = [
        [i for i, line in enumerate(lines(figure)) if any("⠀" < c <= "⣿" for c in line)]
        for figure in (straight, logarithmic)
    ]
    assert inked[0] == inked[1]
    assert lines(logarithmic)[-1].split() == ["1", "10", "100", "1000"]


def test_what_has_no_logarithm_is_left_out():
    assert lines(plot([0.0, 1, 10], [-1.0, 1, 10], xscale="log", yscale="log"))[-1].split() == ["1", "10"]


def test_limits_hold():
    shown = lines(plot([0, 10], [0, 10], xlim=(2, 4), ylim=(0, 5)))
    assert float(shown[-1].split()[0]) == 2.0
    assert float(shown[-1].split()[-1]) == 4.0


def test_classes_have_marks_of_their_own():
    shown = lines(show_scatter([1, 2, 3], [1, 2, 3], ["cat", "dog", "cat"]))
    body = "\n".join(shown[1:])
    assert body.count("●") == 2
    assert body.count("▲") == 1
    assert shown[0].split() == ["●", "cat", "▲", "dog"]


def test_bars_are_as_high_as_their_numbers():
    shown = lines(show_bars([4, 2], ["four", "two"]))
    columns = [max(line.count("█") for line in shown)]
    heights = [sum(line.ljust(80)[position] in "█▇▆▅▄▃▂▁" for line in shown) for position in (20, 60)]
    assert columns[0] > 40
    assert abs(heights[0] - 2 * heights[1]) <= 2
    assert shown[-1].split() == ["four", "two"]


def test_a_histogram_counts():
    series = show_histogram([0.0] * 3 + [1.0] * 5 + [float("nan")], bins=2).plot.series[0]
    assert [box[3] for box in series.boxes] == [3, 5]


def test_lengths_of_pairs_stand_side_by_side():
    figure = show_list_len_pair_hist(["src", "tgt"], "tokens", "count", [[1], [1, 2]], [[1, 2, 3]] * 4)
    src, tgt = figure.plot.series
    assert sum(box[3] for box in src.boxes) == 2
    assert tgt.boxes[-1][3] == 4
    assert "src" in lines(figure)[0]
    assert lines(figure)[-1] == "→ tokens   ↑ count"


def test_words_are_written_on_the_last_diagram():
    plot([0, 1, 2], [0, 1, 4])
    shown = lines(annotate("the bend", (1, 1), (0.2, 3.5)))
    assert any("the bend" in line for line in shown[:5])
    assert any("◎" in line for line in shown)


def test_a_surface_says_its_range_and_where_it_lies():
    shown = lines(show_surface(lambda x, y: x**2 + 2 * y**2, (-2, 2), (-1, 3), "x1", "x2"))
    assert shown[-1].endswith("→ x1, -2 to 2   ↑ x2, -1 to 3")
    assert len(shown) == 21
    assert shown[0][0] > shown[15][32] or shown[0] != shown[15], "the far corner is brighter than the valley"


def test_a_surface_of_numbers_has_its_first_row_below():
    shown = lines(show_surface(torch.tensor([[0.0, 0.0], [1.0, 1.0]])))
    assert shown[0][5] in "*#%@+="
    assert shown[19][5] in " .:"


def test_points_that_are_not_finite_break_no_diagram():
    assert lines(plot([0.0, 1, 2, 3], [1.0, float("nan"), float("inf"), 2.0]))
    assert lines(plot([], []))
    assert lines(show_histogram([]))


def test_two_clouds_of_many_points_are_told_apart_without_colour():
    torch.manual_seed(0)
    left, right = torch.randn(200, 2) - torch.tensor([4.0, 0.0]), torch.randn(200, 2) + torch.tensor([4.0, 0.0])
    both = torch.cat([left, right])
    shown = lines(show_scatter(both[:, 0].tolist(), both[:, 1].tolist(), ["left"] * 200 + ["right"] * 200, "x", "y"))
    assert "● left" in shown[0]
    assert "▲ right" in shown[0]
    body = shown[1:]
    assert max(line.rfind("●") for line in body) < min(line.find("▲") for line in body if "▲" in line)
    assert sum(line.count("●") for line in body) > 60
    assert not any(0x2800 < ord(sign) < 0x2900 for line in body for sign in line)


def test_a_line_between_dense_clouds_stays_in_sight():
    from engine.plots import Plot, Series, draw

    torch.manual_seed(0)
    clouds = [torch.randn(2000, 2).T.tolist() for _ in range(2)]
    edge = Series("line", (0.0, 0.0), (-3.0, 3.0))
    shown = draw(Plot([edge, *(Series("points", x, y) for x, y in clouds)]), 60, 20).splitlines()
    assert sum(any(0x2800 < ord(sign) < 0x2900 for sign in line) for line in shown) >= 9
