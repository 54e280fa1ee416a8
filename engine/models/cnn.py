"""Convolutions by hand (7.2, 7.5), and LeNet (7.6). Batch normalization is in `normalization`."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.models.initializing import when_sized
from engine.module import Classifier


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """The cross-correlation of X: (a, b) with the kernel K: (h, w) -> (a - h + 1, b - w + 1) (7.2.1)."""
    height, width = K.shape
    windows = X.unfold(0, height, 1).unfold(1, width, 1)  # (a - h + 1, b - w + 1, h, w), all views of X
    return (windows * K).sum(dim=(-2, -1))


class Conv2D(nn.Module):
    """A convolutional layer of one channel, by hand (7.2.2)."""

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """x: (a, b) -> (a - h + 1, b - w + 1)."""
        return corr2d(x, self.weight) + self.bias


def pool2d(X: Tensor, pool_size: tuple[int, int], mode: str = "max") -> Tensor:
    """The maximum or the mean (`mode="avg"`) of each window of X: (a, b) -> (a - h + 1, b - w + 1) (7.5.1)."""
    windows = X.unfold(0, pool_size[0], 1).unfold(1, pool_size[1], 1)  # (a - h + 1, b - w + 1, h, w)
    return windows.amax(dim=(-2, -1)) if mode == "max" else windows.mean(dim=(-2, -1))


def init_cnn(module: nn.Module) -> None:
    """Xavier's uniform weights for linear and convolutional layers (7.6.1); the biases stay PyTorch's."""
    if type(module) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)  # type: ignore[arg-type]


class LeNet(Classifier):
    """LeNet-5 (7.6; LeCun et al., 1998): two convolutions that look, three dense layers that decide.

    (n, 1, 28, 28) -> 6 maps of 28 × 28 -> 14 × 14 -> 16 maps of 10 × 10 -> 5 × 5 -> 400 -> 120 -> 84 -> num_classes.
    61,706 parameters for 10 classes, Xavier's weights. The paper had trained pooling, a sparse second convolution,
    tanh and a Gaussian output layer, which the book leaves out.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = lenet(num_classes, padding=2)
        when_sized(self.net, init_cnn)


def lenet(num_classes: int, padding: int, normalize: Callable[[int, int], nn.Module] | None = None) -> nn.Sequential:
    """LeNet's layers: (n, 1, 28, 28) -> (n, num_classes). The shapes noted are those of `padding=2`.

    `normalize(width, num_dims)`, if given, makes what stands between a layer of `width` maps (num_dims = 4) or numbers
    (num_dims = 2) and its sigmoid: batch normalization, in 8.5.
    """

    def activated(width: int, num_dims: int) -> list[nn.Module]:
        return [*([] if normalize is None else [normalize(width, num_dims)]), nn.Sigmoid()]

    look = [
        nn.LazyConv2d(6, 5, padding=padding), *activated(6, num_dims=4),
        nn.AvgPool2d(2),  # (n, 6, 14, 14)
        nn.LazyConv2d(16, 5), *activated(16, num_dims=4),
        nn.AvgPool2d(2),  # (n, 16, 5, 5)
    ]  # fmt: skip
    decide = [
        nn.Flatten(),  # (n, 400)
        nn.LazyLinear(120), *activated(120, num_dims=2),
        nn.LazyLinear(84), *activated(84, num_dims=2),
        nn.LazyLinear(num_classes),
    ]  # fmt: skip
    return nn.Sequential(*look, *decide)
