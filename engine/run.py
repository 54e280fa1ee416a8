"""One training run: the loop, as a generator of events.

The loop never waits for the device inside a step. Every tenth of a second it looks up (`_tick`): it fetches what the
model reported, watches for divergence, and says where it is.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import torch

from engine import announcing, cost, distributed, memory, optimizing
from engine.checkpoint import Keeper
from engine.config import EVENT_INTERVAL, EngineError, TrainSettings, quick, time_budget
from engine.device import Device, choose
from engine.divergence import Watch
from engine.events import (
    CostEstimated,
    EpochFinished,
    Event,
    MetricPoint,
    RunDiverged,
    RunFinished,
    StepsDone,
)
from engine.fast import heap
from engine.ledger import Ledger
from engine.module import DataModule, Module
from engine.stepping import Stepper

Reason = Literal["completed", "stopped", "max_time", "max_steps", "diverged", "failed"]

WARM_SECONDS = 0.3
"""The first steps are slow: the cost is estimated after at least three of them and so many seconds."""
WARM_SECONDS_AT_MOST = 1.5
POINTS = 2000
"""Points of a training curve over the whole run, at about 50 an epoch and at least 2."""

_plans: dict[tuple[Any, ...], cost.Plan] = {}
"""How runs were scaled in this process: the same cell with another learning rate gets the same share of the data."""


class NoTrainingData(EngineError):
    """The data have no minibatch to learn from."""


class WrongKind(EngineError, TypeError):
    """What was to be trained is no `Module`, or what it was to learn from no `DataModule`."""


class Run:
    """A run that is about to happen, happens when `events()` is iterated, and can be asked where it is."""

    def __init__(
        self,
        model: Module,
        data: DataModule,
        settings: TrainSettings,
        *,
        prepare_batch: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
        clip_gradients: Callable[[float, Module], None] | None = None,
    ) -> None:
        self.id = f"{time.time_ns():x}-{os.getpid():x}"
        for thing, kind in ((model, Module), (data, DataModule)):
            if not isinstance(thing, kind):
                raise WrongKind(
                    f"{type(thing).__name__} is no {kind.__name__}: derive its class from engine.{kind.__name__}."
                )
        self.model, self.data, self.settings = model, data, settings
        self.device: Device = choose(settings.device)
        self.stop_requested = False
        """Set from outside, by a signal handler too: the run ends at the next batch."""
        self.epoch = 0
        self.step = 0
        self.batch_index = 0
        """Within the epoch."""
        self.optimizer: Any = None
        self.ledger = Ledger(self.id)
        self._placed = optimizing.Placement(self.device.torch, settings.precision, settings.channels_last)
        self._prepare = prepare_batch or self._placed.batch
        self._team: distributed.Team | None = None
        self._clip = clip_gradients or optimizing.clip_gradients
        self._watch = Watch(model, getattr(model, "lr", None), settings.gradient_clip_val > 0)
        self._reason: Reason | None = None
        self._diverged = False
        self._held: list[Event] = []
        self._announced = self._estimated = False
        self._examples = 0
        self._began = self._next_tick = 0.0
        self._step_times: list[float] = []
        self._notes: list[str] = []
        self._resumed_at = 0
        """Steps that an earlier part of this run has done."""

    def events(self) -> Iterator[Event]:
        """Train, yielding what happens. Whatever goes wrong, the last event is `RunFinished`."""
        self._began = time.perf_counter()
        model = self.model
        model._ledger = self.ledger
        failure: BaseException | None = None
        try:
            self._set_up()
            self._began = time.perf_counter()
            with heap.freed_memory_kept() if self.device.kind == "cpu" else contextlib.nullcontext():
                yield from self._fit()
        except KeyboardInterrupt:
            self._reason = self._reason or "stopped"
            yield from self._finish()
            raise
        except Exception as error:
            if not memory.is_out_of_memory(error):
                self._reason = "failed"
                yield from self._finish()
                raise
            failure = error
        finally:
            del model._ledger
            if hasattr(self, "_stepper"):
                self._stepper.leave()
            self._placed.leave()
            model.eval()
        if failure is not None:
            self._reason = "failed"
            yield from self._finish()
            raise self._stepper.out_of_memory(self.device.name, failure)
        yield from self._finish()

    @property
    def speaks(self) -> bool:
        """Whether this process writes and publishes: of several that train together, the first does."""
        return self._team is None or self._team.rank == 0

    def place(self, batch: Sequence[Any]) -> Sequence[Any]:
        """A minibatch on the device of the run."""
        return self._placed.batch(batch)

    # -- setting up ---------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        if self.settings.seed is not None:
            torch.manual_seed(self.settings.seed)
        self._placed.model(self.model)
        loader, val_loader = self.data.train_dataloader(), self.data.val_dataloader()
        if loader is None:
            raise NoTrainingData(f"{self.data.name} has no training data: get_dataloader(train=True) returned None.")
        self.loader, self.val_loader = self._placed.loader(loader), self._placed.loader(val_loader)
        steps, val_steps = _length(self.loader), _length(self.val_loader) if val_loader is not None else 0
        if not steps:
            raise NoTrainingData(f"{self.data.name} has no minibatch to learn from: its training data are empty.")
        self._team = distributed.team(self.device.torch)
        if self._team is not None:
            self.ledger.combine = self._team.mean
        self._stepper = Stepper(self.model, self.settings, self._placed, self.ledger, self._clip, self._team)
        self.optimizer, self.schedulers = self._stepper.optimizer, self._stepper.schedulers
        self.schedulers_of_steps = self._stepper.schedulers_of_steps
        self._full = cost.Plan(self.settings.max_epochs, steps, val_steps)
        limits = self.settings
        may_scale = limits.scale and limits.max_time is None and limits.max_steps is None  # or it has limits of its own
        may_scale = (may_scale or quick()) and self._team is None  # each process would decide by its own clock
        self._budget = time_budget(self.device.kind == "cpu") if may_scale else None
        self._key = (type(self.model).__qualname__, self.data.name, self._full, self._budget)
        self.follow(self._full if self._budget is None else _plans.get(self._key, self._full))
        self._keeper = Keeper(self)
        if limits.resume:
            self._resume()

    def _resume(self) -> None:
        if not self._keeper.resume():
            self._notes.append("nothing to resume: from the beginning")
            return
        self._resumed_at = self.step
        self._notes.append(f"resumed at epoch {self.step / self.plan.steps_per_epoch:.3g}")
        self._budget = None  # it was scaled, or not, when it began
        self._say_later([MetricPoint(self.id, *point) for point in self.ledger.points])

    def follow(self, plan: cost.Plan) -> None:
        """Do so much of the run."""
        self.plan = plan
        per_epoch = self.model.plot_train_per_epoch or min(50.0, max(2.0, POINTS / plan.epochs))
        self.ledger.points_per_epoch = min(per_epoch, plan.steps_per_epoch)
        self.ledger.steps_per_epoch = plan.steps_per_epoch

    # -- the loop -----------------------------------------------------------------------------------------------

    def _fit(self) -> Iterator[Event]:
        if self._budget is None or self._key in _plans:
            yield self._announce()
        while self.epoch < self.plan.epochs and self._reason is None:
            begun = time.perf_counter()
            yield from self._train_epoch()
            complete = not self._diverged and self.batch_index >= self.plan.steps_per_epoch
            if complete:
                yield from self._validate()
            points, metrics = self.ledger.end_epoch(self.epoch + 1)
            yield from points
            if not complete:
                break
            self.epoch, self.batch_index = self.epoch + 1, 0
            optimizing.step_schedulers(self.schedulers, metrics)
            yield EpochFinished(self.id, self.epoch, metrics, time.perf_counter() - begun)
            yield from self._keeper.keep_if_due()
            if time.perf_counter() >= self._next_tick:
                yield from self._tick()

    def _train_epoch(self) -> Iterator[Event]:
        self.model.train()
        if self._team is not None:
            self._team.same_random()
        for batch in self._keeper.batches():
            if self.batch_index >= self.plan.steps_per_epoch:
                break
            begun = time.perf_counter()
            self._train_step(self._prepare(batch))
            if not self._estimated:
                self._placed.wait()  # a GPU is still at it when the step returns
            now = time.perf_counter()
            if not self._estimated:
                self._step_times.append(now - begun)
                if self._is_warm():
                    yield from self._estimate()
            if self.step == 1:
                self._say_later(self.ledger.fetch())
                yield from self._release()
            if now >= self._next_tick:
                yield from self._tick()
                yield from self._keeper.keep_if_due()
            if self._must_stop(now):
                self._say_later(self.ledger.fetch())
                self._say_later(self._keeper.cut_short())
                break
        if not self._announced:  # the first epoch was over before the steps were warm
            yield from self._estimate()
        self._say_later(self.ledger.end_training())
        self._look()
        yield from self._release()

    def _train_step(self, batch: Sequence[Any]) -> None:
        self.ledger.step = self.step
        self._stepper.step(batch)
        self._examples += memory.num_examples(batch)
        self.step += 1
        self.batch_index += 1

    def _validate(self) -> Iterator[Event]:
        if not self.plan.val_steps:
            return
        self.model.eval()
        for batch in islice(self.val_loader, self.plan.val_steps):
            ready = self._prepare(batch)
            self.ledger.examples = memory.num_examples(ready)
            if self._team is not None:
                ready = self._team.rows(ready)
            with torch.no_grad(), self._placed.autocast():
                self.model.validation_step(tuple(ready))
            if self.stop_requested and self._team is None:
                self._reason = self._reason or "stopped"
                self.ledger.drop_validation()
                self._say_later(self._keeper.cut_short())
                return
            if time.perf_counter() >= self._next_tick:
                yield from self._tick()

    def _must_stop(self, now: float) -> bool:
        limits = self.settings
        if self.stop_requested:
            self._reason = self._reason or "stopped"
        elif limits.max_steps is not None and self.step >= limits.max_steps:
            self._reason = self._reason or "max_steps"
        elif limits.max_time is not None and now - self._began >= limits.max_time:
            self._reason = self._reason or "max_time"
        if self._team is not None and self._team.any(self._reason is not None):
            self._reason = self._reason or "stopped"
        return self._reason is not None

    # -- saying -------------------------------------------------------------------------------------------------

    def _tick(self) -> Iterator[Event]:
        """Fetch what was reported, watch it, say where the run is."""
        self._say_later(self.ledger.fetch())
        self._look()
        yield from self._release()
        now = time.perf_counter()
        if self._announced:
            elapsed, total = now - self._began, self._total_steps()
            done = self.step - self._resumed_at
            left = elapsed / done * (total - self.step) if done else None
            epoch = min(self.epoch + 1, self.plan.epochs)
            yield StepsDone(self.id, self.step, total, epoch, self._examples / max(elapsed, 1e-9), left)
        self._next_tick = now + EVENT_INTERVAL

    def _look(self) -> None:
        if (finding := self._watch.look(self.ledger.arrived)) is not None:
            epoch = finding.step // self.plan.steps_per_epoch + 1
            self._held.append(RunDiverged(self.id, epoch, finding.step, finding.cause, finding.advice))
            if finding.fatal:
                self._reason, self._diverged = "diverged", True

    def _say_later(self, events: Sequence[Event]) -> None:
        self._held += events

    def _release(self) -> Iterator[Event]:
        """What was held back until the run could be announced, in order."""
        if self._announced:
            held, self._held = self._held, []
            yield from held

    def _announce(self) -> Event:
        self._announced = True
        return announcing.started(self, self._notes)

    def _is_warm(self) -> bool:
        spent = sum(self._step_times)
        return (len(self._step_times) >= 3 and spent >= WARM_SECONDS) or spent >= WARM_SECONDS_AT_MOST

    def _estimate(self) -> Iterator[Event]:
        """Now that a step's cost is known: scale the run if it must be, announce it, say what it will take."""
        self._estimated = True
        step_seconds = cost.typical(self._step_times)
        if not self._announced:
            self.follow(cost.shrink(self._full, step_seconds, self._budget))
            _plans[self._key] = self.plan
            yield self._announce()
            self._next_tick = 0.0  # what was held back goes out now
        peak = torch.cuda.max_memory_allocated(self.device.index) if self.device.kind == "cuda" else None
        yield CostEstimated(self.id, self.plan.seconds(step_seconds), peak)

    def _finish(self) -> Iterator[Event]:
        with contextlib.suppress(RuntimeError):  # after a failed kernel, fetching fails as well
            self._say_later(self.ledger.end_training())
        if not self._announced:
            if not hasattr(self, "plan"):
                return  # it never began: the error says all
            yield self._announce()
        yield from self._release()
        if self._reason is None:
            self._keeper.complete()
        seconds = time.perf_counter() - self._began
        epochs = self.step / self.plan.steps_per_epoch
        reason = self._reason or "completed"
        rate = self._examples / max(seconds, 1e-9)
        yield RunFinished(self.id, reason, seconds, epochs, rate, dict(self.ledger.last))

    def _total_steps(self) -> int:
        total = self.plan.epochs * self.plan.steps_per_epoch
        return total if self.settings.max_steps is None else min(total, self.settings.max_steps)


def _length(loader: Any) -> int:
    try:
        return len(loader)
    except TypeError:
        cause = f"{type(loader).__name__} has no len(): the run must know how many minibatches there are."
        raise NoTrainingData(cause) from None
