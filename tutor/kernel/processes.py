"""Processes as the operating system knows them: to notice an end at once, and to find what a kernel left behind.

Standard library only: psutil is not a dependency of the tutor, and `launch` must stay quick to import.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path


class ProcessWatch:
    """A descriptor that becomes readable when the process ends, where the system has such a thing (Linux: pidfd)."""

    def __init__(self, pid: int) -> None:
        self._handle: int | None = None
        if sys.platform == "linux":
            # Old kernels and some sandboxes have no pidfd: whoever watches must then poll.
            with contextlib.suppress(OSError, AttributeError):
                self._handle = os.pidfd_open(pid)

    def fileno(self) -> int | None:
        """The descriptor, or None: poll the process instead."""
        return self._handle

    def close(self) -> None:
        """Gives the descriptor back. May be called twice."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def marked(name: str, value: str) -> list[int]:
    """The pids of this user's processes that carry `name=value` in the environment that they were started with."""
    entry = f"{name}={value}".encode()
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        # Processes end while we look, and those of others cannot be read: neither is ours.
        with contextlib.suppress(OSError):
            if entry in (directory / "environ").read_bytes().split(b"\0"):
                found.append(int(directory.name))
    return found


def sweep(name: str, value: str, *, grace: float = 0.3) -> int:
    """Ends all processes that carry the mark, other than this one: SIGTERM, then SIGKILL. Returns how many there were.

    Forked DataLoader workers and daemons of the learner's code may have left the process group and the session,
    so neither finds them; the environment does.
    """
    strays = [pid for pid in marked(name, value) if pid != os.getpid()]
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + grace
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while (left := [pid for pid in marked(name, value) if pid in strays]) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not left:
            break
    return len(strays)
