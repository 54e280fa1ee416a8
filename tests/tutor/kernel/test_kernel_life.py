"""Interrupt, restart, stop, and every way in which a kernel can die: always a clear event, never a hang."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tutor.kernel.events import (
    CellStarted,
    DeviceFound,
    InputRequested,
    KernelDied,
    KernelState,
    Outcome,
    StateChanged,
)
from tutor.kernel.launch import MARK
from tutor.kernel.processes import marked


def died(driver) -> KernelDied:
    event = driver.until(lambda event: isinstance(event, KernelDied))
    driver.wait_for_state(KernelState.DEAD)
    return event


def wait_until(holds, what: str) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)  # between two looks at /proc, which tells nobody when it changes


@pytest.mark.parametrize(
    "source", ["while True: pass", "import time; time.sleep(60)", "input()"], ids=["loop", "sleep", "input"]
)
def test_an_interrupt_ends_the_cell(shared, source):
    run = shared.start(f"print('on')\n{source}")
    shared.wait_for_text(run, "on")
    if source == "input()":
        shared.until(lambda event: isinstance(event, InputRequested) and event.run == run)
    shared.session.interrupt()
    assert shared.outcome(run) == Outcome.INTERRUPTED
    assert shared.error(run).name == "KeyboardInterrupt"
    shared.wait_for_state(KernelState.IDLE)
    assert StateChanged(KernelState.INTERRUPTING) in shared.events


def test_an_interrupt_aborts_what_is_queued(shared):
    running = shared.start("print('on')\nwhile True: pass")
    queued = shared.start("print('never')")
    shared.wait_for_text(running, "on")
    shared.session.interrupt()
    assert shared.outcome(queued) == Outcome.ABORTED
    assert shared.outputs(queued) == []


def test_a_cell_that_handles_the_signal_ends_as_it_likes(shared):
    run = shared.start(
        "import time\n"
        "try:\n    print('on')\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('kept what was learned')"
    )
    shared.wait_for_text(run, "on\n")
    shared.session.interrupt()
    assert shared.outcome(run) == Outcome.OK
    assert shared.text(run) == "on\nkept what was learned\n"


def test_an_interrupt_of_an_idle_kernel_does_nothing(shared):
    shared.run("x = 5")
    shared.session.interrupt()
    assert shared.value(shared.run("x")) == "5"


@pytest.mark.parametrize(
    ("source", "number", "code"),
    [
        ("import ctypes; ctypes.string_at(0)", signal.SIGSEGV, None),
        ("import os; os.abort()", signal.SIGABRT, None),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", signal.SIGKILL, None),
        ("import os; os._exit(3)", None, 3),
    ],
    ids=["segfault", "abort", "kill", "exit"],
)
def test_a_kernel_that_dies_says_how_and_ends_its_runs(kernel, source, number, code):
    running = kernel.start(f"for i in range(1000): print(i)\n{source}")
    queued = kernel.start("print('never')")
    death = died(kernel)
    assert (death.signal, death.exit_code) == (number, code)
    assert str(number or code) in death.reason
    assert kernel.outcome(running) == Outcome.DIED
    assert kernel.outcome(queued) == Outcome.ABORTED
    assert kernel.text(queued) == ""
    assert kernel.text(running) == "".join(f"{i}\n" for i in range(1000)), "what was printed before is whole"


def test_exit_ends_the_kernel_and_says_so(kernel):
    run = kernel.start("exit()")
    assert died(kernel).exit_code == 0
    kernel.finished(run)


def test_a_kernel_killed_from_outside_while_idle_is_noticed(kernel):
    kernel.wait_for_state(KernelState.IDLE)
    os.kill(kernel.process.pid, signal.SIGKILL)
    assert died(kernel).signal == signal.SIGKILL


def test_a_run_for_a_dead_kernel_is_aborted_and_never_made_up_for(kernel):
    kernel.start("import os; os._exit(1)")
    died(kernel)
    late = kernel.start("print('late')")
    assert kernel.outcome(late) == Outcome.ABORTED
    kernel.session.restart()
    kernel.wait_for_state(KernelState.IDLE)
    kernel.run("print('fresh')")
    assert kernel.text(late) == ""


def test_restart_forgets_variables_and_aborts_what_was_queued(kernel):
    kernel.run("x = 1")
    running = kernel.start("print('on')\nwhile True: pass")
    queued = kernel.start("print('never')")
    kernel.wait_for_text(running, "on")
    kernel.session.restart()
    after = kernel.start("'x' in globals()")
    assert kernel.outcome(running) == Outcome.DIED
    assert kernel.outcome(queued) == Outcome.ABORTED
    kernel.finished(after)
    assert kernel.value(after) == "False"
    assert not any(isinstance(event, KernelDied) for event in kernel.events)


def test_stop_ends_process_and_files(start, runtime):
    driver = start()
    driver.run("1")
    connection = driver.process.connection
    driver.close()
    assert driver.process.poll() is not None
    assert driver.session.state is KernelState.STOPPED
    assert not list(runtime.glob(f"{connection.stem}-*"))
    assert not connection.exists()


def test_stop_does_not_wait_for_a_cell_that_ignores_signals(start):
    driver = start()
    run = driver.start(
        "import signal\nfor s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\n"
        "print('deaf')\nwhile True: pass"
    )
    driver.wait_for_text(run, "deaf")
    driver.close()
    assert driver.process.poll() == -signal.SIGKILL
    assert driver.outcome(run) == Outcome.DIED


def test_stop_before_the_kernel_is_up(start):
    driver = start()
    driver.close()
    assert driver.process.poll() is not None


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.close(1)",
        "import sys; sys.stdout.close()",
        "import sys; sys.stdout = None",
        "import os; os.close(1); os.close(2); f = open('/dev/null')",
    ],
    ids=["descriptor", "object", "none", "reused"],
)
def test_a_cell_that_closes_stdout_harms_only_itself(shared, source):
    shared.run(source)
    run = shared.run("import os\nprint('print')\nos.system('echo child')")
    assert sorted(shared.text(run).split()) == ["child", "print"]


def test_a_forked_child_that_returns_from_the_cell_does_not_become_a_kernel(shared):
    run = shared.run(
        "import os, sys\n"
        "pid = os.fork()\n"
        "sys.stdout.write('parent\\n' if pid else 'child\\n')\n"
        "if pid: os.waitpid(pid, 0)"
    )
    assert sorted(shared.text(run).split()) == ["child", "parent"]
    assert shared.outcome(run) == Outcome.OK
    assert [type(event) for event in shared.of(run)].count(CellStarted) == 1
    assert shared.value(shared.run("pid > 0")) == "True"


def test_a_forked_child_that_raises_ends_quietly(shared):
    run = shared.run("import os\nif os.fork() == 0:\n    raise ValueError('child')\nos.wait()[1]")
    assert shared.outcome(run) == Outcome.OK
    assert shared.value(shared.run("'alive'")) == "'alive'"


def test_workers_of_multiprocessing_write_and_return(shared):
    run = shared.run(
        "import multiprocessing\n"
        "def work(n):\n    print('worker', n)\n    return n * n\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n    squares = pool.map(work, [1, 2, 3])\n"
        "squares"
    )
    assert shared.outcome(run) == Outcome.OK
    assert shared.value(run) == "[1, 4, 9]"
    assert sorted(shared.text(run).splitlines()) == ["worker 1", "worker 2", "worker 3"]


def test_children_in_sessions_of_their_own_are_swept_when_the_kernel_dies(kernel):
    run = kernel.start(
        "import os, subprocess\n"
        "child = subprocess.Popen(['sleep', '300'], start_new_session=True)\n"
        "if os.fork() == 0:\n    os.setsid()\n    import time\n    time.sleep(300)\n"
        "print('started')\ninput()"
    )
    kernel.wait_for_text(run, "started")
    assert len(marked(MARK, kernel.process.id)) == 3
    os.kill(kernel.process.pid, signal.SIGKILL)
    died(kernel)
    wait_until(lambda: not marked(MARK, kernel.process.id), "a child of the dead kernel is left")


def test_nothing_of_the_kernel_listens_on_tcp(shared):
    shared.run("1")
    inodes = set()
    for descriptor in os.listdir(f"/proc/{shared.process.pid}/fd"):
        try:
            inodes.add(os.readlink(f"/proc/{shared.process.pid}/fd/{descriptor}"))
        except FileNotFoundError:
            continue
    listening = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{shared.process.pid}/net/{table}").read_text().splitlines()[1:]
    ]
    assert inodes, "the kernel has descriptors"
    assert not [row for row in listening if f"socket:[{row[9]}]" in inodes]


APP = """
import sys, threading
from pathlib import Path
from tutor.kernel.events import CellFinished
from tutor.kernel.launch import launch
from tutor.kernel.session import KernelSession
process = launch(Path(sys.argv[1]), environment={"D2L_TUTOR_KERNEL_SPARE": "4", "D2L_TUTOR_WARMUP": "0"})
done = threading.Event()
session = KernelSession(process, lambda batch: [done.set() for e in batch if isinstance(e, CellFinished)] and None)
session.run("x = 1", run="first")
done.wait()
print(process.id, flush=True)
threading.Event().wait()
"""


def test_a_kernel_whose_app_was_killed_ends_by_itself(runtime):
    app = subprocess.Popen([sys.executable, "-c", APP, str(runtime)], stdout=subprocess.PIPE, text=True)
    identity = app.stdout.readline().strip()
    lived = len(marked(MARK, identity))
    app.kill()
    app.communicate()
    assert lived == 1
    wait_until(lambda: not marked(MARK, identity), "the kernel lives on")
    assert not list(runtime.glob(f"k{identity}-*"))


def test_a_kernel_that_cannot_start_says_why(start):
    driver = start(PYTHONHOME="/nonexistent")
    run = driver.start("print('never')")
    assert "encodings" in died(driver).reason
    assert driver.outcome(run) == Outcome.ABORTED
    driver.close()


def test_the_device_is_found_once_the_kernel_is_quiet(start):
    driver = start(D2L_TUTOR_WARMUP="1")
    try:
        early = driver.run("import sys; 'torch' in sys.modules")
        assert driver.value(early) == "False"
        found = driver.until(lambda event: isinstance(event, DeviceFound))
        assert found.facts["kind"]
        assert driver.value(driver.run("'torch' in sys.modules")) == "True"
    finally:
        driver.close()
