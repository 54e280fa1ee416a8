"""What the surroundings decide: folders, devices, how long a run may take. No torch here.

Every environment variable that the engine knows is read in this file, at the moment it is asked for and never at
import, so that a test or a learner can change it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Precision: TypeAlias = Literal["float32", "tf32", "float64", "bf16"]

CPU_SECONDS = 60.0
"""What a training cell may take on a CPU before it scales itself down."""
QUICK_SECONDS = 1.5
"""The same in the course's own check, on any device."""
EVENT_INTERVAL = 0.1
"""Seconds between two looks at the device: losses are fetched, and events sent, at no more than 10 Hz."""


class EngineError(Exception):
    """Something went wrong that the engine knows by name; the message holds the cause and the next step."""


class SettingError(EngineError, ValueError):
    """A setting, from a call or from the environment, that cannot be used."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How to train, apart from model and data: what `Trainer` takes, as one value."""

    max_epochs: int = 10
    gradient_clip_val: float = 0.0
    """Largest norm of all gradients together; 0: as they are."""
    max_time: float | None = None
    """Stop at the first batch after so many seconds."""
    max_steps: int | None = None
    seed: int | None = None
    device: str | None = None
    """`cpu`, `cuda:1`, …; None: the best that is there."""
    precision: Precision = "float32"
    """`bf16`: autocast, the weights stay in 32 bits. `tf32`: products of a GPU with 10 bits behind the point."""
    compile: bool = False
    """Whether the model runs through `torch.compile`: half a minute to build, and quicker on some GPUs."""
    channels_last: bool = False
    """Whether pictures lie in memory pixel by pixel, all channels of one together (NHWC): quicker convolutions on many
    devices, other rounding."""
    scale: bool = True
    """Whether a run that would take too long on this CPU is shortened, and says so. One with `max_time` or `max_steps`
    has a limit of its own and is not."""
    checkpoint: bool | str = True
    """Where the run is kept so that it can go on: in a file of this name; True: in the learner's own folder, if it
    takes long enough; False: nowhere."""
    checkpoint_every: float = 60.0
    """Seconds between two checkpoints."""
    resume: bool = False
    """Whether the run goes on from its checkpoint, if there is one."""

    def __post_init__(self) -> None:
        if self.max_epochs < 1:
            raise SettingError(f"max_epochs is {self.max_epochs}: a run has at least one epoch.")
        if self.gradient_clip_val < 0:
            raise SettingError(
                f"gradient_clip_val is {self.gradient_clip_val}: a norm is never negative; 0 switches it off."
            )
        if self.precision not in get_args(Precision):
            raise SettingError(f"precision is {self.precision!r}: use 'float32', 'tf32', 'bf16' or 'float64'.")


def data_home() -> Path:
    """Where data sets lie: `D2L_TUTOR_DATA`, else `$XDG_CACHE_HOME/d2l-tutor/data`."""
    if chosen := os.environ.get("D2L_TUTOR_DATA"):
        return Path(chosen).expanduser()
    return _xdg("XDG_CACHE_HOME", ".cache") / "d2l-tutor" / "data"


def home() -> Path:
    """Where the learner's own files lie: `D2L_TUTOR_HOME`, else `$XDG_DATA_HOME/d2l-tutor`."""
    if chosen := os.environ.get("D2L_TUTOR_HOME"):
        return Path(chosen).expanduser()
    return _xdg("XDG_DATA_HOME", ".local/share") / "d2l-tutor"


def state_home() -> Path:
    """Where the events of runs lie: `D2L_TUTOR_HOME`, else `$XDG_STATE_HOME/d2l-tutor`."""
    if chosen := os.environ.get("D2L_TUTOR_HOME"):
        return Path(chosen).expanduser()
    return _xdg("XDG_STATE_HOME", ".local/state") / "d2l-tutor"


def device_wanted() -> str | None:
    """The device that `D2L_TUTOR_DEVICE` asks for (`cpu`, `cuda:1`, …); None: the engine chooses."""
    return os.environ.get("D2L_TUTOR_DEVICE") or None


def quick() -> bool:
    """Whether every training is cut to a few seconds (`D2L_TUTOR_QUICK=1`), as the course's check asks."""
    return os.environ.get("D2L_TUTOR_QUICK", "") not in ("", "0")


def resuming() -> bool:
    """Whether every run goes on from its checkpoint, where it has one (`D2L_TUTOR_RESUME=1`)."""
    return os.environ.get("D2L_TUTOR_RESUME", "") not in ("", "0")


def time_budget(on_cpu: bool) -> float | None:
    """Seconds that a run may take before it is scaled down; None: as long as it needs.

    `D2L_TUTOR_CPU_SECONDS` sets another limit for a CPU, and 0 takes it away.
    """
    if quick():
        return QUICK_SECONDS
    if not on_cpu:
        return None
    text = os.environ.get("D2L_TUTOR_CPU_SECONDS", str(CPU_SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        raise SettingError(f"D2L_TUTOR_CPU_SECONDS is {text!r}: give a number of seconds, or 0 for no limit.") from None
    return seconds if seconds > 0 else None


def _xdg(variable: str, fallback: str) -> Path:
    chosen = os.environ.get(variable, "")
    return Path(chosen) if os.path.isabs(chosen) else Path.home() / fallback
