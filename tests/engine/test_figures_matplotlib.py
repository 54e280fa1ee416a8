"""matplotlib's figures as text: what becomes a chart, what becomes a picture, and how it reads without colour."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "agg")
from matplotlib.figure import Figure

from engine.matplotlib_charts import as_text

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("D2L_TUTOR_TEXT", raising=False)


def axes(*grid, **more):
    return Figure().subplots(*grid, **more)


def lines(axes):
    return ESCAPE.sub("", as_text(axes.figure)).splitlines()


def test_lines_have_a_title_a_legend_and_captions():
    ax = axes()
    ax.plot([0, 1, 2], [0, 1, 4], label="square")
    ax.plot([0, 1, 2], [0, 2, 4], "--", label="double")
    ax.axhline(0)
    ax.set(title="Growth", xlabel="x", ylabel="f(x)")
    ax.legend()
    shown = lines(ax)
    assert shown[0].strip() == "Growth"
    assert re.findall(r"[a-z_]\w+", shown[1]) == ["square", "double"], "a line without a name is not in the legend"
    assert shown[-1] == "→ x   ↑ f(x)"
    assert float(shown[-2].split()[0]) == 0.0


def test_a_legend_that_names_lines_in_order():
    ax = axes()
    ax.plot([0, 1], [0, 1])
    ax.plot([0, 1], [1, 0])
    ax.legend(["up", "down"])
    assert re.findall(r"\w+", lines(ax)[0]) == ["up", "down"]


def test_logarithmic_axes_and_limits():
    ax = axes()
    ax.loglog([1, 10, 100], [1, 100, 10000], "o-")
    shown = lines(ax)
    assert shown[-1].split() == ["1", "10", "100"]
    assert sum(line.count("●") for line in shown) == 3
    ax = axes()
    ax.plot([0, 10], [0, 10])
    ax.set_xlim(2, 4)
    assert float(lines(ax)[-1].split()[0]) == 2


def test_bars_stand_over_their_names():
    ax = axes()
    ax.bar(["cat", "dog"], [3, 1])
    shown = lines(ax)
    assert shown[-1].split() == ["cat", "dog"]
    assert shown[-3].count("█") > shown[2].count("█") > 10


def test_lying_bars_stand_beside_their_names():
    ax = axes()
    ax.barh(["cat", "dog"], [3, 1])
    shown = lines(ax)
    cat = next(line for line in shown if line.startswith("cat"))
    dog = next(line for line in shown if line.startswith("dog"))
    assert cat.count("█") > 2 * dog.count("█") > 10


def test_two_histograms_have_fillings_of_their_own():
    ax = axes()
    ax.hist([[1, 1, 2], [2, 3, 3]], bins=3, label=["src", "tgt"])
    ax.legend()
    shown = lines(ax)
    assert shown[0].split() == ["██", "src", "▒▒", "tgt"]


def test_points_are_told_apart_by_class():
    ax = axes()
    ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 0])
    body = "\n".join(lines(ax))
    assert body.count("●") == 2
    assert body.count("▲") == 1


def test_words_on_a_diagram():
    ax = axes()
    ax.plot([0, 1], [0, 1])
    ax.annotate("here", xy=(0.5, 0.5), xytext=(0.1, 0.9), arrowprops={"arrowstyle": "->"})
    ax.text(0.8, 0.2, "there")
    body = "\n".join(lines(ax))
    assert "here" in body
    assert "there" in body
    assert "◎" in body


def test_an_image_with_its_scale():
    ax = axes()
    shown_image = ax.imshow(np.eye(10) * 3)
    ax.figure.colorbar(shown_image)
    ax.set_title("identity")
    shown = lines(ax)
    assert shown[0].strip() == "identity"
    assert shown[1][0] != shown[1][5]
    assert shown[-1].startswith("0 ")
    assert shown[-1].endswith(" 3")


def test_images_stand_in_their_grid():
    grid = axes(2, 4)
    for number, ax in enumerate(grid.flat):
        ax.imshow(np.random.default_rng(0).random((28, 28)), cmap="gray")
        ax.set_title(f"k{number}")
    shown = lines(grid[0, 0])
    assert shown[0].split() == ["k0", "k1", "k2", "k3"]
    assert max(map(len, shown)) <= 80


def test_charts_side_by_side_only_where_they_can_be_read():
    grid = axes(1, 4)
    for number, ax in enumerate(grid):
        ax.plot([0, 1], [0, 1])
        ax.set_title(f"k{number}")
    shown = lines(grid[0])
    assert max(map(len, shown)) <= 80
    assert shown[0].split() == ["k0", "k1"]


@pytest.mark.parametrize("kind", ["voxels", "contourf", "polar", "quiver", "twins"])
def test_what_is_no_chart_is_a_picture_with_its_captions(kind):
    figure = Figure()
    places = np.linspace(-1, 1, 20)
    X, Y = np.meshgrid(places, places)
    if kind == "voxels":
        ax = figure.add_subplot(projection="3d")
        ax.imshow([[1, 2], [3, 4]])
    elif kind == "polar":
        ax = figure.add_subplot(projection="polar")
        ax.plot(places, places)
    else:
        ax = figure.add_subplot()
        {"contourf": lambda: ax.contourf(X, Y, X**2 + Y**2), "quiver": lambda: ax.quiver(X, Y, X, Y)}.get(
            kind, lambda: ax.twinx().plot([1, 2])
        )()
    ax.set_title("something else")
    shown = lines(ax)
    assert shown[0].strip().startswith("something else")
    assert len(shown) > 20
    assert max(map(len, shown)) <= 80


def test_contours_are_lines_with_their_heights():
    ax = axes()
    x, y = np.meshgrid(np.linspace(-2, 2, 40), np.linspace(-2, 2, 40))
    ax.contour(x, y, x**2 + y**2, levels=[1, 2, 3])
    shown = lines(ax)
    inside = "\n".join(line.partition("│")[2] or line.partition("┤")[2] for line in shown)
    assert all(height in inside for height in "123")
    middle = next(line for line in shown if line.strip().startswith("0.0┤") or line.strip().startswith("0┤"))
    assert len(re.findall(r"[\u2801-\u28ff]+", middle)) == 6, "three circles are crossed six times"


def test_points_on_a_scale_of_colours_are_told_apart_in_bands():
    ax = axes()
    ax.scatter(range(100), range(100), c=range(100))
    shown = lines(ax)
    assert re.findall(r"[●▲■◆▼]", shown[0]) == list("●▲■◆▼"), "the legend says what each mark stands for"
    body = "\n".join(shown[1:])
    assert [mark for mark in "▼◆■▲●" if mark in body] == sorted("▼◆■▲●", key=body.index), "higher values are above"


def test_a_band_is_its_edges_and_does_not_hide_the_line_in_it():
    ax = axes()
    ax.plot([0, 1, 2], [1, 1, 1], label="mean")
    ax.fill_between([0, 1, 2], [0, 0, 0], [2, 2, 2], label="spread")
    ax.legend()
    shown = lines(ax)
    assert "mean" in shown[0]
    assert "spread" in shown[0]
    rows = [line for line in shown[1:-2] if re.search(r"[\u2801-\u28ff]{3}|([\u2801-\u28ff] ?){20}", line)]
    assert len(rows) == 3


def test_steps_are_steps():
    ax = axes()
    ax.step([0, 1, 2], [0, 1, 2], where="post")
    body = lines(ax)[:-2]
    drawn = [len(re.findall(r"[\u2801-\u28ff]", line)) for line in body]
    assert sorted(drawn)[-2] > 20, "two treads"
    assert sum(count == 1 for count in drawn) >= 8, "and risers between them"


def test_errors_stand_at_their_points():
    ax = axes()
    ax.errorbar([1, 2, 3], [1, 4, 9], yerr=[0.5, 2, 0.5], fmt="o")
    columns = [line.index("●") for line in lines(ax) if "●" in line]
    assert len(columns) == 3


def test_dates_are_words_and_not_numbers():
    import pandas as pd

    ax = axes()
    ax.plot(pd.date_range("2024-01-01", periods=90), range(90))
    assert "2024" in lines(ax)[-1]
    assert "19" + "7" not in lines(ax)[-1]


def test_only_ascii_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    ax = axes()
    ax.plot([0, 1], [0, 1], "o-")
    assert as_text(ax.figure).isascii()


def test_an_empty_figure_says_so():
    assert as_text(Figure()) == "(an empty figure)"
    assert lines(axes())


SCRIPT = "import matplotlib.pyplot as plt; plt.plot([0, 1], [0, 1]); plt.title('a script'); plt.show(); plt.show()"


def test_a_script_prints_its_figures_once_and_needs_no_torch():
    environment = {**os.environ, "MPLBACKEND": "module://engine.matplotlib_backend", "COLUMNS": "80"}
    code = f"{SCRIPT}; import sys; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("a script") == 1
