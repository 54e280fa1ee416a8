"""Charts: their width, what they leave out, how few cells change, and what they look like."""

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from engine.charts import draw
from engine.curves import Curve

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def plain(picture):
    return ESCAPE.sub("", picture)


def falling(n=100, label="train_loss", epochs=10.0, **more):
    x = [epochs * i / n for i in range(n)]
    return Curve(label, tuple(x), tuple(2.3 * math.exp(-value / 3) for value in x), **more)


ACCURACY = Curve("val_acc", (1.0, 2.0, 3.0), (0.3, 0.6, 0.7))

GOLDEN = """\
 ⠤⠤ train_loss  ● val_acc
3┤
 │
 │⢀
2┤ ⠉⠑⠢⢄⡀
 │     ⠈⠑⠢⠤⣀
 │          ⠉⠒⠤⣀⡀
1┤              ⠈⠉⠒⠒⠤⢄⣀⣀⣀⣀⣀⣀●
 │   ●⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠊⠉⠉⠉⠉⠉⠉⠈⠉⠒⠒⠤⠄
 │
0┤
 └┬────────────┬────────────┬────────────┬
  0            1            2            3"""


def test_a_chart_looks_like_this():
    curves = [Curve("train_loss", (0.0, 1.0, 2.0), (2.2, 1.2, 0.6)), Curve("val_acc", (0.2, 2.0), (0.6, 0.9))]
    picture = plain(draw(curves, 42, 13, x_max=3.0))
    assert "\n".join(line.rstrip() for line in picture.splitlines()) == GOLDEN


@given(
    st.integers(1, 200),
    st.integers(1, 50),
    st.lists(
        st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True)),
        max_size=30,
    ),
    st.booleans(),
)
def test_a_chart_has_the_size_that_was_asked_for_whatever_is_in_it(width, height, points, log_y):
    curve = Curve("train_loss", tuple(x for x, _ in points), tuple(y for _, y in points))
    lines = plain(draw([curve], width, height, log_y=log_y)).split("\n")
    assert len(lines) == height
    assert {len(line) for line in lines} == {width}


def test_wider_than_eighty_columns_without_a_terminal():
    assert {len(line) for line in plain(draw([falling()], 200, 20)).splitlines()} == {200}


def test_points_that_are_not_finite_are_left_out():
    good = Curve("train_loss", (0.0, 1.0), (2.0, 1.0))
    bad = Curve("train_loss", (0.0, 0.5, 0.6, 0.7, 1.0), (2.0, math.nan, math.inf, -math.inf, 1.0))
    assert draw([bad], 60, 12) == draw([good], 60, 12)


def test_an_explosion_does_not_flatten_the_rest():
    exploding = Curve("train_loss", (0.0, 1.0, 2.0, 3.0), (2.0, 1.0, 50.0, 1e30))
    labels = [line.split("┤")[0].strip() for line in plain(draw([exploding], 60, 12)).splitlines() if "┤" in line]
    assert float(labels[0]) <= 25


def test_without_colour_there_is_no_escape_and_curves_still_differ():
    picture = draw([falling(), ACCURACY, falling(label="val_loss")], 80, 20, colour=False)
    assert "\x1b" not in picture
    legend = picture.splitlines()[0]
    marks = re.findall(r"(\S+) (?:train|val)_", legend)
    assert len(marks) == len(set(marks)) == 3


def test_an_earlier_run_is_drawn_with_other_marks():
    earlier = falling(label="train_loss (lr=0.01)", previous=True)
    picture = plain(draw([earlier, falling(50)], 80, 20))
    assert "train_loss (lr=0.01)" in picture.splitlines()[0]
    assert "·" in "".join(picture.splitlines()[1:])


def test_a_growing_curve_changes_few_cells():
    whole = falling(400)
    frames = [
        plain(draw([Curve("train_loss", whole.x[:n], whole.y[:n])], 80, 20, x_max=10.0)) for n in range(5, 400, 5)
    ]
    changed = [sum(a != b for a, b in zip(*pair, strict=True)) for pair in pairwise(frames)]
    assert max(changed) < 20
    assert sum(changed) / len(changed) < 6


def test_the_axis_ends_with_the_run():
    picture = plain(draw([ACCURACY], 60, 12, x_max=7.0)).splitlines()
    assert picture[-1].split() == ["0", "2", "4", "6"]


def test_logarithms_have_round_labels_and_no_negative_values():
    curve = Curve("train_loss", (0.0, 1.0, 2.0, 3.0), (100.0, 1.0, 0.01, -5.0))
    picture = plain(draw([curve], 60, 14, log_y=True))
    labels = [line.split("┤")[0].strip() for line in picture.splitlines() if "┤" in line]
    assert labels == ["100", "10", "1", "0.1", "0.01"]


def test_too_small_for_axes_says_the_last_values():
    assert plain(draw([ACCURACY], 20, 3)).splitlines()[0].strip() == "val_acc 0.7"


def test_nothing_to_draw_is_an_empty_chart():
    assert "┤" in draw([], 60, 10)


@pytest.mark.parametrize("label", ["train_loss", "loss (lr=0.1)", "f(x)", "损失", "损" * 50])
@pytest.mark.parametrize("width", [10, 60])
def test_any_label_is_drawn_in_the_width_that_was_asked_for(label, width):
    lines = plain(draw([falling(label=label)], width, 10)).split("\n")
    assert len(lines) == 10
    assert {wcswidth(line) for line in lines} == {width}


def test_a_label_cannot_command_the_terminal():
    picture = draw([falling(label="evil\x1b[2J\x07")], 60, 10)
    assert "\x1b[2J" not in picture
    assert "\x07" not in picture
    assert "evil" in picture
