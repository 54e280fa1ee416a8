"""Reads an `.ipynb` of any size into little memory: outputs that are huge are left out before anything is decoded.

One pass over the mapped file finds the strings and brackets of its JSON; a list `"outputs"` or a mapping
`"attachments"` that is longer than `LONGEST` gives way to a mark that says how long it was. A file of usual size is
read as it is.
"""

from __future__ import annotations

import mmap
import os
import re
import time
from pathlib import Path

from lessons.notebooks.errors import NotebookClosed
from lessons.notebooks.files import MOST_JSON, decoded, opened

LEFT_OUT = "d2l-tutor-left-out"
"""The `output_type` of the mark."""
USUAL = 24 * 1024 * 1024
"""Bytes of a file that is read as it is."""
LONGEST = 1024 * 1024
"""Bytes of a cell's outputs that are kept of a larger file."""
MOST_LEFT = 256 * 1024 * 1024
"""Bytes that are decoded at most."""
MOST_SECONDS = 30.0

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_MARK = f'[{{{{"output_type": "{LEFT_OUT}", "bytes": {{}}}}}}]'
_KEYS = {b'"outputs"': (b"[", _MARK), b'"attachments"': (b"{", "{{}}")}


def read_slim(path: Path) -> str:
    """The file's JSON, without its huge outputs. Raises `NotebookClosed`."""
    handle = opened(path)
    try:
        size = os.fstat(handle).st_size
        if size > MOST_JSON:
            raise NotebookClosed(path, f"it is larger than {MOST_JSON // 2**20} MB")
        if size <= USUAL:
            with os.fdopen(os.dup(handle), "rb") as file:
                return decoded(file.read(USUAL + 1), path)
        with mmap.mmap(handle, 0, access=mmap.ACCESS_READ) as data:
            return decoded(_slim(data, path), path)
    finally:
        os.close(handle)


def _slim(data: mmap.mmap, path: Path) -> bytes:
    kept: list[bytes] = []
    length = 0
    copied = 0  # up to here the file is in `kept`
    key: tuple[bytes, str] | None = None
    inside: tuple[int, str] | None = None  # where the list began that may be left out
    depth = 0
    give_up = time.monotonic() + MOST_SECONDS
    for count, match in enumerate(_TOKEN.finditer(data)):
        if not count % 65536 and time.monotonic() > give_up:
            raise NotebookClosed(path, "it is too large to be read")
        token = match[0] if match.end() - match.start() <= 16 else b'"'
        if inside is None:
            opening = key is not None and token == key[0]
            if opening and key is not None:
                inside, depth = (match.start(), key[1]), 1
            key = _KEYS.get(token) if token[:1] == b'"' else None
            continue
        depth += (token in (b"[", b"{")) - (token in (b"]", b"}"))
        if depth:
            continue
        start, mark = inside
        if match.end() - start > LONGEST:
            kept += [data[copied:start], mark.format(match.end() - start).encode()]
            copied = match.end()
            length += len(kept[-2])
            if length > MOST_LEFT:
                raise NotebookClosed(path, "it is too large to be read")
        inside = key = None
    if len(data) - copied + length > MOST_LEFT:
        raise NotebookClosed(path, f"it has {(len(data) - copied + length) // 2**20} MB beside its outputs")
    kept.append(data[copied:])
    return b"".join(kept)
