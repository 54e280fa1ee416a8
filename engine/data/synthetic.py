"""Data that a known law makes: what a model must find is known beforehand."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.loaders import TensorLoader
from engine.module import DataModule


class SyntheticRegressionData(DataModule):
    """Points of a linear law with noise: y = X w + b + ε, ε ~ N(0, noise²) (3.3).

    w: (d,) or (d, 1); `X`: (num_train + num_val, d), `y`: (num_train + num_val, 1).
    """

    num_train: int

    def __init__(
        self,
        w: Tensor,
        b: float,
        noise: float = 0.01,
        num_train: int = 1000,
        num_val: int = 1000,
        batch_size: int = 32,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        n = num_train + num_val
        self.X = torch.randn(n, len(w))
        self.y = self.X @ w.reshape((-1, 1)) + b + torch.randn(n, 1) * noise

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches (X, y): (batch_size, d) and (batch_size, 1)."""
        indices = slice(0, self.num_train) if train else slice(self.num_train, None)
        return self.get_tensorloader((self.X, self.y), train, indices)
