"""What a run costs, and how it is cut where it would take too long."""

import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine import run as run_module
from engine.config import SettingError, TrainSettings, time_budget
from engine.cost import Plan, shrink, typical
from engine.events import CostEstimated, RunFinished, RunStarted
from engine.module import DataModule, Module
from engine.train import train


def test_what_fits_is_left_as_it_is():
    full = Plan(10, 100, 30)
    assert shrink(full, 0.01, budget=60) is full
    assert shrink(full, 100.0, budget=None) is full


def test_a_tenth_of_the_data_where_ten_times_too_much_was_asked():
    plan = shrink(Plan(10, 469, 79), step_seconds=0.13, budget=60)
    assert plan.epochs == 10
    assert plan.steps_per_epoch == 47
    assert plan.notes == ("scaled for CPU: 10 % of the data",)


def test_epochs_are_cut_when_too_few_steps_would_be_left():
    plan = shrink(Plan(10, 469, 79), step_seconds=1.2, budget=60)
    assert plan.epochs < 10
    assert plan.steps_per_epoch >= 10
    assert f"{plan.epochs} of 10 epochs" in plan.notes[0]


@given(
    epochs=st.integers(1, 200),
    steps=st.integers(1, 5000),
    val_steps=st.integers(0, 1000),
    step_seconds=st.floats(1e-5, 10),
    budget=st.floats(1, 1000),
)
def test_a_plan_never_grows_and_is_said_if_it_shrinks(epochs, steps, val_steps, step_seconds, budget):
    full = Plan(epochs, steps, val_steps)
    plan = shrink(full, step_seconds, budget)
    assert 1 <= plan.epochs <= epochs
    assert 1 <= plan.steps_per_epoch <= steps
    assert plan.val_steps <= val_steps
    assert (plan == full) == (plan.notes == ())
    if plan.epochs > 1 and plan.steps_per_epoch > 20:
        assert plan.seconds(step_seconds) <= 1.5 * budget


class Slow(Module):
    lr = 0.1

    def __init__(self):
        super().__init__()
        self.net = nn.Linear(1, 1)

    def loss(self, y_hat, y):
        return (y_hat - y).abs().mean()

    def training_step(self, batch):
        begun = time.perf_counter()
        while time.perf_counter() - begun < 0.02:
            pass
        return super().training_step(batch)


class Points(DataModule):
    batch_size = 1

    def get_dataloader(self, train):
        X = torch.ones(200, 1)
        return self.get_tensorloader((X, X), train)


@pytest.fixture
def fresh_plans(monkeypatch):
    monkeypatch.setattr(run_module, "_plans", {})
    monkeypatch.delenv("D2L_TUTOR_QUICK", raising=False)


def run(**settings):
    return list(train(Slow(), Points(), TrainSettings(max_epochs=2, device="cpu", **settings)))


def test_a_run_that_is_too_long_for_this_cpu_says_so_and_takes_less(monkeypatch, fresh_plans):
    monkeypatch.setenv("D2L_TUTOR_CPU_SECONDS", "2")
    first = run()
    begun, ended = first[0], first[-1]
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished)
    assert begun.notes[-1].startswith("scaled for CPU: ")
    assert begun.steps_per_epoch < 200
    assert begun.hyperparameters["max_epochs"] == 2
    assert ended.reason == "completed"
    assert ended.epochs == begun.max_epochs
    # The same cell again is scaled alike, whatever its steps took: the curves can be laid over one another.
    again = run()[0]
    assert (again.steps_per_epoch, again.notes) == (begun.steps_per_epoch, begun.notes)


def test_a_run_can_ask_not_to_be_scaled(monkeypatch, fresh_plans):
    monkeypatch.setenv("D2L_TUTOR_CPU_SECONDS", "0.1")
    begun = run(scale=False, max_steps=3)[0]
    assert begun.notes == ()
    assert begun.steps_per_epoch == 200


def test_a_run_with_a_limit_of_its_own_is_not_scaled(monkeypatch, fresh_plans):
    monkeypatch.setenv("D2L_TUTOR_CPU_SECONDS", "0.1")
    assert run(max_steps=3)[0].notes == ()
    assert run(max_time=0.0)[0].notes == ()


@pytest.mark.parametrize("settings", [{}, {"scale": False}, {"max_steps": 10_000}])
def test_the_courses_check_takes_seconds_whatever_the_cell_asks_for(monkeypatch, fresh_plans, settings):
    monkeypatch.setenv("D2L_TUTOR_QUICK", "1")
    begun = run(**settings)[0]
    assert begun.notes[-1].startswith("shortened for a check: ")
    assert begun.steps_per_epoch * begun.max_epochs < 200


def test_the_estimate_is_near_what_the_run_takes(fresh_plans):
    events = run(scale=False, max_steps=60)
    (cost,) = [event for event in events if isinstance(event, CostEstimated)]
    assert cost.seconds > 0.02 * 400  # 2 epochs of 200 steps, and the validation


@pytest.mark.parametrize(("value", "budget"), [("30", 30.0), ("0", None), ("-1", None)])
def test_the_limit_of_a_cpu_can_be_set(monkeypatch, value, budget):
    monkeypatch.delenv("D2L_TUTOR_QUICK", raising=False)
    monkeypatch.setenv("D2L_TUTOR_CPU_SECONDS", value)
    assert time_budget(on_cpu=True) == budget
    assert time_budget(on_cpu=False) is None


def test_a_limit_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.delenv("D2L_TUTOR_QUICK", raising=False)
    monkeypatch.setenv("D2L_TUTOR_CPU_SECONDS", "soon")
    with pytest.raises(SettingError, match="'soon'"):
        time_budget(on_cpu=True)


@pytest.mark.parametrize("step_seconds", [0.2, 0.5, 1.0])
def test_a_tenth_of_the_data_is_the_floor_and_epochs_go_first(step_seconds):
    plan = shrink(Plan(10, 1000, 0), step_seconds, budget=60)
    assert plan.steps_per_epoch == 100
    assert plan.epochs == max(1, int(1.2 * 60 / (100 * step_seconds)))


def test_only_a_model_that_a_tenth_is_hours_of_gets_less():
    plan = shrink(Plan(10, 1000, 0), step_seconds=20.0, budget=60)
    assert plan.epochs == 1
    assert plan.steps_per_epoch == 10


def test_a_disturbed_beginning_does_not_shrink_a_run():
    assert typical([5.0, 1.0, 0.1, 0.1, 0.1, 0.9, 0.1, 2.0]) == pytest.approx(0.1)
    assert typical([5.0]) == 5.0
    assert typical([5.0, 0.5]) == 0.5
    assert typical([]) == 0.0
