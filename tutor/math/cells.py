"""How many terminal cells a text takes. Beside `wcwidth` because most text is ASCII, where the length is the answer."""

from __future__ import annotations

from functools import lru_cache

from wcwidth import wcswidth, wcwidth


@lru_cache(maxsize=8192)
def _measured(text: str) -> int:
    width: int = wcswidth(text)
    if width >= 0:
        return width
    return sum(max(0, wcwidth(character)) for character in text)  # a control character slipped in: it takes no cell


def cells(text: str) -> int:
    """Cells that `text` takes on one line: 中文 is 4, x̂ is 1."""
    return len(text) if text.isascii() else _measured(text)
