"""Lines of a flood, safe from the kernel's death at the price of a copy: they gather in shared memory, a mapped file.

A record for each of 100,000 lines costs the kernel a system call and every reader a parse. So lines that come in a
flood are gathered here, and become one record some thirty times a second. A kernel that is killed leaves the file as it
is, and who closes its journal puts the rest of the text there (`journal.recover`). Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
from pathlib import Path

SIZE = 256 * 1024
"""Bytes of the file."""

_BASE, _USED, _RUN, _NAME = range(4)
"""Of the four words in front: where the journal ended when the first line came, bytes of text, of run and of name."""

_WORDS = 32
_LABEL = 512
_TEXT = _WORDS + _LABEL


def staged_path(journal: Path) -> Path:
    """Where the lines are that this journal does not have yet."""
    return journal.with_suffix(".staged")


class Staged:
    """Text of one run and stream that the journal does not have yet. One writer."""

    def __init__(self, path: Path) -> None:
        self._map: mmap.mmap | None = None
        self.run = self.name = ""
        self.base = 0
        self._used = 0
        with contextlib.suppress(OSError):  # a full disk: then there is no flood, only lines
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                _fill(handle)
                self._map = mmap.mmap(handle, SIZE)
            finally:
                os.close(handle)
        if self._map is not None:
            self._words = memoryview(self._map)[:_WORDS].cast("Q")
            self._words[_USED] = 0

    def __bool__(self) -> bool:
        """Whether there is text."""
        return self._used > 0

    def begin(self, base: int, run: str, name: str) -> None:
        """From here on comes text of that stream; `base` is where the journal ends."""
        label = run.encode() + name.encode()
        if self._map is None or len(label) > _LABEL:
            self.run = ""
            return
        self.base, self.run, self.name, self._used = base, run, name, 0
        self._words[_USED] = 0
        self._map[_WORDS : _WORDS + len(label)] = label
        self._words[_BASE], self._words[_RUN], self._words[_NAME] = base, len(run.encode()), len(name.encode())

    def add(self, text: str) -> bool:
        """Takes text. Whether there was room."""
        if self._map is None or not self.run:
            return False
        data = text.encode("utf-8", "surrogatepass")
        start = _TEXT + self._used
        end = start + len(data)
        if end > SIZE:
            return False
        self._map[start:end] = data
        self._used += len(data)
        self._words[_USED] = self._used  # one store of eight bytes: a kill leaves the old number or the new
        return True

    def text(self) -> str:
        """All of it."""
        return "" if self._map is None else _text(self._map[_TEXT : _TEXT + self._used])

    def clear(self) -> None:
        """The journal has it."""
        if self._map is not None:
            self._words[_USED] = 0
        self._used = 0


def left(journal: Path, end: int) -> tuple[str, str, str] | None:
    """Run, stream and text that a kernel that is gone did not get into its journal, which ends at `end`."""
    try:
        handle = os.open(staged_path(journal), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        data = file.read(SIZE)
    if len(data) < _TEXT:
        return None
    words = memoryview(data)[:_WORDS].cast("Q")
    if words[_USED] == 0 or words[_BASE] != end or _TEXT + words[_USED] > len(data):
        return None
    middle, behind = _WORDS + words[_RUN], _WORDS + words[_RUN] + words[_NAME]
    if behind > _TEXT:
        return None
    text = _text(data[_TEXT : _TEXT + words[_USED]])
    return data[_WORDS:middle].decode(), data[middle:behind].decode(), text


def _fill(handle: int) -> None:
    """The file has all its bytes on the disk: a hole that cannot be filled would kill the kernel (SIGBUS). Raises
    `OSError` on a full disk."""
    fallocate = getattr(os, "posix_fallocate", None)
    if fallocate is not None:
        fallocate(handle, 0, SIZE)
        return
    zeros = bytes(SIZE)  # macOS has no such call
    if os.pwrite(handle, zeros, 0) != SIZE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
