"""Reads a journal from its end: the last record of some kinds, without what may be hundreds of megabytes before it.

Standard library only, like `journal`, whose format it knows: a record's body begins with its kind, in JSON.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tutor.kernel.journal import Entry, Tail

_HEAD = 16
"""Bytes of a record before its body: length, checksum, time."""

_BLOCK = 256 * 1024


def latest(path: Path, kinds: Sequence[str], depth: int | None = None) -> Entry | None:
    """The last whole record of one of these kinds among the last `depth` bytes, or all; None if there is none.

    What only looks like one (a value that a cell displayed) is told by its checksum.
    """
    patterns = [f'["{kind}","'.encode() for kind in kinds]
    overlap = max(map(len, patterns))
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    tail = Tail(path)
    try:
        end = os.fstat(file).st_size
        floor = 0 if depth is None else max(0, end - depth)
        while end > floor:
            start = max(floor, end - _BLOCK)
            block = os.pread(file, end - start + overlap, start)
            at = len(block)
            while (at := max(block.rfind(pattern, 0, at) for pattern in patterns)) >= 0:
                tail.offset = start + at - _HEAD
                if tail.offset >= 0 and (found := tail.read(size=_HEAD)) and found[0].kind in kinds:
                    return found[0]
            end = start
        return None
    finally:
        tail.close()
        os.close(file)
