"""Finds the fenced blocks of any Markdown. It never raises: a fence that is never closed ends with the text.

`lessons.scanner` does the same for lessons of ours, and tells their authors what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,}|:{3,})(.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block at the top level."""

    mark: str
    """The character that its fences are made of."""
    info: str
    """What follows the opening fence on its line."""
    body: str
    start: int
    """Index of the opening line."""
    end: int
    """Index of the line behind the closing one."""


def blocks(lines: Sequence[str], *, colons: bool = True) -> Iterator[Block]:
    """The fenced blocks, in order. `colons`: whether `:::` opens one."""
    opened: re.Match[str] | None = None
    start = 0
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if match is None:
            continue
        mark, info = match[2], match[3].strip()
        if opened is None:
            plain = mark[0] == "`" and "`" in info
            if not plain and not (mark[0] == ":" and (not colons or not info)):
                opened, start = match, number
        elif mark[0] == opened[2][0] and len(mark) >= len(opened[2]) and not info:
            yield _block(lines, opened, start, number, number + 1)
            opened = None
    if opened is not None:
        yield _block(lines, opened, start, len(lines), len(lines))


def _block(lines: Sequence[str], opened: re.Match[str], start: int, close: int, end: int) -> Block:
    indent = len(opened[1])
    body = [line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines[start + 1 : close]]
    return Block(opened[2][0], opened[3].strip(), "\n".join(body), start, end)


def outside_fences(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines, with their numbers, that are in no fenced block."""
    at = 0
    for block in [*blocks(lines), None]:
        end = len(lines) if block is None else block.start
        for number in range(at, end):
            yield number, lines[number]
        if block is not None:
            at = block.end
