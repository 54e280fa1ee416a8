"""What leaves the app: a cell in the learner's own editor, and text on the clipboard of the terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from tutor.words import _


class NoEditor(Exception):
    """No external editor could be used. The message says why, and what to set."""


def edit_outside(source: str, name: str) -> str:
    """What `$VISUAL` or `$EDITOR` makes of `source`. Blocks; the terminal must be free. Raises `NoEditor`."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="d2l-tutor-") as directory:
        path = Path(directory) / f"{Path(name).name or 'cell'}.py"
        path.write_text(source, encoding="utf-8")
        try:
            status = subprocess.run([*shlex.split(command), str(path)], check=False).returncode
            edited = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            cause = error.strerror if isinstance(error, OSError) else str(error)
            raise NoEditor(
                _("{command} could not be used ({cause}). Set EDITOR to an editor that is installed.").format(
                    command=command, cause=cause
                )
            ) from error
    if status != 0:
        raise NoEditor(
            _("{command} ended with status {status}; the cell is as it was.").format(command=command, status=status)
        )
    return edited.rstrip("\n") if not source.endswith("\n") else edited
