"""One kernel for each open lesson: who gets which, what is asked before one is stopped. The sessions are fakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tutor.kernel.events import DeviceFound, KernelState, StateChanged
from tutor.kernels import Kernels
from tutor.screens.home import HomeScreen
from tutor.screens.lesson import LessonScreen
from tutor.screens.still_running import StillRunningScreen

CPU = {"kind": "cpu", "name": "CPU", "label": "CPU, 2 cores"}


class FakeProcess:
    def __init__(self, number: int) -> None:
        self.number = number
        self.killed = False
        self.id = str(number)
        self.journal = Path("no-journal")

    def kill(self) -> None:
        self.killed = True


class FakeSession:
    def __init__(self, process: FakeProcess, deliver: Callable[[list[Any]], Any]) -> None:
        self.process = process
        self.deliver = deliver
        self.state = KernelState.IDLE
        self.stopped = False
        self.hangs = False

    def stop(self) -> None:
        self.stopped = True

    def join(self, timeout: float) -> bool:
        return not self.hangs

    def __getattr__(self, name: str) -> Any:
        """What a screen may ask of a kernel and this test does not care about."""
        return lambda *_given, **_named: None


class Bench:
    """Kernels of fakes, and all that were made."""

    def __init__(self) -> None:
        self.processes: list[FakeProcess] = []
        self.sessions: list[FakeSession] = []
        self.kernels = Kernels(self.launch, attach=self.attach)  # type: ignore[arg-type]

    def launch(self) -> FakeProcess:
        self.processes.append(FakeProcess(len(self.processes)))
        return self.processes[-1]

    def attach(self, process: FakeProcess, deliver: Callable[[list[Any]], Any], since: int) -> FakeSession:
        self.sessions.append(FakeSession(process, deliver))
        return self.sessions[-1]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_process_that_warms_up_goes_to_the_first_lesson(bench: Bench) -> None:
    bench.kernels.begin()
    session = bench.kernels.connect("a/one", lambda events: None)
    assert session is bench.sessions[0]
    assert len(bench.processes) == 1


def test_a_process_launched_before_the_app_is_the_first_that_is_used(bench: Bench) -> None:
    early = FakeProcess(99)
    kernels = Kernels(bench.launch, early, bench.attach)  # type: ignore[arg-type]
    kernels.begin()
    assert bench.sessions[0].process is early
    assert bench.processes == []


def test_each_lesson_has_a_session_of_its_own_and_keeps_it(bench: Bench) -> None:
    one = bench.kernels.connect("a/one", lambda events: None)
    two = bench.kernels.connect("a/two", lambda events: None)
    assert one is not two
    assert bench.kernels.connect("a/one", lambda events: None) is one


def test_what_was_said_before_anyone_listened_is_heard_in_order(bench: Bench) -> None:
    bench.kernels.begin()
    early = [StateChanged(KernelState.STARTING), StateChanged(KernelState.IDLE)]
    bench.sessions[0].deliver(early)
    heard: list[Any] = []
    bench.kernels.connect("a/one", heard.extend)
    late = StateChanged(KernelState.BUSY)
    bench.sessions[0].deliver([late])
    assert heard == [*early, late]


def test_the_device_is_remembered_and_told(bench: Bench) -> None:
    told: list[Any] = []
    bench.kernels.on_device = told.append
    bench.kernels.begin()
    bench.sessions[0].deliver([DeviceFound(CPU)])
    assert bench.kernels.device == CPU
    assert told == [CPU]


def test_ending_a_lesson_stops_its_kernel_and_no_other(bench: Bench) -> None:
    bench.kernels.connect("a/one", lambda events: None)
    bench.kernels.connect("a/two", lambda events: None)
    bench.kernels.end("a/one")
    assert [session.stopped for session in bench.sessions] == [True, False]


def test_stopping_stops_all_and_kills_what_does_not_end(bench: Bench) -> None:
    bench.kernels.begin()
    bench.kernels.connect("a/one", lambda events: None)
    bench.kernels.begin()
    bench.sessions[1].hangs = True
    bench.kernels.stop(patience=0.0)
    assert all(session.stopped for session in bench.sessions)
    assert [process.killed for process in bench.processes] == [False, True]
    bench.kernels.begin()
    assert len(bench.processes) == 2  # nothing is started once the app ends


def test_a_process_that_nobody_attached_to_is_killed_at_the_end(bench: Bench) -> None:
    early = FakeProcess(99)
    Kernels(bench.launch, early, bench.attach).stop()  # type: ignore[arg-type]
    assert early.killed


async def test_the_device_that_a_kernel_found_is_on_the_course_screen(
    make_app: Callable[..., Any], returning: Path, bench: Bench
) -> None:
    app = make_app(kernels=bench.kernels)
    async with app.run_test(size=(80, 24)):
        await app.until(lambda: bench.sessions)
        bench.sessions[0].deliver([DeviceFound(CPU)])
        await app.until(lambda: "CPU, 2 cores" in app.text())


async def _open_and_be_busy(app: Any, pilot: Any, bench: Bench) -> None:
    await app.until(lambda: bench.sessions)
    await pilot.press("c")
    await app.until(lambda: isinstance(app.screen, LessonScreen))
    await app.until(lambda: bench.kernels._lessons)
    bench.sessions[0].state = KernelState.BUSY


async def test_quitting_while_a_cell_runs_asks_first(
    make_app: Callable[..., Any], returning: Path, bench: Bench
) -> None:
    app = make_app(kernels=bench.kernels)
    async with app.run_test(size=(80, 24)) as pilot:
        await _open_and_be_busy(app, pilot, bench)
        await pilot.press("ctrl+q")
        await app.until(lambda: isinstance(app.screen, StillRunningScreen))
        await app.until(lambda: "still running" in app.text())
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        await pilot.press("ctrl+q")
        await app.until(lambda: isinstance(app.screen, StillRunningScreen))
        await pilot.press("ctrl+q")  # asks no second time
        assert sum(isinstance(screen, StillRunningScreen) for screen in app.screen_stack) == 1
        await pilot.press("s")
        await app.until(lambda: app._exit)
    assert app.return_code == 0


async def test_quitting_while_nothing_runs_asks_nothing(
    make_app: Callable[..., Any], returning: Path, bench: Bench
) -> None:
    app = make_app(kernels=bench.kernels)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await app.until(lambda: app._exit)
    assert app.return_code == 0


async def test_another_lesson_ends_the_first_one_s_kernel_and_has_one_of_its_own(
    make_app: Callable[..., Any], returning: Path, bench: Bench
) -> None:
    app = make_app(kernels=bench.kernels)
    async with app.run_test(size=(80, 24)) as pilot:
        await _open_and_be_busy(app, pilot, bench)
        await pilot.press("q")
        await app.until(lambda: isinstance(app.screen, HomeScreen))
        await pilot.press("j", "enter")
        await app.until(lambda: isinstance(app.screen, StillRunningScreen))
        await pilot.press("n")
        await app.until(lambda: isinstance(app.screen, HomeScreen))
        assert not bench.sessions[0].stopped
        bench.sessions[0].state = KernelState.IDLE
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, LessonScreen))
        await app.until(lambda: bench.sessions[0].stopped)
        await app.until(lambda: "first-steps/tensors" in bench.kernels._lessons)
        assert bench.kernels._lessons["first-steps/tensors"].session is not bench.sessions[0]
