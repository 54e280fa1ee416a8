"""A record that was deleted while it was open: its file has no name any more, but who has it open can still read it.

So all of it is written to a file of that name again, as long as there is a connection.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from .backups import one_at_a_time, prove, sync
from .errors import RecordUnwritable
from .ids import new_id


def put_back(connection: sqlite3.Connection, path: Path, identity: tuple[int, int]) -> bool:
    """If the file that `connection` has open (known by device and inode) was deleted, have all of it at `path` again.

    Whether it was deleted: a file that was moved has a name, and one at `path` has taken its place. Raises `OSError`,
    `sqlite3.Error`, or a `RecordError` where the copy is not whole.
    """
    if path.exists() or not _has_no_name(identity):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with suppress(RecordUnwritable):  # a file system that refuses locks must not cost the record
            stack.enter_context(one_at_a_time(path))
        if not path.exists():  # else another tutor was quicker
            _copy(connection, path)
    return True


def _has_no_name(identity: tuple[int, int]) -> bool:
    for name in os.listdir("/dev/fd"):
        with suppress(OSError, ValueError):  # the one that lists them is closed by now
            status = os.fstat(int(name))
            if (status.st_dev, status.st_ino) == identity:
                return status.st_nlink == 0
    return False


def _copy(connection: sqlite3.Connection, path: Path) -> None:
    part = path.with_name(f".{path.name}.{new_id()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy)
        prove(part)
        sync(part)
        # The journal of the file that was deleted would be applied to the one that has the name next.
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        os.rename(part, path)
        sync(path.parent)
    finally:
        part.unlink(missing_ok=True)
        part.with_name(f"{part.name}-journal").unlink(missing_ok=True)
