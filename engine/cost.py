"""What a run will cost, and how it shrinks where it would take too long: fewer minibatches first, then epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.config import quick

VALIDATION_SHARE = 1 / 3
"""What a validation batch costs, in training steps: a forward pass without a backward one."""
TOLERANCE = 1.2
"""How much longer than its budget a run may take: an estimate from a few steps is no more exact."""
MIN_STEPS = 10
"""An epoch is not cut below so many steps: it would show nothing."""
LEAST = 0.1
"""Of the data: with less a model learns something else. Epochs are cut first, and the run may take `PATIENCE` times its
budget; only a model too large for that gets still less."""
PATIENCE = 3.0
FRACTIONS = (0.75, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01)
"""Round figures, so that two runs of the same cell shrink alike and can be compared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of a run is done."""

    epochs: int
    steps_per_epoch: int
    val_steps: int
    notes: tuple[str, ...] = ()

    def seconds(self, step_seconds: float) -> float:
        """What the plan takes, if a step takes `step_seconds`."""
        return self.epochs * (self.steps_per_epoch + VALIDATION_SHARE * self.val_steps) * step_seconds


def shrink(full: Plan, step_seconds: float, budget: float | None) -> Plan:
    """The largest round part of `full` that fits into `budget` seconds; `full` if it fits, or without a budget."""
    wanted = full.seconds(step_seconds)
    if budget is None or wanted <= TOLERANCE * budget:
        return full
    share = TOLERANCE * budget / wanted
    least = min(1.0, (2 if quick() else MIN_STEPS) / full.steps_per_epoch)
    if not quick() and LEAST * wanted / full.epochs <= PATIENCE * budget:
        least = max(least, LEAST)
    fitting = [fraction for fraction in FRACTIONS if least <= fraction <= share]
    fraction = fitting[0] if fitting else min((f for f in FRACTIONS if f >= least), default=1.0)
    epochs = full.epochs if fitting else max(1, math.floor(full.epochs * share / fraction))
    said = [f"{fraction:.0%} of the data".replace("%", " %")] if fraction < 1 else []
    if epochs < full.epochs:
        said.append(f"{epochs} of {full.epochs} epochs")
    if not said:
        return full
    why = "shortened for a check" if quick() else "scaled for CPU"
    return Plan(
        epochs,
        max(1, round(full.steps_per_epoch * fraction)),
        min(full.val_steps, max(1, round(full.val_steps * fraction))) if full.val_steps else 0,
        (*full.notes, f"{why}: {', '.join(said)}"),
    )


def typical(step_times: Sequence[float]) -> float:
    """Seconds that a step takes, from the first few: the slow ones are still warming up, or others had the machine."""
    times = sorted(step_times[2:] or step_times[1:] or step_times)
    quick_ones = times[: max(1, len(times) // 3)]
    return sum(quick_ones) / len(quick_ones) if quick_ones else 0.0
