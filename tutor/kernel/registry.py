"""Which kernel belongs to which lesson: one small file for each kernel that may outlive its app, and one lock.

Whoever opens a lesson comes here: `claim` gives the kernel that lives, or makes a fresh one the lesson's own. A kernel
is known by pid and birth (`processes`), never by pid alone. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from tutor.kernel.errors import RuntimeDirectoryRefused, TooManyKernels
from tutor.kernel.journal import close_journal, recover
from tutor.kernel.launch import FoundKernel, KernelProcess, record_path, secured
from tutor.kernel.processes import birth

KEPT = 30 * 24 * 3600.0
"""Seconds that a journal is kept after its last word."""


@dataclass(frozen=True, slots=True)
class KernelRecord:
    """A kernel that belongs to a lesson, alive or not."""

    id: str
    lesson: str
    pid: int
    born: str
    """See `processes.birth`."""
    connection: str
    log: str
    journal: str
    started: float
    environment: dict[str, str] = field(default_factory=dict)
    ended: float | None = None
    """When it ended (seconds since the epoch), once somebody noticed."""
    reason: str = ""
    """Why, in a sentence."""
    shown: bool = False
    """Whether the learner was told."""

    def process(self) -> FoundKernel:
        """The process, to talk to."""
        paths = Path(self.connection), Path(self.log), Path(self.journal)
        found = FoundKernel(self.id, self.pid, self.born, *paths)
        found.started, found.environment = self.started, self.environment
        found.lesson = self.lesson
        return found

    @property
    def is_alive(self) -> bool:
        """Whether its process is there."""
        return self.ended is None and birth(self.pid) == self.born


def keeping_directory(fallback: Path) -> Path:
    """Where journals are kept: `/var/tmp/d2l-<uid>`, a local disk that outlives a reboot, if it is safe; else
    `fallback`, which may lie in a home that is far away. Raises `RuntimeDirectoryRefused`."""
    try:
        return secured(Path(f"/var/tmp/d2l-{os.getuid()}"))
    except RuntimeDirectoryRefused:
        return secured(fallback)


def claim(keep: Path, lesson: str, fresh: Callable[[], KernelProcess], *, most: int | None = None) -> KernelProcess:
    """The kernel of `lesson`: the one that lives, or one from `fresh`, which is the lesson's own from now on.

    Of several that ask at once, one starts a kernel, and all get it. Raises what `fresh` raises, and `TooManyKernels`
    instead of having more than `most` of them.
    """
    with _locked(keep):
        alive = [record for record in records(keep) if record.is_alive]
        for record in alive:
            if record.lesson == lesson:
                process: KernelProcess = record.process()
                break
        else:
            if most is not None and len(alive) >= most:
                raise TooManyKernels(most)
            process = fresh()
            process.lesson = lesson
            _write(keep, _record(process, lesson))
    process.successor = partial(claim, keep, lesson, process.launch_again)
    return process


def live(keep: Path) -> list[KernelRecord]:
    """The kernels that live, oldest first."""
    return [record for record in records(keep) if record.is_alive]


def gone(keep: Path) -> list[KernelRecord]:
    """The kernels that have ended, oldest first. Those that nobody noticed before are closed now: their journal says
    why."""
    found = []
    for record in records(keep):
        if not record.is_alive:
            found.append(record if record.ended is not None else bury(keep, record.process()))
    return [record for record in found if record is not None]


def bury(keep: Path, process: KernelProcess, *, at: float | None = None) -> KernelRecord | None:
    """Writes down, once, that a kernel is gone: in its journal and in its record. None if it has no record any more."""
    with _locked(keep):
        path = record_path(process.journal)
        record = _read(path)
        if record is None or record.ended is not None:
            return record
        last = close_journal(process.journal, process.reason(), at=at)
        record = replace(record, ended=float(last.content["at"]), reason=str(last.content["reason"]))
        _write(keep, record)
    process.clean()
    return record


def recover_text(keep: Path, process: KernelProcess) -> None:
    """Completes the journal of a kernel that is gone, before it is read to its end."""
    with _locked(keep):
        recover(process.journal)


def was_shown(keep: Path, record: KernelRecord) -> None:
    """The learner has been told how it ended."""
    with _locked(keep):
        if record_path(Path(record.journal)).exists():
            _write(keep, replace(record, shown=True))


def forget(keep: Path, process: KernelProcess) -> None:
    """A kernel was stopped as the learner wished: there is nothing to tell. Its journal stays."""
    with _locked(keep):
        record_path(process.journal).unlink(missing_ok=True)


def sweep_old(keep: Path, *, age: float = KEPT) -> None:
    """Removes journals and records whose last word is older than `age` seconds. Kernels that live keep theirs."""
    alive = {record.journal for record in live(keep)}
    for path in [path for kind in ("journal", "kernel", "staged") for path in keep.glob(f"k*.{kind}")]:
        with contextlib.suppress(FileNotFoundError):
            if str(path.with_suffix(".journal")) not in alive and time.time() - path.lstat().st_mtime > age:
                path.unlink()


def records(keep: Path) -> Iterator[KernelRecord]:
    """All records, oldest first. Files of others, links and damaged ones are no records."""
    found = [record for path in keep.glob("k*.kernel") if (record := _read(path)) is not None]
    yield from sorted(found, key=lambda record: record.started)


def _record(process: KernelProcess, lesson: str) -> KernelRecord:
    return KernelRecord(
        process.id,
        lesson,
        process.pid,
        birth(process.pid) or "",
        str(process.connection),
        str(process.log),
        str(process.journal),
        process.started,
        dict(process.environment),
    )


def _read(path: Path) -> KernelRecord | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if os.fstat(handle).st_uid != os.getuid():
            return None
        try:
            return KernelRecord(**json.loads(file.read()))
        except (ValueError, TypeError):
            return None


def _write(keep: Path, record: KernelRecord) -> None:
    path = record_path(Path(record.journal))
    part = path.with_suffix(f".{os.getpid()}.part")
    with open(part, "w", encoding="utf-8", opener=_private) as file:
        json.dump(asdict(record), file)
    os.replace(part, path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def _locked(keep: Path) -> Iterator[None]:
    """One at a time, among all apps of this user on this machine. A killed holder's lock goes with it."""
    handle = os.open(secured(keep) / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
