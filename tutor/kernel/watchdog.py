"""Ends a kernel that nobody needs, and says why in its journal. The kernel does it itself: nobody need be there."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.kernel.launch import record_path

if TYPE_CHECKING:
    from tutor.kernel.serve import TutorKernelApp

IDLE = 12 * 3600.0
"""Seconds without a cell, after which a lesson's kernel ends."""

IDLE_GPU = 4 * 3600.0
"""The same, if it holds memory of a device that others wait for."""

UNCLAIMED = 600.0
"""Seconds that a kernel outlives its last listener if no lesson has it, or nothing was ever run in it: it holds no
work, and takes the place of one that would."""

UP = 60.0
"""Seconds that a kernel has to come up before its time is counted all the same."""

SWITCHES = {IDLE: "D2L_TUTOR_KERNEL_IDLE", IDLE_GPU: "D2L_TUTOR_KERNEL_IDLE_GPU", UNCLAIMED: "D2L_TUTOR_KERNEL_SPARE"}
"""Environment variables: other seconds."""


class Watchdog(threading.Thread):
    """Ends the kernel after its time without a cell. One that runs a cell, or has one waiting, is never ended."""

    def __init__(self, app: TutorKernelApp, clean: Callable[[str], None]) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._app = app
        self._clean = clean
        self._limits = {name: _seconds(name) for name in (IDLE, IDLE_GPU, UNCLAIMED)}
        self._heard = time.monotonic()

    def run(self) -> None:
        """The thread. It looks four times within the shortest limit, and costs nothing between."""
        self._app.kernel.is_up.wait(UP)
        self._heard = time.monotonic()
        while True:
            time.sleep(min(60.0, *self._limits.values()) / 4)
            reason = self._reason()
            if reason is not None:
                self._app.log.warning(reason)
                self._clean(reason)
                os.kill(os.getpid(), signal.SIGTERM)

    def _reason(self) -> str | None:
        kernel, now = self._app.kernel, time.monotonic()
        if self._app.iopub_thread.subscribed:
            self._heard = now
        idle = kernel.idle()
        if not idle:  # a cell runs, or waits to
            self._heard = now
            return None
        record, limit = record_path(self._app.journal), self._limits[UNCLAIMED]
        is_left = min(idle, now - self._heard) >= limit
        if not record.exists():
            if is_left:
                return f"The kernel ended by itself: it belonged to no lesson, and nobody listened for {_said(limit)}."
            return None
        if is_left and not kernel.has_run:
            record.unlink(missing_ok=True)  # nothing is lost, so there is nothing to tell
            return f"The kernel ended by itself: nothing was run in it, and nobody listened for {_said(limit)}."
        holds = _holds_device()
        limit = self._limits[IDLE_GPU if holds else IDLE]
        if idle < limit:
            return None
        what = ", holding memory of the GPU" if holds else ""
        return f"The kernel ended by itself: no cell ran for {_said(limit)}{what}."


def _holds_device() -> bool:
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    return cuda is not None and bool(cuda.is_initialized())


def _seconds(default: float) -> float:
    try:
        return float(os.environ.get(SWITCHES[default], default))
    except ValueError:
        return default


def _said(seconds: float) -> str:
    for size, name in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:g} seconds"
