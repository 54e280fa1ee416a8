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

OFFSET = "d2l_offset"
"""In the metadata of a message: the journal is told up to here."""

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
        self._lock = threading.Lock()
        self._size = os.fstat(self._file).st_size
        self.lost = 0
        """Records that could not be kept."""

    def append(self, kind: str, run: str, content: Mapping[str, Any]) -> None:
        """Keeps one record."""
        self._append(json.dumps([kind, run, content], separators=(",", ":"), default=str).encode())

    def append_text(self, run: str, name: str, text: str) -> None:
        """Keeps text of a stream: the record that `append` would make, in half the time. Loops print 100,000 lines."""
        self._append(f'["stream","{run}",{{"name":"{name}","text":{_quoted(text)}}}]'.encode())

    def offset(self) -> int:
        """Behind the last record. Asked of the file: an interrupt may hit between a write and any count of ours."""
        return os.lseek(self._file, 0, os.SEEK_END)

    def _append(self, body: bytes) -> None:
        record = _HEAD.pack(len(body), zlib.crc32(body), time.time()) + body
        with self._lock:
            if self._size > LIMIT or not self._write(record):
                self.lost += 1
            else:
                self._size += len(record)

    def _write(self, record: bytes) -> bool:
        try:
            written = os.write(self._file, record)
            if written < len(record):
                # Half a record would end the journal for every reader.
                os.ftruncate(self._file, self.offset() - written)
        except OSError:
            return False
        return written == len(record)


def entries(path: Path, offset: int = 0) -> Iterator[Entry]:
    """The records from `offset` on, up to the end or to the first that is not whole. A missing file has none."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(offset)
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, crc, at = _HEAD.unpack(head)
            body = file.read(length)
            if len(body) < length or zlib.crc32(body) != crc:
                return
            offset += _HEAD.size + length
            kind, run, content = json.loads(body)
            yield Entry(offset, at, kind, run, content)
