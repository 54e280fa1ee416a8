"""How many terminal cells a text takes. One place to ask, so that we measure as the screen does.

The ruler is Rich's, because Textual draws with it: it agrees with `wcwidth` on everything that we print, and a second
ruler would cost another 30 ms of import before the first paint.
"""

from __future__ import annotations

from rich.cells import cell_len


def cells(text: str) -> int:
    """Cells that `text` takes on one line: 中文 is 4, x̂ is 1."""
    return len(text) if text.isascii() else cell_len(text)
