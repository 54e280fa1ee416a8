"""Every optimizer and scheduler of torch, as a plain loop would use it, and the options of a run."""

import copy
import functools
import shutil

import pytest
import torch
from torch import nn, optim
from torch.optim import lr_scheduler

from engine.config import SettingError
from engine.module import DataModule, Module
from engine.train import Trainer

EPOCHS, STEPS = 3, 8


class Model(Module):
    def __init__(self, configure):
        super().__init__(plot_train_per_epoch=STEPS)
        self.net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        self.configure = configure

    def loss(self, y_hat, y):
        return ((y_hat - y) ** 2).mean()

    def configure_optimizers(self):
        return self.configure(self.parameters())


class Points(DataModule):
    batch_size = 5

    def __init__(self):
        super().__init__()
        self.X = torch.randn(STEPS * 5, 3, generator=torch.Generator().manual_seed(2))
        self.y = self.X.sum(1, keepdim=True).sin()

    def get_dataloader(self, train):
        return self.get_tensorloader((self.X, self.y), train=False) if train else None


def fitted(configure, **settings):
    torch.manual_seed(0)
    model = Model(configure)
    twin = copy.deepcopy(model).double()
    trainer = Trainer(EPOCHS, device="cpu", display=False, **{"precision": "float64", **settings})
    trainer.fit(model, Points())
    return model, twin, trainer


NAMES = ("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "NAdam", "RAdam", "RMSprop", "Rprop")
OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    **{name: functools.partial(lambda kind, p: kind(p, lr=0.05), getattr(optim, name)) for name in (*NAMES, "LBFGS")},
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_takes_the_steps_of_a_plain_loop(name):
    model, twin, trainer = fitted(OPTIMIZERS[name])
    optimizer = OPTIMIZERS[name](twin.parameters())
    data, losses = Points(), []
    for _ in range(EPOCHS):
        for X, y in data.train_dataloader():

            def closure(X=X, y=y):
                optimizer.zero_grad()
                loss = twin.loss(twin(X.double()), y.double())
                loss.backward()
                return loss

            losses.append(float(optimizer.step(closure).detach()))
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-9)
    assert [y for _, y in trainer.history["train_loss"]] == pytest.approx(losses, rel=0, abs=1e-9)


SCHEDULERS = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 1, 0.5),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS),
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o, 0.1, 1), lr_scheduler.ExponentialLR(o, 0.9)], [1]
    ),
}


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("interval", ["epoch", "step"])
@pytest.mark.parametrize("form", ["pair", "dict"])
def test_a_scheduler_is_stepped_when_it_should_be(name, interval, form):
    rates = []

    def configure(parameters):
        optimizer = optim.SGD(parameters, lr=0.1)
        optimizer.register_step_pre_hook(lambda o, *_: rates.append(o.param_groups[0]["lr"]))
        scheduler = SCHEDULERS[name](optimizer)
        schedulers = [scheduler if interval == "epoch" else {"scheduler": scheduler, "interval": "step"}]
        return (optimizer, schedulers) if form == "pair" else {"optimizer": optimizer, "lr_scheduler": schedulers}

    fitted(configure)
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler, expected = SCHEDULERS[name](optimizer), []
    for _ in range(EPOCHS):
        for _ in range(STEPS):
            expected.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if interval == "step":
                scheduler.step()
        if interval == "epoch":
            scheduler.step()
    assert rates == pytest.approx(expected)


def test_a_plateau_is_seen_in_the_loss():
    def configure(parameters):
        optimizer = optim.SGD(parameters, lr=0.1)
        return optimizer, lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=1e9, threshold_mode="abs")

    _, _, trainer = fitted(configure)
    assert trainer.optim.param_groups[0]["lr"] == pytest.approx(0.1 * 0.1 ** (EPOCHS - 1))


def test_an_interval_that_there_is_not_is_refused():
    def configure(parameters):
        optimizer = optim.SGD(parameters, lr=0.1)
        return optimizer, {"scheduler": lr_scheduler.StepLR(optimizer, 1), "interval": "batch"}

    with pytest.raises(SettingError, match="'epoch' or 'step'"):
        fitted(configure)


@pytest.mark.parametrize("made", [lambda p: None, lambda p: 0.1, lambda p: {"optim": optim.SGD(p)}])
def test_what_is_no_optimizer_is_refused(made):
    with pytest.raises(SettingError, match="return an optimizer"):
        fitted(made)


@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_other_precisions_learn_and_are_named(precision):
    trainer = fitted(lambda p: optim.SGD(p, lr=0.1), precision=precision)[2]
    losses = [y for _, y in trainer.history["train_loss"]]
    assert sum(losses[-STEPS:]) < sum(losses[:STEPS])
    assert torch.get_float32_matmul_precision() == "highest"  # put back


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None and shutil.which("g++") is None, reason="no compiler for the CPU")
def test_a_compiled_model_learns_the_same(monkeypatch):
    configure = OPTIMIZERS["SGD"]
    plain, compiled = (fitted(configure, compile=on)[2] for on in (False, True))
    pairs = zip(plain.history["train_loss"], compiled.history["train_loss"], strict=True)
    assert all(abs(one[1] - other[1]) < 1e-9 for one, other in pairs)
    assert compiled.model._compiled_call_impl is None  # as it was
