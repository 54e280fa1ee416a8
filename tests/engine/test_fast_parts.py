"""What `engine.fast` does for models of all kinds: dropout, optimizers, pictures pixel by pixel in memory."""

import copy
import math
import pickle

import pytest
import torch
from torch import nn

import engine
from engine.config import TrainSettings
from engine.events import MetricPoint, RunStarted
from engine.fast import dropping, moving
from engine.loaders import TensorLoader
from engine.train import train

B = 8


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


# -- dropout -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(p):
    drawn = dropping.mask(torch.Size((400, 1000)), p, torch.float64)
    dropped = (drawn == 0).double().mean().item()
    assert dropped == pytest.approx(p, abs=6 * math.sqrt(p * (1 - p) / drawn.numel()))
    share = round(p * 2**16) / 2**16
    assert drawn[drawn > 0].unique().item() == pytest.approx(1 / (1 - share), rel=1e-12)
    neighbours = (drawn[:, ::2] == 0).double() - p, (drawn[:, 1::2] == 0).double() - p  # of one drawing
    assert (neighbours[0] * neighbours[1]).mean().item() == pytest.approx(0, abs=0.01)


def test_a_seed_fixes_what_is_dropped():
    draws = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        draws.append(dropping.mask(torch.Size((100, 100)), 0.3, torch.float32))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_only_plain_dropout_is_quickened_and_only_for_a_while():
    class Mine(nn.Dropout):
        pass

    net = nn.Sequential(*(nn.Dropout(p) for p in (0.5, 1.0)), Mine(0.5), nn.Dropout(0.5, inplace=True))
    undo = dropping.quicken(net)
    assert ["forward" in vars(layer) for layer in net] == [True, False, False, False]
    X = torch.ones(100, 100)
    assert set(net[0](X).unique().tolist()) == {0.0, 2.0}
    assert torch.equal(net[0].eval()(X), X)
    copied = pickle.loads(pickle.dumps(net[0].train()))
    assert set(copied(X).unique().tolist()) == {0.0, 2.0}
    undo()
    assert not any("forward" in vars(layer) for layer in net)


def test_gradients_flow_where_numbers_stayed():
    layer = nn.Dropout(0.5)
    dropping.quicken(layer)
    X = torch.ones(100, 100, requires_grad=True)
    out = layer(X)
    out.sum().backward()
    assert torch.equal(X.grad, out.detach())


# -- optimizers --------------------------------------------------------------------------------------------------------


def weights():
    torch.manual_seed(7)
    made = [nn.Parameter(torch.randn(5, 3)), nn.Parameter(torch.randn(4)), nn.Parameter(torch.randn(2))]
    for parameter in made[:2]:
        parameter.grad = torch.randn_like(parameter)
    return made


def test_plain_gradient_descent_moves_as_torchs_to_the_bit():
    mine, theirs = weights(), weights()
    one, other = torch.optim.SGD(mine, lr=0.1), torch.optim.SGD(theirs, lr=0.1)
    move = moving.quick_step(one)
    for rate in (0.1, 0.02):
        one.param_groups[0]["lr"] = other.param_groups[0]["lr"] = rate
        move()
        other.step()
    assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("chosen", [{"momentum": 0.9}, {"weight_decay": 0.1}, {"maximize": True}])
def test_any_other_gradient_descent_moves_by_its_own_step(chosen):
    mine, theirs = weights(), weights()
    one, other = torch.optim.SGD(mine, lr=0.1, **chosen), torch.optim.SGD(theirs, lr=0.1, **chosen)
    move = moving.quick_step(one)
    for _ in range(3):
        move()
        other.step()
    assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_an_optimizer_that_is_watched_keeps_its_step():
    watched = torch.optim.SGD(weights(), lr=0.1)
    watched.register_step_post_hook(lambda *args: None)
    assert moving.quick_step(watched) is None
    counted = torch.optim.SGD(weights(), lr=0.1)
    torch.optim.lr_scheduler.StepLR(counted, 1)  # it counts the calls of step
    assert moving.quick_step(counted) is None
    assert moving.quick_step(torch.optim.Adam(weights())) is None

    class Mine(engine.SGD):
        def step(self):
            pass

    assert moving.quick_step(Mine(weights(), 0.1)) is None


def test_the_descent_by_hand_moves_as_written():
    mine, theirs = weights(), weights()
    moving.quick_step(engine.SGD(mine, 0.1))()
    engine.SGD(theirs, 0.1).step()
    assert all(torch.allclose(a, b, rtol=0, atol=1e-6) for a, b in zip(mine, theirs, strict=True))


def test_adam_is_fused_for_a_while_unless_somebody_chose():
    optimizer = torch.optim.Adam([{"params": weights()}, {"params": weights(), "foreach": True}])
    undo = moving.fuse(optimizer)
    assert [group["fused"] for group in optimizer.param_groups] == [True, None]
    undo()
    assert [group["fused"] for group in optimizer.param_groups] == [None, None]
    refused = torch.optim.AdamW(weights(), fused=False)
    moving.fuse(refused)
    assert refused.param_groups[0]["fused"] is False


# -- pictures ----------------------------------------------------------------------------------------------------------


class Pictures(engine.DataModule):
    """Five minibatches in a fixed order."""

    batch_size = B

    def __init__(self):
        super().__init__()
        self.X, self.y = torch.rand(5 * B, 1, 28, 28), torch.randint(10, (5 * B,))

    def get_dataloader(self, train):
        return TensorLoader([self.X, self.y], B, shuffle=False) if train else None


class Layouts(engine.LeNet):
    pass


def settings():
    return TrainSettings(1, device="cpu", scale=False, checkpoint=False)


def layouts_of(model, data):
    """How the weights of a run lay in memory, step by step: whether pixel by pixel."""
    seen = []
    loss = model.loss
    model.loss = lambda *args: (
        seen.append(model.net[3].weight.is_contiguous(memory_format=torch.channels_last)) or loss(*args)
    )
    events = list(train(model, data, settings()))
    assert all(weight.is_contiguous() for weight in model.parameters())
    assert "channels last" not in next(event for event in events if isinstance(event, RunStarted)).notes
    return seen


@pytest.fixture
def digits():
    return Pictures()


def test_a_convolutional_net_is_laid_pixel_by_pixel_once_it_knows_its_size(digits, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert layouts_of(engine.LeNet(lr=0.1), digits) == [False] + [True] * 4
    assert not any(layouts_of(Layouts(lr=0.1), digits))


@pytest.mark.parametrize("lacking", ["oneDNN", "x86"])
def test_without_onednn_or_on_another_processor_nothing_is_laid_anew(digits, monkeypatch, lacking):
    monkeypatch.setattr("platform.machine", lambda: "arm64" if lacking == "x86" else "x86_64")
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: lacking != "oneDNN")
    assert not any(layouts_of(engine.LeNet(lr=0.1), digits))


def test_pixel_by_pixel_only_rounding_differs(digits, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    model = engine.LeNet(lr=0.1)
    model.plot_train_per_epoch = 5
    model(digits.X[:1])
    twin = copy.deepcopy(model)
    quick = [event.y for event in train(model, digits, settings()) if isinstance(event, MetricPoint)]
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    plain = [event.y for event in train(twin, digits, settings()) if isinstance(event, MetricPoint)]
    assert quick == pytest.approx(plain, rel=1e-4)
