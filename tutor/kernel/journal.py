"""What a kernel puts out, on disk before it is sent: what a dying process could not send any more is still read.

Standard library only: the kernel writes, the client reads. A file of records; the offset behind a record is its
identity, and messages carry it, so that a reader knows what it has already seen.
"""

from __future__ import annotations

import json
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.kernel.staged import left, staged_path

OFFSET = "d2l_offset"
"""In the metadata of a message: the journal is told up to here."""

UNKEPT = "d2l_unkept"
"""In the metadata of a message that the journal could not take: it is in the message alone."""

ENDED = "d2l_kernel_ended"
"""Kind of the last record: why the kernel ended, when, and which run ended with it."""

LOST = "d2l_lost"
"""Kind of a record that says how many could not be kept before it: the disk was full."""

CHUNK = 1024 * 1024
"""Bytes that are read at once."""

LIMIT = 512 * 1024 * 1024
"""Bytes. A cell that writes without end must not fill the disk: what comes later is sent, but not kept here."""

_HEAD = struct.Struct("<IId")
"""Length of the body, its CRC-32, and when it was written (seconds since the epoch)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: a message of `kind`, caused by `run`."""

    offset: int
    """Where the next record begins."""
    at: float
    kind: str
    run: str
    content: Mapping[str, Any]


_quoted = json.encoder.encode_basestring_ascii


class Journal:
    """Appends records, each with one write. A full disk is counted, and never an error in the learner's cell."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self.path = path
        self._lock = threading.Lock()
        self._size = os.fstat(self._file).st_size
        self.lost = 0
        """Records, and lines of text, that could not be kept."""
        self._unsaid = 0  # of these, how many the journal does not know of yet

    def append(self, kind: str, run: str, content: Mapping[str, Any]) -> bool:
        """Keeps one record. Whether it could."""
        return self._append(json.dumps([kind, run, content], separators=(",", ":"), default=str).encode())

    def append_text(self, run: str, name: str, text: str) -> bool:
        """Keeps text of a stream: the record that `append` would make, in half the time."""
        return self._append(_stream(run, name, text), text.count("\n") or 1)

    def offset(self) -> int:
        """Behind the last record. Asked of the file: an interrupt may hit between a write and any count of ours."""
        return os.lseek(self._file, 0, os.SEEK_END)

    def _append(self, body: bytes, outputs: int = 1) -> bool:
        record = _record(body)
        with self._lock:
            if self._unsaid:
                gap = _record(json.dumps([LOST, "", {"count": self._unsaid}]).encode())
                if self._size <= LIMIT and self._write(gap):
                    self._size += len(gap)
                    self._unsaid = 0
            if self._unsaid or self._size > LIMIT or not self._write(record):
                self.lost += outputs
                self._unsaid += outputs
                return False
            self._size += len(record)
            return True

    def _write(self, record: bytes) -> bool:
        try:
            written = os.write(self._file, record)
            if written < len(record):
                # Half a record would end the journal for every reader.
                os.ftruncate(self._file, self.offset() - written)
        except OSError:
            return False
        return written == len(record)


class Tail:
    """Reads a journal on from where it was read up to."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        """Behind the last record that was read."""
        self._file: int | None = None

    def read(self, upto: int | None = None, size: int = CHUNK) -> list[Entry]:
        """The next records, of some `size` bytes, and none that begins at `upto` or later; none if there are none yet.

        What is not whole is not read: it is still being written, or its kernel was killed while it wrote.
        """
        if self._file is None:
            try:
                self._file = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                return []
        found: list[Entry] = []
        data = os.pread(self._file, size, self.offset)
        if len(data) >= _HEAD.size and len(data) < (whole := _HEAD.size + _HEAD.unpack_from(data)[0]):
            data = os.pread(self._file, whole, self.offset)
        at = 0
        while at + _HEAD.size <= len(data) and (upto is None or self.offset < upto):
            length, crc, when = _HEAD.unpack_from(data, at)
            body = data[at + _HEAD.size : at + _HEAD.size + length]
            if len(body) < length or zlib.crc32(body) != crc:
                break
            at += _HEAD.size + length
            self.offset += _HEAD.size + length
            kind, run, content = json.loads(body)
            found.append(Entry(self.offset, when, kind, run, content))
        return found

    def size(self) -> int:
        """Bytes of the journal as it is now."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def entries(path: Path, offset: int = 0) -> Iterator[Entry]:
    """The records from `offset` on, up to the end or to the first that is not whole. A missing file has none."""
    tail = Tail(path, offset)
    try:
        while found := tail.read():
            yield from found
    finally:
        tail.close()


def recover(path: Path) -> None:
    """Puts behind the last whole record what the kernel, which is gone, had still to write (see `staged`).

    Only one who holds the kernel's lock may call this. Half a record, which a kill may have left, is cut off. May be
    called twice.
    """
    end = 0
    for last in entries(path):
        end = last.offset
    if (rest := left(path, end)) is not None:
        _write_behind(path, end, _record(_stream(*rest)))
    staged_path(path).unlink(missing_ok=True)


def close_journal(path: Path, reason: str, *, at: float | None = None) -> Entry:
    """Behind the last record of a kernel that is gone, says why it ended; the record, old or new. As `recover`."""
    recover(path)
    running, last = "", None
    end = 0
    for last in entries(path):
        end = last.offset
        if last.kind == "execute_input":
            running = last.run
        elif last.kind == "d2l_run_finished" and last.run == running:
            running = ""
    if last is not None and last.kind == ENDED:
        return last
    if at is None:
        at = last.at if last is not None else time.time()
    content = {"reason": reason, "at": at, "running": running}
    record = _record(json.dumps([ENDED, running, content]).encode())
    _write_behind(path, end, record)
    return Entry(end + len(record), time.time(), ENDED, running, content)


def _write_behind(path: Path, end: int, record: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.ftruncate(handle, end)
        os.pwrite(handle, record, end)
    finally:
        os.close(handle)


def _stream(run: str, name: str, text: str) -> bytes:
    return f'["stream","{run}",{{"name":"{name}","text":{_quoted(text)}}}]'.encode()


def _record(body: bytes) -> bytes:
    return _HEAD.pack(len(body), zlib.crc32(body), time.time()) + body
