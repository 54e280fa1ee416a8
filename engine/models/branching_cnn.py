"""GoogLeNet (8.4) and DenseNet (8.7): branches side by side, and every layer's output kept for all that follow."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.cnn import init_cnn
from engine.models.initializing import when_sized
from engine.module import Classifier


class Inception(nn.Module):
    """Four ways of looking, side by side (8.4.1): 1 × 1; 1 × 1 then 3 × 3; 1 × 1 then 5 × 5; pooling then 1 × 1.

    (n, c, h, w) -> (n, c1 + c2[1] + c3[1] + c4, h, w).
    """

    def __init__(self, c1: int, c2: Sequence[int], c3: Sequence[int], c4: int) -> None:
        super().__init__()
        self.b1_1 = nn.LazyConv2d(c1, kernel_size=1)
        self.b2_1 = nn.LazyConv2d(c2[0], kernel_size=1)
        self.b2_2 = nn.LazyConv2d(c2[1], kernel_size=3, padding=1)
        self.b3_1 = nn.LazyConv2d(c3[0], kernel_size=1)
        self.b3_2 = nn.LazyConv2d(c3[1], kernel_size=5, padding=2)
        self.b4_1 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)
        self.b4_2 = nn.LazyConv2d(c4, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """The four results, stacked along the channels."""
        b1 = functional.relu(self.b1_1(x))
        b2 = functional.relu(self.b2_2(functional.relu(self.b2_1(x))))
        b3 = functional.relu(self.b3_2(functional.relu(self.b3_1(x))))
        b4 = functional.relu(self.b4_2(self.b4_1(x)))
        return torch.cat((b1, b2, b3, b4), dim=1)


class GoogLeNet(Classifier):
    """GoogLeNet (Szegedy et al., 2015): a stem, three groups of inception blocks, a linear head (8.4.2).

    (n, 1, 96, 96) -> (n, 64, 24, 24) -> (n, 192, 12, 12) -> (n, 480, 6, 6) -> (n, 832, 3, 3) -> (n, 1024)
    -> num_classes. Without the paper's auxiliary classifiers. 5,977,530 parameters for grey pictures of 10 classes.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            self.b1(), self.b2(), self.b3(), self.b4(), self.b5(), nn.LazyLinear(num_classes)
        )  # fmt: skip
        when_sized(self.net, init_cnn)

    def b1(self) -> nn.Sequential:
        """-> (n, 64, h / 4, w / 4)."""
        return nn.Sequential(
            nn.LazyConv2d(64, kernel_size=7, stride=2, padding=3),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )

    def b2(self) -> nn.Sequential:
        """-> (n, 192, h / 2, w / 2)."""
        return nn.Sequential(
            nn.LazyConv2d(64, kernel_size=1),
            nn.ReLU(),
            nn.LazyConv2d(192, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )

    def b3(self) -> nn.Sequential:
        """-> (n, 480, h / 2, w / 2)."""
        return nn.Sequential(
            Inception(64, (96, 128), (16, 32), 32),
            Inception(128, (128, 192), (32, 96), 64),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )

    def b4(self) -> nn.Sequential:
        """-> (n, 832, h / 2, w / 2)."""
        return nn.Sequential(
            Inception(192, (96, 208), (16, 48), 64),
            Inception(160, (112, 224), (24, 64), 64),
            Inception(128, (128, 256), (24, 64), 64),
            Inception(112, (144, 288), (32, 64), 64),
            Inception(256, (160, 320), (32, 128), 128),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )

    def b5(self) -> nn.Sequential:
        """-> (n, 1024)."""
        return nn.Sequential(
            Inception(256, (160, 320), (32, 128), 128),
            Inception(384, (192, 384), (48, 128), 128),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
        )


def conv_block(num_channels: int) -> nn.Sequential:
    """Normalize, ReLU, 3 × 3 convolution: (n, c, h, w) -> (n, num_channels, h, w)."""
    return nn.Sequential(nn.LazyBatchNorm2d(), nn.ReLU(), nn.LazyConv2d(num_channels, kernel_size=3, padding=1))


class DenseBlock(nn.Module):
    """num_convs convolutions, each of which sees what all before it made (8.7.2).

    (n, c, h, w) -> (n, c + num_convs · num_channels, h, w). The paper's have a 1 × 1 bottleneck, the book's do not.
    """

    def __init__(self, num_convs: int, num_channels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(*(conv_block(num_channels) for _ in range(num_convs)))

    def forward(self, X: Tensor) -> Tensor:
        """The input and all outputs, stacked along the channels."""
        for block in self.net:
            X = torch.cat((X, block(X)), dim=1)
        return X


def transition_block(num_channels: int) -> nn.Sequential:
    """Fewer channels, half the height and width: -> (n, num_channels, h / 2, w / 2) (8.7.3)."""
    return nn.Sequential(
        nn.LazyBatchNorm2d(),
        nn.ReLU(),
        nn.LazyConv2d(num_channels, kernel_size=1),
        nn.AvgPool2d(kernel_size=2, stride=2),
    )


class DenseNet(Classifier):
    """DenseNet (Huang et al., 2017): dense blocks, and between them transitions that halve the channels (8.7.4).

    arch: the number of convolutions in each block, which add growth_rate channels each. (n, 1, 96, 96) -> (n, 64, 24,
    24) -> (n, 192 → 96, 12, 12) -> (n, 224 → 112, 6, 6) -> (n, 240 → 120, 3, 3) -> (n, 248, 3, 3) -> num_classes.
    758,226 parameters.
    """

    def __init__(
        self,
        num_channels: int = 64,
        growth_rate: int = 32,
        arch: Sequence[int] = (4, 4, 4, 4),
        lr: float = 0.1,
        num_classes: int = 10,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(self.b1())
        channels = num_channels
        for i, num_convs in enumerate(arch):
            self.net.add_module(f"dense_blk{i + 1}", DenseBlock(num_convs, growth_rate))
            channels += num_convs * growth_rate
            if i != len(arch) - 1:
                channels //= 2
                self.net.add_module(f"tran_blk{i + 1}", transition_block(channels))
        self.net.add_module(
            "last",
            nn.Sequential(
                nn.LazyBatchNorm2d(), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LazyLinear(num_classes)
            ),
        )
        when_sized(self.net, init_cnn)

    def b1(self) -> nn.Sequential:
        """The stem: -> (n, 64, h / 4, w / 4)."""
        return nn.Sequential(
            nn.LazyConv2d(64, kernel_size=7, stride=2, padding=3),
            nn.LazyBatchNorm2d(),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
