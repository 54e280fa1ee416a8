"""How a run introduces itself: all that is needed to list it, compare it and label its chart."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine import neighbours
from engine.events import RunStarted

if TYPE_CHECKING:
    from engine.run import Run


def started(run: Run, notes: Sequence[str] = ()) -> RunStarted:
    """The first event of a run. `notes`: what the chart says besides what data, plan and precision have to say."""
    said = [*run.data.notes, *run.plan.notes, *notes]
    if run.data.stand_in and not any("stand-in" in note for note in said):
        said.insert(0, "stand-in data")
    if run.settings.precision != "float32":
        said.append(run.settings.precision)
    if others := neighbours.described(run.device.neighbours()):
        said.append(others)
    if run.settings.channels_last:
        said.append("channels last")
    if run.settings.compile:
        said.append("compiled")
    hyperparameters = {k: v for k, v in getattr(run.model, "hparams", {}).items() if not k.startswith("plot_")}
    hyperparameters |= {
        "batch_size": getattr(run.data, "batch_size", None),
        "max_epochs": run.settings.max_epochs,
    }
    return RunStarted(
        run.id,
        type(run.model).__name__,
        run.data.name,
        run.data.stand_in,
        run.device.name,
        run.plan.epochs,
        run.plan.steps_per_epoch,
        {name: value for name, value in hyperparameters.items() if _is_plain(value)},
        tuple(said),
        run.settings.seed,
        time.time(),
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int | bool) or (isinstance(value, tuple | list) and len(value) < 20)
