"""Softmax regression (4.4, 4.5), from scratch and with PyTorch's layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.models.initializing import dense
from engine.module import Classifier


def softmax(X: Tensor) -> Tensor:
    """Each row of X: (n, q) to probabilities, as the definition says: exp, then divide by the sum.

    It overflows for large logits (4.5.2); the models that are not from scratch use a loss that does not.
    """
    X_exp = X.exp()
    return X_exp / X_exp.sum(1, keepdim=True)


def cross_entropy(y_hat: Tensor, y: Tensor) -> Tensor:
    """The mean of -log ŷ of the true class. y_hat: (n, q) probabilities; y: (n,)."""
    return -torch.log(y_hat[torch.arange(len(y), device=y.device), y]).mean()


class SoftmaxRegressionScratch(Classifier):
    """One linear function for each class, then softmax (4.4).

    X: (n, …) of num_inputs numbers each -> probabilities (n, num_outputs). W starts as N(0, sigma²), b at 0;
    (num_inputs + 1) · num_outputs parameters: 7,850 for 28 × 28 pictures of 10 classes.
    """

    def __init__(self, num_inputs: int, num_outputs: int, lr: float, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.W, self.b = dense(num_inputs, num_outputs, sigma)

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, …) -> probabilities (n, num_outputs)."""
        return softmax(X.reshape(-1, self.W.shape[0]) @ self.W + self.b)

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """Cross-entropy of probabilities (not of logits)."""
        return cross_entropy(Y_hat, Y)


class SoftmaxRegression(Classifier):
    """The same with a linear layer and a loss that takes logits (4.5). X: (n, …) -> logits (n, num_outputs)."""

    def __init__(self, num_outputs: int, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(num_outputs))
