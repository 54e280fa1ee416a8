"""Pictures, heat maps and curves in a cell."""

import re

import pytest
import torch

from engine.diagrams import plot
from engine.figures import show_heatmaps, show_images

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def monochrome(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


def lines(figure):
    return ESCAPE.sub("", str(figure)).splitlines()


def test_a_black_and_a_white_pixel_share_a_cell():
    picture = torch.zeros(1, 16, 16)
    picture[0, 0::2] = 1.0
    text = str(show_images(picture, 1, 1))
    assert "\x1b[38;2;255;255;255;48;2;0;0;0m" + "▀" * 16 in text


def test_without_colour_bright_is_dense_and_dark_is_empty(monochrome):
    picture = torch.zeros(1, 16, 16)
    picture[:, :, 8:] = 1.0
    assert str(show_images(picture, 1, 1)).splitlines()[0] == " " * 8 + "@" * 8


def test_pictures_lie_in_rows_under_their_titles(monochrome):
    shown = lines(show_images(torch.rand(4, 1, 28, 28), 2, 2, titles=["ankle boot", "bag", "coat", "dress"]))
    assert shown[0].split() == ["ankle", "boot", "bag"]
    assert shown[15].split() == ["coat", "dress"]
    assert len(shown) == 2 * (1 + 14)


@pytest.mark.parametrize("shape", [(2, 40, 30), (2, 1, 40, 30), (2, 3, 40, 30), (2, 40, 30, 3)])
def test_every_form_of_pictures_is_taken(shape):
    shown = lines(show_images(torch.rand(*shape), 1, 2))
    assert len(shown) == 20
    assert {len(line) for line in shown} == {62}


def test_bytes_and_numbers_look_alike():
    bytes_ = torch.randint(0, 256, (1, 20, 20), dtype=torch.uint8)
    assert str(show_images(bytes_, 1, 1)) == str(show_images(bytes_.float() / 255, 1, 1))


def test_wide_pictures_are_shrunk_to_the_terminal():
    assert max(len(line) for line in lines(show_images(torch.rand(8, 224, 224), 1, 8))) <= 80


def test_heat_maps_say_their_scale_and_axes():
    shown = lines(show_heatmaps(torch.eye(10).reshape(1, 1, 10, 10) * 3, xlabel="keys", ylabel="queries"))
    assert shown[-1].startswith("0 ▀")
    assert shown[-1].endswith("3   → keys   ↓ queries")
    assert len(shown) == 3 * 5 + 1, "each field is three pixels"


def test_heat_maps_lie_in_a_grid():
    shown = lines(show_heatmaps(torch.rand(2, 3, 16, 16), "keys", "queries", titles=["a", "b", "c"]))
    assert shown[0].split() == ["a", "b", "c"]
    assert len(shown) == 2 * 9 + 1


def test_a_plot_draws_each_line_and_names_it():
    x = torch.arange(0, 3, 0.1)
    shown = lines(plot(x, [x**2, 2 * x], "x", "f(x)", legend=["square", "double"]))
    assert "square" in shown[0]
    assert "double" in shown[0]
    assert shown[-1] == "→ x   ↑ f(x)"


def test_a_plot_of_numbers_alone_counts_them():
    assert lines(plot([3.0, 1.0, 2.0]))[-1].split()[-1].startswith("2")


def test_a_figure_is_shown_as_text():
    figure = plot([1.0, 2.0])
    assert figure._repr_mimebundle_()["text/plain"] == str(figure)
