"""Convolutions by hand (7.2, 7.5), and LeNet (7.6). Batch normalization is in `normalization`."""

from __future__ import annotations

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
        self.net = nn.Sequential(
            nn.LazyConv2d(6, kernel_size=5, padding=2),
            nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.LazyConv2d(16, kernel_size=5),
            nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Flatten(),
            nn.LazyLinear(120),
            nn.Sigmoid(),
            nn.LazyLinear(84),
            nn.Sigmoid(),
            nn.LazyLinear(num_classes),
        )
        when_sized(self.net, init_cnn)
