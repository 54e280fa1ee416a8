"""Looking at curves: smoothed, apart, and at one place; and where in the picture that is."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from engine.curves import Curve
from engine.panels import draw
from engine.reading import Look, better_apart, by_kind, kind_of, nearest, places, smoothed, values_at

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
X = tuple(i / 10 for i in range(101))
LOSS = Curve("train_loss", X, tuple(20 * math.exp(-x / 3) for x in X))
ACCURACY = Curve("val_acc", (1.0, 5.0, 10.0), (0.3, 0.6, 0.7))


def plain(picture):
    return [ESCAPE.sub("", line) for line in picture.lines]


@pytest.mark.parametrize(("apart", "axes"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("size", [(120, 24), (60, 24)])
def test_kinds_are_drawn_apart_beside_or_over_each_other(apart, axes, size):
    picture = draw([LOSS, ACCURACY], *size, Look(apart=apart), x_max=10.0)
    assert len(picture.areas) == axes
    assert "\n".join(plain(picture)).count("└") == axes
    assert {wcswidth(line) for line in plain(picture)} == {size[0]}
    assert len(picture.lines) == size[1]


def test_without_room_they_stay_together():
    assert len(draw([LOSS, ACCURACY], 60, 12, Look(apart=True)).areas) == 1


def test_a_curve_looks_the_same_in_its_panel_as_among_all():
    together, apart = (plain(draw([LOSS, ACCURACY], 120, 20, Look(apart=apart))) for apart in (False, True))
    for name in ("train_loss", "val_acc"):
        sample = re.search(rf"(\S+) {name}", together[0]).group(1)
        assert f"{sample} {name}" in apart[0]


@pytest.mark.parametrize("width", [60, 100, 133])
@pytest.mark.parametrize("x", [0.0, 1.0, 3.3, 9.9, 10.0])
def test_the_line_stands_where_the_point_is_drawn(width, x):
    point = Curve("val_acc", (x,), (0.5,))
    picture = draw([ACCURACY, point], width, 16, Look(), x_max=10.0, at=x, colour=False)
    area = picture.areas[0]
    alone = plain(draw([point], width, 16, Look(), x_max=10.0, colour=False))
    drawn = {line.index("●") for line in alone[1:] if "●" in line}
    assert drawn == {area.column(x)}
    assert sum(line[area.column(x)] == "┊" for line in plain(picture)) >= area.rows - 6


@given(st.floats(0, 10), st.integers(40, 160))
def test_a_place_on_the_screen_is_a_place_on_the_axis(x, width):
    area = draw([LOSS], width, 12, Look(), x_max=10.0).areas[0]
    back = area.x(area.column(x))
    assert abs(back - x) <= 10.0 / (area.columns - 1)


def test_beside_the_chart_there_is_no_place():
    picture = draw([LOSS, ACCURACY], 120, 20, Look(apart=True), x_max=10.0)
    assert picture.x(0, 5) is None
    assert picture.x(60, 0) is None, "the legend"
    assert picture.x(60, 19) is None, "the axis"
    left, right = picture.areas
    assert picture.x(left.left, 5) == picture.x(right.left, 5) == 0.0


def test_the_line_hides_no_curve_and_moves_nothing():
    without, with_line = (plain(draw([LOSS], 80, 16, Look(), at=at)) for at in (None, 5.0))
    for before, after in zip(without, with_line, strict=True):
        assert len(before) == len(after)
        assert all(b == a or (b in " \u2800" and a == "┊") for b, a in zip(before, after, strict=True))


def test_smoothing_follows_and_calms_and_changes_nothing_before_a_new_point():
    noisy = Curve("train_loss", X, tuple(1 + (-1) ** i * 0.5 for i in range(101)))
    shown = smoothed([noisy])[0]
    assert max(abs(y - 1) for y in shown.y[20:]) < 0.1
    longer = smoothed([Curve("train_loss", (*X, 10.1), (*noisy.y, 100.0))])[0]
    assert longer.y[:-1] == shown.y


def test_smoothing_begins_at_the_first_value_and_stands_infinity():
    curve = Curve("train_loss", X, (3.0, math.inf, math.nan, *[3.0] * 98))
    shown = smoothed([curve])[0].y
    assert shown[0] == pytest.approx(3.0)
    assert shown[1] == math.inf
    assert shown[-1] == pytest.approx(3.0)


def test_few_points_are_not_smoothed():
    assert smoothed([ACCURACY]) == (ACCURACY,)


def test_kinds_go_by_the_last_word_of_a_name():
    earlier = Curve("val_loss (lr=0.1)", (1.0,), (1.0,), previous=True)
    assert kind_of(earlier) == "loss"
    assert [len(group) for group in by_kind([LOSS, ACCURACY, earlier])] == [2, 1]


def test_curves_of_much_different_size_are_better_apart():
    assert better_apart([LOSS, ACCURACY])
    assert not better_apart([Curve("train_loss", X, tuple(y / 20 for y in LOSS.y)), ACCURACY])
    assert not better_apart([LOSS])
    assert not better_apart([])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30, unique=True), st.floats(-2e6, 2e6))
def test_the_nearest_is_the_nearest(positions, x):
    positions.sort()
    found = positions[nearest(positions, x)]
    assert abs(found - x) == min(abs(position - x) for position in positions)


def test_values_at_a_place_are_each_curves_own():
    values = {value.curve.label: (value.x, value.y) for value in values_at([LOSS, ACCURACY], 5.1)}
    assert values["val_acc"] == (5.0, 0.6)
    assert values["train_loss"] == (5.1, LOSS.y[51])
    assert values_at([Curve("empty", (), ())], 1.0) == []
    assert places([ACCURACY, Curve("more", (2.0, math.inf), (1.0, 1.0))]) == [1.0, 2.0, 5.0, 10.0]


def test_only_ascii_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv("D2L_TUTOR_TEXT", "ascii")
    earlier = Curve("train_loss (lr=0.1)", X, tuple(y + 1 for y in LOSS.y), previous=True)
    picture = draw([earlier, LOSS, ACCURACY], 120, 20, Look(apart=True), at=5.0, colour=False)
    assert "\n".join(picture.lines).isascii()
    samples = re.findall(r"(\S+) (?:train_|val_)", picture.lines[0])
    assert len(set(samples)) == len(samples) == 3
