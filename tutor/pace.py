"""How much may move, and how many bytes may go: lively, calm (once a second), or low bandwidth (calm, and counted).

The choice lives in the environment variable `D2L_TUTOR_PACE`, where `--calm` and `--low-bandwidth` put it; the
learner's setting does unless it is there already. No Textual.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

PACE = "D2L_TUTOR_PACE"


@dataclass(frozen=True, slots=True)
class Pace:
    """What a pace means."""

    name: str
    frames: float
    """Redraws in a second, at most, of what is live."""
    has_meter: bool = False
    """Whether the status bar says how much was sent."""
    has_graphics: bool = True
    """Whether pictures may be sent as pixels: they are worth thousands of cells."""


PACES = {
    pace.name: pace
    for pace in (
        Pace("lively", 20.0),
        Pace("calm", 1.0),
        Pace("low-bandwidth", 1.0, has_meter=True, has_graphics=False),
    )
}


def current() -> Pace:
    """The pace that was chosen; lively where none was."""
    return PACES.get(os.environ.get(PACE, "").strip().lower(), PACES["lively"])


def choose(name: str) -> None:
    """Go at that pace from now on. Raises `ValueError`."""
    if name not in PACES:
        raise ValueError(f"There is no pace {name!r}. There are: {', '.join(PACES)}.")
    os.environ[PACE] = name


def prefer(name: str) -> None:
    """Use the learner's setting, unless the environment says something else. An unknown one is passed over."""
    if name in PACES and os.environ.get(PACE, "").strip().lower() not in PACES:
        choose(name)
