"""Imports torch in the background, once the learner reads and the kernel has nothing else to do.

`engine.warmup` is imported by name: the client's package must not depend on torch, not even through the kernel's side.
"""

from __future__ import annotations

import importlib
import os
import threading
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.kernel.serve import TutorKernel

QUIET = 0.7
"""Seconds without a request before torch is imported: a first cell that comes early does not wait for it."""

SWITCH = "D2L_TUTOR_WARMUP"
"""Environment variable: `0` leaves the kernel cold."""


class WarmUp:
    """Waits for a quiet moment in the kernel's loop, then imports in a thread and tells what device was found."""

    def __init__(self, kernel: TutorKernel) -> None:
        self._kernel = kernel

    def plan(self) -> None:
        """Looks again in `QUIET` seconds. The loop does not turn while a cell runs."""
        if os.environ.get(SWITCH) != "0":
            self._kernel.io_loop.call_later(QUIET, self._look)

    def _look(self) -> None:
        if self._kernel.idle() < QUIET:
            self.plan()
        else:
            threading.Thread(target=self._warm, name="warm-up", daemon=True).start()

    def _warm(self) -> None:
        self._kernel.found_device(_facts())


def _facts() -> dict[str, Any]:
    try:
        facts: dict[str, Any] = importlib.import_module("engine.warmup").warm()
    except Exception as error:
        # A torch that does not load is the learner's first news, not a dead kernel: cells without torch still run.
        why = "".join(traceback.format_exception_only(error)).strip()
        return {"kind": "none", "name": "", "label": "torch could not be loaded", "why": why}
    return facts
