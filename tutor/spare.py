"""Where the record is kept while its own place cannot be written: on a local disk, and brought home when it can be.

A home that is read-only today (a full quota, a server in trouble) must not cost what the learner does today. Rows have
ids, so that bringing home is a merge: nothing twice, nothing lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from pathlib import Path

from progress_db import RecordError
from progress_db.transfer import TransferError, export_lines, import_lines
from tutor.kernel.errors import RuntimeDirectoryRefused
from tutor.kernel.launch import secured

AROUND = Path("/var/tmp")
"""Outlives a reboot, and is on this machine."""

KEPT = 24 * 3600.0
"""Seconds that a spare record that was brought home stays: another tutor may still write to it."""


def spare_path(record: Path) -> Path:
    """Where the spare of that record lies."""
    name = hashlib.sha256(os.fsencode(record.absolute())).hexdigest()[:12]
    return AROUND / f"d2l-{os.getuid()}" / f"record-{name}" / "progress.db"


def begin(record: Path) -> Path | None:
    """A place for the record that can be written, with what the record holds; None if there is none that is safe."""
    spare = spare_path(record)
    try:
        secured(spare.parent.parent)
        secured(spare.parent)
        if not spare.exists():
            for suffix in ("-journal", ""):  # the journal first: half a transaction is undone there too
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(f"{record}{suffix}", f"{spare}{suffix}")
    except (RuntimeDirectoryRefused, OSError):
        spare.unlink(missing_ok=True)
        return None
    return spare


def bring_home(record: Path) -> int:
    """What was kept in the spare meanwhile goes into the record, which can be written again; how many rows came."""
    spare = spare_path(record)
    if not spare.exists():
        return 0
    try:
        merged = import_lines(record, export_lines(spare))
    except (RecordError, TransferError):
        return 0  # it stays where it is: the next start tries again
    if time.time() - spare.stat().st_mtime > KEPT:
        shutil.rmtree(spare.parent)
    return merged.added
