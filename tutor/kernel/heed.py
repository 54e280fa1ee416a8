"""Notices that an interrupt brought nothing about: the cell is in C code, or catches `KeyboardInterrupt`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from tutor.kernel.events import InterruptUnheeded, KernelState, RunId

HEED = 10.0
"""Seconds that a cell has to end after an interrupt before the learner hears that it does not."""

SWITCH = "D2L_TUTOR_HEED"
"""Environment variable: other seconds."""


class Heed:
    """One clock, started anew by each interrupt."""

    def __init__(self) -> None:
        self._due: float | None = None
        try:
            self._seconds = float(os.environ.get(SWITCH, HEED))
        except ValueError:
            self._seconds = HEED

    def pressed(self) -> None:
        """An interrupt was sent."""
        self._due = time.monotonic() + self._seconds

    def pause(self) -> float | None:
        """Seconds until there may be something to say; None if there is nothing to wait for."""
        return None if self._due is None else max(0.0, self._due - time.monotonic())

    def said(self, state: KernelState, runs: Mapping[RunId, bool]) -> InterruptUnheeded | None:
        """That the run goes on all the same, once, when it is time to say so."""
        if state is not KernelState.INTERRUPTING or not runs:
            self._due = None
        elif self.pause() == 0.0:
            self._due = None
            return InterruptUnheeded(next(iter(runs)), self._seconds)
        return None
