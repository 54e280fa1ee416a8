"""Backups that are good or are not there; records that come back from them; kills and full disks in the middle."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from progress_db import Progress, RecordCorrupt, Recorder, RecordError, RecordNewer, RecordUnwritable, backups, schema
from progress_db.backups import Backup, back_up, backups_of, copy_to, folder, is_kept, prove
from progress_db.keeper import Keeper, check, is_due
from progress_db.migrations import migrate
from progress_db.recovery import NoBackup, recover, restore

Python = Callable[..., "subprocess.Popen[str]"]
DAY = 86400.0


def write(path: Path, *steps: str, size: int = 50) -> None:
    with Progress.open(path) as progress:
        for step in steps:
            progress.draft_saved("a/b", step, f"{step} " + "x" * size)


def steps(path: Path) -> set[str]:
    with Progress.open(path) as progress:
        return set(progress.lesson("a/b").drafts)


def whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


def files(path: Path) -> list[str]:
    return sorted(file.name for file in folder(path).iterdir() if not file.name.startswith("."))


def garbage(path: Path) -> None:
    path.write_bytes(b"no database, and long enough to be taken for one by its size alone" * 90)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.commit()


def scribbled(path: Path) -> None:
    """Pages in the middle are overwritten: the file opens."""
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\x55" * 4096 * 40)


DAMAGES = [garbage, truncated, empty, foreign]


# Backups


def test_a_backup_is_a_record_that_opens_and_only_its_owner_may_read_it(path: Path, tmp_path: Path) -> None:
    write(path, "one", "two")
    made = back_up(path)
    assert backups_of(path) == [made]
    assert made.path.stat().st_mode & 0o777 == 0o600
    copy = tmp_path / "copy.db"
    copy.write_bytes(made.path.read_bytes())
    assert steps(copy) == {"one", "two"}


def test_a_backup_holds_all_that_is_in_the_record_until_the_next_write(path: Path) -> None:
    assert is_kept(path)
    write(path, "one")
    assert not is_kept(path)
    back_up(path)
    assert is_kept(path)
    assert steps(path) == {"one"}
    assert is_kept(path)
    write(path, "two")
    assert not is_kept(path)


def test_a_backup_beside_writers_is_one_moment_of_the_record(path: Path, python: Python) -> None:
    source = """
import sys
from pathlib import Path
from progress_db import Progress
with Progress.open(Path(sys.argv[1]), patience=60) as progress:
    number = 0
    while True:
        with progress.together():
            progress.draft_saved("a/b", f"left-{number}", "x" * 500)
            progress.draft_saved("a/b", f"right-{number}", "x" * 500)
        number += 1
        print(number, flush=True)
"""
    writer = python(source, path)
    assert writer.stdout is not None
    for _ in range(5):
        for _ in range(20):
            writer.stdout.readline()
        made = back_up(path)
        with closing(sqlite3.connect(made.path)) as copy:
            found = {step for (step,) in copy.execute("SELECT step FROM drafts")}
        assert {step.partition("-")[2] for step in found if step.startswith("left")} == {
            step.partition("-")[2] for step in found if step.startswith("right")
        }
        assert len(found) >= 40
    writer.kill()


@pytest.mark.parametrize("damage", [scribbled, *DAMAGES])
def test_a_damaged_record_makes_no_backup_and_pushes_none_out(path: Path, damage: Callable[[Path], None]) -> None:
    write(path, *(f"s{number}" for number in range(100)), size=2700)
    for _ in range(backups.LATEST):
        back_up(path)
    before = files(path)
    damage(path)
    with pytest.raises(RecordCorrupt):
        back_up(path)
    assert files(path) == before


def test_the_latest_and_the_last_of_each_day_stay_and_no_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, "one")
    noon = time.mktime((2026, 3, 1, 12, 0, 0, 0, 0, -1))
    for hour in range(0, 24 * 30, 3):
        monkeypatch.setattr(backups.time, "time", lambda hour=hour: noon + hour * 3600.0)
        back_up(path)
    kept = backups_of(path)
    days = [time.strftime("%m-%d", time.localtime(backup.at)) for backup in kept]
    assert len(set(days)) == backups.DAYS
    assert len(kept) < backups.DAYS + backups.LATEST
    times = [round((kept[0].at - backup.at) / 3600) for backup in kept[: backups.LATEST]]
    assert times == [0, 3, 6, 9, 12]


def test_backups_do_not_outgrow_their_room_but_two_stay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, "one")
    monkeypatch.setattr(backups, "LARGEST", 2 * path.stat().st_size)
    for _ in range(6):
        back_up(path)
    assert len(backups_of(path)) == 4
    monkeypatch.setattr(backups, "LARGEST", 0)
    back_up(path)
    assert len(backups_of(path)) == 2


def test_a_backup_goes_to_any_file(path: Path, tmp_path: Path) -> None:
    write(path, "one")
    copy_to(path, tmp_path / "elsewhere.db")
    assert steps(tmp_path / "elsewhere.db") == {"one"}
    with pytest.raises(RecordUnwritable):
        copy_to(path, tmp_path / "no such folder" / "elsewhere.db")


def test_what_is_no_good_backup_is_told_apart(path: Path) -> None:
    write(path, "one")
    made = back_up(path)
    prove(made.path)
    with sqlite3.connect(made.path) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(RecordNewer):
        prove(made.path)
    truncated(made.path)
    with pytest.raises(RecordCorrupt):
        prove(made.path)


# Kills and full disks


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from progress_db import backups, recovery
path, deed, moment = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = 0
def watch(frame, event, argument):
    # A kill before the n-th call into the system that changes something on the disk.
    global calls
    if event == "c_call" and getattr(argument, "__name__", "") in (
        "open", "close", "link", "replace", "unlink", "utime", "fsync", "backup", "execute", "mkdir", "copyfile",
        "sendfile", "copy_file_range",
    ) and frame.f_globals.get("__name__", "").startswith(("progress_db", "shutil", "pathlib")):
        calls += 1
        if calls == moment:
            os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(watch)
getattr(backups, "back_up")(path) if deed == "back_up" else getattr(recovery, deed)(path)
sys.setprofile(None)
print("done", calls)
"""


def killed_at(path: Path, python: Python, deed: str) -> Iterator[int]:
    """Kill the deed at ten moments, spread over all of it; each time the files are as they were before, but for what
    the killed one did."""
    before = path.parent.with_name("before")
    shutil.copytree(path.parent, before)
    said = python(KILLED, path, deed, 0).communicate(timeout=300)[0].split()
    assert said[0] == "done"
    calls = int(said[1])
    assert calls >= 10
    for number in range(10):
        shutil.rmtree(path.parent)
        shutil.copytree(before, path.parent)
        process = python(KILLED, path, deed, 1 + number * (calls - 1) // 9)
        process.communicate(timeout=300)
        assert process.returncode == -signal.SIGKILL
        yield number


def test_kill_9_at_any_moment_of_a_backup_leaves_whole_ones_only(path: Path, python: Python) -> None:
    write(path, *(f"s{number}" for number in range(100)), size=500)
    back_up(path)
    for _ in killed_at(path, python, "back_up"):
        assert backups_of(path)
        for backup in backups_of(path):
            prove(backup.path)
        assert len(steps(path)) == 100


@pytest.mark.parametrize("damage", [garbage, truncated])
def test_kill_9_at_any_moment_of_a_recovery_leaves_the_old_or_the_new(
    path: Path, python: Python, damage: Callable[[Path], None]
) -> None:
    write(path, *(f"s{number}" for number in range(100)), size=500)
    back_up(path)
    damage(path)
    broken = path.read_bytes()
    outcomes = set()
    for _ in killed_at(path, python, "recover"):
        recovered = path.read_bytes() != broken
        outcomes.add(recovered)
        if recovered:
            assert any(file.read_bytes() == broken for file in path.parent.glob("progress.db.aside-*"))
        else:
            assert recover(path) is not None  # the next start does it again
        assert len(steps(path)) == 100
    assert False in outcomes


def test_kill_9_at_any_moment_of_a_restore_loses_neither(path: Path, python: Python) -> None:
    write(path, "old")
    back_up(path)
    write(path, "new")
    for _ in killed_at(path, python, "restore"):
        assert steps(path) in ({"old"}, {"old", "new"})
        held = [path, *(one.path for one in backups_of(path)), *path.parent.glob("progress.db.aside-*")]
        assert any({"old", "new"} <= drafts_in(file) for file in held)


def drafts_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return {step for (step,) in connection.execute("SELECT step FROM drafts")}


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


def test_a_full_disk_makes_no_backup_and_takes_none(small_disk: Path) -> None:
    path = small_disk / "progress.db"
    write(path, *(f"s{number}" for number in range(60)), size=800)
    back_up(path)
    before = files(path)
    with (small_disk / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    with pytest.raises(RecordUnwritable, match=r"full|no space"):
        back_up(path)
    assert files(path) == before
    prove(backups_of(path)[0].path)
    assert list(folder(path).glob(".*.part*")) == []
    scribbled(path)
    damaged = path.read_bytes()
    with pytest.raises(RecordUnwritable):
        restore(path)
    assert path.read_bytes() == damaged
    (small_disk / "filler").unlink()
    restore(path)
    assert len(steps(path)) == 60


def test_a_home_that_refuses_locks_makes_no_backup_and_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, "one")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(backups.fcntl, "flock", refuse)
    for deed in (back_up, recover, restore):
        with pytest.raises(RecordError):
            deed(path)
    assert backups_of(path) == []
    assert steps(path) == {"one"}


# Recovery


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_gives_way_to_its_newest_good_backup(path: Path, damage: Callable[[Path], None]) -> None:
    write(path, "one")
    back_up(path)
    write(path, "two")
    newest_good = back_up(path)
    write(path, "three")
    garbage(back_up(path).path)
    damage(path)
    broken = path.read_bytes()
    done = recover(path)
    assert done is not None
    assert done.cause is not None
    assert done.backup == newest_good
    assert done.aside is not None
    assert done.aside.read_bytes() == broken
    assert steps(path) == {"one", "two"}
    assert recover(path) is None


def test_without_a_backup_a_new_record_is_begun_and_the_old_file_kept(path: Path) -> None:
    write(path, "one")
    garbage(path)
    done = recover(path)
    assert done is not None
    assert done.backup is None
    assert steps(path) == set()


def test_a_journal_that_was_left_does_not_reach_the_restored_record(path: Path) -> None:
    write(path, "one")
    back_up(path)
    garbage(path)
    journal = path.with_name("progress.db-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0" * 600)
    assert recover(path) is not None
    assert not journal.exists() or journal.stat().st_size == 0
    assert steps(path) == {"one"}


def test_the_copy_of_before_an_upgrade_is_the_last_resort(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, stop_before="m002_indexes")
    write(path, "one")
    assert path.with_name("progress.db.schema-1").exists()
    garbage(path)
    done = recover(path)
    assert done is not None
    assert done.backup is not None
    assert done.backup.path.name == "progress.db.schema-1"
    assert steps(path) == set()  # upgraded again, and as it was then


def test_eight_starts_at_once_on_a_damaged_record_recover_it_once(path: Path, python: Python) -> None:
    write(path, "one")
    back_up(path)
    garbage(path)
    source = """
import sys
from pathlib import Path
from progress_db import Progress
from progress_db.recovery import recover
print(recover(Path(sys.argv[1])) is not None)
with Progress.open(Path(sys.argv[1]), patience=120) as progress:
    progress.lesson_opened(sys.argv[2])
"""
    processes = [python(source, path, f"a/{number}") for number in range(8)]
    told = [process.communicate(timeout=300)[0].strip() for process in processes]
    assert sorted(told) == ["False"] * 7 + ["True"]
    assert len(list(path.parent.glob("progress.db.aside-*"))) == 1
    with Progress.open(path) as progress:
        assert len(progress.standings()) == 8


def test_restoring_takes_any_good_copy_and_refuses_others(path: Path, tmp_path: Path) -> None:
    with pytest.raises(NoBackup):
        restore(path)
    write(path, "one")
    copy_to(path, tmp_path / "copy.db")
    write(path, "two")
    done = restore(path, tmp_path / "copy.db")
    assert done.cause is None
    assert steps(path) == {"one"}
    assert steps(backups_of(path)[0].path) == {"one", "two"}
    foreign(tmp_path / "copy.db")
    with pytest.raises(RecordCorrupt):
        restore(path, tmp_path / "copy.db")
    with pytest.raises(RecordUnwritable, match="no such file"):
        restore(path, tmp_path / "none.db")
    assert steps(path) == {"one"}


def test_a_recorder_and_a_reader_go_on_in_the_restored_record(path: Path) -> None:
    write(path, "old")
    back_up(path)
    failures: list[RecordError] = []
    recorder = Recorder(path, on_failed=failures.append)
    recorder.draft_saved("a/b", "before", "…")
    assert recorder.flush(120)
    with Progress.open(path) as reader:
        restore(path)
        recorder.draft_saved("a/b", "after", "…")
        assert recorder.flush(120)
        assert set(reader.lesson("a/b").drafts) == {"old", "after"}
    assert recorder.close()
    assert failures == []


# Damage that is met later


def test_damage_is_found_in_the_background_and_the_next_start_looks_closely(path: Path) -> None:
    write(path, *(f"s{number}" for number in range(100)), size=2700)
    back_up(path)
    scribbled(path)
    told: list[RecordError] = []
    keeper = Keeper(path, on_trouble=told.append)
    assert keeper.leave(120)
    assert isinstance(told[0], RecordCorrupt)
    with pytest.raises(RecordCorrupt):
        Progress.open(path)
    assert recover(path) is not None
    assert len(steps(path)) == 100


def test_a_suspicion_that_was_wrong_is_forgotten(path: Path) -> None:
    write(path, "one")
    path.with_name("progress.db.suspect").write_text("it seemed so")
    assert steps(path) == {"one"}
    assert not path.with_name("progress.db.suspect").exists()


def test_a_record_without_one_of_its_tables_is_damaged(path: Path) -> None:
    write(path, "one")
    check(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE answers")
    with pytest.raises(RecordCorrupt, match="answers"):
        check(path)


# When


def test_a_backup_is_due_for_news_of_another_day_or_of_an_hour_ago(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_due(path, 3600)
    Progress.open(path).close()
    assert not is_due(path, 3600)  # a new record needs none
    write(path, "one")
    assert is_due(path, 3600)
    back_up(path)
    write(path, "two")
    noon = time.mktime((*time.localtime()[:3], 12, 0, 0, 0, 0, -1))

    def made(at: float) -> None:
        monkeypatch.setattr("progress_db.keeper.backups_of", lambda _path: [Backup(path, at, 1)])

    monkeypatch.setattr("progress_db.keeper.time.time", lambda: noon)
    monkeypatch.setattr("progress_db.keeper.time.localtime", _at(noon))
    made(noon - 60)
    assert not is_due(path, 3600)
    made(noon - 3601)
    assert is_due(path, 3600)
    made(noon - DAY)
    assert is_due(path, 10 * DAY)


def _at(now: float) -> Callable[..., time.struct_time]:
    original = time.localtime
    return lambda at=now: original(at)


def test_a_keeper_backs_up_at_the_start_of_a_day_and_on_leaving(path: Path) -> None:
    write(path, "one")
    told: list[RecordError] = []
    assert Keeper(path, on_trouble=told.append).leave(120)
    (made,) = backups_of(path)
    assert Keeper(path, on_trouble=told.append).leave(120)  # nothing is new
    assert backups_of(path) == [made]
    write(path, "two")
    yesterday = made.path.with_name(f"progress-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(time.time() - DAY))}.db")
    os.rename(made.path, yesterday)
    assert Keeper(path, on_trouble=told.append).leave(120)
    assert len(backups_of(path)) == 2
    assert told == []
