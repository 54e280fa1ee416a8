"""The words in an SVG drawing. Half blocks are too coarse for letters, so they are said under the drawing.

Only text is read: no style, no script, no entity, no other file. Most drawings of a book hold their letters as
outlines, and then there are none.
"""

from __future__ import annotations

import re
from html import unescape
from typing import BinaryIO

MOST = 1024 * 1024
"""Bytes of a drawing that are looked at."""
LABELS = 24
LONGEST = 240
"""Labels, and characters of all of them."""

_TEXT = re.compile(r"<text\b[^>]*>(.*?)</text\s*>", re.S | re.I)
_TAG = re.compile(r"<[^>]*>")


def labels(file: BinaryIO) -> list[str]:
    """The words of the drawing, in the order of its file."""
    data = file.read(MOST)
    words: list[str] = []
    length = 0
    for match in _TEXT.finditer(data.decode("utf-8", "replace")) if b"<text" in data else ():
        word = " ".join(unescape(_TAG.sub(" ", match[1])).split())
        if word and word not in words:
            words.append(word)
            length += len(word)
            if len(words) >= LABELS or length >= LONGEST:
                break
    return words
