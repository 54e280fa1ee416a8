"""Training as a stream of facts: `train` yields events, `Trainer` publishes them. Nothing here prints or draws."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import torch

from engine.config import TrainSettings
from engine.events import EpochFinished, Event, MetricPoint, RunFinished, RunStarted
from engine.module import DataModule, HyperParameters, Module


def train(model: Module, data: DataModule, settings: TrainSettings) -> Iterator[Event]:
    """Train `model` on `data`, yielding what happens. (A first, small version.)"""
    started, run = time.time(), f"{time.time_ns():x}"
    loader, val_loader = data.train_dataloader(), data.val_dataloader()
    assert loader is not None
    optimizer = model.configure_optimizers()
    steps = len(loader)  # type: ignore[arg-type]
    yield RunStarted(
        run, type(model).__name__, data.name, data.stand_in, "CPU", settings.max_epochs, steps, notes=data.notes
    )
    metrics: dict[str, float] = {}
    for epoch in range(settings.max_epochs):
        begun = time.perf_counter()
        model.train()
        for batch in loader:
            loss = model.training_step(batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            with torch.no_grad():
                optimizer.step()
        metrics["train_loss"] = float(loss)
        yield MetricPoint(run, "train_loss", epoch + 1, float(loss))
        model.eval()
        for batch in val_loader or ():
            with torch.no_grad():
                model.validation_step(batch)
        yield EpochFinished(run, epoch + 1, dict(metrics), time.perf_counter() - begun)
    yield RunFinished(run, "completed", time.time() - started, settings.max_epochs, 0.0, metrics)


class Trainer(HyperParameters):
    """Fits a model to data, and publishes how it goes (3.2.4)."""

    def __init__(self, max_epochs: int, num_gpus: int = 0, gradient_clip_val: float = 0, **more: Any) -> None:
        self.save_hyperparameters()
        self.settings = TrainSettings(max_epochs=max_epochs, gradient_clip_val=gradient_clip_val, **more)

    def fit(self, model: Module, data: DataModule) -> None:
        """Train `model` on `data`."""
        for _event in train(model, data, self.settings):
            pass
