"""The book's `Trainer` (3.2.4) and `Animator`, on the engine's training.

As long as nobody changes the loop, `fit` is the engine's: resident data, published curves, a GPU if there is one. Once
a learner writes `fit_epoch`, `prepare_data` or `prepare_model` anew, as the book's sections do, the loop is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from engine import optimizing
from engine.board import ProgressBoard
from engine.book.quickness import epochs, narrowed, shortened
from engine.config import quick
from engine.module import DataModule, Module
from engine.train import Trainer as EngineTrainer

__all__ = ["Animator", "ProgressBoard", "Trainer"]

_HOOKS = ("__init__", "prepare_data", "prepare_model", "fit_epoch")
_STATE = ("epoch", "train_batch_idx", "val_batch_idx", "num_train_batches", "num_val_batches", "optim")


class Trainer(EngineTrainer):
    """Fits a model to data. `num_gpus=0` is the book's default and keeps it on the CPU there.

    Here the GPU that is found does the work in any case; with 0 the model comes back to the CPU afterwards, where the
    book's code goes on with it. Distributed runs are the engine's (`torchrun`).
    """

    train_dataloader: Any = None
    val_dataloader: Any = None
    gpus: Sequence[torch.device] = ()
    _own: dict[str, Any] | None = None
    if TYPE_CHECKING:  # see _counted
        epoch: Any
        train_batch_idx: Any
        val_batch_idx: Any
        num_train_batches: Any
        num_val_batches: Any
        optim: Any

    def __init__(self, max_epochs: int, num_gpus: int = 0, gradient_clip_val: float = 0) -> None:
        super().__init__(max_epochs, num_gpus, gradient_clip_val)
        self.gpus = [torch.device("cuda", i) for i in range(min(num_gpus, torch.cuda.device_count()))]

    def prepare_data(self, data: Any) -> None:
        """Make the loaders and count their minibatches."""
        self.train_dataloader = shortened(data.train_dataloader())
        self.val_dataloader = shortened(data.val_dataloader())
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = 0 if self.val_dataloader is None else len(self.val_dataloader)

    def prepare_model(self, model: Any) -> None:
        """Bind the model to this trainer, and bring it to the first of `gpus`."""
        model.trainer = self
        self.model = model
        if self.gpus:
            model.to(self.gpus[0])

    def prepare_batch(self, batch: Sequence[Any]) -> Sequence[Any]:
        """The minibatch, on the device of the model."""
        batch = narrowed(batch)
        if self.gpus:
            return [item.to(self.gpus[0]) for item in batch]
        return batch if self.run is None else self.run.place(batch)

    def fit(self, model: Any, data: Any, resume: bool = False) -> None:
        """Train `model` on `data`. A learner's own `fit_epoch` and the like are used."""
        if self._is_learners() or not (isinstance(model, Module) and isinstance(data, DataModule)):
            self._fit_by_hand(model, data)
            return
        board = model.board
        self._own = None
        self.display, shown = self.display and board.display, self.display
        settings = self.settings
        self.settings = replace(settings, max_epochs=epochs(settings.max_epochs))
        try:
            super().fit(model, data, resume)
        finally:
            self.display, self.settings = shown, settings
            board.points = self.board.points
            model.board = self.board = board
        assert self.run is not None
        self.optim = self.run.optimizer
        self.train_dataloader, self.val_dataloader = self.run.loader, self.run.val_loader
        if not self.num_gpus and self.run.device.kind != "cpu":
            _bring_home(model)
            self.run = None
            self.val_dataloader = data.val_dataloader()

    num_gpus: int
    gradient_clip_val: float

    def fit_epoch(self) -> None:
        """One pass over the training data, and one over those to validate with (3.4.4)."""
        model: Any = self.model
        model.train()
        for batch in self.train_dataloader:
            loss = model.training_step(self.prepare_batch(batch))
            self.optim.zero_grad()
            loss.backward()
            with torch.no_grad():
                if self.gradient_clip_val > 0:
                    self.clip_gradients(self.gradient_clip_val, model)
            self.optim.step()
            self.train_batch_idx += 1
        model.eval()
        with torch.no_grad():
            for batch in self.val_dataloader or ():
                model.validation_step(self.prepare_batch(batch))
                self.val_batch_idx += 1

    def _is_learners(self) -> bool:
        """Whether somebody has written a part of the loop anew."""
        return any(getattr(type(self), name) is not _BUILT_IN[name] for name in _HOOKS[1:]) or not hasattr(
            self, "settings"
        )

    def _fit_by_hand(self, model: Any, data: Any) -> None:
        """The book's loop, with the learner's parts; its curves go to the model's board."""
        self._own = dict.fromkeys(_STATE, 0)
        self.run = None
        self.prepare_data(data)
        self.prepare_model(model)
        self.optim = model.configure_optimizers()
        ledger = isinstance(model, Module)
        if ledger:
            model._ledger = _Curves(model.board, self)
        try:
            for epoch in range(epochs(self.max_epochs)):
                self.epoch = epoch
                self.fit_epoch()
        finally:
            if ledger:
                del model._ledger

    def _own_hooks(self) -> dict[str, Any]:
        hooks = {name: getattr(self, name) for name in ("prepare_batch", "clip_gradients")}
        # In a quick run the engine's loop takes this class's `prepare_batch` too: it narrows the minibatches.
        return {
            name: hook
            for name, hook in hooks.items()
            if hook.__func__ is not _BUILT_IN[name] or (quick() and name == "prepare_batch")
        }


def _counted(name: str) -> property:
    """A number that a learner's loop may set, and that is the engine's otherwise."""

    def get(self: Trainer) -> Any:
        own = self.__dict__.setdefault("_own", None)
        if own is not None and name in own:
            return own[name]
        engines: Any = getattr(EngineTrainer, name, None)
        return engines.fget(self) if engines is not None else 0

    def put(self: Trainer, value: Any) -> None:
        self.__dict__["_own"] = {**(self.__dict__.get("_own") or {}), name: value}

    return property(get, put, doc=getattr(EngineTrainer, name, get).__doc__)


for _name in _STATE:
    setattr(Trainer, _name, _counted(_name))
_BUILT_IN: dict[str, Any] = {name: getattr(Trainer, name) for name in (*_HOOKS, "prepare_batch", "clip_gradients")}


class _Curves:
    """Puts what a model plots on a board, as the book's `Module.plot` does."""

    def __init__(self, board: ProgressBoard, trainer: Trainer) -> None:
        self.board, self.trainer = board, trainer

    def record(self, key: str, value: torch.Tensor | float, train: bool) -> None:
        """One value of one step: averaged over half an epoch of training, or the whole of a validation."""
        trainer, model = self.trainer, self.trainer.model
        per_epoch = (getattr(model, "plot_train_per_epoch", None) or 2) if train else 1
        batches = trainer.num_train_batches if train else trainer.num_val_batches
        x = trainer.train_batch_idx / max(1, batches) if train else trainer.epoch + 1
        y = value.detach() if isinstance(value, torch.Tensor) else value
        self.board.draw(x, y, ("train_" if train else "val_") + key, every_n=max(1, int(batches / per_epoch)))


class Animator:
    """Curves that grow while a loop runs (3.6 of the older edition), published like the engine's own."""

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        legend: Sequence[str] | None = None,
        xlim: Sequence[float] | None = None,
        ylim: Sequence[float] | None = None,
        xscale: str = "linear",
        yscale: str = "linear",
        fmts: Sequence[str] = ("-", "m--", "g-.", "r:"),
        nrows: int = 1,
        ncols: int = 1,
        figsize: tuple[float, float] = (3.5, 2.5),
    ) -> None:
        self.legend = list(legend or ())
        self.board = ProgressBoard(xlabel, ylabel, xlim, ylim, xscale, yscale, figsize=figsize)
        self._grid = (nrows, ncols)
        self._drawn: tuple[Any, list[Any]] | None = None

    def add(self, x: Any, y: Any) -> None:
        """Add one point, or one for each curve; None: this curve has none at `x`."""
        values = y if hasattr(y, "__len__") else [y]
        places = x if hasattr(x, "__len__") else [x] * len(values)
        for i, (place, value) in enumerate(zip(places, values, strict=False)):
            if place is not None and value is not None:
                self.board.draw(place, value, self.legend[i] if i < len(self.legend) else f"curve {i + 1}")
        self._redraw()

    @property
    def fig(self) -> Any:
        """A figure of matplotlib's, made when the book's code first asks for it: its first axes show the curves."""
        return self._figure()[0]

    @property
    def axes(self) -> list[Any]:
        """The figure's axes: all but the first are the caller's."""
        return self._figure()[1]

    def _figure(self) -> tuple[Any, list[Any]]:
        if self._drawn is None:
            from matplotlib import pyplot as plt

            figure, grid = plt.subplots(*self._grid, figsize=self.board.figsize, squeeze=False)
            self._drawn = figure, list(grid.reshape(-1))
        return self._drawn

    def _redraw(self) -> None:
        """Bring the curves on the figure up to date, if there is one."""
        if self._drawn is not None:
            first = self._drawn[1][0]
            first.cla()
            for label, points in self.board.points.items():
                first.plot(*zip(*points, strict=True), label=label)
            first.legend()

    @property
    def X(self) -> list[list[float]]:  # noqa: N802
        """The points so far: x by curve."""
        return [[x for x, _ in points] for points in self.board.points.values()]

    @property
    def Y(self) -> list[list[float]]:  # noqa: N802
        """The points so far: y by curve."""
        return [[y for _, y in points] for points in self.board.points.values()]


def _bring_home(model: nn.Module) -> None:
    """The model back on the CPU, with the plain tensors that a model from scratch learns."""
    place = optimizing.Placement(torch.device("cpu"), "float32")
    try:
        place.model(model)
    finally:
        place.leave()
