import copy
import math

import pytest
import torch
import torchvision
from torch import nn

import engine
from engine.models.normalization import BatchNorm


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def count(model):
    return sum(p.numel() for p in model.parameters())


def test_convolution_and_pooling_by_hand_are_pytorchs():
    X, K = torch.randn(7, 6), torch.randn(3, 2)
    assert torch.allclose(engine.corr2d(X, K), nn.functional.conv2d(X[None, None], K[None, None])[0, 0], atol=1e-6)
    assert torch.equal(engine.pool2d(X, (2, 3)), nn.functional.max_pool2d(X[None], (2, 3), stride=1)[0])
    means = nn.functional.avg_pool2d(X[None], (2, 3), stride=1)[0]
    assert torch.allclose(engine.pool2d(X, (2, 3), "avg"), means, atol=1e-6)
    assert engine.Conv2D((1, 2))(X).shape == (7, 5)


@pytest.mark.parametrize(("name", "parameters"), [("LeNet", 61_706), ("BNLeNet", 44_878), ("BNLeNetScratch", 44_878)])
def test_lenets(name, parameters):
    model = getattr(engine, name)(lr=0.1)
    assert model(torch.rand(3, 1, 28, 28)).shape == (3, 10)
    assert count(model) == parameters
    assert model.lr == 0.1


def test_lenet_starts_with_xavier_s_weights_though_its_layers_are_lazy():
    model = engine.LeNet()
    model(torch.rand(1, 1, 28, 28))
    bounds = {"0": math.sqrt(6 / (25 + 150)), "3": math.sqrt(6 / (150 + 400)), "11": math.sqrt(6 / (84 + 10))}
    for name, bound in bounds.items():
        largest = model.net.get_submodule(name).weight.abs().max().item()
        assert 0.85 * bound < largest <= bound
    weights = model.net[0].weight.clone()
    model(torch.rand(1, 1, 28, 28))
    assert torch.equal(model.net[0].weight, weights)  # only once


def test_a_copy_made_before_the_first_input_is_initialized_once_too():
    original = engine.LeNet()
    twin = copy.deepcopy(original)
    X = torch.rand(1, 1, 28, 28)
    assert torch.equal(twin(X), twin(X))
    assert torch.equal(original(X), original(X))
    assert not torch.equal(original(X), twin(X))
    assert twin.net[0].weight.abs().max() <= math.sqrt(6 / (25 + 150))


def test_weights_that_are_loaded_before_the_first_input_stay():
    trained, fresh = engine.LeNet(), engine.LeNet()
    X = torch.rand(1, 1, 28, 28)
    trained(X)
    fresh.load_state_dict(trained.state_dict())
    assert torch.equal(fresh(X), trained(X))


def test_apply_init_still_has_the_last_word():
    model = engine.LeNet()
    model.apply_init([torch.rand(1, 1, 28, 28)], lambda m: nn.init.zeros_(m.weight) if type(m) is nn.Linear else None)
    assert not model.net[11].weight.any()
    model(torch.rand(1, 1, 28, 28))
    assert not model.net[11].weight.any()


def test_the_layers_of_lenet_have_the_book_s_shapes(capsys):
    engine.LeNet().layer_summary((1, 1, 28, 28))
    shown = capsys.readouterr().out
    for shape in ("(1, 6, 28, 28)", "(1, 6, 14, 14)", "(1, 16, 10, 10)", "(1, 16, 5, 5)", "(1, 400)", "(1, 84)"):
        assert shape in shown


@pytest.mark.parametrize("shape", [(8, 5), (4, 5, 6, 6)])
def test_batch_norm_by_hand_is_pytorchs(shape):
    ours = BatchNorm(5, num_dims=len(shape))
    theirs = nn.BatchNorm1d(5) if len(shape) == 2 else nn.BatchNorm2d(5)
    for _ in range(3):
        X = torch.randn(shape) * 3 + 1
        assert torch.allclose(ours(X), theirs(X), atol=1e-5)
    assert torch.allclose(ours.moving_mean.flatten(), theirs.running_mean, atol=1e-6)
    ours.moving_var = theirs.running_var.reshape(ours.moving_var.shape).clone()  # PyTorch keeps the unbiased one
    ours.eval()
    theirs.eval()
    assert torch.allclose(ours(X), theirs(X), atol=1e-5)


def copied_block(strides: int) -> tuple[nn.Module, nn.Module]:
    """The book's residual block and torchvision's with the same weights, biases at zero."""
    channels = 8 if strides == 1 else 16
    shortcut = None if strides == 1 else nn.Conv2d(8, channels, 1, stride=strides, bias=False)
    theirs = torchvision.models.resnet.BasicBlock(8, channels, strides, shortcut)
    ours = engine.Residual(channels, use_1x1conv=strides > 1, strides=strides)
    ours(torch.randn(2, 8, 8, 8))
    pairs = [(ours.conv1, theirs.conv1), (ours.conv2, theirs.conv2)] + ([(ours.conv3, shortcut)] if shortcut else [])
    for mine, other in pairs:
        mine.weight.data.copy_(other.weight.data)
        mine.bias.data.zero_()
    for mine, other in ((ours.bn1, theirs.bn1), (ours.bn2, theirs.bn2)):
        mine.load_state_dict(other.state_dict())
    return ours, theirs


@pytest.mark.parametrize("strides", [1, 2])
def test_a_residual_block_is_torchvision_s(strides):
    ours, theirs = copied_block(strides)
    X = torch.randn(4, 8, 8, 8)
    assert torch.allclose(ours(X), theirs(X), atol=1e-5)
    assert ours(X).shape == (4, 8 * strides, 8 // strides, 8 // strides)


def test_resnet_18_has_its_size_and_the_book_s_shapes():
    model = engine.ResNet18(lr=0.01)
    model.eval()
    X, shapes = torch.rand(1, 1, 96, 96), []
    for stage in model.net:
        X = stage(X)
        shapes.append(tuple(X.shape))
    assert shapes == [(1, 64, 24, 24), (1, 64, 24, 24), (1, 128, 12, 12), (1, 256, 6, 6), (1, 512, 3, 3), (1, 10)]
    # torchvision's, but: one channel in, 10 classes, biases in 20 convolutions, no normalization in 3 shortcuts
    reference = count(torchvision.models.resnet18(num_classes=10))
    biases = 64 + 4 * 64 + 5 * (128 + 256 + 512)
    assert count(model) == reference - 2 * 64 * 49 + biases - 2 * (128 + 256 + 512)


def test_a_resnext_block_keeps_or_halves_the_shape():
    X = torch.randn(4, 32, 16, 16)
    assert engine.ResNeXtBlock(32, 16, 1)(X).shape == X.shape
    halved = engine.ResNeXtBlock(64, 16, 0.5, use_1x1conv=True, strides=2)
    assert halved(X).shape == (4, 64, 8, 8)
    assert halved.conv2.groups == 2  # 32 channels in groups of 16
