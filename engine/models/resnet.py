"""Residual networks (8.6; He et al., 2016) and ResNeXt (Xie et al., 2017)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import relu

from engine.models.cnn import init_cnn
from engine.models.initializing import when_sized
from engine.module import Classifier


class Residual(nn.Module):
    """Two 3 × 3 convolutions and a way around them: ReLU(X + f(X)) (8.6.2).

    (n, c, h, w) -> (n, num_channels, h / strides, w / strides). Where that is another shape than the input's, the way
    around needs the 1 × 1 convolution, `conv3`.
    """

    def __init__(self, num_channels: int, use_1x1conv: bool = False, strides: int = 1) -> None:
        super().__init__()
        self.conv1, self.conv2 = (nn.LazyConv2d(num_channels, 3, stride, padding=1) for stride in (strides, 1))
        self.conv3 = nn.LazyConv2d(num_channels, 1, strides) if use_1x1conv else None
        self.bn1, self.bn2 = nn.LazyBatchNorm2d(), nn.LazyBatchNorm2d()

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, c, h, w) -> (n, num_channels, h / strides, w / strides)."""
        inside = relu(self.bn1(self.conv1(X)))
        change = self.bn2(self.conv2(inside))  # f(X)
        around = X if self.conv3 is None else self.conv3(X)
        return relu(change + around)


class ResNet(Classifier):
    """A stem, stages of residual blocks, global average pooling, one dense layer (8.6.3).

    `arch`: (number of blocks, channels) of each stage; every stage but the first halves height and width.
    (n, 1, 96, 96) -> stem (n, 64, 24, 24) -> … -> (n, 512, 3, 3) -> (n, 512) -> logits (n, num_classes).
    The convolutions have biases, which the batch normalization makes idle; the paper has none. The paper's shortcuts
    normalize after their 1 × 1 convolution, the book's do not.
    """

    def __init__(self, arch: Sequence[tuple[int, int]], lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        stages = {
            f"b{number}": self.block(depth, channels, first_block=number == 2)
            for number, (depth, channels) in enumerate(arch, start=2)  # the stem is the first
        }
        head = nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LazyLinear(num_classes))
        self.net = nn.Sequential(OrderedDict({"0": self.b1(), **stages, "last": head}))
        when_sized(self.net, init_cnn)

    def b1(self) -> nn.Sequential:
        """The stem: (n, c, h, w) -> (n, 64, h / 4, w / 4)."""
        halving = nn.LazyConv2d(64, 7, stride=2, padding=3)
        return nn.Sequential(halving, nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1))

    def block(self, num_residuals: int, num_channels: int, first_block: bool = False) -> nn.Sequential:
        """One stage of `num_residuals` blocks. It begins by halving height and width, unless it is the first."""
        begin = Residual(num_channels) if first_block else Residual(num_channels, use_1x1conv=True, strides=2)
        return nn.Sequential(begin, *(Residual(num_channels) for _ in range(num_residuals - 1)))


class ResNet18(ResNet):
    """Four stages of two blocks: 18 layers with weights, 11,178,378 parameters for grey pictures of 10 classes."""

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__(((2, 64), (2, 128), (2, 256), (2, 512)), lr, num_classes)


class ResNeXtBlock(nn.Module):
    """A residual block with a bottleneck whose 3 × 3 convolution works in separate groups (8.6.5).

    1 × 1 into the bottleneck, 3 × 3 inside, 1 × 1 out of it. `groups` is the width of a group, in channels, as the
    book's code has it.

    (n, c, h, w) -> (n, num_channels, h / strides, w / strides); `bot_mul` times num_channels inside.
    """

    def __init__(
        self, num_channels: int, groups: int, bot_mul: float, use_1x1conv: bool = False, strides: int = 1
    ) -> None:
        super().__init__()
        inside = round(num_channels * bot_mul)
        self.conv1 = nn.LazyConv2d(inside, 1)
        self.conv2 = nn.LazyConv2d(inside, 3, strides, padding=1, groups=inside // groups)
        self.conv3 = nn.LazyConv2d(num_channels, 1)
        self.bn1, self.bn2, self.bn3 = (nn.LazyBatchNorm2d() for _ in range(3))
        self.conv4 = nn.LazyConv2d(num_channels, 1, strides) if use_1x1conv else None
        self.bn4 = nn.LazyBatchNorm2d() if use_1x1conv else None

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, c, h, w) -> (n, num_channels, h / strides, w / strides)."""
        narrow = relu(self.bn1(self.conv1(X)))
        mixed = relu(self.bn2(self.conv2(narrow)))  # each group by itself
        change = self.bn3(self.conv3(mixed))
        around = X if self.conv4 is None or self.bn4 is None else self.bn4(self.conv4(X))
        return relu(change + around)
