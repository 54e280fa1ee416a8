"""Plain Markdown, as a README or a note: blocks of Python are cells, and all else is prose."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lessons.notebooks.blocks import blocks
from lessons.notebooks.pieces import Code, Pages, Piece, Text

_CELL = re.compile(r"^(?:python3?|py|ipython3?|\{python3?\b.*\}|\{\.python\b.*\})(?:[ ,].*)?$", re.IGNORECASE)


def read_plain(text: str, metadata: Mapping[str, object], title: str = "", first_line: int = 1) -> Pages:
    """The page. `text` is without its front matter, and begins on line `first_line` of the file."""
    lines = text.split("\n")
    pieces: list[Piece] = []
    at = 0
    for block in blocks(lines):
        if block.mark == ":" or not _CELL.match(block.info):
            continue
        pieces += _text(lines, at, block.start, first_line)
        pieces.append(Code(block.body, first_line + block.start + 1))
        at = block.end
    pieces += _text(lines, at, len(lines), first_line)
    return Pages(tuple(pieces), title, metadata=metadata)


def _text(lines: list[str], start: int, end: int, first_line: int) -> list[Piece]:
    markdown = "\n".join(lines[start:end])
    return [Text(markdown, first_line + start)] if markdown.strip() else []
