"""From a journal into the record, exactly once: the tutor is killed while it takes in, again and again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from progress_db import Progress
from tutor.ingest import Ingest, facts, read_piece
from tutor.kernel.journal import Journal, close_journal, entries

KILLS = 25

INGEST = """
import sys, threading
from pathlib import Path
from progress_db import Recorder
from tutor.ingest import Ingest
import tutor.ingest, tutor.kernel.journal
recorder = Recorder(Path(sys.argv[1]))
ingest = Ingest(recorder)
piece = tutor.ingest.read_piece
tutor.ingest.read_piece = lambda *given: piece(*given, 2000)  # many small transactions, so that kills hit some
print("ready", flush=True)
while True:
    ingest.grown("k", Path(sys.argv[2]), "a/b", soon=True)
    recorder.flush()
"""


def _lines(record: Path, run: str = "r") -> list[str]:
    with Progress.open(record) as progress:
        (kept,) = progress.runs_of("a/b", "cell")
        assert kept.dropped == 0
        return "".join(str(output.payload["text"]) for output in kept.outputs).splitlines()


def test_a_tutor_killed_25_times_while_it_takes_in_keeps_each_record_once(tmp_path: Path) -> None:
    record, path = tmp_path / "progress.db", tmp_path / "k.journal"
    with Progress.open(record) as progress:
        progress.run_started("r", "a/b", "cell", "…", 1.0)
    journal = Journal(path)
    chance = random.Random(4)
    told = 0
    for kill in range(KILLS):
        tutor = subprocess.Popen(
            [sys.executable, "-c", INGEST, str(record), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert tutor.stdout is not None
        tutor.stdout.readline()
        for _ in range(400):
            journal.append_text("r", "stdout", f"{told}\n")
            told += 1
        deadline = time.monotonic() + 120
        while kill == 0 and not _lines(record):  # one of them has taken something in
            assert time.monotonic() < deadline
        time.sleep(chance.uniform(0.0, 0.15))  # a kill at any moment: nothing to wait for
        tutor.kill()
        tutor.communicate()
    cut_short = len(_lines(record))
    assert 0 < cut_short <= told
    _take_all(record, path)
    assert _lines(record) == [str(number) for number in range(told)]


def _take_all(record: Path, path: Path) -> None:
    with Progress.open(record) as progress:
        size = path.stat().st_size
        while progress.lesson("a/b").journals.get("k") != size:
            progress.taken_in("k", lambda offset: read_piece(path, "a/b", offset))


def test_two_tutors_at_once_keep_each_record_once(tmp_path: Path) -> None:
    record, path = tmp_path / "progress.db", tmp_path / "k.journal"
    with Progress.open(record) as progress:
        progress.run_started("r", "a/b", "cell", "…", 1.0)
    journal = Journal(path)
    command = [sys.executable, "-c", INGEST, str(record), str(path)]
    tutors = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for tutor in tutors:
        assert tutor.stdout is not None
        tutor.stdout.readline()
    for number in range(2000):
        journal.append_text("r", "stdout", f"{number}\n")
    deadline = time.monotonic() + 240
    with Progress.open(record) as progress:
        while progress.lesson("a/b").journals.get("k") != journal.offset():
            assert time.monotonic() < deadline
    for tutor in tutors:
        tutor.kill()
        tutor.communicate()
    assert _lines(record) == [str(number) for number in range(2000)]


def test_a_death_ends_what_was_running_and_what_waited(tmp_path: Path) -> None:
    record, path = tmp_path / "progress.db", tmp_path / "k.journal"
    journal = Journal(path)
    for run in ("over", "running"):
        journal.append("execute_input", run, {})
        journal.append_text(run, "stdout", "text\n")
        if run == "over":
            journal.append("d2l_run_finished", run, {"outcome": "ok", "seconds": 2.0})
    path.write_bytes(path.read_bytes() + b"half a rec")  # a kill in the middle of a write
    close_journal(path, "It was killed.", at=10.0)
    with Progress.open(record) as progress:
        for number, run in enumerate(("over", "running", "waiting")):
            progress.run_started(run, "a/b", run, "…", float(number))
        progress.run_started("later", "a/b", "later", "…", 11.0)  # asked of the next kernel
        progress.taken_in("k", lambda offset: read_piece(path, "a/b", offset))
        runs = progress.lesson("a/b").runs
    assert {step: run.outcome for step, run in runs.items()} == {
        "over": "ok",
        "running": "died",
        "waiting": "aborted",
        "later": None,
    }
    assert runs["over"].seconds == 2.0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(("stdout", "stderr")), st.text(max_size=9))), st.data()
)
def test_any_cut_into_pieces_keeps_the_same_text(tmp_path_factory, told, data) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("j") / "j"
    journal = Journal(path)
    for run, name, text in told:
        journal.append_text(run, name, text)
    found = list(entries(path))
    cut = data.draw(st.integers(0, len(found)))
    kept: dict[tuple[str, str], str] = {}
    for run, outputs in [*facts(found[:cut], "a/b"), *facts(found[cut:], "a/b")]:  # type: ignore[misc]
        for output in outputs:
            key = (run, output.payload["name"])
            kept[key] = kept.get(key, "") + output.payload["text"]
    expected: dict[tuple[str, str], str] = {}
    for run, name, text in told:
        expected[run, name] = expected.get((run, name), "") + text
    assert kept == expected


def test_a_record_of_another_version_holds_up_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path)
    journal.append("display_data", "r", {"no": "data"})
    journal.append("d2l_from_the_future", "r", {})
    journal.append_text("check-1", "stdout", "of a check\n")
    journal.append_text("r", "stdout", "kept\n")
    (kept,) = read_piece(path, "a/b", 0).facts
    assert [output.payload["text"] for output in kept[1]] == ["kept\n"]  # type: ignore[index]


def test_nothing_is_taken_in_after_the_end(tmp_path: Path) -> None:
    class Told:
        calls = 0

        def taken_in(self, journal: str, read: object) -> None:
            self.calls += 1

    told = Told()
    ingest = Ingest(told)  # type: ignore[arg-type]
    ingest.grown("k", tmp_path / "j", "a/b", soon=True)
    ingest.close()
    ingest.grown("k", tmp_path / "j", "a/b", soon=True)
    assert told.calls == 1
