"""The engine computes what a plain loop computes: in double precision, to 1e-9 over 20 steps."""

import copy

import pytest
import torch
from torch import nn

from engine.config import TrainSettings
from engine.events import MetricPoint
from engine.loaders import TensorLoader
from engine.models.cnn import LeNet
from engine.models.gated import GRU, LSTM
from engine.models.rnn import RNN, RNNLM
from engine.module import Classifier, DataModule, Module
from engine.train import train

STEPS = 20


class Linear(Module):
    lr = 0.03
    plot_train_per_epoch = STEPS

    def __init__(self):
        super().__init__(plot_train_per_epoch=STEPS)
        self.net = nn.Linear(28 * 28, 1)

    def forward(self, X):
        return self.net(X.flatten(1))

    def loss(self, y_hat, y):
        return ((y_hat.squeeze(-1) - y) ** 2).mean()


class Perceptron(Classifier):
    lr = 0.1

    def __init__(self):
        super().__init__(plot_train_per_epoch=STEPS)
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def lenet():
    model = LeNet(lr=0.1)
    model.plot_train_per_epoch = STEPS
    model(torch.zeros(1, 1, 28, 28))  # so that its lazy layers have sizes before it is copied
    return model


class Pictures(DataModule):
    batch_size = 16

    def __init__(self):
        generator = torch.Generator().manual_seed(5)
        self.X = torch.rand(STEPS * 16, 1, 28, 28, generator=generator)
        self.y = torch.randint(0, 10, (STEPS * 16,), generator=generator)

    def get_dataloader(self, train):
        return TensorLoader([self.X, self.y], self.batch_size, shuffle=False) if train else None


def plain_loop(model, data, clip):
    model.double()
    optimizer = torch.optim.SGD(model.parameters(), lr=model.lr)
    losses = []
    for start in range(0, len(data.X), 16):
        X, y = data.X[start : start + 16].double(), data.y[start : start + 16]
        loss = model.loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        if clip:
            norm = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
            if norm > clip:
                for p in model.parameters():
                    p.grad *= clip / norm
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("make", [Linear, Perceptron, lenet])
@pytest.mark.parametrize("clip", [0, 0.1])
def test_engine_and_plain_loop_agree(make, clip):
    torch.manual_seed(0)
    model, data = make(), Pictures()
    twin = copy.deepcopy(model)
    settings = TrainSettings(max_epochs=1, gradient_clip_val=clip, device="cpu", precision="float64", scale=False)
    events = [event for event in train(model, data, settings) if isinstance(event, MetricPoint)]
    expected = plain_loop(twin, data, clip)
    assert [event.y for event in events] == pytest.approx(expected, rel=0, abs=1e-9)
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-9)


class Tokens(DataModule):
    batch_size = 8

    def __init__(self):
        generator = torch.Generator().manual_seed(5)
        self.X = torch.randint(0, 12, (STEPS * 8, 6), generator=generator)
        self.Y = torch.randint(0, 12, (STEPS * 8, 6), generator=generator)

    def get_dataloader(self, train):
        return TensorLoader([self.X, self.Y], self.batch_size, shuffle=False) if train else None


@pytest.mark.parametrize("layer", [RNN, LSTM, GRU])
def test_recurrent_models_agree_too(layer, monkeypatch):
    torch.manual_seed(0)
    model, data = RNNLM(layer(12, 16), vocab_size=12, lr=1.0), Tokens()
    model(data.X[:8])  # lazy layers get their sizes
    twin = copy.deepcopy(model).double()
    list(train(model, data, TrainSettings(max_epochs=1, gradient_clip_val=1, device="cpu", precision="float64")))
    assert torch.get_default_dtype() == torch.float32  # put back
    monkeypatch.setattr(torch, "get_default_dtype", lambda: torch.float64)  # for the model's one-hot vectors
    optimizer = torch.optim.SGD(twin.parameters(), lr=1.0)
    for X, Y in zip(data.X.split(8), data.Y.split(8), strict=True):
        loss = twin.loss(twin(X), Y)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.sqrt(sum((p.grad**2).sum() for p in twin.parameters()))
        if norm > 1:
            for p in twin.parameters():
                p.grad *= 1 / norm
        optimizer.step()
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=0, atol=1e-9)


def test_the_numbers_differ_if_a_step_is_left_out():
    """That the comparison above can fail."""
    torch.manual_seed(0)
    model, data = Perceptron(), Pictures()
    twin = copy.deepcopy(model)
    list(train(model, data, TrainSettings(max_epochs=1, max_steps=STEPS - 1, device="cpu", precision="float64")))
    plain_loop(twin, data, 0)
    assert not torch.allclose(model.net[3].bias, twin.net[3].bias, rtol=0, atol=1e-9)


def test_a_shuffled_loader_gives_every_example_once():
    loader = TensorLoader([torch.arange(10)], 3, shuffle=True)
    batches = [batch[0] for batch in loader]
    assert [len(batch) for batch in batches] == [3, 3, 3, 1]
    assert sorted(torch.cat(batches).tolist()) == list(range(10))


def test_the_order_of_a_shuffled_loader_follows_its_seed():
    orders = []
    for _ in range(2):
        loader = TensorLoader([torch.arange(50)], 50, shuffle=True, generator=torch.Generator().manual_seed(3))
        orders.append(next(iter(loader))[0].tolist())
    assert orders[0] == orders[1] != list(range(50))


def test_a_loader_transforms_what_it_gives():
    loader = TensorLoader([torch.full((4, 2), 255, dtype=torch.uint8)], 2, transform=lambda X: (X.float() / 255,))
    assert next(iter(loader))[0].tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_tensors_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"\[3, 4\]"):
        TensorLoader([torch.zeros(3), torch.zeros(4)], 2)
