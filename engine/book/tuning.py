"""Hyperparameter optimization (19): searchers propose, schedulers decide what is tried, a tuner runs it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch

from engine.book.datasets import FashionMNIST
from engine.book.training import Trainer
from engine.hyperparameters import HyperParameters
from engine.models.cnn import LeNet, init_cnn

Config = dict[str, Any]


class HPOTrainer(Trainer):
    """A trainer that also says the error that is to be small (19.1)."""

    def validation_error(self) -> torch.Tensor:
        """1 - accuracy on the validation data, over all examples.

        The book takes the mean of the minibatches' accuracies, in which the smaller last one counts too much.
        """
        model: Any = self.model
        model.eval()
        right, count = 0.0, 0
        with torch.no_grad():
            for batch in self.val_dataloader:
                x, y = self.prepare_batch(batch)
                right += float(model.accuracy(model(x), y, averaged=False).sum())
                count += len(y)
        return torch.tensor(1 - right / max(1, count))


class HPOSearcher(HyperParameters):
    """Proposes configurations (19.2)."""

    def sample_configuration(self) -> Config:
        """The next one."""
        raise NotImplementedError(f"{type(self).__name__} has no sample_configuration(self) yet.")

    def update(self, config: Config, error: float, additional_info: Any = None) -> None:
        """Learn how a configuration did; this one does not."""


class RandomSearcher(HPOSearcher):
    """Draws every value from its domain, independently (Bergstra and Bengio, 2012). `initial_config` comes first."""

    config_space: Config
    initial_config: Config | None

    def __init__(self, config_space: Config, initial_config: Config | None = None) -> None:
        self.save_hyperparameters()

    def sample_configuration(self) -> Config:
        """The initial configuration the first time, then drawn ones. A domain has `rvs()`, as SciPy's do."""
        first, self.initial_config = self.initial_config, None
        return first if first is not None else {name: domain.rvs() for name, domain in self.config_space.items()}


class HPOScheduler(HyperParameters):
    """Decides which configuration is tried next, and for how long (19.2)."""

    def suggest(self) -> Config:
        """What to try."""
        raise NotImplementedError(f"{type(self).__name__} has no suggest(self) yet.")

    def update(self, config: Config, error: float, info: Any = None) -> None:
        """How it did."""
        raise NotImplementedError(f"{type(self).__name__} has no update(self, config, error) yet.")


class BasicScheduler(HPOScheduler):
    """Tries whatever its searcher proposes."""

    searcher: HPOSearcher

    def __init__(self, searcher: HPOSearcher) -> None:
        self.save_hyperparameters()

    def suggest(self) -> Config:
        """The searcher's next proposal."""
        return self.searcher.sample_configuration()

    def update(self, config: Config, error: float, info: Any = None) -> None:
        """Tell the searcher."""
        self.searcher.update(config, error, additional_info=info)


class HPOTuner(HyperParameters):
    """Runs trials one after the other, and keeps the best (19.2)."""

    scheduler: HPOScheduler
    objective: Callable[..., Any]

    def __init__(self, scheduler: HPOScheduler, objective: Callable[..., Any]) -> None:
        self.save_hyperparameters()
        self.incumbent: Config | None = None
        self.incumbent_error: float | None = None
        self.incumbent_trajectory: list[float] = []
        """The best error after each trial."""
        self.cumulative_runtime: list[float] = []
        self.current_runtime = 0.0
        self.records: list[Config] = []

    def run(self, number_of_trials: int) -> None:
        """Try so many configurations. The objective takes one as keywords and returns its error."""
        for number in range(number_of_trials):
            config = self.scheduler.suggest()
            print(f"trial {number} with", ", ".join(f"{name} {value}" for name, value in config.items()))
            error, seconds = self._trial(config)
            print(f"    error {error:.4f} after {seconds:.1f} s")
            self.bookkeeping(config, error, seconds)

    def _trial(self, config: Config) -> tuple[float, float]:
        """Try a configuration and tell the scheduler: the error, and the seconds of both together."""
        began = time.perf_counter()
        error = float(self.objective(**config))
        self.scheduler.update(config, error)
        return error, time.perf_counter() - began

    def bookkeeping(self, config: Config, error: float, runtime: float) -> None:
        """Write a trial down."""
        if self.incumbent_error is None or error < self.incumbent_error:
            self.incumbent, self.incumbent_error = config, error
        self.current_runtime += runtime
        self.records.append({"config": config, "error": error, "runtime": runtime})
        self.incumbent_trajectory.append(self.incumbent_error)
        self.cumulative_runtime.append(self.current_runtime)


def hpo_objective_lenet(learning_rate: float, batch_size: int, max_epochs: int = 10) -> torch.Tensor:
    """The validation error of LeNet on Fashion-MNIST after so many epochs (19.2)."""
    model, data = LeNet(lr=learning_rate, num_classes=10), FashionMNIST(batch_size=int(batch_size))
    trainer = HPOTrainer(max_epochs=int(max_epochs), num_gpus=1)
    model.apply_init([next(iter(data.train_dataloader() or ()))[0]], init_cnn)
    trainer.fit(model=model, data=data)
    return trainer.validation_error()


class SuccessiveHalvingScheduler(HPOScheduler):
    """Many configurations for few epochs; the best 1 / eta of them go on for eta times as many (19.4; Karnin, 2013).

    Rungs are at r_min · eta^k epochs, up to r_max; prefact · eta^K configurations begin.
    """

    searcher: HPOSearcher
    eta: float
    r_min: int
    r_max: int
    prefact: float

    def __init__(self, searcher: HPOSearcher, eta: float, r_min: int, r_max: int, prefact: float = 1) -> None:
        self.save_hyperparameters()
        # Counted up, not by logarithms: in floating point the book's fall short (243 = 3⁵ gives K = 4).
        rungs = [r_min]
        while rungs[-1] * eta <= r_max:
            rungs.append(type(r_min)(rungs[-1] * eta))
        self.rung_levels = rungs if rungs[-1] == r_max else [*rungs, r_max]
        self.K = len(self.rung_levels) - 1
        self.observed_error_at_rungs: dict[int, list[tuple[Config, float]]] = defaultdict(list)
        """What this round knows, by number of epochs."""
        self.all_observed_error_at_rungs: dict[int, list[tuple[Config, float]]] = defaultdict(list)
        self.queue: list[Config] = []

    def suggest(self) -> Config:
        """One that was promoted, or one of this round's; if there is none left, a new round begins."""
        if not self.queue:
            fresh = (self.searcher.sample_configuration() for _ in range(self._places(0)))
            self.queue = [{**config, "max_epochs": self.r_min} for config in fresh]
        return self.queue.pop()

    def update(self, config: Config, error: float, info: Any = None) -> None:
        """Take a result in; once a rung is full, its best go on to the next."""
        self.searcher.update(config, error, additional_info=info)
        rung, result = int(config["max_epochs"]), (config, error)
        self.all_observed_error_at_rungs[rung].append(result)
        if rung < self.r_max:
            self.observed_error_at_rungs[rung].append(result)
            self._promote(self.rung_levels.index(rung))

    def _promote(self, k: int) -> None:
        """If the k-th rung is full, empty it and put its best into the queue for the next: their turn comes last."""
        rung, further = self.rung_levels[k], self.rung_levels[k + 1]
        if len(self.observed_error_at_rungs[rung]) >= self._places(k):
            best = self.get_top_n_configurations(rung, self._places(k + 1))
            self.queue[:0] = [{**config, "max_epochs": further} for config in best]
            self.observed_error_at_rungs[rung].clear()

    def get_top_n_configurations(self, rung_level: int, n: int) -> list[Config]:
        """The n best configurations of a rung, the best first."""
        ranked = sorted(self.observed_error_at_rungs[rung_level], key=lambda result: result[1])
        return [config for config, _ in ranked[:n]]

    def _places(self, k: int) -> int:
        return int(self.prefact * self.eta ** (self.K - k))
