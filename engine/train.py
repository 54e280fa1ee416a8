"""Training: as the book writes it, `Trainer(max_epochs=10).fit(model, data)`, and as a stream of events, `train`."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

import torch

from engine import optimizing, publish
from engine.config import Precision, TrainSettings, resuming
from engine.events import Event, MetricPoint
from engine.hyperparameters import HyperParameters
from engine.module import DataModule, Module, ProgressBoard
from engine.run import Run


def train(model: Module, data: DataModule, settings: TrainSettings) -> Iterator[Event]:
    """Train `model` on `data`, yielding what happens as it happens. Nothing is printed, drawn or sent."""
    return Run(model, data, settings).events()


class Trainer(HyperParameters):
    """Fits a model to data on the device that is there, and publishes how it goes (3.2.4).

    `num_gpus` is the book's: 0 or 1, the engine takes the GPU that it finds; `device="cpu"` keeps it from doing so.
    `Ctrl+C` stops at the next batch and keeps what was learned; a second one breaks off. Long runs are kept in
    `checkpoint` (a file; True: one in the learner's own folder) every `checkpoint_every` seconds and when they are cut
    short: `fit(model, data, resume=True)` goes on.
    """

    max_epochs: int
    display: bool

    def __init__(
        self,
        max_epochs: int,
        num_gpus: int = 0,
        gradient_clip_val: float = 0,
        *,
        max_time: float | None = None,
        max_steps: int | None = None,
        seed: int | None = None,
        device: str | torch.device | None = None,
        precision: Precision = "float32",
        compile: bool = False,
        channels_last: bool = False,
        scale: bool = True,
        display: bool = True,
        checkpoint: bool | str | os.PathLike[str] = True,
        checkpoint_every: float = 60.0,
    ) -> None:
        self.save_hyperparameters()
        self.settings = TrainSettings(
            max_epochs=max_epochs,
            gradient_clip_val=gradient_clip_val,
            max_time=max_time,
            max_steps=max_steps,
            seed=seed,
            device=None if device is None else str(device),
            precision=precision,
            compile=compile,
            channels_last=channels_last,
            scale=scale,
            checkpoint=checkpoint if isinstance(checkpoint, bool) else os.fspath(checkpoint),
            checkpoint_every=checkpoint_every,
        )
        self.board = ProgressBoard(xlabel="epoch")
        self.model: Module | None = None
        self.run: Run | None = None
        self.result: Event | None = None
        """How the last run ended: a `RunFinished`."""

    @property
    def history(self) -> dict[str, list[tuple[float, float]]]:
        """Every curve of the last run: (epoch, value) pairs by name, `train_loss`, `val_acc`, …"""
        return self.board.points

    def fit(self, model: Module, data: DataModule, resume: bool = False) -> None:
        """Train `model` on `data`. Returns when the run is over, or was stopped; raises what the model raises.

        `resume`: go on with the last run of this model, these data and these settings, if it was cut short; so does
        `D2L_TUTOR_RESUME=1`.
        """
        self.board = model.board = ProgressBoard(xlabel="epoch")
        self.run = Run(model, data, replace(self.settings, resume=resume or resuming()), **self._own_hooks())
        self.model, model.trainer = model, self
        publisher = publish.Publisher() if self.display else None
        try:
            with _stopping(self.run):
                for event in self.run.events():
                    if isinstance(event, MetricPoint):
                        self.board.points.setdefault(event.series, []).append((event.x, event.y))
                    if publisher is not None:
                        publisher.send(event)
                    self.result = event
        finally:
            del model.trainer
            if publisher is not None:
                publisher.close()

    def prepare_batch(self, batch: Sequence[Any]) -> Sequence[Any]:
        """A minibatch on the device (6.7). Override it to change what a model gets."""
        assert self.run is not None
        return self.run.place(batch)

    def clip_gradients(self, grad_clip_val: float, model: Module) -> None:
        """Scale the gradients down to a norm of at most `grad_clip_val` (9.5)."""
        optimizing.clip_gradients(grad_clip_val, model)

    # The names that the book's models look at while they are trained.
    @property
    def epoch(self) -> int:
        """Epochs that are over."""
        return self.run.epoch if self.run else 0

    @property
    def train_batch_idx(self) -> int:
        """Minibatches that were learned from."""
        return self.run.step if self.run else 0

    @property
    def num_train_batches(self) -> int:
        """Minibatches in an epoch."""
        return self.run.plan.steps_per_epoch if self.run else 0

    @property
    def num_val_batches(self) -> int:
        """Minibatches in a validation pass."""
        return self.run.plan.val_steps if self.run else 0

    @property
    def optim(self) -> Any:
        """The optimizer of the run."""
        return self.run.optimizer if self.run else None

    def _own_hooks(self) -> dict[str, Callable[..., Any]]:
        """`prepare_batch` and `clip_gradients`, where a learner has written them anew: else the loop calls its own."""
        hooks = {name: getattr(self, name) for name in ("prepare_batch", "clip_gradients")}
        return {name: hook for name, hook in hooks.items() if hook.__func__ is not _BUILT_IN[name]}


_BUILT_IN = {"prepare_batch": Trainer.prepare_batch, "clip_gradients": Trainer.clip_gradients}


@contextlib.contextmanager
def _stopping(run: Run) -> Iterator[None]:
    """While it lasts, the first SIGINT asks the run to stop, and the second does what it did before.

    Of several processes that train together each gets the learner's Ctrl+C and once more the launcher's: for them the
    second is no second wish.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        run.stop_requested = True
        if "TORCHELASTIC_RUN_ID" not in os.environ:
            signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
