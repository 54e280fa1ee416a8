"""matplotlib's axes in space as characters: lines where matplotlib has them, numbers at their edges."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from engine.canvas import Canvas, Pen
from engine.matplotlib_charts import as_sheet, as_text
from engine.redrawing import draw, packed, unpacked

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("D2L_TUTOR_TEXT", raising=False)


def space(**more):
    ax = Figure().add_subplot(projection="3d", **more)
    ax.set(xlabel="first", ylabel="second", zlabel="height")
    return ax


def saddle(count=21):
    x, y = np.meshgrid(np.linspace(-1, 1, count), np.linspace(-2, 2, count))
    return x, y, x**2 - y**2


def text_of(ax) -> str:
    return ESCAPE.sub("", as_text(ax.figure))


def dots(text: str) -> int:
    return sum(bin(ord(character) - 0x2800).count("1") for character in text if 0x2800 < ord(character) < 0x2900)


def draw_wires(ax):
    ax.plot_wireframe(*saddle(), rstride=4, cstride=4)


def draw_surface(ax):
    ax.plot_surface(*saddle())


def draw_coloured(ax):
    ax.plot_surface(*saddle(), cmap="viridis")


def draw_triangles(ax):
    x, y, z = saddle(9)
    ax.plot_trisurf(x.ravel(), y.ravel(), z.ravel())


def draw_curve(ax):
    turns = np.linspace(0, 10, 100)
    ax.plot(np.cos(turns), np.sin(turns), turns, label="spiral")
    ax.scatter([0], [0], [5])


KINDS = [draw_wires, draw_surface, draw_coloured, draw_triangles, draw_curve]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_chart_with_names_and_numbers_at_its_edges(kind):
    ax = space()
    kind(ax)
    ax.set_title("a space")
    shown = text_of(ax)
    assert not as_sheet(ax.figure).is_afar
    assert all(word in shown for word in ("a space", "first", "second", "height"))
    assert dots(shown) > 150
    assert "▀" not in shown
    assert max(map(len, shown.split("\n"))) <= 80


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_drawn_again_as_it_was(kind):
    ax = space()
    kind(ax)
    assert draw(unpacked(packed(as_sheet(ax.figure))), 80) == as_text(ax.figure)


@pytest.mark.parametrize("kind", KINDS)
def test_only_ascii_where_it_is_asked_for(kind, monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    ax = space()
    kind(ax)
    assert as_text(ax.figure).isascii()


def test_a_surface_hides_what_is_behind_it():
    ax, seen_through = space(), space()
    for each in (ax, seen_through):
        each.view_init(elev=15)
    x, y, _ = saddle()
    hill = np.exp(-4 * (x**2 + y**2))
    ax.plot_surface(x, y, hill, rstride=2, cstride=2)
    seen_through.plot_wireframe(x, y, hill, rstride=2, cstride=2)
    assert 0 < dots(text_of(ax)) < dots(text_of(seen_through))


def test_a_coloured_surface_has_the_colours_of_its_heights():
    ax = space()
    draw_coloured(ax)
    assert len(set(ESCAPE.findall(as_text(ax.figure)))) >= 6


def test_another_view_is_another_drawing():
    ax, other = space(), space()
    for each in (ax, other):
        draw_wires(each)
    other.view_init(elev=80, azim=10)
    assert text_of(ax) != text_of(other)


def test_what_is_wiped_is_gone_and_the_rest_is_not():
    canvas = Canvas(10, 5)
    canvas.line(0, 10, 19, 10, Pen())
    canvas.wipe([(4, 4), (12, 4), (12, 16), (4, 16)])
    row = canvas.lines()[2]
    assert row[:2] != "  "
    assert row[3:6] == "   "
    assert row[8:10] != "  "
