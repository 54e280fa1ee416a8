"""A home that cannot be written, or refuses locks: what the learner does is kept elsewhere, or refused in words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from progress_db import Progress
from tutor import spare
from tutor.record import open_record


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home on a file system of its own, with a record of before."""
    home = tmp_path / "mounted"
    home.mkdir()
    monkeypatch.setattr(spare, "AROUND", tmp_path / "around")
    (tmp_path / "around").mkdir(mode=0o700)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", home], capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        with Progress.open(home / "progress.db") as progress:
            progress.lesson_opened("first-steps/tensors")
            progress.draft_saved("first-steps/tensors", "hello", "of before")
        yield home
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)


def _mount(home: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", home], check=True)


async def test_a_home_that_became_read_only_costs_nothing_and_the_banner_says_where_all_is_kept(
    home: Path, make_app: Callable[..., Any]
) -> None:
    path = home / "progress.db"
    _mount(home, "ro")
    app = make_app(record_path=path)
    async with app.run_test(size=(120, 30)):
        await app.until(lambda: "It is kept in" in " ".join(app.text().split()))
        assert "Nothing you do now will be kept." not in app.text()
        assert "first-steps/tensors" in app.record.progress.standings()  # what was there is shown
        app.record.recorder.answer_given("first-steps/tensors", "sum", 2, True)
    app.close()
    _mount(home, "rw")
    opened = open_record(path)
    try:
        assert opened.trouble is None
        assert "kept elsewhere" in opened.said
        assert opened.progress.standings()["first-steps/tensors"].answered == {"sum"}
        assert opened.progress.lesson("first-steps/tensors").drafts == {"hello": "of before"}
    finally:
        opened.close()
    again = open_record(path)
    assert again.said == ""  # once
    again.close()


NO_LOCKS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int refuse(int command) { return command == F_SETLK || command == F_SETLKW; }
int fcntl(int fd, int command, ...) {
    va_list more; va_start(more, command); void *argument = va_arg(more, void *); va_end(more);
    if (refuse(command)) { errno = ENOLCK; return -1; }
    int (*real)(int, int, ...) = dlsym(RTLD_NEXT, "fcntl");
    return real(fd, command, argument);
}
int fcntl64(int fd, int command, ...) {
    va_list more; va_start(more, command); void *argument = va_arg(more, void *); va_end(more);
    if (refuse(command)) { errno = ENOLCK; return -1; }
    int (*real)(int, int, ...) = dlsym(RTLD_NEXT, "fcntl64");
    return real(fd, command, argument);
}
"""

WRITE = """
import sys
from pathlib import Path
from progress_db import Progress, RecordError
try:
    with Progress.open(Path(sys.argv[1]), patience=0.2) as progress:
        progress.answer_given("a/b", "quiz", 1, True)
except RecordError as error:
    print(type(error).__name__, error)
else:
    print("written")
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="no compiler to make a library that refuses locks")
def test_a_home_that_refuses_locks_is_said_and_the_record_stays_whole(tmp_path: Path) -> None:
    """As some NFS servers do: here the C library's own call is made to refuse, under a real SQLite."""
    source, library, path = tmp_path / "nolocks.c", tmp_path / "nolocks.so", tmp_path / "progress.db"
    source.write_text(NO_LOCKS)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    with Progress.open(path) as progress:
        progress.answer_given("a/b", "before", 1, True)
    before = path.read_bytes()
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    command = [sys.executable, "-c", WRITE, str(path)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert told.startswith(("RecordLocked", "RecordUnwritable")), told
    assert str(path) in told
    assert path.read_bytes() == before
    with Progress.open(path) as progress:
        assert progress.standings()["a/b"].answered == {"before"}
