"""Curves: gathered from events, bounded, laid over one another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.curves import LIMIT, Curves, Series
from engine.events import MetricPoint, RunFinished, RunStarted


def begun(run, lr=0.1, epochs=3, **more):
    return RunStarted(run, "MLP", "FashionMNIST", False, "CPU, 2 cores", epochs, 10, {"lr": lr, "num": 5}, **more)


def test_points_become_curves_by_name():
    curves = Curves()
    curves.extend([begun("a"), MetricPoint("a", "train_loss", 0.0, 2.3), MetricPoint("a", "val_acc", 1.0, 0.5)])
    assert [(curve.label, curve.x, curve.y) for curve in curves.curves()] == [
        ("train_loss", (0.0,), (2.3,)),
        ("val_acc", (1.0,), (0.5,)),
    ]
    assert curves.x_max == 3.0
    assert curves.current.last == {"train_loss": 2.3, "val_acc": 0.5}


def test_a_second_run_lies_over_the_first_which_says_what_was_different():
    curves = Curves()
    curves.extend([begun("a", lr=0.1, epochs=5), MetricPoint("a", "train_loss", 0.0, 2.0)])
    curves.extend([begun("b", lr=0.5), MetricPoint("b", "train_loss", 0.0, 3.0)])
    first, second = curves.curves()
    assert (first.label, first.previous) == ("train_loss (lr=0.1)", True)
    assert (second.label, second.previous) == ("train_loss", False)
    assert curves.x_max == 5.0


def test_an_earlier_run_of_another_model_is_called_by_it():
    curves = Curves()
    curves.extend([begun("a"), MetricPoint("a", "train_loss", 0.0, 2.0)])
    curves.add(replace(begun("b", lr=0.5), model="LeNet"))
    assert [curve.label for curve in curves.curves()] == ["train_loss (MLP)"]


def test_only_so_many_runs_are_kept():
    curves = Curves(keep=2)
    curves.extend(begun(run) for run in "abc")
    assert list(curves.runs) == ["b", "c"]


def test_points_whose_beginning_was_missed_are_drawn_without_an_end_of_the_axis():
    curves = Curves()
    curves.add(MetricPoint("a", "train_loss", 0.5, 1.0))
    assert len(curves.curves()) == 1
    assert curves.x_max is None


def test_the_title_says_what_must_be_said():
    curves = Curves()
    curves.add(begun("a", notes=("stand-in data", "scaled for CPU: 10 % of the data")))
    assert curves.current.title == (
        "MLP on FashionMNIST · CPU, 2 cores · stand-in data · scaled for CPU: 10 % of the data"
    )


def test_every_event_makes_a_new_version():
    curves = Curves()
    before = curves.version
    curves.add(RunFinished("a", "completed", 1.0, 1.0, 1.0))
    assert curves.version > before


@given(st.integers(1, 5 * LIMIT))
def test_a_series_is_bounded_keeps_its_beginning_and_its_order(count):
    series = Series()
    for i in range(count):
        series.add(float(i), float(-i))
    assert len(series.x) <= LIMIT + 1
    assert series.x[0] == 0.0
    assert series.x == sorted(series.x)
    assert series.y == [-x for x in series.x]
    assert series.x[-1] >= count - 1 - 2 * series.per_point
