"""Real kernels for the tests of `tutor.kernel`: a driver that keeps what was delivered, and waits on conditions."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from progress_db import new_id
from tutor.kernel import registry
from tutor.kernel.events import (
    CellFinished,
    ErrorRaised,
    KernelEvent,
    KernelState,
    Output,
    StateChanged,
    StreamWritten,
    ValueShown,
)
from tutor.kernel.launch import KernelProcess, launch
from tutor.kernel.session import KernelSession

PATIENCE = 120.0
"""Seconds: only a test that fails waits for so long."""


class Driver:
    """A session whose events are kept in order."""

    def __init__(self, process: KernelProcess, since: int = 0) -> None:
        self.process = process
        self.events: list[KernelEvent] = []
        self.batches = 0
        self.news = threading.Condition()
        self.session = KernelSession(process, self._take, since)

    def _take(self, batch: list[KernelEvent]) -> None:
        with self.news:
            self.batches += 1
            self.events += batch
            self.news.notify_all()

    def until(self, holds: Callable[[KernelEvent], bool], what: str = "") -> KernelEvent:
        """The first event for which `holds`, which may be there already."""
        with self.news:
            came = self.news.wait_for(lambda: any(map(holds, self.events)), PATIENCE)
            assert came, f"never came: {what or holds}; came: {self.events[-20:]}"
            return next(event for event in self.events if holds(event))

    def start(self, source: str, **options: object) -> str:
        """Queues a run; its id."""
        run = new_id()
        self.session.run(source, run=run, **options)  # type: ignore[arg-type]
        return run

    def finished(self, run: str) -> CellFinished:
        """The end of a run."""
        event = self.until(lambda event: isinstance(event, CellFinished) and event.run == run, f"end of {run}")
        assert isinstance(event, CellFinished)
        return event

    def run(self, source: str, **options: object) -> str:
        """Runs to the end; the run's id."""
        run = self.start(source, **options)
        self.finished(run)
        return run

    def outcome(self, run: str) -> str:
        """How a run ended."""
        return self.finished(run).outcome

    def of(self, run: str) -> list[KernelEvent]:
        """All events of a run."""
        with self.news:
            return [event for event in self.events if getattr(event, "run", None) == run]

    def outputs(self, run: str) -> list[KernelEvent]:
        """What belongs under the cell."""
        return [event for event in self.of(run) if isinstance(event, Output)]

    def text(self, run: str, name: str = "stdout") -> str:
        """What was written to a stream."""
        return "".join(e.text for e in self.of(run) if isinstance(e, StreamWritten) and e.name == name)

    def value(self, run: str) -> str:
        """The plain text of the last expression's value."""
        return next(e.data["text/plain"] for e in self.of(run) if isinstance(e, ValueShown) and e.is_result)

    def error(self, run: str) -> ErrorRaised:
        """What the cell raised."""
        return next(event for event in self.of(run) if isinstance(event, ErrorRaised))

    def wait_for_text(self, run: str, text: str) -> None:
        """Waits until the run has written it."""
        with self.news:
            assert self.news.wait_for(lambda: text in self.text(run), PATIENCE), self.events[-20:]

    def wait_for_state(self, state: KernelState) -> None:
        """Waits until the last state told is this one."""

        def last() -> KernelState | None:
            states = [event.state for event in self.events if isinstance(event, StateChanged)]
            return states[-1] if states else None

        with self.news:
            assert self.news.wait_for(lambda: last() is state, PATIENCE), (last(), self.events[-20:])

    def close(self) -> None:
        """Ends it; the kernel must not outlive the test."""
        self.session.stop()
        assert self.session.join(PATIENCE), "the session did not stop"


@pytest.fixture(scope="session")
def runtime() -> Iterator[Path]:
    """A directory for sockets, short enough, and nobody else's."""
    directory = Path(tempfile.mkdtemp(prefix="d2lt-", dir="/tmp"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def start(runtime: Path) -> Callable[..., Driver]:
    """Starts a kernel that does not import torch on its own."""

    def start(**environment: str) -> Driver:
        settings = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1", **environment}
        return Driver(launch(runtime, environment=settings))

    return start


@pytest.fixture
def drive() -> Iterator[Callable[[KernelProcess], Driver]]:
    """Drives a process that the test has started, to the test's end."""
    drivers = []

    def drive(process: KernelProcess) -> Driver:
        drivers.append(Driver(process))
        return drivers[-1]

    yield drive
    for driver in drivers:
        driver.close()


@pytest.fixture
def keep() -> Iterator[Path]:
    """A directory for records and journals of this test; no kernel of it is left."""
    directory = Path(tempfile.mkdtemp(prefix="d2lk-", dir="/var/tmp"))
    yield directory
    for record in registry.live(directory):
        record.process().kill()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def attach(keep: Path) -> Iterator[Callable[..., Driver]]:
    """Attaches to the kernel of a lesson that lives, and leaves it in the end."""
    drivers = []

    def attach(lesson: str = "a/lesson", since: int = 0) -> Driver:
        process = registry.claim(keep, lesson, _none_lives)
        drivers.append(Driver(process, since))
        return drivers[-1]

    yield attach
    for driver in drivers:
        driver.session.leave()
        assert driver.session.join(PATIENCE), "the session did not end"


def _none_lives() -> KernelProcess:
    raise AssertionError("no kernel of the lesson lives")


@pytest.fixture
def kernel(start: Callable[..., Driver]) -> Iterator[Driver]:
    """A kernel of the test's own: it may die."""
    driver = start()
    yield driver
    driver.close()


@pytest.fixture(scope="module")
def shared(start: Callable[..., Driver]) -> Iterator[Driver]:
    """A kernel for tests that leave it as they found it."""
    driver = start()
    yield driver
    driver.close()
