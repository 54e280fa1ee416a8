"""Linear regression (3.4, 3.5) and weight decay (3.7), each from scratch and with PyTorch's layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from engine.models.initializing import when_sized
from engine.module import Module


class LinearRegressionScratch(Module):
    """y = X w + b, with every step written out (3.4).

    X: (n, num_inputs) -> y_hat: (n, 1). w starts as N(0, sigma²), b at 0; num_inputs + 1 parameters.
    """

    def __init__(self, num_inputs: int, lr: float, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.w = nn.Parameter(torch.randn(num_inputs, 1) * sigma)
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, num_inputs) -> (n, 1)."""
        return X @ self.w + self.b

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """Half the squared error, averaged over the minibatch."""
        return ((y_hat - y.reshape(y_hat.shape)) ** 2 / 2).mean()

    def configure_optimizers(self) -> SGD:
        """Our own stochastic gradient descent."""
        return SGD([self.w, self.b], self.lr)


class SGD:
    """Minibatch stochastic gradient descent, by hand (3.4.3): param ← param - lr · grad."""

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        self.params = list(params)
        self.lr = lr

    def step(self) -> None:
        """One step down the slope."""
        with torch.no_grad():
            for param in self.params:
                if param.grad is not None:
                    param -= self.lr * param.grad

    def zero_grad(self) -> None:
        """Forget the gradients: PyTorch adds new ones to the old."""
        for param in self.params:
            param.grad = None


class LinearRegression(Module):
    """Linear regression with `nn.Linear` and the mean squared error (3.5).

    X: (n, any) -> (n, 1); the weight starts as N(0, 0.01²), the bias at 0. The loss is PyTorch's, twice that of
    `LinearRegressionScratch`: the same `lr` takes twice the step.
    """

    net: nn.LazyLinear

    def __init__(self, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.LazyLinear(1)
        when_sized(self.net, _start_small)

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, any) -> (n, 1)."""
        y_hat: Tensor = self.net(X)
        return y_hat

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """The squared error, averaged over the minibatch."""
        return nn.functional.mse_loss(y_hat, y)

    def get_w_b(self) -> tuple[Tensor, Tensor]:
        """The weight, (1, any), and the bias, (1,)."""
        return self.net.weight.data, self.net.bias.data


def _start_small(layer: nn.Module) -> None:
    assert isinstance(layer, nn.Linear)
    nn.init.normal_(layer.weight, 0, 0.01)
    nn.init.zeros_(layer.bias)


def l2_penalty(w: Tensor) -> Tensor:
    """Half the squared length of `w`."""
    return (w**2).sum() / 2


class WeightDecayScratch(LinearRegressionScratch):
    """Linear regression whose loss grows with the length of w, by `lambd` · |w|² / 2 (3.7.3)."""

    def __init__(self, num_inputs: int, lambd: float, lr: float, sigma: float = 0.01) -> None:
        super().__init__(num_inputs, lr, sigma)
        self.save_hyperparameters()

    lambd: float

    def loss(self, y_hat: Tensor, y: Tensor) -> Tensor:
        """The loss of linear regression, plus the penalty."""
        return super().loss(y_hat, y) + self.lambd * l2_penalty(self.w)


class WeightDecay(LinearRegression):
    """The same, left to the optimizer (3.7.4): `wd` shrinks the weight in each step, the bias is spared."""

    def __init__(self, wd: float, lr: float) -> None:
        super().__init__(lr)
        self.save_hyperparameters()

    wd: float

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """SGD with weight decay on the weight only."""
        weight: dict[str, Any] = {"params": [self.net.weight], "weight_decay": self.wd}
        return torch.optim.SGD([weight, {"params": [self.net.bias]}], lr=self.lr)
