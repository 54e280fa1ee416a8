"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


class NotWritten(Exception):
    """A file could not be written. `str()` says why, and what to do."""


def write_new(path: Path, text: str, *, replace: bool = False) -> None:
    """Write `text` to `path`. Raises `NotWritten`; also where the file is there already, unless `replace`."""
    if not replace and os.path.lexists(path):
        raise NotWritten(f"{path} is there already, and was left as it is. Name another file with -o.")
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise NotWritten(f"{path} could not be written: {error.strerror or error}. Name another file.") from error


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
