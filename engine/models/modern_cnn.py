"""AlexNet (8.1), VGG (8.2) and network in network (8.3): deeper, then blocks, then convolutions all the way."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from engine.models.cnn import init_cnn
from engine.models.initializing import when_sized
from engine.module import Classifier


class AlexNet(Classifier):
    """AlexNet (Krizhevsky et al., 2012), on one GPU and without local response normalization (8.1).

    (n, 1, 224, 224) -> (n, 96, 54, 54) -> (n, 256, 26, 26) -> (n, 384, 12, 12) -> (n, 256, 5, 5) -> 6,400 -> 4,096
    -> 4,096 -> num_classes. 46,764,746 parameters for grey pictures of 10 classes, Xavier's weights. The paper split
    its channels over two GPUs, took three colours and 1,000 classes, and began with N(0, 0.01²).
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            *_conv(96, 11, padding=1, stride=4), nn.MaxPool2d(3, 2),
            *_conv(256, 5, padding=2), nn.MaxPool2d(3, 2),
            *_conv(384, 3, padding=1), *_conv(384, 3, padding=1), *_conv(256, 3, padding=1), nn.MaxPool2d(3, 2),
            nn.Flatten(), *_dense(4096), *_dense(4096), nn.LazyLinear(num_classes),
        )  # fmt: skip
        when_sized(self.net, init_cnn)


def _conv(channels: int, kernel_size: int, *, padding: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    return nn.LazyConv2d(channels, kernel_size, stride, padding), nn.ReLU()


def _dense(num_outputs: int) -> tuple[nn.Module, nn.Module, nn.Module]:
    return nn.LazyLinear(num_outputs), nn.ReLU(), nn.Dropout(0.5)


def vgg_block(num_convs: int, out_channels: int) -> nn.Sequential:
    """num_convs times a 3 × 3 convolution and ReLU, then halve: (n, c, h, w) -> (n, out_channels, h / 2, w / 2)."""
    layers: list[nn.Module] = []
    for _ in range(num_convs):
        layers += [nn.LazyConv2d(out_channels, kernel_size=3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(kernel_size=2, stride=2))


class VGG(Classifier):
    """VGG (Simonyan and Zisserman, 2014): a body of blocks, a head of three dense layers (8.2).

    arch: (number of convolutions, channels) of each block; VGG-11 is ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)).
    (n, 1, 224, 224) -> … -> (n, 512, 7, 7) -> 4,096 -> 4,096 -> num_classes. VGG-11 has 128,806,154 parameters for grey
    pictures of 10 classes, and 43,093,322 with a quarter of the channels, as the book trains it; Xavier's weights.
    """

    def __init__(self, arch: Sequence[tuple[int, int]], lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            *(vgg_block(num_convs, out_channels) for num_convs, out_channels in arch),
            nn.Flatten(),
            nn.LazyLinear(4096), nn.ReLU(), nn.Dropout(0.5),
            nn.LazyLinear(4096), nn.ReLU(), nn.Dropout(0.5),
            nn.LazyLinear(num_classes),
        )  # fmt: skip
        when_sized(self.net, init_cnn)


def nin_block(out_channels: int, kernel_size: int, strides: int, padding: int) -> nn.Sequential:
    """A convolution, then two of 1 × 1: a small dense network at every pixel (8.3.1)."""
    return nn.Sequential(
        nn.LazyConv2d(out_channels, kernel_size, strides, padding), nn.ReLU(),
        nn.LazyConv2d(out_channels, kernel_size=1), nn.ReLU(),
        nn.LazyConv2d(out_channels, kernel_size=1), nn.ReLU(),
    )  # fmt: skip


class NiN(Classifier):
    """Network in network (Lin et al., 2013): no dense layer, the last block has one map for each class (8.3).

    (n, 1, 224, 224) -> (n, 96, 26, 26) -> (n, 256, 12, 12) -> (n, 384, 5, 5) -> (n, num_classes, 5, 5) -> mean of each.
    1,992,166 parameters for grey pictures of 10 classes, Xavier's weights. Kernels and channels are AlexNet's, as in
    the book; the paper's networks for small pictures are others.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nin_block(96, kernel_size=11, strides=4, padding=0), nn.MaxPool2d(3, stride=2),
            nin_block(256, kernel_size=5, strides=1, padding=2), nn.MaxPool2d(3, stride=2),
            nin_block(384, kernel_size=3, strides=1, padding=1), nn.MaxPool2d(3, stride=2), nn.Dropout(0.5),
            nin_block(num_classes, kernel_size=3, strides=1, padding=1),
            nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(),
        )  # fmt: skip
        when_sized(self.net, init_cnn)
