"""The record, opened for the app; or a throw-away one, with the reason, when the learner's own cannot be used.

So the rest of the app has one case: there is always a record to read and to write. Only a banner knows better.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from progress_db import Progress, Recorder, RecordError

PATIENCE = 2.0
"""Seconds that a start waits for another program's lock: nothing is painted meanwhile."""

Saved = Callable[[], None]
Failed = Callable[[RecordError], None]


@dataclass(slots=True)
class OpenRecord:
    """Both ways to the record: reads at once on the UI thread, writes in order on a thread of their own."""

    progress: Progress
    recorder: Recorder
    trouble: RecordError | None = None
    """Why the learner's own record is not in use, and nothing will be kept."""
    _scratch: Path | None = field(default=None, repr=False)

    def close(self, timeout: float = 5.0) -> bool:
        """Commit what is waiting, and close. False if not all was committed in time."""
        done = self.recorder.flush(timeout)
        self.recorder.close()
        self.progress.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        return done


def open_record(path: Path, *, on_saved: Saved | None = None, on_failed: Failed | None = None) -> OpenRecord:
    """The record at `path`; where that fails, a throw-away record and the `trouble`.

    Raises `RecordError` only where not even a temporary file can be written.
    """
    try:
        progress = Progress.open(path, patience=PATIENCE)
        return OpenRecord(progress, Recorder(path, on_saved=on_saved, on_failed=on_failed))
    except RecordError as error:
        scratch = Path(tempfile.mkdtemp(prefix="d2l-tutor-unkept-"))
        spare = scratch / "progress.db"
        return OpenRecord(Progress.open(spare), Recorder(spare, on_failed=on_failed), error, scratch)
