"""`progress check`, `backup`, `restore`, `export` and `import`: the record as a whole."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from progress_db.backups import Backup, back_up, backups_of, copy_to
from progress_db.health import examine
from progress_db.recovery import restore
from progress_db.transfer import TransferError, export_lines, import_lines
from tutor import paths
from tutor.cli import exits
from tutor.record import recovery_words
from tutor.words import _, ngettext


def check_record(*, as_json: bool) -> int:
    """Say whether the record is whole; the exit code. Raises `RecordError`."""
    path = paths.record_path()
    if not path.exists():
        print(_("There is no record yet at {path}.").format(path=path), file=sys.stderr)
        if backups_of(path):
            print(_("There are backups: `d2l-tutor progress restore` takes the newest good one."), file=sys.stderr)
        return exits.NO_RECORD
    backups = backups_of(path)
    health = examine(path)
    if as_json:
        found = {
            "path": str(health.path),
            "bytes": health.size,
            "schema": health.schema,
            "facts": dict(health.facts),
            "problems": list(health.problems),
            "backups": [{"path": str(one.path), "at": one.at, "bytes": one.size} for one in backups],
        }
        print(json.dumps(found, indent=2))
    elif health.problems:
        print(_("The record {path} is damaged:").format(path=path))
        for problem in health.problems:
            print(f"  {problem}")
        print(_("`d2l-tutor progress restore` puts the newest good backup in its place."))
    else:
        rows = sum(health.facts.values())
        said = ngettext(
            "{path} is whole: {rows} entry, {kib} KiB.", "{path} is whole: {rows} entries, {kib} KiB.", rows
        )
        print(said.format(path=path, rows=rows, kib=health.size // 1024))
        print(backup_words(backups))
    return exits.NO_RECORD if health.problems else exits.OK


def backup_words(backups: Sequence[Backup]) -> str:
    """How many backups there are, and of when the newest is."""
    if not backups:
        return _("There is no backup yet; the app makes one every day, and `d2l-tutor progress backup` now.")
    newest = time.strftime("%Y-%m-%d %H:%M", time.localtime(backups[0].at))
    said = ngettext("{n} backup, of {newest}.", "{n} backups, the newest of {newest}.", len(backups))
    return said.format(n=len(backups), newest=newest)


def back_up_record(file: Path | None) -> int:
    """Make a backup, to `file` or among the others; the exit code. Raises `RecordError`."""
    path = paths.record_path()
    if not path.exists():
        print(_("There is no record yet at {path}.").format(path=path), file=sys.stderr)
        return exits.NO_RECORD
    if file is None:
        file = back_up(path).path
    else:
        copy_to(path, file)
    print(_("Backed up and proved good: {path}").format(path=file))
    return exits.OK


def restore_record(file: Path | None) -> int:
    """Put `file`, or the newest good backup, in the record's place; the exit code. Raises `RecordError`."""
    print(recovery_words(restore(paths.record_path(), file)))
    return exits.OK


def export_record(file: Path | None) -> None:
    """Write the record as JSON lines. Raises `RecordError`, `OSError`."""
    path = paths.record_path()
    with nullcontext(sys.stdout) if file is None else file.open("w", encoding="utf-8") as out:
        if file is None and hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="strict")
        for line in export_lines(path):
            out.write(line + "\n")


def import_record(file: Path | None) -> int:
    """Take in what `export_record` wrote; the exit code. Raises `RecordError`."""
    try:
        with nullcontext(sys.stdin) if file is None else file.open(encoding="utf-8") as lines:
            if file is None and hasattr(sys.stdin, "reconfigure"):
                sys.stdin.reconfigure(encoding="utf-8")
            merged = import_lines(paths.record_path(), lines)
    except (TransferError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return exits.FAILED
    except OSError as error:
        print(_("The file cannot be read: {cause}").format(cause=error), file=sys.stderr)
        return exits.USAGE
    print(
        _("{added} new entries, {known} known already.").format(added=merged.added, known=merged.known), file=sys.stderr
    )
    return exits.OK
