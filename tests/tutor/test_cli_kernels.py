"""`d2l-tutor kernels`, on a real kernel that another process has left running."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from progress_db import Progress
from tutor.census import Census, Work, look
from tutor.kernel import registry
from tutor.kernel.journal import LOST, Journal, entries
from tutor.kernel.latest import latest

ROOT = Path(__file__).parents[2]
LESSON = "linear-classification/softmax-regression"

LEAVE = """
import sys, threading
from functools import partial
from pathlib import Path
from tutor.kernel import registry
from tutor.kernel.launch import launch
from tutor.kernel.session import KernelSession
keep, runtime, lesson, source = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
process = registry.claim(keep, lesson, partial(launch, runtime, keep=keep, environment={"D2L_TUTOR_WARMUP": "0"}))
there = threading.Event()
def hear(batch):
    if any("here" in getattr(event, "text", "") for event in batch):
        there.set()
session = KernelSession(process, hear)
session.run(source, run=sys.argv[5], cell="train")
assert there.wait(120)
session.leave()
session.join(60)
"""

Tutor = Callable[..., "subprocess.CompletedProcess[str]"]
Leave = Callable[..., registry.KernelRecord]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    yield home
    for record in registry.live(home / "kernels"):
        os.kill(record.pid, signal.SIGKILL)


@pytest.fixture
def leave(home: Path) -> Iterator[Leave]:
    """Have a kernel run a cell that prints `here`, and leave it."""
    runtime = Path(tempfile.mkdtemp(prefix="d2l-", dir="/tmp"))

    def start(source: str, lesson: str = LESSON, run: str = "r") -> registry.KernelRecord:
        (home / "kernels").mkdir(parents=True, exist_ok=True, mode=0o700)
        words = [sys.executable, "-c", LEAVE, home / "kernels", runtime, lesson, source, run]
        subprocess.run(words, cwd=ROOT, check=True, timeout=300)
        return next(one for one in registry.live(home / "kernels") if one.lesson == lesson)

    yield start
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture
def tutor(home: Path) -> Tutor:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tutor", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "D2L_TUTOR_HOME": str(home)},
        )

    return run


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


BUSY = "import time\nprint('\\x1b[31mhere\\x1b[0m\\x07\\x1b]0;title\\x07 we are')\ntime.sleep(600)"


def test_a_kernel_that_was_left_is_listed_for_programs_and_pipes(tutor: Tutor, leave: Leave) -> None:
    record = leave(BUSY)
    for words in (["kernels"], ["kernels", "list"]):
        done = tutor(*words)
        assert done.returncode == 0, done.stderr
        lesson, state, since, _memory, name, last = done.stdout.rstrip("\n").split("\t")
        assert (lesson, state, name) == (LESSON, "busy", record.id)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", since)
        assert last.startswith("here")
        assert "\x1b" not in last
        assert "\x07" not in last
    (known,) = json.loads(tutor("kernels", "--json").stdout)
    assert (known["lesson"], known["state"], known["cell"], known["pid"]) == (LESSON, "busy", "train", record.pid)
    assert known["since"] >= known["started"]


def test_without_a_kernel_there_is_nothing_to_list_stop_or_attach_to(tutor: Tutor) -> None:
    assert tutor("kernels").stdout == ""
    assert json.loads(tutor("kernels", "list", "--json").stdout) == []
    assert "No kernel runs." in tutor("kernels", "stop", "--all").stderr
    for words in (["attach"], ["attach", LESSON], ["stop", LESSON], ["logs", LESSON]):
        done = tutor("kernels", *words)
        assert done.returncode == 6
        assert len(done.stderr.strip().splitlines()) == 1
    assert tutor("kernels", "stop", "no such lesson at all").returncode == 4
    assert tutor("kernels", "stop").returncode == 2


def test_a_kernel_that_is_stopped_keeps_what_it_put_out(tutor: Tutor, leave: Leave, home: Path) -> None:
    with Progress.open(home / "progress.db") as progress:
        progress.run_started("r", LESSON, "train", "…", time.time() - 60)
    record = leave(BUSY)
    done = tutor("kernels", "stop", "softmax-regression")
    assert done.returncode == 0, done.stderr
    assert f"Stopped: {LESSON} (running since" in done.stderr
    assert not record.is_alive
    assert list(registry.records(home / "kernels")) == []
    with Progress.open(home / "progress.db") as progress:
        (run,) = progress.runs_of(LESSON, "train")
    assert run.outcome == "died"
    assert "here" in str(run.outputs[0].payload)


def test_all_are_stopped(tutor: Tutor, leave: Leave, home: Path) -> None:
    records = [leave("print('here')", lesson, lesson) for lesson in (LESSON, "preliminaries/data-manipulation")]
    assert tutor("kernels", "stop", "--all").returncode == 0
    assert not any(record.is_alive for record in records)


def test_logs_are_text_and_command_nothing(tutor: Tutor, leave: Leave) -> None:
    leave("print('\\x1b[31mhere\\x1b[0m\\x07 we are'); print('50 %\\r100 %'); 1 / 0")
    end = time.monotonic() + 120
    while "error" not in (done := tutor("kernels", "logs", LESSON)).stdout:
        assert time.monotonic() < end, done.stdout
    lines = done.stdout.splitlines()
    head = next(number for number, line in enumerate(lines) if re.fullmatch(r"── [-0-9]+ [0-9:]+ train", line))
    assert lines[head + 1].startswith("here")
    assert "100 %" in lines  # a line that was written over is gone
    assert "50 %" not in lines
    assert any("ZeroDivisionError" in line for line in lines)
    assert any(re.fullmatch(r"── [-0-9]+ [0-9:]+ error, \d+\.\d s", line) for line in lines)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.stdout)


def test_logs_are_followed_until_the_kernel_ends(leave: Leave, home: Path) -> None:
    counting = "for n in itertools.count():\n    print(f'line {n}')\n    time.sleep(0.05)"
    record = leave(f"import itertools, time\nprint('here')\n{counting}")
    words = [sys.executable, "-m", "tutor", "kernels", "logs", record.id, "--follow"]
    environment = {**os.environ, "D2L_TUTOR_HOME": str(home)}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        text = "".join(follower.stdout.readline() for _ in range(20))
        os.kill(record.pid, signal.SIGKILL)
        text += follower.stdout.read()
        assert follower.wait(120) == 0
    told = [int(number) for number in re.findall(r"^line (\d+)$", text, re.MULTILINE)]
    assert len(told) >= 10
    assert told == list(range(len(told)))


# What is told without asking anybody


def journal_of(tmp_path: Path, *told: tuple[str, str, dict[str, object]]) -> registry.KernelRecord:
    path = tmp_path / "k1.journal"
    journal = Journal(path)
    for kind, run, content in told:
        journal.append(kind, run, content)
    return registry.KernelRecord("1", "a/b", os.getpid(), "", "", str(tmp_path / "k1.log"), str(path), 5.0)


STARTED = ("execute_input", "r", {"cell": "train"})
FINISHED = ("d2l_run_finished", "r", {"outcome": "ok", "seconds": 1.0})
ASKED = ("d2l_input_requested", "r", {"prompt": "?"})
ANSWERED = ("d2l_input_answered", "r", {})
DISGUISED = ("display_data", "r", {"data": {"application/json": ["d2l_run_finished", "r", {"outcome": "ok"}]}})
TEXT = ("stream", "r", {"name": "stdout", "text": "x" * 100_000})


@pytest.mark.parametrize(
    ("told", "work"),
    [
        ([], Work.IDLE),
        ([STARTED], Work.BUSY),
        ([STARTED, *[TEXT] * 12], Work.BUSY),
        ([STARTED, FINISHED], Work.IDLE),
        ([STARTED, FINISHED, *[TEXT] * 12], Work.IDLE),
        ([STARTED, ASKED], Work.WAITING),
        ([STARTED, ASKED, ANSWERED], Work.BUSY),
        ([STARTED, DISGUISED], Work.BUSY),
        ([STARTED, FINISHED, STARTED, DISGUISED], Work.BUSY),
    ],
)
def test_what_a_kernel_does_is_read_from_the_end_of_its_journal(
    tmp_path: Path, told: list[tuple[str, str, dict[str, object]]], work: Work
) -> None:
    record = journal_of(tmp_path, *told)
    found = look(record)
    assert found.work is work
    written = list(entries(Path(record.journal)))
    expected = [entry.at for entry in written if entry.kind in (STARTED[0], FINISHED[0])]
    assert found.since == (expected[-1] if expected else 5.0)


def test_what_is_further_back_than_was_looked_is_busy_since_nobody_knows(tmp_path: Path) -> None:
    found = look(journal_of(tmp_path, STARTED, *[TEXT] * 5), depth=200_000)
    assert (found.work, found.since) == (Work.BUSY, None)


def test_half_a_record_at_the_end_is_not_read(tmp_path: Path) -> None:
    record = journal_of(tmp_path, STARTED, FINISHED, (LOST, "", {"count": 1}), STARTED)
    path = Path(record.journal)
    path.write_bytes(path.read_bytes()[:-3])
    last = latest(path, (STARTED[0], FINISHED[0]))
    assert last is not None
    assert last.kind == FINISHED[0]
    assert latest(tmp_path / "none", (STARTED[0],)) is None


def test_a_census_reads_a_journal_again_only_when_it_has_grown(
    tmp_path: Path, leave: Leave, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = leave("print('here')")
    census = Census(home / "kernels")
    until(lambda: census.now()[0].work is Work.IDLE)
    looks: list[str] = []
    monkeypatch.setattr("tutor.census.look", lambda record, depth: looks.append(record.id))
    assert census.now() == census.now()
    assert looks == []
    with Path(record.journal).open("ab") as journal:
        journal.write(b"\0")
    census.now()
    assert looks == [record.id]
