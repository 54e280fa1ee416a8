"""Processes as the operating system knows them: to notice an end at once, and to find what a kernel left behind.

Standard library only: psutil is not a dependency of the tutor, and `launch` must stay quick to import.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
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


def birth(pid: int) -> str | None:
    """Which process this pid is: the boot and the moment of its start. None if there is none, or only its exit status.

    A pid comes again, after a while or a reboot; a birth does not.
    """
    if Path("/proc/self/stat").exists():
        try:
            words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            return None
        return None if words[0] in "ZX" else f"{boot} {words[19]}"
    return _birth_from_ps(pid)


def _birth_from_ps(pid: int) -> str | None:
    told = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    ).stdout.split(maxsplit=1)
    return None if len(told) < 2 or told[0].startswith("Z") else told[1].strip()


class KnownProcess:
    """A process that somebody else started, known by pid and birth. It is signalled through a descriptor (pidfd), where
    the system has such: whoever gets the pid later is never hit."""

    def __init__(self, pid: int, born: str) -> None:
        self.pid = pid
        self._born = born
        self._over = False
        self.watch = ProcessWatch(pid)
        if birth(pid) != born:  # asked behind the opening of the descriptor, which is of this very process from here on
            self._over = True

    def ended(self) -> bool:
        """Whether it is gone."""
        if not self._over:
            handle = self.watch.fileno()
            if handle is not None:
                poller = select.poll()
                poller.register(handle, select.POLLIN)
                self._over = bool(poller.poll(0))
            else:
                self._over = birth(self.pid) != self._born
        return self._over

    def signal(self, number: int) -> None:
        """Signals it, if it is still there."""
        if self.ended():
            return
        with contextlib.suppress(ProcessLookupError):
            handle = self.watch.fileno()
            if handle is not None:
                signal.pidfd_send_signal(handle, number)
            else:
                os.kill(self.pid, number)

    def wait(self, timeout: float) -> bool:
        """Whether it ended within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.ended():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True


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
