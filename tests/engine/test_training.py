"""A run as a stream of events: order, limits, failures, divergence, what a learner's own classes may do."""

import math
import time
from itertools import pairwise

import pytest
import torch
from torch import nn

from engine.config import SettingError, TrainSettings
from engine.events import (
    CostEstimated,
    EpochFinished,
    MetricPoint,
    RunDiverged,
    RunFinished,
    RunStarted,
    StepsDone,
)
from engine.memory import OutOfMemory
from engine.module import Classifier, DataModule, Module
from engine.run import NoTrainingData, WrongKind
from engine.train import Trainer, train


class Line(Module):
    def __init__(self, lr=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Linear(2, 1)

    def loss(self, y_hat, y):
        return ((y_hat - y) ** 2 / 2).mean()


class Points(DataModule):
    def __init__(self, num_train=100, num_val=40, batch_size=10):
        super().__init__()
        self.save_hyperparameters()
        generator = torch.Generator().manual_seed(0)
        self.X = torch.randn(num_train + num_val, 2, generator=generator)
        self.y = self.X @ torch.tensor([[2.0], [-3.4]]) + 4.2

    def get_dataloader(self, train):
        part = slice(0, self.num_train) if train else slice(self.num_train, None)
        return self.get_tensorloader((self.X, self.y), train, part)


def run(model=None, data=None, **settings):
    torch.manual_seed(1)
    return list(train(model or Line(), data or Points(), TrainSettings(device="cpu", **settings)))


def only(events, kind):
    return [event for event in events if isinstance(event, kind)]


def points(events, series):
    return [(event.x, event.y) for event in only(events, MetricPoint) if event.series == series]


def test_a_run_says_when_it_begins_how_it_goes_and_how_it_ends():
    events = run(max_epochs=3)
    begun, ended = events[0], events[-1]
    assert begun == RunStarted(
        begun.run,
        "Line",
        "Points",
        False,
        begun.device,
        3,
        10,
        {"lr": 0.1, "batch_size": 10, "max_epochs": 3},
        (),
        None,
        begun.at,
    )
    assert ended == RunFinished(begun.run, "completed", ended.seconds, 3.0, ended.examples_per_second, ended.metrics)
    assert [event.epoch for event in only(events, EpochFinished)] == [1, 2, 3]
    assert len(only(events, CostEstimated)) == 1
    assert {event.run for event in events} == {begun.run}
    assert ended.metrics["val_loss"] < 0.5


def test_the_first_loss_is_a_point_of_its_own_before_any_step():
    model, data = Line(), Points(batch_size=100)
    X, y = next(iter(data.get_tensorloader((data.X, data.y), False, slice(0, 100))))
    before = float(model.loss(model(X), y).detach())
    first = points(run(model, data, max_epochs=1), "train_loss")[0]
    assert first[0] == 0.0
    assert first[1] == pytest.approx(before, rel=1e-5)


def test_points_are_in_order_and_few():
    events = run(data=Points(num_train=5000, batch_size=5), max_epochs=2)
    x = [x for x, _ in points(events, "train_loss")]
    assert all(a <= b for a, b in pairwise(x))
    assert 50 <= len(x) <= 110
    assert [x for x, _ in points(events, "val_loss")] == [1.0, 2.0]


def test_a_training_point_is_the_mean_of_its_steps():
    class Counting(Line):
        steps = 0

        def training_step(self, batch):
            self.plot("count", float(self.steps), train=True)
            self.steps += 1
            return super().training_step(batch)

    model = Counting()
    model.plot_train_per_epoch = 2
    drawn = points(run(model, max_epochs=1), "train_count")
    assert drawn == [(0.0, 0.0), (0.2, 2.0), (0.7, 7.0)]


def test_a_value_that_is_changed_in_place_is_drawn_as_it_was():
    class Counting(Line):
        def __init__(self):
            super().__init__()
            self.steps = nn.Parameter(torch.zeros(()), requires_grad=False)

        def training_step(self, batch):
            self.plot("count", self.steps, train=True)
            self.steps += 1
            return super().training_step(batch)

    model = Counting()
    model.plot_train_per_epoch = 2
    assert points(run(model, max_epochs=1), "train_count") == [(0.0, 0.0), (0.2, 2.0), (0.7, 7.0)]


def test_the_validation_mean_weighs_a_small_last_batch_as_little_as_it_is():
    class Size(Line):
        def validation_step(self, batch):
            self.plot("size", float(len(batch[-1])), train=False)

    ((_, mean),) = points(run(Size(), Points(num_val=12, batch_size=10), max_epochs=1), "val_size")
    assert mean == pytest.approx((10 * 10 + 2 * 2) / 12)


def test_a_training_step_that_plots_nothing_still_has_a_curve():
    class Silent(Line):
        def training_step(self, batch):
            return self.loss(self(*batch[:-1]), batch[-1])

    assert points(run(Silent(), max_epochs=1), "train_loss")


def test_a_classifier_reports_accuracy():
    class Two(Classifier):
        lr = 0.5

        def __init__(self):
            super().__init__()
            self.net = nn.Linear(2, 2)

    class Signs(Points):
        def __init__(self):
            super().__init__()
            self.y = (self.X[:, 0] > 0).long()

    events = run(Two(), Signs(), max_epochs=5)
    assert points(events, "val_acc")[-1][1] > 0.9


def test_data_without_validation_are_enough():
    class Alone(Points):
        def val_dataloader(self):
            return None

    events = run(data=Alone(), max_epochs=2)
    assert events[-1].reason == "completed"
    assert not points(events, "val_loss")


def test_plain_tensors_are_learned_too_and_moved_with_the_model():
    class Scratch(Line):
        def __init__(self):
            super().__init__()
            self.w = torch.zeros(2, 1, requires_grad=True)
            self.b = [torch.zeros(1, requires_grad=True)]

        def forward(self, X):
            return X @ self.w + self.b[0]

        def configure_optimizers(self):
            return torch.optim.SGD([self.w, *self.b], lr=0.1)

    model = Scratch()
    run(model, max_epochs=30, precision="float64")
    assert model.w.dtype == torch.float64
    assert model.b[0].item() == pytest.approx(4.2, abs=0.05)


def test_data_from_torch_are_enough():
    class Loaded(Points):
        def get_dataloader(self, train):
            dataset = torch.utils.data.TensorDataset(self.X, self.y)
            return torch.utils.data.DataLoader(dataset, batch_size=20, shuffle=train)

    assert run(data=Loaded(), max_epochs=2)[-1].reason == "completed"


def test_a_model_or_data_of_another_kind_are_refused_in_a_sentence():
    with pytest.raises(WrongKind, match=r"Linear is no Module: derive its class from engine\.Module"):
        run(model=nn.Linear(1, 1))
    with pytest.raises(WrongKind, match="list is no DataModule"):
        run(data=[1])


def test_data_without_training_batches_are_refused_in_a_sentence():
    with pytest.raises(NoTrainingData, match="training data are empty"):
        run(data=Points(num_train=0))


def test_max_steps_ends_the_run_there():
    events = run(max_epochs=100, max_steps=7)
    assert events[-1].reason == "max_steps"
    assert events[-1].epochs == pytest.approx(0.7)


def test_max_time_ends_the_run_at_the_next_batch():
    events = run(max_epochs=100, max_time=0.0)
    assert events[-1].reason == "max_time"
    assert events[-1].epochs == pytest.approx(0.1)


def test_the_same_seed_gives_the_same_curve():
    first, second = (points(run(max_epochs=2, seed=3), "train_loss") for _ in range(2))
    assert first == second


def test_a_scheduler_is_stepped_after_each_epoch():
    class Scheduled(Line):
        def configure_optimizers(self):
            self.optimizer = super().configure_optimizers()
            return self.optimizer, torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=1, gamma=0.5)

    model = Scheduled(lr=0.8)
    run(model, max_epochs=3)
    assert model.optimizer.param_groups[0]["lr"] == pytest.approx(0.1)


def test_gradients_are_clipped_to_the_norm():
    class Steep(Line):
        def loss(self, y_hat, y):
            return 1e6 * y_hat.mean()

    model = Steep(lr=1.0)
    before = torch.cat([p.detach().reshape(-1).clone() for p in model.parameters()])
    run(model, max_epochs=1, max_steps=1, gradient_clip_val=0.5)
    after = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
    assert float((after - before).norm()) == pytest.approx(0.5, rel=1e-4)


def test_a_run_in_double_precision_moves_model_and_data():
    model = Line()
    run(model, max_epochs=1, precision="float64")
    assert model.net.weight.dtype == torch.float64


def test_divergence_stops_the_run_and_names_the_learning_rate():
    events = run(Line(lr=50.0), Points(num_train=2000), max_epochs=50)
    assert events[-1].reason == "diverged"
    fatal = only(events, RunDiverged)[-1]
    assert "learning rate (50)" in fatal.advice
    assert "12.3" in fatal.advice
    assert not math.isfinite(points(events, "train_loss")[-1][1])


def test_an_explosion_warns_once_and_the_run_goes_on():
    class Exploding(Line):
        steps = 0

        def loss(self, y_hat, y):
            self.steps += 1
            return super().loss(y_hat, y) * 0 + (1.0 if self.steps < 5 else 1e6)

    events = run(Exploding(), max_epochs=2)
    assert len(only(events, RunDiverged)) == 1
    assert events[-1].reason == "completed"


def test_a_recurrent_model_without_clipping_is_told_of_it():
    class Recurrent(Line):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(2, 2)

        def loss(self, y_hat, y):
            return y_hat.mean() * math.nan

    (diverged,) = only(run(Recurrent(), max_epochs=1), RunDiverged)
    assert "gradient_clip_val=1" in diverged.advice
    assert "9.5" in diverged.advice


def test_a_failure_in_the_model_ends_the_run_and_is_raised():
    class Broken(Line):
        def training_step(self, batch):
            raise ZeroDivisionError("mine")

    seen = []
    with pytest.raises(ZeroDivisionError, match="mine"):
        seen.extend(train(Broken(), Points(), TrainSettings(max_epochs=1, device="cpu")))
    assert seen[-1].reason == "failed"


def test_out_of_memory_names_the_batch_that_would_fit():
    class Hungry(Line):
        def forward(self, X):
            if len(X) > 30:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().forward(X)

    with pytest.raises(OutOfMemory, match=r"100 examples; 25 fit: pass batch_size=25"):
        run(Hungry(), Points(batch_size=100), max_epochs=1)


def test_a_trainer_keeps_the_curves_and_lets_go_of_the_model():
    model, trainer = Line(), Trainer(max_epochs=2, device="cpu", display=False)
    assert trainer.fit(model, Points()) is None
    assert [x for x, _ in trainer.history["val_loss"]] == [1.0, 2.0]
    assert model.board.points is trainer.history
    assert model.trainer is None
    assert not model.training
    assert trainer.result.reason == "completed"


def test_a_learner_may_write_the_trainers_steps_anew():
    class Mine(Trainer):
        clipped = 0

        def prepare_batch(self, batch):
            X, y = super().prepare_batch(batch)
            return X, y + 1

        def clip_gradients(self, grad_clip_val, model):
            self.clipped += 1

    model, trainer = Line(), Mine(max_epochs=20, gradient_clip_val=1, device="cpu", display=False)
    trainer.fit(model, Points())
    assert trainer.clipped == 200
    assert model.net.bias.item() == pytest.approx(5.2, abs=0.1)


def test_a_model_sees_its_trainer_while_it_is_trained():
    class Curious(Line):
        def training_step(self, batch):
            self.seen = (self.trainer.max_epochs, self.trainer.num_train_batches, self.trainer.train_batch_idx)
            return super().training_step(batch)

    model = Curious()
    Trainer(max_epochs=1, device="cpu", display=False).fit(model, Points())
    assert model.seen == (1, 10, 9)


@pytest.mark.parametrize(
    "settings", [{"max_epochs": 0}, {"max_epochs": 1, "gradient_clip_val": -1}, {"max_epochs": 1, "precision": "f8"}]
)
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(SettingError):
        Trainer(**settings)


def test_progress_is_reported_with_the_time_left():
    class Slow(Line):
        def training_step(self, batch):
            begun = time.perf_counter()
            while time.perf_counter() - begun < 0.02:  # a step that takes its time, for several looks at the clock
                pass
            return super().training_step(batch)

    said = only(run(Slow(), max_epochs=2), StepsDone)
    assert said
    assert all(event.total_steps == 20 for event in said)
    assert [event.epoch for event in said] == sorted(event.epoch for event in said)
    assert {event.epoch for event in said} == {1, 2}
    assert all(event.seconds_left is not None and event.seconds_left >= 0 for event in said)
