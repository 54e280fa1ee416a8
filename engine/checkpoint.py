"""A run on disk, whole enough to go on after `kill -9` as if nothing had happened.

Kept are model, optimizer, schedulers, all random numbers, the place in the epoch and the order of its minibatches, and
the curves so far. A file is written beside the old one and takes its place at once, so that there is always a whole
one. Nothing is unpickled from it but tensors and plain values.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import random
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import torch

from engine.config import EngineError, home, quick
from engine.cost import Plan
from engine.events import CheckpointKept
from engine.ledger import Mean
from engine.loaders import batches_after
from engine.optimizing import loose_tensors

if TYPE_CHECKING:
    from engine.run import Run

VERSION = 1
WORTH_KEEPING = 10.0
"""Seconds after which an interrupted run is kept without being asked: a shorter one is sooner done again."""
KEPT = 5
"""Runs that are kept in the engine's own folder; older ones make room."""


class CheckpointUnusable(EngineError):
    """A checkpoint is damaged, or is one of another model; the message says which."""


class Keeper:
    """Writes the checkpoints of one run, when they are due, and reads the one that it goes on from."""

    def __init__(self, run: Run) -> None:
        chosen = run.settings.checkpoint
        self._run = run
        self._chosen = isinstance(chosen, str)
        self.path = Path(chosen).expanduser() if isinstance(chosen, str) else _own_path(run)
        self._on = (self._chosen or (chosen is True and not quick())) and run.speaks
        self._order: dict[str, Any] = {}
        """What the order of this epoch's minibatches was drawn from."""
        self._random_now: dict[str, Any] | None = None
        self._began = time.perf_counter()
        self._next = self._began + run.settings.checkpoint_every

    def batches(self) -> Iterator[Any]:
        """The minibatches of an epoch, or what is left of the one that the run goes on with."""
        run, random_now, self._random_now = self._run, self._random_now, None
        if not run.batch_index or random_now is None:
            self._order = random_state(run) if self._on else {}
            return iter(run.loader)
        batches = batches_after(run.loader, run.batch_index)
        first = list(islice(batches, 1))  # now the order is drawn, as it was when the epoch began
        set_random_state(run, random_now)
        return chain(first, batches)

    def keep_if_due(self) -> list[CheckpointKept]:
        """Between two steps: write a checkpoint if the last one is old enough. What is to be said of it."""
        return self.keep() if self._on and time.perf_counter() >= self._next else []

    def cut_short(self) -> list[CheckpointKept]:
        """Keep a run that ends early and can go on. What is to be said of it."""
        worth = self._chosen or time.perf_counter() - self._began >= WORTH_KEEPING
        return self.keep() if self._on and worth else []

    def complete(self) -> None:
        """Forget a run that is complete, unless its file was named: then it can go on for more epochs."""
        if self._chosen and self._on:
            self.keep()
        elif self._on:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)

    def keep(self) -> list[CheckpointKept]:
        """Write a checkpoint now. A run whose checkpoint cannot be written goes on without, and says so once."""
        try:
            write(self.path, capture(self._run, self._order))
        except (OSError, RuntimeError, pickle.PicklingError, AttributeError) as error:
            self._on = False
            warnings.warn(f"No checkpoint could be written to {self.path}: {error}", stacklevel=2)
        else:
            if not self._chosen:
                _make_room(self.path.parent)
        self._next = time.perf_counter() + self._run.settings.checkpoint_every
        run = self._run
        return [CheckpointKept(run.id, run.step / run.plan.steps_per_epoch, str(self.path))] if self._on else []

    def resume(self) -> bool:
        """Put the run where its checkpoint is; False: there is none. Raises `CheckpointUnusable`."""
        if not self.path.is_file():
            return False
        self._order, self._random_now = restore(self._run, self.path)
        return True


def capture(run: Run, order: Mapping[str, Any]) -> dict[str, Any]:
    """All that a run needs to go on. `order`: the random state from which its epoch's minibatches were drawn."""
    ledger = run.ledger
    return {
        "version": VERSION,
        "model": run.model.state_dict(),
        "loose": {name: tensor.detach() for name, tensor in loose_tensors(run.model)},
        "optimizer": run.optimizer.state_dict() if hasattr(run.optimizer, "state_dict") else None,
        "schedulers": [scheduler.state_dict() for scheduler in _schedulers(run)],
        "epoch": run.epoch,
        "step": run.step,
        "batch_index": run.batch_index,
        "order": dict(order),
        "now": random_state(run),
        "plan": asdict(run.plan),
        "points": list(ledger.points),
        "stretches": {key: asdict(mean) for key, mean in ledger._stretches.items()},
        "means": {key: asdict(mean) for key, mean in ledger._epoch.items()},
    }


def restore(run: Run, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put a run that was set up where the checkpoint is. Returns the random states of its epoch's beginning and now."""
    state = read(path)
    try:
        run.model.load_state_dict(state["model"])
        for name, tensor in loose_tensors(run.model):
            tensor.data.copy_(state["loose"][name])
        if state["optimizer"] is not None:
            run.optimizer.load_state_dict(state["optimizer"])
        for scheduler, kept in zip(_schedulers(run), state["schedulers"], strict=True):
            scheduler.load_state_dict(kept)
            scheduler.optimizer._opt_called = True  # it has stepped, in a process that is gone: no warning
    except (RuntimeError, KeyError, ValueError) as error:
        raise CheckpointUnusable(
            f"{path} is a checkpoint of another model or optimizer: {error} Train without resume, or name another file."
        ) from error
    run.epoch, run.step, run.batch_index = state["epoch"], state["step"], state["batch_index"]
    plan = Plan(**state["plan"])
    run.follow(run.plan if plan.steps_per_epoch == run.plan.steps_per_epoch and not plan.notes else plan)
    ledger = run.ledger
    ledger.points = [tuple(point) for point in state["points"]]
    ledger.last = {series: y for series, _, y in ledger.points}
    ledger._stretches = {key: Mean(**mean) for key, mean in state["stretches"].items()}
    ledger._epoch = {key: Mean(**mean) for key, mean in state["means"].items()}
    order, now = state["order"], state["now"]
    set_random_state(run, order if run.batch_index else now)
    return order, now


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Put a whole file at `path`, on the disk and not only on its way there, or leave what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            torch.save(dict(state), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def read(path: Path) -> dict[str, Any]:
    """The checkpoint at `path`. Raises `CheckpointUnusable`."""
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        version = state["version"]
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise CheckpointUnusable(f"{path} is no checkpoint, or a damaged one ({error}): delete it.") from error
    if version != VERSION:
        raise CheckpointUnusable(f"{path} is a checkpoint of version {version}, and this engine reads {VERSION}.")
    return state


def random_state(run: Run) -> dict[str, Any]:
    """Where all sources of random numbers are: Python's, numpy's, torch's, the device's and the loader's own."""
    name, keys, *rest = numpy.random.get_state(legacy=True)
    state = {
        "python": random.getstate(),
        "numpy": (name, torch.from_numpy(numpy.asarray(keys).astype(numpy.int64)), *rest),
        "torch": torch.get_rng_state(),
    }
    if run.device.kind != "cpu":
        state["device"] = _of_device(run, "get_rng_state")()
    if (generator := getattr(run.loader, "generator", None)) is not None:
        state["loader"] = generator.get_state()
    return state


def set_random_state(run: Run, state: Mapping[str, Any]) -> None:
    """Put all sources of random numbers where `random_state` found them."""
    random.setstate(state["python"])
    name, keys, *rest = state["numpy"]
    numpy.random.set_state((name, keys.numpy().astype(numpy.uint32), *rest))
    torch.set_rng_state(state["torch"])
    if "device" in state and run.device.kind != "cpu":
        _of_device(run, "set_rng_state")(state["device"])
    if "loader" in state and getattr(run.loader, "generator", None) is not None:
        run.loader.generator.set_state(state["loader"])


def _schedulers(run: Run) -> list[Any]:
    return [*run.schedulers, *run.schedulers_of_steps]


def _of_device(run: Run, name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(getattr(torch, run.device.kind), name)
    if run.device.kind == "mps":
        return function
    return lambda *state: function(*state, run.device.torch)


def _own_path(run: Run) -> Path:
    """A file for runs of this model and these data with these settings; how long they are makes no difference."""
    model, data, settings = run.model, run.data, run.settings
    facts = (
        type(model).__qualname__,
        sorted(model.state_dict()),
        _plain(getattr(model, "hparams", {})),
        data.name,
        _plain(getattr(data, "hparams", {})),
        (settings.seed, settings.precision, settings.gradient_clip_val),
    )
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
    return home() / "checkpoints" / f"{type(model).__name__}-{data.name}-{digest}.pt"


def _plain(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    simple = (int, float, str, bool, tuple, list, type(None))
    return sorted((name, repr(value)) for name, value in values.items() if isinstance(value, simple))


def _make_room(folder: Path) -> None:
    kept = sorted(folder.glob("*.pt"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[KEPT:]:
        old.unlink(missing_ok=True)
