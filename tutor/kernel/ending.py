"""How a kernel is ended that was told to: a request, then stronger and stronger signals. Standard library only."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.kernel.launch import KernelProcess

GRACE = 1.0
"""Seconds that a kernel has for each step of its end: a request, SIGTERM, then SIGKILL."""


class Ending:
    """A kernel that was told to end, and what follows when it has."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then
        self.asked = True
        self._since = time.monotonic()
        self._pressed = 0

    def press(self, process: KernelProcess) -> None:
        """Sends the next stronger signal, if it is time."""
        steps = (signal.SIGTERM, signal.SIGKILL)
        due = int((time.monotonic() - self._since) / GRACE) + (0 if self.asked else 1)
        while self._pressed < min(due, len(steps)):
            process.signal(steps[self._pressed])
            self._pressed += 1
