"""AnyNet and RegNet (8.8; Radosavovic et al., 2020): a family of networks, and what searching it taught."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from engine.models.cnn import init_cnn
from engine.models.initializing import when_sized
from engine.models.resnet import ResNeXtBlock
from engine.module import Classifier


class AnyNet(Classifier):
    """A stem, any number of stages of ResNeXt blocks, a head (8.8.1).

    arch: (depth, channels, group width, bottleneck ratio) of each stage; each stage halves height and width.
    (n, 1, 96, 96) -> stem (n, stem_channels, 48, 48) -> stages -> (n, num_classes). The convolutions have biases,
    which the paper's have not.
    """

    def __init__(
        self,
        arch: Sequence[tuple[int, int, int, float]],
        stem_channels: int,
        lr: float = 0.1,
        num_classes: int = 10,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(self.stem(stem_channels))
        for i, stage in enumerate(arch):
            self.net.add_module(f"stage{i + 1}", self.stage(*stage))
        self.net.add_module(
            "head", nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LazyLinear(num_classes))
        )
        when_sized(self.net, init_cnn)

    def stem(self, num_channels: int) -> nn.Sequential:
        """-> (n, num_channels, h / 2, w / 2)."""
        return nn.Sequential(
            nn.LazyConv2d(num_channels, kernel_size=3, stride=2, padding=1), nn.LazyBatchNorm2d(), nn.ReLU()
        )

    def stage(self, depth: int, num_channels: int, groups: int, bot_mul: float) -> nn.Sequential:
        """-> (n, num_channels, h / 2, w / 2)."""
        first = ResNeXtBlock(num_channels, groups, bot_mul, use_1x1conv=True, strides=2)
        return nn.Sequential(first, *(ResNeXtBlock(num_channels, groups, bot_mul) for _ in range(depth - 1)))


class RegNetX32(AnyNet):
    """The book's instance (8.8.3): two stages, of 4 blocks with 32 channels and of 6 with 80; groups 16 wide.

    (n, 1, 96, 96) -> (n, 32, 48, 48) -> (n, 32, 24, 24) -> (n, 80, 12, 12) -> (n, num_classes). 179,290 parameters for
    grey pictures of 10 classes. The paper's networks have four stages.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__(((4, 32, 16, 1), (6, 80, 16, 1)), 32, lr, num_classes)
