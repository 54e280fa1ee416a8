"""What the surroundings can show: how wide, whether in colour, whether beyond ASCII. Asked at each drawing. No torch.

All of it comes from environment variables, since a kernel has no terminal of its own to ask.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from typing import Any

from wcwidth import wcswidth, wcwidth

TEXT = "D2L_TUTOR_TEXT"
"""Environment variable: `full`, `plain` (no mathematical alphabets) or `ascii`. Kernels inherit it."""

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Figure:
    """Something to look at: text with ANSI colours, shown by IPython and by `print`."""

    text: str

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        return {"text/plain": self.text}


def columns() -> int:
    """Cells in a line; 80 where nobody knows."""
    return shutil.get_terminal_size((80, 24)).columns


def in_colour() -> bool:
    """Whether colours may be used: unless NO_COLOR is set."""
    return not os.environ.get("NO_COLOR")


def ascii_only() -> bool:
    """Whether only ASCII may be drawn."""
    return os.environ.get(TEXT, "").strip().lower() == "ascii"


def painted(text: str, codes: str) -> str:
    """Text between an ANSI style, `1` bold or `38;2;r;g;b`, and its end; as it is without colour."""
    return f"\x1b[{codes}m{text}\x1b[0m" if text and codes and in_colour() else text


def cells(text: str) -> int:
    """Width on the screen, escapes not counted: Chinese characters take two cells."""
    plain = ESCAPE.sub("", text)
    width = wcswidth(plain)
    return width if width >= 0 else len(plain)


def cut(text: str, width: int) -> str:
    """At most `width` cells of a text without escapes; an ellipsis where something is lost."""
    if cells(text) <= width:
        return text
    mark = "~" if ascii_only() else "…"
    kept, used = "", len(mark)
    for character in text:
        used += max(0, wcwidth(character))
        if used > width:
            break
        kept += character
    return (kept + mark)[: max(0, width)]
