"""Opens files that nobody vouches for. Only regular files, only so many bytes, only UTF-8: all else is a sentence.

A FIFO or a device would keep the reader waiting for ever, so the kind of file is asked of the descriptor that is read
from, which was opened without waiting.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from lessons.notebooks.errors import NoSuchNotebook, NotebookClosed

MOST_TEXT = 16 * 1024 * 1024
"""Bytes of a text format. The longest chapter of a book has some 200 KB."""
MOST_JSON = 1024 * 1024 * 1024
"""Bytes of an `.ipynb`, whose outputs may be any size; long ones are never decoded (`slimming`)."""

_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a FIFO, which never ends"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)


def opened(path: Path) -> int:
    """A descriptor of the regular file at `path`, to be closed by the caller. Raises `NotebookClosed`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NoSuchNotebook(path, "there is no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise NotebookClosed(path, f"it could not be read: {_reason(error)}") from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        kind = next((words for fits, words in _KINDS if fits(mode)), "it is no regular file")
        raise NotebookClosed(path, f"{kind}, not a notebook")
    return handle


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        if error.errno == errno.ELOOP:
            return "its symbolic links go round in a circle"
        return error.strerror or str(error)
    return str(error)


def head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of the file. Raises `NotebookClosed`."""
    handle = opened(path)
    try:
        return os.read(handle, size)
    except OSError as error:
        raise NotebookClosed(path, f"it could not be read: {_reason(error)}") from error
    finally:
        os.close(handle)


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """The text of the file, line breaks made `\\n`, without a byte order mark. Raises `NotebookClosed`."""
    handle = opened(path)
    try:
        with os.fdopen(handle, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise NotebookClosed(path, f"it could not be read: {_reason(error)}") from error
    if len(data) > most:
        raise NotebookClosed(path, f"it is larger than {most // 2**20} MB, which no notebook of text is")
    return decoded(data, path)


def decoded(data: bytes, path: Path) -> str:
    """Text of these bytes. Raises `NotebookClosed`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotebookClosed(path, "it is UTF-16; save it as UTF-8, for example with `iconv -f utf-16 -t utf-8`")
    if b"\0" in data[:8192]:
        raise NotebookClosed(path, "it is a binary file, not a notebook")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        cause = f"it is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}"
        raise NotebookClosed(path, cause, line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
