"""Data that a known law makes: what a model must find is known beforehand."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.data.split import rows
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
        self.X = torch.randn(num_train + num_val, len(w))
        law = self.X @ w.reshape((-1, 1)) + b
        self.y = law + torch.randn_like(law) * noise

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches (X, y): (batch_size, d) and (batch_size, 1)."""
        return self.get_tensorloader((self.X, self.y), train, rows(train, self.num_train))


class SyntheticSequence(DataModule):
    """A noisy wave whose next value is to be told from the last `tau` (9.1): x_t = sin(0.01 t) + ε, ε ~ N(0, noise²).

    `x`: (T,) at the times `time`, 1 to T. The first `num_train` windows are to learn from, all others to validate with.
    """

    T: int
    tau: int
    num_train: int

    def __init__(
        self, batch_size: int = 16, T: int = 1000, num_train: int = 600, tau: int = 4, noise: float = 0.2
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.time = torch.arange(1, T + 1, dtype=torch.float32)
        self.x = torch.sin(0.01 * self.time) + torch.randn(T) * noise

    @property
    def features(self) -> Tensor:
        """Every window of `tau` values that has a successor: (T - tau, tau), the oldest first."""
        return self.x[:-1].unfold(0, self.tau, 1)

    @property
    def labels(self) -> Tensor:
        """What came after each window: (T - tau, 1)."""
        return self.x[self.tau :].reshape((-1, 1))

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches (X, y): (batch_size, tau) and (batch_size, 1)."""
        return self.get_tensorloader((self.features, self.labels), train, rows(train, self.num_train))
