"""Runs that are asked for while the kernel still comes up: in a file beside its sockets, so they outlive the tutor.

The tutor puts them in, the kernel takes them out once, when it is up, and unlinks the file: from then on they wait in
the kernel, like those that were sent to it. Whoever finds the file gone sends. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tutor.kernel.events import RunId
from tutor.kernel.execution import Execution


class Stage:
    """Where a session puts its runs until it has a connection: that takes a moment, and the tutor may be killed in it.

    From any thread; nothing is put twice, and what is asked for behind something else (a restart) keeps its place.
    """

    def __init__(self, path: Path, client: str) -> None:
        self._path, self._client = path, client
        self._lock = threading.Lock()
        self._is_open = True
        self._runs: list[RunId] = []

    def put(self, execution: Execution) -> bool:
        """Leaves a run for the kernel; False if it is to be asked for in the usual way."""
        with self._lock:
            if not self._is_open or not put(self._path, self._client, execution):
                self._is_open = False  # what comes behind it must not overtake it
                return False
            self._runs.append(execution.run)
            return True

    def shut(self) -> None:
        """Something else is asked for: what comes from now on comes behind it."""
        with self._lock:
            self._is_open = False

    def take_over(self) -> list[RunId]:
        """There is a connection, or there will be none: what was put, once."""
        with self._lock:
            self._is_open = False
            runs, self._runs = self._runs, []
            return runs


def put(path: Path, client: str, execution: Execution) -> bool:
    """Leaves a run of `client` for the kernel. False if that has taken what waited already, or the disk is full."""
    with _opened(path) as handle:
        if handle is None:
            return False
        line = json.dumps([client, asdict(execution)]).encode() + b"\n"
        end = os.lseek(handle, 0, os.SEEK_END)
        with contextlib.suppress(OSError):
            if os.write(handle, line) == len(line):
                return True
        os.ftruncate(handle, end)  # half a line would hide those behind it
        return False


def withdraw(path: Path, client: str) -> list[RunId]:
    """Takes back what `client` left and the kernel has not taken yet; the runs' ids."""
    with _opened(path) as handle:
        if handle is None:
            return []
        left = list(_read(handle))
        mine = [execution.run for owner, execution in left if owner == client]
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        for owner, execution in left:
            if owner != client:
                os.write(handle, json.dumps([owner, asdict(execution)]).encode() + b"\n")
        return mine


def take(path: Path) -> list[tuple[str, Execution]]:
    """All that waits, in order, with the client who asked: once, and for the kernel only."""
    with _opened(path) as handle:
        if handle is None:
            return []
        found = list(_read(handle))
        path.unlink(missing_ok=True)
        return found


def _read(handle: int) -> Iterator[tuple[str, Execution]]:
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(os.dup(handle), "rb") as file:
        for line in file:
            client, facts = json.loads(line)
            yield client, Execution(**facts)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    """The file, locked; None if there is none any more."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle if os.fstat(handle).st_nlink else None
    finally:
        os.close(handle)
