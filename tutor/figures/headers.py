"""How large a picture is, from its first bytes: PNG, JPEG, GIF and WebP. Standard library only, nothing is decoded.

Room for a picture is made before it is decoded, so that nothing moves when it comes.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

MOST_SEGMENTS = 400
"""Segments of a JPEG that are passed on the way to its size: a profile takes some, a file made to tire us many."""


class Header(NamedTuple):
    """What a picture says of itself."""

    kind: str
    """`PNG`, `JPEG`, `GIF` or `WEBP`: Pillow's names."""
    width: int
    height: int
    """Pixels."""


def read_header(file: BinaryIO) -> Header | None:
    """The header of the picture that `file` begins with; None: it is none of those, or is cut off."""
    start = file.read(32)
    found = _png(start) or _gif(start) or _webp(start)
    if found is None and start.startswith(b"\xff\xd8"):
        file.seek(2)
        found = _jpeg(file)
    return found if found is not None and found.width > 0 and found.height > 0 else None


def _png(start: bytes) -> Header | None:
    if not start.startswith(b"\x89PNG\r\n\x1a\n") or start[12:16] != b"IHDR" or len(start) < 24:
        return None
    return Header("PNG", *struct.unpack(">II", start[16:24]))


def _gif(start: bytes) -> Header | None:
    if start[:6] not in (b"GIF87a", b"GIF89a") or len(start) < 10:
        return None
    return Header("GIF", *struct.unpack("<HH", start[6:10]))


def _webp(start: bytes) -> Header | None:
    """RFC 9649: lossy, lossless, or extended with a canvas of its own."""
    if start[:4] != b"RIFF" or start[8:12] != b"WEBP" or len(start) < 30:
        return None
    if start[12:16] == b"VP8 " and start[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", start[26:30])
        return Header("WEBP", width & 0x3FFF, height & 0x3FFF)
    if start[12:16] == b"VP8L" and start[20] == 0x2F:
        (bits,) = struct.unpack("<I", start[21:25])
        return Header("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if start[12:16] == b"VP8X":
        return Header("WEBP", *(int.from_bytes(start[at : at + 3], "little") + 1 for at in (24, 27)))
    return None


def _jpeg(file: BinaryIO) -> Header | None:
    """ISO 10918-1: segments, until the one that begins a frame."""
    for _segment in range(MOST_SEGMENTS):
        mark = file.read(4)
        if len(mark) < 4 or mark[0] != 0xFF:
            return None
        kind, length = mark[1], int.from_bytes(mark[2:4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            if len(frame) < 5:
                return None
            height, width = struct.unpack(">HH", frame[1:5])
            return Header("JPEG", width, height)
        if length < 2 or kind in (0xD9, 0xDA):
            return None
        file.seek(length - 2, 1)
    return None
