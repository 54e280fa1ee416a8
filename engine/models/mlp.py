"""Multilayer perceptrons (5.2) and dropout (5.6), from scratch and with PyTorch's layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.models.initializing import dense
from engine.module import Classifier


def relu(X: Tensor) -> Tensor:
    """max(X, 0), element by element."""
    return torch.max(X, torch.zeros_like(X))


class MLPScratch(Classifier):
    """One hidden layer with ReLU (5.2.1).

    X: (n, …) of num_inputs numbers -> hidden (n, num_hiddens) -> logits (n, num_outputs). Weights start as
    N(0, sigma²), biases at 0. 784, 256 and 10: 203,530 parameters.
    """

    def __init__(self, num_inputs: int, num_outputs: int, num_hiddens: int, lr: float, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.W1, self.b1 = dense(num_inputs, num_hiddens, sigma)
        self.W2, self.b2 = dense(num_hiddens, num_outputs, sigma)

    num_inputs: int

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, …) -> logits (n, num_outputs)."""
        H = relu(X.reshape(-1, self.num_inputs) @ self.W1 + self.b1)
        return H @ self.W2 + self.b2


class MLP(Classifier):
    """The same with PyTorch's layers and their initialization (5.2.2)."""

    def __init__(self, num_outputs: int, num_hiddens: int, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(num_hiddens), nn.ReLU(), nn.LazyLinear(num_outputs))


def dropout_layer(X: Tensor, dropout: float) -> Tensor:
    """Each element becomes 0 with probability `dropout`; the others grow, so that the mean stays (5.6.4)."""
    if not 0 <= dropout <= 1:
        raise ValueError(f"dropout is {dropout}: a probability lies between 0 and 1.")
    if dropout == 1:
        return torch.zeros_like(X)
    keep = (torch.rand_like(X) > dropout).to(X.dtype)
    return keep * X / (1 - dropout)


class DropoutMLPScratch(Classifier):
    """Two hidden layers with dropout after each, while training only (5.6.4). X: (n, …) -> logits (n, num_outputs)."""

    dropout_1: float
    dropout_2: float

    def __init__(
        self,
        num_outputs: int,
        num_hiddens_1: int,
        num_hiddens_2: int,
        dropout_1: float,
        dropout_2: float,
        lr: float,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        sizes = (num_hiddens_1, num_hiddens_2, num_outputs)
        self.lin1, self.lin2, self.lin3 = (nn.LazyLinear(size) for size in sizes)

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, …) -> logits (n, num_outputs)."""
        H1 = relu(self.lin1(X.reshape((X.shape[0], -1))))
        if self.training:
            H1 = dropout_layer(H1, self.dropout_1)
        H2 = relu(self.lin2(H1))
        if self.training:
            H2 = dropout_layer(H2, self.dropout_2)
        logits: Tensor = self.lin3(H2)
        return logits


class DropoutMLP(Classifier):
    """The same with `nn.Dropout`, which knows by itself when it is training (5.6.5)."""

    def __init__(
        self,
        num_outputs: int,
        num_hiddens_1: int,
        num_hiddens_2: int,
        dropout_1: float,
        dropout_2: float,
        lr: float,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.Flatten(), *_dropped(num_hiddens_1, dropout_1), *_dropped(num_hiddens_2, dropout_2),
            nn.LazyLinear(num_outputs),
        )  # fmt: skip


def _dropped(num_hiddens: int, dropout: float) -> tuple[nn.Module, nn.Module, nn.Module]:
    """A hidden layer with dropout: (n, any) -> (n, num_hiddens)."""
    return nn.LazyLinear(num_hiddens), nn.ReLU(), nn.Dropout(dropout)
