"""The kernel outlives its tutor: found again, replayed, watched and stopped; or dead, with the reason. Real kills."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tutor.kernel import registry
from tutor.kernel.events import Attached, CellFinished, CellStarted, InputRequested, KernelDied, KernelState, Outcome
from tutor.kernel.journal import ENDED, entries
from tutor.kernel.launch import MARK, launch
from tutor.kernel.processes import birth, marked

TUTOR = """
import os, sys, threading, time
from functools import partial
from pathlib import Path
from tutor.kernel import registry
from tutor.kernel.events import StreamWritten
from tutor.kernel.launch import launch
from tutor.kernel.session import KernelSession
runtime, keep, source = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
settings = {"D2L_TUTOR_WARMUP": "0", "OMP_NUM_THREADS": "1"}
process = registry.claim(keep, "a/lesson", partial(launch, runtime, keep=keep, environment=settings))
seen = threading.Event()
session = KernelSession(process, lambda batch: [seen.set() for e in batch if isinstance(e, StreamWritten)] and None)
for number, part in enumerate(source.split("#%%")):
    session.run(part, run=f"run-{number}", cell=f"cell-{number}")
if source:
    seen.wait()
print(process.id, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def killed_tutor(runtime: Path, keep: Path) -> Callable[[str], str]:
    """A tutor that runs a source, and is killed once it has seen output of it; the kernel's id."""

    def run(source: str) -> str:
        tutor = _tutor(runtime, keep, source)
        identity = tutor.stdout.readline().strip()
        tutor.kill()
        tutor.communicate()
        return str(identity)

    return run


def _tutor(runtime: Path, keep: Path, source: str) -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", TUTOR, str(runtime), str(keep), source], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file that a cell may wait for, so that what it does next is done after the tutor was killed."""
    return tmp_path / "gate"


def behind(gate: Path, first: str, then: str) -> str:
    """The source of a cell that prints `first`, waits for the gate, and goes on."""
    wait = f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)"
    return f"import os, time\nprint({first!r})\n{wait}\n{then}"


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_a_killed_tutor_s_cell_goes_on_and_all_of_it_is_there(killed_tutor, attach, keep):
    source = "import time\nx = 41\nfor i in range(200):\n    print('line', i)\n    time.sleep(0.005)"
    identity = killed_tutor(source + "\n#%%print('queued', x)")
    found = attach()
    assert found.process.id == identity
    assert found.outcome("run-0") == Outcome.OK
    assert found.text("run-0") == "".join(f"line {i}\n" for i in range(200))
    assert found.outcome("run-1") == Outcome.OK  # what waited was not forgotten
    assert found.text("run-1") == "queued 41\n"
    assert found.value(found.run("x + 1")) == "42"


def test_what_was_seen_before_is_not_told_again(killed_tutor, attach, keep):
    killed_tutor("print('first')")
    first = attach()
    first.finished("run-0")
    (record,) = registry.live(keep)
    upto = Path(record.journal).stat().st_size
    run = first.run("print('second')")
    again = attach(since=upto)
    assert again.text(again.run("print('third')")) == "third\n"
    assert again.text(run) == "second\n"
    assert again.of("run-0") == []


def test_a_run_that_goes_on_is_watched_and_interrupted(killed_tutor, attach):
    killed_tutor("import time\nprint('begun')\ntime.sleep(600)\n#%%print('never')")
    found = attach()
    told = found.until(lambda event: isinstance(event, Attached))
    assert told == Attached("run-0", ("run-1",))
    started = found.until(lambda event: isinstance(event, CellStarted))
    assert (started.run, started.cell) == ("run-0", "cell-0")
    found.wait_for_state(KernelState.BUSY)
    found.session.interrupt()
    assert found.outcome("run-0") == Outcome.INTERRUPTED
    assert found.outcome("run-1") == Outcome.ABORTED
    found.wait_for_state(KernelState.IDLE)


def test_a_question_is_asked_again(killed_tutor, attach):
    killed_tutor("print('a question')\nname = input('Who? ')")
    found = attach()
    asked = found.until(lambda event: isinstance(event, InputRequested))
    assert asked == InputRequested("run-0", "Who? ")
    found.session.answer_input("Ada")
    assert found.outcome("run-0") == Outcome.OK
    assert found.value(found.run("name")) == "'Ada'"


def test_two_tutors_on_one_lesson_see_both_and_abort_only_their_own(killed_tutor, attach):
    killed_tutor("print('ready')")
    one, other = attach(), attach()
    for driver in (one, other):
        driver.until(lambda event: isinstance(event, Attached))
    waiting = "get_ipython().kernel.session.outbox.standing()['queued']"
    fails = one.start(f"import time\nwhile len({waiting}) < 2: time.sleep(0.01)\n1 / 0")
    one.until(lambda event: isinstance(event, CellStarted) and event.run == fails)
    queued = one.start("print('never')")
    theirs = other.start("print('theirs')")
    assert (one.outcome(fails), one.outcome(queued)) == (Outcome.ERROR, Outcome.ABORTED)
    assert other.outcome(theirs) == Outcome.OK
    assert other.outcome(fails) == Outcome.ERROR
    one.wait_for_text(theirs, "theirs")


def test_eight_starts_at_once_have_one_kernel(runtime, keep):
    tutors = [_tutor(runtime, keep, "") for _ in range(8)]
    try:
        names = {tutor.stdout.readline().strip() for tutor in tutors}
    finally:
        for tutor in tutors:
            tutor.kill()
            tutor.communicate()
    assert len(names) == 1
    assert [record.id for record in registry.live(keep)] == list(names)


@pytest.mark.parametrize(
    ("how", "why"),
    [("os.kill(os.getpid(), 9)", "killed"), ("import ctypes; ctypes.string_at(0)", "segmentation fault")],
)
def test_a_kernel_that_died_alone_says_when_and_why_and_keeps_its_output(killed_tutor, keep, gate, how, why):
    identity = killed_tutor(behind(gate, "before", f"print('last words')\n{how}"))
    gate.touch()
    until(lambda: not registry.live(keep), "the kernel lives on")
    (record,) = registry.gone(keep)
    assert record.id == identity
    assert why in record.reason
    assert 0 <= time.time() - record.ended < 600
    told = list(entries(Path(record.journal)))
    assert (
        "".join(entry.content["text"] for entry in told if (entry.kind, entry.run) == ("stream", "run-0"))
        == "before\nlast words\n"
    )
    assert (told[-1].kind, told[-1].run) == (ENDED, "run-0")
    assert registry.gone(keep) == [record]  # closed once
    assert len(list(entries(Path(record.journal)))) == len(told)


@pytest.mark.parametrize("how", ["os.kill(os.getpid(), 9)", "import ctypes; ctypes.string_at(0)"])
def test_all_lines_of_a_flood_survive_the_kernel_s_death(killed_tutor, attach, keep, gate, how):
    killed_tutor(behind(gate, "begun", f"for i in range(20_000): print('line', i)\n{how}"))
    found = attach()
    gate.touch()
    assert found.outcome("run-0") == Outcome.DIED
    assert found.text("run-0") == "begun\n" + "".join(f"line {i}\n" for i in range(20_000))
    (record,) = registry.records(keep)
    kept = [
        entry.content["text"]
        for entry in entries(Path(record.journal))
        if (entry.kind, entry.run) == ("stream", "run-0")
    ]
    assert "".join(kept) == found.text("run-0")
    assert len(kept) < 2_000  # in a flood, many lines are one record
    assert sorted(path.suffix for path in keep.glob("k*")) == [".journal", ".kernel"]


def test_a_death_is_noticed_while_attached(killed_tutor, attach, keep):
    killed_tutor("import time\nprint('begun')\ntime.sleep(600)")
    found = attach()
    found.until(lambda event: isinstance(event, Attached))
    os.kill(found.process.pid, signal.SIGKILL)
    died = found.until(lambda event: isinstance(event, KernelDied))
    assert "killed" in died.reason
    assert found.outcome("run-0") == Outcome.DIED
    assert [record.ended is not None for record in registry.records(keep)] == [True]


def test_a_lesson_s_kernel_ends_when_it_was_idle_for_long_and_says_so(runtime, keep, gate):
    settings = {"D2L_TUTOR_WARMUP": "0", "D2L_TUTOR_KERNEL_IDLE": "1", "D2L_TUTOR_KERNEL_SPARE": "600"}
    source = TUTOR.replace("settings = {", f"settings = {settings!r} | {{")
    tutor = subprocess.Popen(
        [sys.executable, "-c", source, str(runtime), str(keep), behind(gate, "busy", "time.sleep(3)\nprint('done')")],
        stdout=subprocess.PIPE,
        text=True,
    )
    tutor.stdout.readline()
    tutor.kill()
    tutor.communicate()
    gate.touch()
    until(lambda: not registry.live(keep), "the kernel lives on")
    (record,) = registry.gone(keep)
    assert record.reason == "The kernel ended by itself: no cell ran for 1 seconds."
    told = list(entries(Path(record.journal)))
    assert "done\n" in [entry.content.get("text") for entry in told]  # never while it was busy
    assert told[-1].run == ""


def test_a_lesson_s_kernel_in_which_nothing_was_run_gives_way_and_nothing_is_told_of_it(runtime, keep, attach):
    settings = {"D2L_TUTOR_WARMUP": "0", "D2L_TUTOR_KERNEL_SPARE": "4", "OMP_NUM_THREADS": "1"}

    for lesson in ("a/empty", "a/watched", "a/used"):
        registry.claim(keep, lesson, partial(launch, runtime, keep=keep, environment=settings))
    watched, used = attach("a/watched"), attach("a/used")
    used.run("x = 1")
    used.session.leave()
    until(lambda: "a/empty" not in [one.lesson for one in registry.live(keep)], "the empty one lives on")
    assert [one.lesson for one in registry.live(keep)] == ["a/watched", "a/used"]
    assert not registry.gone(keep)
    watched.session.leave()
    until(lambda: [one.lesson for one in registry.live(keep)] == ["a/used"], "it is watched no more, and lives on")


def test_who_has_the_pid_now_is_not_the_kernel_and_is_never_signalled(keep, runtime):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        journal = keep / "kff.journal"
        connection = runtime / "kff.json"
        record = registry.KernelRecord(
            "ff",
            "a/lesson",
            stranger.pid,
            "another birth",
            str(connection),
            str(runtime / "kff.log"),
            str(journal),
            1.0,
        )
        (keep / "kff.kernel").write_text(json.dumps(dataclasses.asdict(record)))
        assert registry.live(keep) == []
        record.process().kill()
        assert stranger.poll() is None
        (gone,) = registry.gone(keep)
        assert "nobody saw" in gone.reason
        assert stranger.poll() is None
        assert registry.KernelRecord(**{**dataclasses.asdict(record), "born": birth(stranger.pid)}).is_alive
    finally:
        stranger.kill()
        stranger.wait()


def test_a_record_that_is_a_link_or_damaged_is_no_record(keep, tmp_path):
    target = tmp_path / "elsewhere"
    target.write_text("{}")
    (keep / "klink.kernel").symlink_to(target)
    (keep / "kbad.kernel").write_text("not JSON")
    assert list(registry.records(keep)) == []


def test_stopping_leaves_no_process_and_nothing_to_tell(killed_tutor, attach, keep):
    identity = killed_tutor("print('x')")
    found = attach()
    found.session.stop()
    assert found.session.join(120)
    assert marked(MARK, identity) == []
    assert list(registry.records(keep)) == []


def test_old_journals_go_and_those_of_live_kernels_stay(keep, runtime):
    process = registry.claim(
        keep, "a/lesson", lambda: launch(runtime, keep=keep, environment={"D2L_TUTOR_WARMUP": "0"})
    )
    until(process.journal.exists, "the kernel did not come up")
    old = keep / "kold.journal"
    old.touch()
    for path in (old, process.journal):
        os.utime(path, (0, 0))
    registry.sweep_old(keep)
    assert not old.exists()
    assert process.journal.exists()
    process.kill()


def test_a_run_that_ended_meanwhile_has_its_end(killed_tutor, attach, keep, gate):
    killed_tutor(behind(gate, "a", "raise ValueError('later')"))
    gate.touch()
    (record,) = registry.live(keep)
    until(lambda: any(e.kind == "d2l_run_finished" for e in entries(Path(record.journal))), "no end")
    found = attach()
    end = found.finished("run-0")
    assert isinstance(end, CellFinished)
    assert (end.outcome, end.journaled) == (Outcome.ERROR, True)
    assert found.error("run-0").value == "later"
    found.until(lambda event: event == Attached(None, ()))
