"""The headings of a text, for an outline or a jump list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tutor.prose.inlines import plain_text
from tutor.prose.reading import Node, read


class Heading(NamedTuple):
    """One heading."""

    level: int
    """1 to 6."""
    text: str
    """Without marks; formulas as they read in a line."""
    line: int
    """Line in the source, from 0."""


def headings(markdown: str) -> list[Heading]:
    """Every heading of `markdown`, in order; those inside quotes and lists too."""
    return list(_found(read(markdown)))


def _found(nodes: Iterable[Node]) -> Iterator[Heading]:
    for node in nodes:
        if node.type == "heading":
            line = node.token.map[0] if node.token.map else 0
            yield Heading(int(node.token.tag[1]), plain_text(node.children[0].token), line)
        else:
            yield from _found(node.children)
