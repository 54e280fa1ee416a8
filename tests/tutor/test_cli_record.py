"""`d2l-tutor progress …` and what `doctor` says of a server, in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from progress_db import Progress
from progress_db.backups import backups_of
from tutor.cli import detaching
from tutor.cli.detaching import at_logout, file_system
from tutor.cli.doctor import Verdict

ROOT = Path(__file__).parents[2]
Tutor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tutor(record: Path) -> Tutor:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "D2L_TUTOR_HOME": str(record.parent)}
        command = [sys.executable, "-m", "tutor", "progress", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, input="")

    return run


def test_a_backup_is_made_checked_and_restored(tutor: Tutor, returning: Path, tmp_path: Path) -> None:
    made = tutor("backup")
    assert made.returncode == 0, made.stderr
    assert str(backups_of(returning)[0].path) in made.stdout
    assert "1 backup, of" in tutor("check").stdout
    assert len(json.loads(tutor("check", "--json").stdout)["backups"]) == 1
    assert tutor("backup", str(tmp_path / "copy.db")).returncode == 0
    with Progress.open(returning) as progress:
        progress.lesson_opened("something/new")
    restored = tutor("restore")
    assert restored.returncode == 0, restored.stderr
    assert "the backup of then is in its place" in restored.stdout
    with Progress.open(returning) as progress:
        assert "something/new" not in progress.standings()
    assert tutor("restore", "--from", str(tmp_path / "copy.db")).returncode == 0


@pytest.mark.parametrize("content", [b"", b"garbage that is no database"])
def test_a_damaged_record_is_said_and_restored(tutor: Tutor, returning: Path, content: bytes) -> None:
    assert tutor("backup").returncode == 0
    returning.write_bytes(content)
    checked = tutor("check")
    assert checked.returncode == 5
    assert "`d2l-tutor progress restore`" in checked.stderr
    assert tutor("backup").returncode == 5
    restored = tutor("restore")
    assert "The record was damaged." in restored.stdout
    assert tutor("check").returncode == 0
    assert [file.read_bytes() for file in returning.parent.glob("progress.db.aside-*")] == [content]


def test_what_cannot_be_restored_is_a_sentence(tutor: Tutor, returning: Path, tmp_path: Path) -> None:
    before = returning.read_bytes()
    (tmp_path / "bad.db").write_bytes(b"bad")
    for words in (["restore"], ["restore", "--from", str(tmp_path / "bad.db")], ["restore", "--from", "/no/such/file"]):
        done = tutor(*words)
        assert done.returncode == 5
        assert len(done.stderr.strip().splitlines()) == 1
    assert returning.read_bytes() == before


def test_a_record_that_is_gone_is_known_to_have_backups(tutor: Tutor, returning: Path) -> None:
    tutor("backup")
    returning.unlink()
    assert "There are backups" in tutor("check").stderr
    assert tutor("restore").returncode == 0
    assert tutor("check").returncode == 0


def test_two_homes_are_brought_together_through_a_real_pipe_both_ways(returning: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    with Progress.open(there / "progress.db") as progress:
        progress.lesson_opened("only/there")
    homes = (returning.parent, there)

    def command(home: Path, word: str) -> str:
        return f"D2L_TUTOR_HOME={home} {sys.executable} -m tutor progress {word}"

    for source, target in (homes, homes[::-1], homes):
        pipe = f"set -o pipefail; {command(source, 'export')} | {command(target, 'import')}"
        done = subprocess.run(["bash", "-c", pipe], cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("0 new entries")
    with Progress.open(returning) as one, Progress.open(there / "progress.db") as other:
        assert one.standings() == other.standings()
        assert "only/there" in one.standings()


# What a server does at logout


MANAGER = f"0::/user.slice/user-{os.getuid()}.slice/user@{os.getuid()}.service/app.slice/run-r1.scope"
SESSION = f"0::/user.slice/user-{os.getuid()}.slice/session-3.scope"


@pytest.mark.parametrize(
    ("kills", "linger", "cgroup", "verdict", "said"),
    [
        ("b false\n", "", SESSION, Verdict.GOOD, ""),
        ("", "", SESSION, Verdict.NOTE, "Try it once"),
        ("b true\n", "Linger=no\n", SESSION, Verdict.BAD, "loginctl enable-linger && systemd-run --user --scope"),
        ("b true\n", "Linger=yes\n", SESSION, Verdict.BAD, "`systemd-run --user --scope d2l-tutor`"),
        ("b true\n", "Linger=yes\n", MANAGER, Verdict.GOOD, ""),
        ("b true\n", "Linger=no\n", MANAGER, Verdict.BAD, "enable-linger"),
    ],
)
def test_what_systemd_does_at_logout(kills: str, linger: str, cgroup: str, verdict: Verdict, said: str) -> None:
    finding = at_logout(kills=kills, linger=linger, cgroup=cgroup)
    assert finding.verdict is verdict
    assert said in finding.remedy
    assert bool(finding.remedy) == (verdict is not Verdict.GOOD)


def test_a_home_that_refuses_locks_is_bad(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record.parent.mkdir()
    assert [finding.verdict for finding in detaching.locks()] == [Verdict.GOOD]

    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(detaching.fcntl, "lockf", refuse)
    (finding,) = detaching.locks()
    assert finding.verdict is Verdict.BAD
    assert "no locks available" in finding.fact
    assert "D2L_TUTOR_HOME" in finding.remedy
    assert list(record.parent.iterdir()) == []


def test_a_file_system_is_that_of_the_longest_mount_above(tmp_path: Path) -> None:
    mounts = {"/": "ext4", str(tmp_path): "nfs4"}
    assert file_system(tmp_path / "a" / "b", mounts) == "nfs4"
    assert file_system(Path("/"), mounts) == "ext4"
    assert file_system(tmp_path, {}) == ""


def test_sockets_and_journals_are_looked_at(record: Path) -> None:
    (sockets,) = detaching.sockets()
    assert sockets.verdict is Verdict.GOOD
    assert "mode 700" in sockets.fact
    (journals,) = detaching.journals()
    assert str(record.parent / "kernels") in journals.fact
