"""A program on a pseudo-terminal, timed from the terminal's side: keys are written, bytes arrive, and a clock runs.

Standard library only, so that what is measured is the program and not the measuring.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|.)")
_TICKS = os.sysconf("SC_CLK_TCK")
_INSIST = (signal.SIGTERM, signal.SIGKILL)
_QUIET = 0.12  # seconds without a byte: the screen has settled


class ProgramEnded(Exception):
    """The program on the terminal is gone, or never came to the point that was waited for."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a key brought about."""

    first: float
    """Seconds until the first byte."""
    settled: float
    """Seconds until the last byte before the screen was still."""
    bytes: int


class Terminal:
    """A program on a pseudo-terminal of `columns` × `rows`."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            environment = {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody learns without compiled modules
            os.execvpe(command[0], list(command), environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.received = 0

    def read(self, timeout: float) -> bytes:
        """What arrives within `timeout` seconds; empty if nothing does."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError as error:  # Linux says EIO when the last writer is gone
            raise ProgramEnded("the program ended") from error
        self.received += len(data)
        return data

    def until(self, marker: str, timeout: float = 30.0, since: float | None = None) -> float:
        """Seconds from `since` (default: the start) until `marker` has been drawn. Escape sequences are passed over."""
        begun = self.started if since is None else since
        text = b""
        while time.perf_counter() - begun < timeout:
            text = text[-65536:] + self.read(0.5)
            if marker.encode() in _ESCAPES.sub(b"", text):
                return time.perf_counter() - begun
        raise ProgramEnded(f"“{marker}” did not appear within {timeout:g} s; last: {_ESCAPES.sub(b'', text)[-400:]!r}")

    def still(self, quiet: float = 0.3, timeout: float = 10.0) -> None:
        """Wait until nothing has arrived for `quiet` seconds."""
        begun = time.perf_counter()
        while self.read(quiet):
            if time.perf_counter() - begun > timeout:
                raise ProgramEnded(f"the screen was never still for {quiet:g} s")

    def press(self, keys: bytes) -> Reaction:
        """Write `keys`, and watch until the screen is still."""
        received, begun = self.received, time.perf_counter()
        os.write(self.fd, keys)
        first = last = begun
        while self.read(1.0 if last == begun else _QUIET):
            last = time.perf_counter()
            first = last if first == begun else first
        return Reaction(first - begun, last - begun, self.received - received)

    def write(self, keys: bytes) -> float:
        """Write `keys` and do not wait; the moment at which they were written."""
        moment = time.perf_counter()
        os.write(self.fd, keys)
        return moment

    def watch(self, seconds: float) -> tuple[int, float, float]:
        """Read for `seconds`: bytes, share of a core, and the longest gap between two reads."""
        begun, cpu, received = time.perf_counter(), self.cpu(), self.received
        last, gap = begun, 0.0
        while (left := begun + seconds - time.perf_counter()) > 0:
            if self.read(left):
                gap, last = max(gap, time.perf_counter() - last), time.perf_counter()
        return self.received - received, (self.cpu() - cpu) / seconds, gap

    def cpu(self) -> float:
        """Seconds of processor time that the program's own process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Resident memory of the program's own process, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def end(self) -> None:
        """Quit as a learner does (a signal would leave the kernel running); insist if that is not enough."""
        for attempt in (
            partial(os.write, self.fd, b"\x11"),
            *(partial(os.kill, self.pid, number) for number in _INSIST),
        ):
            with contextlib.suppress(ProcessLookupError, OSError):
                attempt()
            deadline = time.perf_counter() + 5
            while time.perf_counter() < deadline:
                with contextlib.suppress(ProgramEnded):
                    self.read(0.05)
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.fd)
                    return


def spread(measure: Callable[[], float], times: int) -> str:
    """Median and 95th percentile of `times` measurements, in milliseconds."""
    values = sorted(measure() for _ in range(times))
    return (
        f"{statistics.median(values) * 1000:.0f} / {values[min(len(values) - 1, int(0.95 * len(values)))] * 1000:.0f}"
    )
