"""The book's vocabulary (3.2): what a model is, what a data set is, what a classifier adds.

A model here computes and says its loss. It never draws, prints or knows who watches: `plot` hands a value to whoever
trains the model, and is silent if nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from engine.board import ProgressBoard
from engine.hyperparameters import HyperParameters, add_to_class
from engine.loaders import Batch, TensorLoader

__all__ = ["Classifier", "DataModule", "HyperParameters", "Module", "ProgressBoard", "add_to_class"]


class Ledger(Protocol):
    """Where `Module.plot` puts its values; `engine.train` brings one."""

    def record(self, key: str, value: Tensor | float, train: bool) -> None:
        """Take one value of one step, without waiting for the device."""


class Module(HyperParameters, nn.Module):
    """A model with its loss and its optimizer (3.2.2).

    A subclass gives `forward` (or a `net`), `loss`, and `lr` or its own `configure_optimizers`. A batch is a tuple: all
    but its last item go into the model, the last is the label.
    """

    lr: float
    net: nn.Module
    plot_train_per_epoch: int | None = None
    """Points of the training curve in an epoch; None: what suits the length of the run."""
    board: ProgressBoard
    """The curves of the last training."""
    trainer: Any = None
    """Who trains the model, while it is trained."""
    _ledger: Ledger | None = None

    def __init__(self, plot_train_per_epoch: int | None = None, plot_valid_per_epoch: int = 1) -> None:
        super().__init__()
        self.plot_train_per_epoch = plot_train_per_epoch
        self.plot_valid_per_epoch = plot_valid_per_epoch
        self.board = ProgressBoard(xlabel="epoch")

    def loss(self, y_hat: Any, y: Any) -> Tensor:
        """The mean loss of a minibatch, as a scalar."""
        raise NotImplementedError(f"{type(self).__name__} has no loss yet: define loss(self, y_hat, y).")

    def forward(self, *X: Any) -> Any:
        """What the model makes of its input; here: what `net` makes of it."""
        if "net" not in self._modules:
            raise NotImplementedError(f"{type(self).__name__} has neither a net nor a forward: define one of them.")
        return self.net(*X)

    def plot(self, key: str, value: Tensor | float, train: bool) -> None:
        """Report a value of this step: the curve is called `train_<key>` or `val_<key>`."""
        if self._ledger is not None:
            self._ledger.record(key, value, train)

    def training_step(self, batch: Batch) -> Tensor:
        """The loss of one minibatch, with its graph."""
        *inputs, label = batch
        loss = self.loss(self(*inputs), label)
        self.plot("loss", loss, train=True)
        return loss

    def validation_step(self, batch: Batch) -> None:
        """Report how the model does on one minibatch that it does not learn from."""
        *inputs, label = batch
        self.plot("loss", self.loss(self(*inputs), label), train=False)

    def configure_optimizers(self) -> Any:
        """What takes the steps: minibatch stochastic gradient descent with `self.lr`."""
        return torch.optim.SGD(self.parameters(), lr=self.lr)

    def apply_init(self, inputs: Sequence[Any], init: Callable[[nn.Module], None] | None = None) -> None:
        """Let lazy layers find their sizes from one batch of inputs, then initialize `net` with `init`."""
        self.forward(*inputs)
        if init is not None:
            self.net.apply(init)


class Classifier(Module):
    """A model whose outputs are scores of classes (4.3)."""

    def loss(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """Cross-entropy. Y_hat: (..., classes) logits; Y: (...) indices of classes."""
        scores = Y_hat.reshape(-1, Y_hat.shape[-1])  # (examples, classes)
        return nn.functional.cross_entropy(scores, Y.flatten(), reduction="mean" if averaged else "none")

    def accuracy(self, Y_hat: Tensor, Y: Tensor, averaged: bool = True) -> Tensor:
        """How often the surest class is right. Y_hat: (..., classes); Y: (...) -> scalar, or one value an example."""
        right = (Y_hat.argmax(dim=-1).flatten() == Y.flatten()).float()
        return right.mean() if averaged else right

    def validation_step(self, batch: Batch) -> None:
        """Report loss and accuracy."""
        *inputs, label = batch
        scores = self(*inputs)
        for key, measure in (("loss", self.loss), ("acc", self.accuracy)):
            self.plot(key, measure(scores, label), train=False)

    def layer_summary(self, X_shape: Sequence[int]) -> None:
        """Print the shape after each layer of `net`, for an input of shape `X_shape`."""
        X = torch.randn(*X_shape)
        for layer in self.net.children():
            X = layer(X)
            print(f"{type(layer).__name__:<20}output shape: {tuple(X.shape)}")


class DataModule(HyperParameters):
    """A data set and how it is read (3.2.3). A subclass gives `get_dataloader`."""

    batch_size: int
    stand_in: bool = False
    """Whether the engine made the data itself, because the real ones are not there."""
    notes: tuple[str, ...] = ()
    """What a chart should say about the data."""

    def __init__(self, root: str | None = None, num_workers: int = 0) -> None:
        self.root = root
        self.num_workers = num_workers

    @property
    def name(self) -> str:
        """Name of the data set, for people."""
        return type(self).__name__

    def get_dataloader(self, train: bool) -> Iterable[Batch] | None:
        """Minibatches to learn from, or to validate with; None: there is nothing to validate with."""
        raise NotImplementedError(f"{type(self).__name__} has no get_dataloader(self, train) yet.")

    def train_dataloader(self) -> Iterable[Batch] | None:
        """Minibatches to learn from."""
        return self.get_dataloader(train=True)

    def val_dataloader(self) -> Iterable[Batch] | None:
        """Minibatches to validate with."""
        return self.get_dataloader(train=False)

    def get_tensorloader(self, tensors: Sequence[Tensor], train: bool, indices: slice = slice(0, None)) -> TensorLoader:
        """Minibatches of `batch_size` rows of the tensors, shuffled if `train`."""
        return TensorLoader([tensor[indices] for tensor in tensors], self.batch_size, shuffle=train)
