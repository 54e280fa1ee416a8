"""The record, opened for the app; damaged, its newest good backup; unwritable, a spare; unusable, a throw-away one.

So the rest of the app has one case: there is always a record to read and to write. Only a banner knows better.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from progress_db import Progress, RecordCorrupt, Recorder, RecordError, RecordNewer, RecordUnwritable
from tutor.paths import shown
from tutor.spare import begin, bring_home, spare_path
from tutor.words import _

if TYPE_CHECKING:
    from progress_db.keeper import Keeper
    from progress_db.recovery import Recovered

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
    """Why the learner's own record is not written, and nothing will be kept."""
    kept_in: Path | None = None
    """Where all is kept meanwhile, if the learner's own record cannot be written and there is another place."""
    said: str = ""
    """What was done to the record at this start, in a sentence for the learner; mostly nothing."""
    _scratch: Path | None = field(default=None, repr=False)
    _keeper: Keeper | None = field(default=None, repr=False)

    def look_after(self, on_trouble: Failed) -> None:
        """Check and back up the record from now on, in the background. After the first paint."""
        if self.trouble is None and self._keeper is None:
            from progress_db.keeper import Keeper

            self._keeper = Keeper(self.progress.path, on_trouble=on_trouble)

    def close(self, timeout: float = 5.0) -> bool:
        """Commit what is waiting, and close. False if not all was committed in time."""
        done = self.recorder.flush(timeout)
        self.recorder.close()
        self.progress.close()
        if self._keeper is not None:
            self._keeper.leave(timeout)
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        return done


def open_record(path: Path, *, on_saved: Saved | None = None, on_failed: Failed | None = None) -> OpenRecord:
    """The record at `path`, brought back from a backup where it was damaged; where it cannot be used, a throw-away
    record and the `trouble`.

    Raises `RecordError` only where not even a temporary file can be written.
    """
    said = _words_of_a_gap(path)
    try:
        try:
            progress = _opened(path)
        except RecordCorrupt:
            from progress_db.recovery import recover

            recovered = recover(path)
            said = recovery_words(recovered) if recovered is not None else ""
            progress = _opened(path)
        if spare_path(path).exists() and (rows := bring_home(path)):
            words = _("{count} facts that were kept elsewhere, while {path} could not be written, are home now.")
            said = " ".join(filter(None, [said, words.format(count=rows, path=shown(path))]))
        return OpenRecord(progress, Recorder(path, on_saved=on_saved, on_failed=on_failed), said=said)
    except RecordError as error:
        if isinstance(error, RecordUnwritable) and (kept := _elsewhere(path, error, on_saved, on_failed)) is not None:
            return kept
        scratch = Path(tempfile.mkdtemp(prefix="d2l-tutor-unkept-"))
        spare = scratch / "progress.db"
        writable = Progress.open(spare)
        progress = _to_read(path, writable) if isinstance(error, RecordNewer) else writable
        return OpenRecord(progress, Recorder(spare, on_failed=on_failed), error, _scratch=scratch)


def _elsewhere(path: Path, error: RecordError, on_saved: Saved | None, on_failed: Failed | None) -> OpenRecord | None:
    """The record in another place, with what the one that cannot be written holds; None if there is no such place."""
    spare = begin(path)
    if spare is None:
        return None
    try:
        recorder = Recorder(spare, on_saved=on_saved, on_failed=on_failed)
        return OpenRecord(Progress.open(spare), recorder, error, kept_in=spare)
    except RecordError:
        return None


def recovery_words(done: Recovered) -> str:
    """What became of the record, in a sentence or two."""
    words = []
    if done.cause is not None:
        words.append(_("The record was damaged."))
    if done.backup is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(done.backup.at))
        words.append(_("What you did until {when} was kept: the backup of then is in its place.").format(when=when))
    else:
        words.append(_("There was no backup yet, and a new record was begun."))
    if done.aside is not None:
        words.append(_("The file that was there is now {path}.").format(path=shown(done.aside)))
    return " ".join(words)


def _words_of_a_gap(path: Path) -> str:
    """Where a record was and is no more, though its backups are: perhaps it was deleted by mistake."""
    if path.exists() or not (path.parent / "backups").exists():
        return ""
    from progress_db.backups import backups_of

    if not backups_of(path):
        return ""
    said = _("There was no record at {path}, and a new one was begun. There are backups of an earlier one:")
    return f"{said.format(path=shown(path))} `d2l-tutor progress restore`."


def _opened(path: Path) -> Progress:
    """The record, once what the first screen will ask of it was read: damage is met here, and not there."""
    progress = Progress.open(path, patience=PATIENCE)
    try:
        progress.standings(), progress.last_place()
    except RecordCorrupt as error:
        progress.close()
        from progress_db.opening import suspect

        suspect(path, error.cause)
        raise
    except RecordError:
        progress.close()
        raise
    return progress


def _to_read(path: Path, otherwise: Progress) -> Progress:
    """A newer tutor's record, for reading; where this one cannot make sense of it, `otherwise`."""
    try:
        progress = Progress.open_to_read(path)
    except RecordError:
        return otherwise
    otherwise.close()
    return progress
