"""How models are built (6.1, 6.2, 6.5): a container by hand, layers of one's own, parameters that are shared."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.module import Classifier


class MySequential(nn.Module):
    """What `nn.Sequential` does, by hand (6.1.2): each module gets what the one before it made."""

    def __init__(self, *args: nn.Module) -> None:
        super().__init__()
        for number, module in enumerate(args):
            self.add_module(str(number), module)  # registered, so that its parameters are found

    def forward(self, X: Tensor) -> Tensor:
        """Through all modules, in the order in which they were given."""
        for module in self.children():
            X = module(X)
        return X


class FixedHiddenMLP(nn.Module):
    """Python code in a forward pass (6.1.3): a weight that is never learned, a layer used twice, a loop on a value.

    X: (n, any) -> a scalar, halved until its terms together are at most 1. any · 20 + 20 parameters, of which `any`
    must be 20 since the layer is applied to its own output: 420; the 400 numbers of `rand_weight` are none.
    """

    rand_weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rand_weight", torch.rand(20, 20))  # moves with the model; the book's plain tensor stays
        self.linear = nn.LazyLinear(20)

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, 20) -> ()."""
        X = functional.relu(self.linear(X) @ self.rand_weight + 1)
        X = self.linear(X)
        while X.abs().sum() > 1:
            X = X / 2
        return X.sum()


class NestMLP(nn.Module):
    """Modules inside modules (6.1.3). X: (n, any) -> any -> 64 -> 32 -> (n, 16)."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.LazyLinear(64), nn.ReLU(), nn.LazyLinear(32), nn.ReLU())
        self.linear = nn.LazyLinear(16)

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, any) -> (n, 16)."""
        out: Tensor = self.linear(self.net(X))
        return out


class CenteredLayer(nn.Module):
    """A layer without parameters (6.5.1): the mean of all of X, of any shape, is taken off; the shape is kept."""

    def forward(self, X: Tensor) -> Tensor:
        """X - mean(X)."""
        return X - X.mean()


class MyLinear(nn.Module):
    """A dense layer by hand with ReLU built in (6.5.2): (n, in_units) -> (n, units).

    `weight` is (in_units, units), not turned over as in `nn.Linear`; both it and `bias` start as N(0, 1), which is
    right to show a layer and too large to train a deep one. (in_units + 1) · units parameters.
    """

    def __init__(self, in_units: int, units: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(in_units, units))
        self.bias = nn.Parameter(torch.randn(units))

    def forward(self, X: Tensor) -> Tensor:
        """ReLU(X W + b)."""
        return functional.relu(X @ self.weight + self.bias)


class TiedMLP(Classifier):
    """An MLP whose second and third hidden layers are one and the same (6.2.2).

    X: (n, …) -> num_hiddens, three times -> logits (n, num_outputs). The shared layer's gradient is the sum of those at
    its two places, and its parameters count once: (inputs + 1) · h + (h + 1) · h + (h + 1) · num_outputs of them, for
    h = num_hiddens. The book's example has 8 hidden units and 1 output.
    """

    def __init__(self, num_outputs: int, num_hiddens: int, lr: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        shared = nn.LazyLinear(num_hiddens)
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.LazyLinear(num_hiddens), nn.ReLU(),
            shared, nn.ReLU(),
            shared, nn.ReLU(),
            nn.LazyLinear(num_outputs),
        )  # fmt: skip
