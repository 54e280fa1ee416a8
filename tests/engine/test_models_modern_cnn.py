import pytest
import torch
import torchvision
from torch import nn
from torchvision.models.googlenet import Inception as TorchvisionInception

import engine


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def count(model):
    return sum(p.numel() for p in model.parameters())


def shapes(model, side):
    """The shape after each part of the net that has maps, without the batch."""
    model.eval()
    X, found = torch.rand(1, 1, side, side), []
    for part in model.net:
        X = part(X)
        found.append(tuple(X.shape[1:]))
    return found


def copy_in_order(source, target):
    """Copy the weights of all convolutions and dense layers, in their order."""
    pick = (nn.Conv2d, nn.Linear)
    theirs = [m for m in source.modules() if isinstance(m, pick)]
    ours = [m for m in target.modules() if isinstance(m, pick)]
    for mine, other in zip(ours, theirs, strict=True):
        mine.load_state_dict(other.state_dict())


def test_vgg_11_is_torchvision_s():
    ours = engine.VGG(((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)), num_classes=7).eval()
    theirs = torchvision.models.vgg11(num_classes=7).eval()
    X = torch.rand(1, 3, 224, 224)
    ours(X)
    copy_in_order(theirs, ours)
    with torch.no_grad():
        assert torch.allclose(ours(X), theirs(X), atol=1e-5)


def test_alexnet_has_the_book_s_shapes_and_size():
    model = engine.AlexNet()
    found = shapes(model, 224)
    for shape in ((96, 54, 54), (256, 26, 26), (384, 12, 12), (256, 5, 5), (6400,), (4096,)):
        assert shape in found
    assert found[-1] == (10,)
    assert count(model) == 46_764_746


def test_nin_ends_in_one_map_for_each_class():
    model = engine.NiN(num_classes=7)
    assert shapes(model, 224)[-3:] == [(7, 5, 5), (7, 1, 1), (7,)]
    assert not any(isinstance(m, nn.Linear) for m in model.modules())


def test_an_inception_block_is_torchvision_s():
    """torchvision's has batch normalization and, by a known slip, a 3 × 3 convolution where the paper has 5 × 5."""

    class PlainConv(nn.Sequential):
        def __init__(self, inputs, outputs, **kwargs):
            if outputs == 8 and kwargs["kernel_size"] == 3:
                kwargs = {"kernel_size": 5, "padding": 2}
            super().__init__(nn.Conv2d(inputs, outputs, **kwargs), nn.ReLU())

    theirs = TorchvisionInception(12, 4, 6, 10, 5, 8, 7, conv_block=PlainConv)
    ours = engine.Inception(4, (6, 10), (5, 8), 7)
    X = torch.randn(2, 12, 9, 9)
    ours(X)
    copy_in_order(theirs, ours)
    assert torch.allclose(ours(X), theirs(X), atol=1e-6)
    assert ours(X).shape == (2, 4 + 10 + 8 + 7, 9, 9)


def test_googlenet_has_the_book_s_shapes_and_size():
    model = engine.GoogLeNet()
    assert shapes(model, 96) == [(64, 24, 24), (192, 12, 12), (480, 6, 6), (832, 3, 3), (1024,), (10,)]
    assert count(model) == 5_977_530


def test_a_dense_block_is_torchvision_s_without_the_bottleneck():
    class Layer(nn.Module):
        """torchvision's layer, its bottleneck taken out."""

        def __init__(self, channels):
            super().__init__()
            whole = torchvision.models.densenet._DenseLayer(channels, 6, 2, 0.0)
            self.norm, self.relu = whole.norm1, whole.relu1
            self.conv = nn.Conv2d(channels, 6, 3, padding=1)

        def forward(self, features):
            return self.conv(self.relu(self.norm(torch.cat(features, 1))))

    layers = [Layer(4 + 6 * i) for i in range(3)]
    ours = engine.DenseBlock(3, 6)
    X = torch.randn(2, 4, 8, 8)
    ours(X)
    for mine, other in zip(ours.net, layers, strict=True):
        mine[2].load_state_dict(other.conv.state_dict())
    features = [X]
    for layer in layers:
        features.append(layer(features))
    assert torch.allclose(ours(X), torch.cat(features, 1), atol=1e-5)
    assert engine.transition_block(5)(ours(X)).shape == (2, 5, 4, 4)


def test_densenet_halves_its_channels_between_blocks():
    model = engine.DenseNet()
    channels = [shape[0] for shape in shapes(model, 96)]
    assert channels == [64, 192, 96, 224, 112, 240, 120, 248, 10]
    assert count(model) == 758_226


def test_regnet_has_the_book_s_shapes():
    assert shapes(engine.RegNetX32(), 96) == [(32, 48, 48), (32, 24, 24), (80, 12, 12), (10,)]


@pytest.mark.parametrize("name", ["AlexNet", "NiN", "GoogLeNet", "DenseNet", "RegNetX32", "ResNet18"])
def test_every_model_keeps_its_hyperparameters(name):
    model = getattr(engine, name)(lr=0.03, num_classes=4)
    assert (model.lr, model.num_classes) == (0.03, 4)
