"""Ends a kernel that nobody needs: its app was killed, so that nobody told it to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.kernel.serve import TutorKernelApp

IDLE = 600.0
"""Seconds that a kernel outlives its last listener, when no cell runs. A running cell is never ended."""

SWITCH = "D2L_TUTOR_KERNEL_IDLE"
"""Environment variable: other seconds."""


class Watchdog(threading.Thread):
    """One rule: nobody subscribes to what the kernel publishes, and no cell has run, for `IDLE` seconds."""

    def __init__(self, app: TutorKernelApp, clean: Callable[[], None]) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._app = app
        self._clean = clean
        self._limit = float(os.environ.get(SWITCH, IDLE))

    def run(self) -> None:
        """The thread. It looks four times within the limit, and costs nothing between."""
        alone_since = time.monotonic()
        while True:
            time.sleep(self._limit / 4)
            kernel = self._app.kernel
            if self._app.iopub_thread.subscribed or kernel.busy:
                alone_since = time.monotonic()
            elif time.monotonic() - max(alone_since, kernel.idle_since) >= self._limit:
                self._app.log.warning("nobody listened for %.0f seconds: the kernel ends", self._limit)
                self._clean()
                os.kill(os.getpid(), signal.SIGTERM)
