"""Faults caused for real: kill -9 in the middle of writing, and several programs that write at once."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from progress_db import Progress, Recorder, RecordError, RecordUnwritable

Python = Callable[..., "subprocess.Popen[str]"]

WRITER = """
import sys
from pathlib import Path
from progress_db import KeptOutput, Progress
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Progress.open(path, patience=60) as progress:
    for number in range(count):
        run = f"{name}-{number}"
        with progress.together():
            progress.run_started(run, "a/b", name, "x" * 2000, float(number))
            progress.outputs_kept(run, [KeptOutput("stream", {"text": "y" * 5000})])
            progress.run_finished(run, "ok", 1.0)
        print(number, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 7, 20])
def test_kill_9_keeps_what_was_committed_and_nothing_by_halves(path: Path, python: Python, lines: int) -> None:
    process = python(WRITER, path, "s", 100_000)
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    process.kill()
    committed = lines + process.stdout.read().count("\n")
    process.wait()
    with Progress.open(path) as progress:
        runs = progress.runs_of("a/b", "s", limit=1_000_000)
    # One more may have been committed and not yet said.
    assert len(runs) in (committed, committed + 1)
    assert [run.id for run in runs] == [f"s-{number}" for number in range(len(runs))]
    assert all(run.outcome == "ok" and len(run.outputs) == 1 for run in runs)


def test_kill_9_while_a_record_is_made_leaves_none_or_a_whole_one(path: Path, python: Python) -> None:
    source = """
import os, signal, sys
from pathlib import Path
from progress_db import Progress, opening
made = 0
def kill_after(sql):
    global made
    made += sql.startswith("CREATE")
    if made > int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
original = opening._open
def traced(*given):
    connection = original(*given)
    connection.set_trace_callback(kill_after)
    return connection
opening._open = traced
Progress.open(Path(sys.argv[1])).close()
"""
    for after in (0, 3, 12, 20):
        process = python(source, path, after)
        process.communicate(timeout=300)
        assert process.returncode == -9
        assert not path.exists()
    with Progress.open(path) as progress:
        assert progress.first_start()


def test_kill_9_in_an_upgrade_changes_nothing(path: Path, python: Python) -> None:
    source = """
import os, signal, sqlite3, sys
from pathlib import Path
from progress_db import Progress, migrations, opening
path = Path(sys.argv[1])
path.parent.mkdir(exist_ok=True)
if not path.exists():
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(connection, stop_before="m002_indexes")
    connection.close()
def kill_at_the_end(sql):
    if "places_by_step" in sql or "run_ends_by_run" in sql:
        os.kill(os.getpid(), signal.SIGKILL)
original = opening._open
def traced(*given):
    connection = original(*given)
    connection.set_trace_callback(kill_at_the_end)
    return connection
opening._open = traced
Progress.open(path).close()
"""
    process = python(source, path)
    process.communicate(timeout=300)
    assert process.returncode == -9
    with Progress.open(path) as progress:
        progress.lesson_opened("a/b")
        assert "a/b" in progress.standings()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 800 KiB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_disk_that_is_really_full_loses_nothing(small_disk: Path) -> None:
    failures: list[RecordError] = []
    failed = threading.Event()

    def on_failed(error: RecordError) -> None:
        failures.append(error)
        failed.set()

    recorder = Recorder(small_disk / "progress.db", on_failed=on_failed)
    recorder.lesson_opened("a/b")
    assert recorder.flush(120)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    for number in range(100):
        recorder.draft_saved("a/b", f"s{number}", "y" * 2000)
    assert failed.wait(120)
    assert isinstance(failures[0], RecordUnwritable)
    assert "the disk is full" in str(failures[0])
    assert recorder.pending == 100
    filler.unlink()
    assert recorder.flush(120)
    assert recorder.close()
    with Progress.open(small_disk / "progress.db") as progress:
        assert len(progress.lesson("a/b").drafts) == 100
        assert "a/b" in progress.standings()


def test_two_programs_write_at_once_and_nothing_is_lost(path: Path, python: Python) -> None:
    names = ("one", "other")
    processes = [python(WRITER, path, name, 60) for name in names]
    for process in processes:
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        assert len(output.split()) == 60
    with Progress.open(path) as progress:
        for name in names:
            assert [run.id for run in progress.runs_of("a/b", name, limit=100)] == [f"{name}-{n}" for n in range(60)]
