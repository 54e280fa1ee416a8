"""Files that are missing, damaged, foreign, newer, older, locked or unwritable. Nothing found is ever overwritten."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from progress_db import (
    Progress,
    RecordCorrupt,
    RecordError,
    RecordLocked,
    RecordNewer,
    RecordUnwritable,
    opening,
    schema,
)
from progress_db.migrations import STEPS, begin, migrate

Python = Callable[..., "subprocess.Popen[str]"]


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_a_new_record_is_ours_and_nobody_elses_to_read(path: Path) -> None:
    Progress.open(path).close()
    assert pragma(path, "application_id") == schema.APPLICATION_ID
    assert pragma(path, "user_version") == schema.VERSION
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir() if file.name.endswith(".part")] == []


def test_writes_are_synced_and_never_through_a_wal(path: Path) -> None:
    connection = opening.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty (0 bytes)"),
        (b"\x89PNG\r\n\x1a\n and so on", "not an SQLite database"),
        (b"SQLite format 3\0" + b"\xff" * 200, "not a database"),
    ],
)
def test_garbage_is_refused_and_left_alone(path: Path, content: bytes, said: str) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(RecordCorrupt, match="It was left untouched") as caught:
        Progress.open(path)
    assert said in str(caught.value)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.commit()
    other.close()
    content = path.read_bytes()
    with pytest.raises(RecordCorrupt, match="another program"):
        Progress.open(path)
    assert path.read_bytes() == content


def test_a_truncated_record_is_refused_and_left_alone(path: Path) -> None:
    with Progress.open(path) as progress:
        for number in range(200):
            progress.draft_saved("a/b", f"s{number}", "x" * 500)
    content = path.read_bytes()[: path.stat().st_size // 3]
    path.write_bytes(content)

    def read() -> None:
        with Progress.open(path) as progress:
            progress.lesson("a/b")

    with pytest.raises(RecordCorrupt):
        read()
    assert path.read_bytes() == content


def test_a_record_that_lost_a_table_is_corrupt(path: Path) -> None:
    Progress.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE answers")
    connection.commit()
    connection.close()
    with Progress.open(path) as progress, pytest.raises(RecordCorrupt, match="missing"):
        progress.lesson("a/b")


def test_a_newer_record_is_refused_and_left_alone(path: Path) -> None:
    Progress.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    content = path.read_bytes()
    with pytest.raises(RecordNewer, match="upgrade d2l-tutor") as caught:
        Progress.open(path)
    assert (caught.value.found, caught.value.known) == (schema.VERSION + 1, schema.VERSION)
    assert path.read_bytes() == content


def test_a_locked_record_is_said_to_be_locked(path: Path) -> None:
    Progress.open(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(RecordLocked, match="try again"):
        Progress.open(path, patience=0.05)
    holder.execute("ROLLBACK")
    Progress.open(path, patience=0.05).close()
    holder.close()


def test_a_write_that_meets_a_lock_is_said_to_and_can_be_repeated(path: Path) -> None:
    with Progress.open(path, patience=0.05) as progress:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordLocked):
            progress.lesson_opened("a/b")
        assert progress.first_start()  # reading goes on beside a writer
        holder.execute("ROLLBACK")
        holder.close()
        progress.lesson_opened("a/b")
        assert not progress.first_start()


def test_a_home_that_is_a_file_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(RecordUnwritable, match="D2L_TUTOR_HOME"):
        Progress.open(tmp_path / "home" / "progress.db")


def test_a_record_that_is_a_directory_is_unwritable(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(RecordUnwritable, match="is a directory"):
        Progress.open(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("target", ["file", "directory"])
def test_what_is_read_only_is_said_at_once(path: Path, target: str) -> None:
    Progress.open(path).close()
    (path if target == "file" else path.parent).chmod(0o400 if target == "file" else 0o500)
    try:
        with pytest.raises(RecordUnwritable):
            Progress.open(path)
    finally:
        path.parent.chmod(0o700)


def test_a_refused_permission_is_said_at_once_also_to_root(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Progress.open(path).close()
    monkeypatch.setattr(opening.os, "access", lambda *_: False)
    with pytest.raises(RecordUnwritable, match="read-only"):
        Progress.open(path)


def test_a_disk_without_room_for_a_new_record_leaves_nothing_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(opening, "_put_in_place", full)
    with pytest.raises(RecordUnwritable, match="no space left"):
        Progress.open(path)
    assert list(path.parent.iterdir()) == []


def test_a_file_system_without_hard_links_will_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(opening.os, "link", refuse)
    with Progress.open(path) as progress:
        progress.lesson_opened("a/b")
    with Progress.open(path) as progress:
        assert not progress.first_start()


def test_eight_first_starts_at_once_make_one_record(path: Path, python: Python) -> None:
    source = """
import sys
from pathlib import Path
from progress_db import Progress
with Progress.open(Path(sys.argv[1])) as progress:
    progress.lesson_opened(f"a/{sys.argv[2]}")
"""
    processes = [python(source, path, number) for number in range(8)]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    with Progress.open(path) as progress:
        assert set(progress.standings()) == {f"a/{number}" for number in range(8)}


def make_old(path: Path, stop_before: str) -> None:
    """A record as an older tutor left it."""
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, stop_before=stop_before)
    connection.execute(
        "INSERT INTO drafts (id, machine, at, lesson, step, session, source) "
        "VALUES ('01900000-0000-7000-8000-000000000000', 'm', 1.0, 'a/b', 's', 'session', 'old draft')"
    )
    connection.close()


@pytest.mark.parametrize("stop_before", [step.__name__ for step in STEPS[1:]])
def test_every_older_record_is_upgraded_and_a_copy_kept(path: Path, tmp_path: Path, stop_before: str) -> None:
    make_old(path, stop_before)
    version = pragma(path, "user_version")
    assert version != schema.VERSION
    with Progress.open(path) as progress:
        assert progress.lesson("a/b").drafts == {"s": "old draft"}
        progress.draft_saved("a/b", "s", "new draft")
        assert progress.lesson("a/b").drafts == {"s": "new draft"}
    assert pragma(path, "user_version") == schema.VERSION
    Progress.open(tmp_path / "fresh.db").close()
    assert schema_of(path) == schema_of(tmp_path / "fresh.db")
    assert pragma(path.with_name(f"progress.db.schema-{version}"), "user_version") == version


def schema_of(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    finally:
        connection.close()


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_old(path, "m002_indexes")
    before = schema_of(path)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE places_by_step (in_the_way)")  # the last but one index cannot be made
    connection.commit()
    connection.close()
    with pytest.raises(RecordError):
        Progress.open(path)
    assert schema_of(path) - {"CREATE TABLE places_by_step (in_the_way)"} == before
    assert pragma(path, "user_version") == 1


def test_every_migration_has_a_number_and_a_reason() -> None:
    names = [step.__name__ for step in STEPS]
    assert [name[:5] for name in names] == [f"m{number:03}_" for number in range(1, schema.VERSION + 1)]
    assert all(step.__doc__ for step in STEPS)


def all_of(connection: sqlite3.Connection) -> list[object]:
    schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    applied = connection.execute("SELECT id, migration_set, name FROM _sqlite_migrations ORDER BY id").fetchall()
    pragmas = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")]
    return [*schema, *applied, *pragmas]


def test_a_new_record_and_one_that_was_migrated_are_equal_and_nothing_is_left_to_migrate() -> None:
    new, migrated = (sqlite3.connect(":memory:", isolation_level=None) for _ in range(2))
    begin(new)
    migrate(migrated)
    assert all_of(new) == all_of(migrated)
    before = all_of(new)
    migrate(new)
    assert all_of(new) == before
    new.close()
    migrated.close()


def test_the_very_first_start_imports_no_sqlite_utils(path: Path, python: Python) -> None:
    source = """
import sys
from pathlib import Path
from progress_db import Progress
with Progress.open(Path(sys.argv[1])) as progress:
    progress.lesson_opened("a/b")
print(sorted({"sqlite_utils", "pandas", "numpy", "click"} & set(sys.modules)))
"""
    output, errors = python(source, path).communicate(timeout=300)
    assert output.strip() == "[]", errors


def test_a_current_record_opens_with_the_standard_library_alone(path: Path, python: Python) -> None:
    Progress.open(path).close()
    source = """
import sys
from pathlib import Path
from progress_db import Progress
with Progress.open(Path(sys.argv[1])) as progress:
    progress.standings(), progress.last_place(), progress.lesson("a/b")
heavy = {"sqlite_utils", "click", "pluggy", "textual", "torch", "jupyter_client", "typer", "rich"}
print(sorted(heavy & set(sys.modules)))
"""
    process = python(source, path)
    output, errors = process.communicate(timeout=300)
    assert output.strip() == "[]", errors
