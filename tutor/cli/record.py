"""`progress check`, `export` and `import`: the record as a whole."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path

from progress_db.health import examine
from progress_db.transfer import TransferError, export_lines, import_lines
from tutor import paths
from tutor.cli import exits
from tutor.words import _, ngettext


def check_record(*, as_json: bool) -> int:
    """Say whether the record is whole; the exit code. Raises `RecordError`."""
    path = paths.record_path()
    if not path.exists():
        print(_("There is no record yet at {path}.").format(path=path), file=sys.stderr)
        return exits.NO_RECORD
    health = examine(path)
    if as_json:
        found = {
            "path": str(health.path),
            "bytes": health.size,
            "schema": health.schema,
            "facts": dict(health.facts),
            "problems": list(health.problems),
        }
        print(json.dumps(found, indent=2))
    elif health.problems:
        print(_("The record {path} is damaged:").format(path=path))
        for problem in health.problems:
            print(f"  {problem}")
    else:
        rows = sum(health.facts.values())
        said = ngettext(
            "{path} is whole: {rows} entry, {kib} KiB.", "{path} is whole: {rows} entries, {kib} KiB.", rows
        )
        print(said.format(path=path, rows=rows, kib=health.size // 1024))
    return exits.NO_RECORD if health.problems else exits.OK


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
