"""Batch normalization (8.5; Ioffe and Szegedy, 2015), from scratch and in LeNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.models.cnn import init_cnn, lenet
from engine.models.initializing import when_sized
from engine.module import Classifier


def batch_norm(
    X: Tensor,
    gamma: Tensor,
    beta: Tensor,
    moving_mean: Tensor,
    moving_var: Tensor,
    eps: float,
    momentum: float,
    training: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalize each feature of X: (n, features), or each channel of (n, channels, h, w), then scale and shift it.

    While training by the minibatch's own mean and variance, which move the running ones by `momentum`; else by the
    running ones. Returns Y, shaped as X, and the new running mean and variance.
    """
    if training:
        axes = (0,) if X.dim() == 2 else (0, 2, 3)
        mean = X.mean(dim=axes, keepdim=True)
        var = ((X - mean) ** 2).mean(dim=axes, keepdim=True)
        moving_mean = (1 - momentum) * moving_mean + momentum * mean.detach()
        moving_var = (1 - momentum) * moving_var + momentum * var.detach()
    else:
        mean, var = moving_mean, moving_var
    return gamma * (X - mean) / torch.sqrt(var + eps) + beta, moving_mean, moving_var


class BatchNorm(nn.Module):
    """A layer of it (8.5.3): num_features features (num_dims=2) or channels (num_dims=4).

    As PyTorch's, but that the running variance is the biased one.
    """

    moving_mean: Tensor
    moving_var: Tensor

    def __init__(self, num_features: int, num_dims: int) -> None:
        super().__init__()
        shape = (1, num_features) if num_dims == 2 else (1, num_features, 1, 1)
        self.gamma = nn.Parameter(torch.ones(shape))
        self.beta = nn.Parameter(torch.zeros(shape))
        self.register_buffer("moving_mean", torch.zeros(shape))
        self.register_buffer("moving_var", torch.ones(shape))

    def forward(self, X: Tensor) -> Tensor:
        """Shaped as X."""
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma, self.beta, self.moving_mean, self.moving_var, eps=1e-5, momentum=0.1, training=self.training
        )
        return Y


class BNLeNetScratch(Classifier):
    """LeNet with the batch normalization above after each layer but the last (8.5.4).

    (n, 1, 28, 28) -> 6 maps of 24 × 24 -> 12 × 12 -> 16 maps of 8 × 8 -> 4 × 4 -> 256 -> 120 -> 84 -> num_classes: its
    first convolution does not pad, as `LeNet`'s does. 44,878 parameters for 10 classes, Xavier's weights.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = lenet(num_classes, padding=0, normalize=BatchNorm)
        when_sized(self.net, init_cnn)


class BNLeNet(Classifier):
    """The same with PyTorch's layers (8.5.5), which see by themselves how wide they are: 44,878 parameters too."""

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        kinds = {2: nn.LazyBatchNorm1d, 4: nn.LazyBatchNorm2d}
        self.net = lenet(num_classes, padding=0, normalize=lambda _, num_dims: kinds[num_dims]())
        when_sized(self.net, init_cnn)
