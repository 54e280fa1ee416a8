"""Faults caused for real, and what is kept: floods, a reader that stands still, another user, an early exit."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import engine.events
from progress_db import Progress, Recorder
from tutor.ingest import Ingest
from tutor.kernel import delivery, registry
from tutor.kernel.errors import TooManyKernels
from tutor.kernel.events import CellFinished, KernelDied, KernelState, Outcome, TrainingReported, ValueShown
from tutor.kernel.journal import entries
from tutor.kernel.launch import launch, waiting_path
from tutor.kernel.processes import birth
from tutor.kernel.reader import Reader
from tutor.kernel.session import KernelSession
from tutor.kernel.wire import Wire

SETTINGS = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1"}

EARLY = """
import os, sys, threading
from functools import partial
from pathlib import Path
from tutor.kernel import registry, waiting
from tutor.kernel.launch import launch, waiting_path
from tutor.kernel.session import KernelSession
runtime, keep = Path(sys.argv[1]), Path(sys.argv[2])
settings = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1", "PYTHONPATH": sys.argv[4]}
process = registry.claim(keep, "a/lesson", partial(launch, runtime, keep=keep, environment=settings))
session = KernelSession(process, lambda batch: None)
parts = sys.argv[3].split("#%%")
for number, part in enumerate(parts):
    session.run(part, run=f"run-{number}", cell=f"cell-{number}", may_fail="may fail" in part)
path = waiting_path(process.connection)
while path.read_text().count("\\n") < len(parts):
    pass
print(process.pid, flush=True)
threading.Event().wait()
"""


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.fixture
def fresh(runtime: Path, keep: Path) -> Callable[[], Any]:
    return partial(launch, runtime, keep=keep, environment=SETTINGS)


def _ends(journal: Path) -> dict[str, str]:
    return {e.run: e.content["outcome"] for e in entries(journal) if e.kind == "d2l_run_finished"}


# Runs that are asked for before the kernel is up


class Hold:
    """Keeps kernels from coming up until they are let go: what Python imports first of all waits for a file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self._gate = folder / "gate"
        (folder / "sitecustomize.py").write_text(
            f"import os, time\nwhile not os.path.exists({str(self._gate)!r}):\n    time.sleep(0.01)\n"
        )

    def let_go(self) -> None:
        self._gate.touch()


@pytest.fixture
def hold(tmp_path: Path) -> Hold:
    return Hold(tmp_path)


def _leave_early(runtime: Path, keep: Path, hold: Hold, source: str, *, before: str = "") -> None:
    command = [sys.executable, "-c", before + EARLY, str(runtime), str(keep), source, str(hold.path)]
    tutor = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert tutor.stdout is not None
    tutor.stdout.readline()
    tutor.kill()
    tutor.communicate()
    hold.let_go()


def test_all_that_was_asked_for_before_the_kernel_was_up_runs_without_a_tutor(runtime, keep, hold, attach):
    _leave_early(runtime, keep, hold, "x = 1; print('one')#%%x += 1; print('two')#%%print('three', x)")
    (record,) = registry.live(keep)
    journal = Path(record.journal)
    until(lambda: len(_ends(journal)) == 3, "they did not run")  # nobody is attached
    assert list(_ends(journal).items()) == [("run-0", "ok"), ("run-1", "ok"), ("run-2", "ok")]
    found = attach()
    found.finished("run-2")
    assert [found.text(f"run-{n}") for n in range(3)] == ["one\n", "two\n", "three 2\n"]
    assert not waiting_path(Path(record.connection)).exists()


UNCONNECTED = """
import threading
from tutor.kernel.reader import Reader
Reader._connect = lambda reader: threading.Event().wait()
"""


def test_what_was_asked_for_before_there_was_a_connection_runs_without_a_tutor(runtime, keep, hold, attach):
    """jupyter_client is imported late, and the tutor may be killed meanwhile."""
    _leave_early(runtime, keep, hold, "x = 1#%%x += 1; print('two', x)", before=UNCONNECTED)
    (record,) = registry.live(keep)
    journal = Path(record.journal)
    until(lambda: len(_ends(journal)) == 2, "they did not run")
    assert list(_ends(journal).items()) == [("run-0", "ok"), ("run-1", "ok")]
    found = attach()
    found.finished("run-1")
    assert found.text("run-1") == "two 2\n"
    assert found.text(found.run("print(x)")) == "2\n"


def test_what_was_asked_for_in_haste_runs_once_and_in_order(start, monkeypatch):
    """Before the connection, while it comes and behind it; some before a kernel is up that takes them, some after."""
    connect, may_connect = Reader._connect, threading.Event()

    def slow(reader: Reader) -> None:
        may_connect.wait()
        connect(reader)

    monkeypatch.setattr(Reader, "_connect", slow)
    driver = start()
    try:
        runs = [driver.start(f"print({number})") for number in range(3)]
        until(lambda: not waiting_path(driver.process.connection).exists(), "the kernel took nothing")
        runs += [driver.start(f"print({number})") for number in range(3, 6)]
        may_connect.set()
        runs += [driver.start(f"print({number})") for number in range(6, 9)]
        assert [driver.text(run) for run in runs if driver.finished(run)] == [f"{number}\n" for number in range(9)]
        order = [event.run for event in driver.events if isinstance(event, CellFinished)]
        assert order == runs
        driver.wait_for_state(KernelState.IDLE)
    finally:
        may_connect.set()
        driver.close()


def test_a_restart_that_was_asked_for_in_haste_comes_before_what_was_asked_for_behind_it(start, monkeypatch):
    connect, may_connect = Reader._connect, threading.Event()

    def slow(reader: Reader) -> None:
        may_connect.wait()
        connect(reader)

    monkeypatch.setattr(Reader, "_connect", slow)
    driver = start()
    try:
        driver.start("x = 1")
        driver.session.restart()
        behind = driver.start("print('x' in globals())")
        may_connect.set()
        driver.finished(behind)
        assert driver.text(behind) == "False\n"
    finally:
        may_connect.set()
        driver.close()


def test_without_a_tutor_too_an_error_aborts_what_was_queued_behind_it_unless_it_may(runtime, keep, hold):
    _leave_early(
        runtime, keep, hold, "1/0  # may fail#%%print('goes on')#%%raise ValueError#%%print('never')#%%print('never')"
    )
    (record,) = registry.live(keep)
    journal = Path(record.journal)
    until(lambda: len(_ends(journal)) == 5, "they did not end")
    assert list(_ends(journal).values()) == ["error", "ok", "error", "aborted", "aborted"]
    assert "never\n" not in [entry.content.get("text") for entry in entries(journal)]


def test_what_the_kernel_has_not_taken_yet_is_taken_back_by_an_interrupt(start, hold):
    driver = start(PYTHONPATH=str(hold.path))
    try:
        runs = [driver.start("print('never')") for _ in range(3)]
        driver.session.interrupt()
        assert [driver.outcome(run) for run in runs] == [Outcome.ABORTED] * 3
        hold.let_go()
        assert driver.text(driver.run("print('later')")) == "later\n"
        assert [driver.text(run) for run in runs] == [""] * 3
    finally:
        driver.close()


def test_a_kernel_that_never_came_up_ran_none_of_them(start, hold):
    driver = start(PYTHONPATH=str(hold.path))
    runs = [driver.start("print('never')") for _ in range(2)]
    until(lambda: waiting_path(driver.process.connection).read_text().count("\n") == 2, "they do not wait")
    os.kill(driver.process.pid, signal.SIGKILL)
    driver.wait_for_state(KernelState.DEAD)
    assert [driver.outcome(run) for run in runs] == [Outcome.ABORTED] * 2
    driver.close()


# How many


def test_no_more_kernels_than_the_limit_and_those_that_live_are_found(keep, fresh):
    first = registry.claim(keep, "a/one", fresh, most=2)
    registry.claim(keep, "a/two", fresh, most=2)
    with pytest.raises(TooManyKernels, match="2 is the limit"):
        registry.claim(keep, "a/three", fresh, most=2)
    assert registry.claim(keep, "a/one", fresh, most=2).id == first.id
    assert len(registry.live(keep)) == 2
    first.kill()
    assert registry.claim(keep, "a/three", fresh, most=2).id != first.id


# Floods, and a reader that stands still


@pytest.mark.slow
def test_a_hundred_thousand_prints_are_shown_and_kept_complete_and_in_order(keep, fresh, tmp_path):
    record = tmp_path / "progress.db"
    with Progress.open(record) as progress:
        progress.run_started("flood", "a/lesson", "cell", "…", 1.0)
    recorder = Recorder(record)
    ingest = Ingest(recorder)
    process = registry.claim(keep, "a/lesson", fresh)
    text: list[str] = []
    over = threading.Event()

    def take(batch: list[Any]) -> None:
        text.extend(event.text for event in batch if hasattr(event, "text"))
        soon = any(isinstance(event, CellFinished) for event in batch)
        ingest.grown(process.id, process.journal, "a/lesson", soon=soon)
        if soon:
            over.set()

    session = KernelSession(process, take)
    session.run("for i in range(100_000): print('line', i)", run="flood")
    assert over.wait(120)
    assert "".join(text) == "".join(f"line {i}\n" for i in range(100_000))
    session.leave()
    assert session.join(120)
    size = process.journal.stat().st_size
    until(lambda: recorder.flush() and _taken(record, process.id) == size, "not all was taken in")
    ingest.close()
    recorder.close()
    with Progress.open(record) as progress:
        (kept,) = progress.runs_of("a/lesson", "cell")
    assert kept.outcome == "ok"
    assert kept.dropped == 0
    assert "".join(output.payload["text"] for output in kept.outputs) == "".join(text)


def _taken(record: Path, kernel: str) -> int | None:
    with Progress.open(record) as progress:
        return progress.lesson("a/lesson").journals.get(kernel)


METRICS = """
import time
from engine.events import MetricPoint, RunFinished, RunStarted
from engine.publish import Publisher
publisher = Publisher()
publisher.send(RunStarted("r", "Model", "data", False, "CPU", 1, {count}))
begun = time.perf_counter()
for i in range({count}):
    publisher.send(MetricPoint("r", "train_loss", i / {count}, float(i)))
    while time.perf_counter() - begun < i / 2000:
        pass
publisher.send(RunFinished("r", "completed", 1.0, 1, 0.0))
publisher.close()
"""


def test_two_thousand_metrics_a_second_are_all_there(start):
    driver = start()
    try:
        run = driver.run(METRICS.format(count=6000))
        points = [
            point.y
            for event in driver.of(run)
            if isinstance(event, TrainingReported)
            for point in event.events
            if isinstance(point, engine.events.MetricPoint)
        ]
        assert points == [float(i) for i in range(6000)]
    finally:
        driver.close()


class StalledReader:
    """A tutor's screen that takes one batch, and no more until it is let go."""

    def __init__(self) -> None:
        self.taken: Future[None] = Future()
        self.events: list[Any] = []
        self.over = threading.Event()

    def __call__(self, batch: list[Any]) -> Future[None]:
        self.events += batch
        if any(isinstance(event, CellFinished) and event.run == "flood" for event in batch):
            self.over.set()
        return self.taken


def test_a_reader_that_stands_still_slows_no_cell_and_misses_nothing(keep, fresh, monkeypatch):
    monkeypatch.setattr(delivery, "STALE", 600.0)  # it is waited for, however long the cell takes
    process = registry.claim(keep, "a/lesson", fresh)
    reader = StalledReader()
    session = KernelSession(process, reader)
    session.run("from IPython.display import display\nfor i in range(5000): display(i)", run="flood")
    until(lambda: _ends(process.journal) == {"flood": "ok"}, "the cell waited for the reader")
    assert not reader.over.is_set()
    reader.taken.set_result(None)
    assert reader.over.wait(120)
    values = [event.data["text/plain"] for event in reader.events if isinstance(event, ValueShown)]
    assert values == [str(i) for i in range(5000)]
    session.leave()
    assert session.join(120)


# Other users

STRANGER = """
import os, socket, sys
from pathlib import Path
os.setgid(65534); os.setuid(65534)
refused = []
def tries(what, act):
    try:
        act()
    except PermissionError:
        refused.append(what)
connection, journal = Path(sys.argv[1]), Path(sys.argv[2])
tries("list", lambda: list(connection.parent.iterdir()))
tries("connection file", lambda: connection.read_bytes())
tries("journal", lambda: journal.read_bytes())
tries("journal write", lambda: journal.open("ab"))
for number in range(1, 6):
    tries("socket", lambda: socket.socket(socket.AF_UNIX).connect(f"{connection.with_suffix('')}-{number}"))
tries("signal", lambda: os.kill(int(sys.argv[3]), 0))
print(*refused, sep=", ")
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_can_neither_read_nor_talk_to_the_kernel(keep, fresh):
    process = registry.claim(keep, "a/lesson", fresh)
    until(process.journal.exists, "the kernel did not come up")
    command = [sys.executable, "-c", STRANGER, str(process.connection), str(process.journal), str(process.pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    sockets = ", ".join(["socket"] * 5)
    assert told == f"list, connection file, journal, journal write, {sockets}, signal"


# What a killed machine, or one that was started anew, leaves


def _stranger() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def test_a_kernel_of_before_a_reboot_is_gone_and_who_has_its_pid_is_left_alone(keep, runtime, fresh):
    """The reboot is made: the boot's id in the record is another, pid and moment of birth are those of a stranger."""
    stranger = _stranger()
    try:
        born = birth(stranger.pid)
        assert born is not None
        paths = runtime / "kb00.json", runtime / "kb00.log", keep / "kb00.journal"
        rebooted = f"{'0' * 8}-0000-0000-0000-{'0' * 12} {born.split()[1]}"
        record = registry.KernelRecord("b00", "a/lesson", stranger.pid, rebooted, *map(str, paths), 1.0)
        (keep / "kb00.kernel").write_text(json.dumps(dataclasses.asdict(record)))
        assert registry.live(keep) == []
        process = registry.claim(keep, "a/lesson", fresh)
        assert process.id != "b00"
        (gone,) = registry.gone(keep)
        assert gone.id == "b00"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            record.process().signal(number)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_stale_sockets_are_in_nobody_s_way_and_are_removed_when_old(runtime, fresh, keep, attach):
    stale = [runtime / f"kdead00-{number}" for number in range(1, 6)]
    for path in stale:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
    (runtime / "kdead00.json").write_text("{}")
    registry.claim(keep, "a/lesson", fresh)
    found = attach()
    assert found.text(found.run("print('here')")) == "here\n"
    from tutor.kernel.launch import tidy

    tidy(runtime)
    assert all(path.exists() for path in stale)  # they may be of a kernel that comes up at this moment
    for path in [*stale, runtime / "kdead00.json", *runtime.glob(f"k{found.process.id}*")]:
        os.utime(path, (0, 0))
    tidy(runtime)
    assert not any(path.exists() for path in stale)
    assert found.text(found.run("print('still here')")) == "still here\n"


# A connection that cannot be made


def test_a_kernel_that_ended_at_the_moment_of_attaching_is_told_as_dead_and_every_run_as_not_run(keep, fresh, drive):
    """As one that ends itself: its files are gone before we have read them."""
    process = registry.claim(keep, "a/lesson", fresh)
    until(process.journal.exists, "the kernel did not come up")
    process.connection.unlink()
    os.kill(process.pid, signal.SIGTERM)
    driver = drive(process)
    driver.wait_for_state(KernelState.DEAD)
    died = driver.until(lambda event: isinstance(event, KernelDied))
    assert "signal 15" in died.reason
    assert [driver.outcome(driver.start("1")) for _ in range(2)] == [Outcome.ABORTED] * 2
    driver.session.restart()
    assert driver.text(driver.run("print('fresh')")) == "fresh\n"


def test_a_connection_that_fails_is_told_and_so_is_each_run_that_is_asked_for_after_it(start, monkeypatch):
    driver = start()
    try:
        driver.run("1")
        monkeypatch.setattr(Wire, "send", _broken)
        failed = driver.start("print('never')")
        assert "broken on purpose" in driver.until(lambda event: isinstance(event, KernelDied)).reason
        monkeypatch.undo()
        assert driver.outcome(failed) in (Outcome.DIED, Outcome.ABORTED)
        assert driver.outcome(driver.start("print('never')")) == Outcome.ABORTED
        driver.session.restart()
        assert driver.text(driver.run("print('fresh')")) == "fresh\n"
    finally:
        driver.close()


def test_a_restart_that_fails_is_told_and_may_be_tried_again(start):
    driver = start()
    try:
        driver.run("1")
        process = driver.session.process
        process.successor = _broken
        driver.session.restart()
        assert "broken on purpose" in driver.until(lambda event: isinstance(event, KernelDied)).reason
        driver.wait_for_state(KernelState.DEAD)
        assert driver.outcome(driver.start("print('never')")) == Outcome.ABORTED
        process.successor = process.launch_again
        driver.session.restart()
        assert driver.text(driver.run("print('fresh')")) == "fresh\n"
    finally:
        driver.close()


def _broken(*_given: object, **_named: object) -> str:
    raise RuntimeError("broken on purpose")
