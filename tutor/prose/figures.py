"""Pictures in running text: which of them stand alone, and the lines that one takes. Knows no file and no pixels.

Whoever lays out hands in a `Figures`, which says how many cells a picture takes before anyone has decoded it. Its
cells are left blank here: spans of role `picture`, whose link is the picture's key and the number of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple, Protocol

from markdown_it.token import Token

from tutor.prose.lines import Line, Span, joined, neutral
from tutor.prose.wrapping import wrap

INDENT = 2
ROOM = "\u00a0"
"""What room is made of: a blank that is not trimmed from the end of a line."""


class Figure(NamedTuple):
    """What there is to lay out for a picture."""

    link: str = ""
    """Where it is: the caption leads there."""
    note: str = ""
    """What is said under the caption: why it is not drawn, how large it is."""
    key: str = ""
    columns: int = 0
    rows: int = 0
    """Cells that it takes; none where it is not drawn."""


class Figures(Protocol):
    """Knows pictures by what a text calls them."""

    def figure(self, src: str, width: int) -> Figure:
        """What to lay out for `src` in `width` columns. Never raises."""


class Image(NamedTuple):
    """A picture that a text names."""

    src: str
    alt: Token | None
    """What stands for it: tokens, since it may hold formulas."""
    words: str = ""
    """The same, where it is no Markdown."""


_TAG = re.compile(
    r"(?:<(?:center|p|div|figure)\b[^<>]*>\s*)*<img\b([^<>]*)/?>\s*(?:</(?:center|p|div|figure)>\s*)*", re.I
)
_ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)


def parts(token: Token) -> list[Token | Image]:
    """An inline token in parts: text, and pictures that have a line (or lines) for themselves."""
    found: list[Token | Image] = []
    text: list[Token] = []

    def close() -> None:
        while text and text[-1].type in ("softbreak", "hardbreak"):
            text.pop()
        if text:
            found.append(token.copy(children=list(text)))
            text.clear()

    for line in _lines(token.children or []):
        if pictures := _pictures(line):
            close()
            found.extend(pictures)
        elif text or line[0].type not in ("softbreak", "hardbreak"):
            text.extend(line)
    close()
    return found


def has_pictures(token: Token) -> bool:
    """Whether there is any, quickly."""
    return any(child.type == "image" for child in token.children or []) or "<img" in token.content


def _lines(children: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each line of the source, with the break at its end. What spans lines (emphasis) is one line."""
    line: list[Token] = []
    depth = 0
    for child in children:
        line.append(child)
        depth += child.nesting
        if child.type in ("softbreak", "hardbreak") and depth == 0:
            yield line
            line = []
    if line:
        yield line


def _pictures(line: Sequence[Token]) -> list[Image]:
    """The pictures of a line that has nothing else. One inside a link (a badge) is the link's text."""
    solid = [
        one
        for one in line
        if one.type not in ("softbreak", "hardbreak") and (one.type != "text" or one.content.strip())
    ]
    if solid and all(one.type == "image" for one in solid):
        return [Image(str(one.attrs.get("src", "")), one) for one in solid]
    if solid and all(one.type == "text" for one in solid):
        return in_tag("".join(one.content for one in solid))
    return []


def in_tag(text: str) -> list[Image]:
    """The picture of a line that is an HTML tag of one."""
    match = _TAG.fullmatch(text.strip())
    given = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(match[1])} if match else {}
    return [Image(given["src"], None, given.get("alt", ""))] if given.get("src") else []


def lay_out_figure(figure: Figure, caption: Sequence[Span], width: int) -> list[Line]:
    """Cells for the picture, the caption under it, and a note."""
    margin = Span(" " * INDENT)
    left = Span(" " * (INDENT + max(0, (width - INDENT - figure.columns) // 2)))
    cells = Span(ROOM * figure.columns, "picture")
    lines: list[Line] = [(left, cells._replace(link=f"{figure.key}/{row}")) for row in range(figure.rows)]
    link = neutral(figure.link) or None
    said = [span if span.link else span._replace(link=link) for span in caption]
    lines += [joined([margin, *line]) for line in wrap(said, width - INDENT)]
    lines += [joined([margin, *line]) for line in wrap([Span(neutral(figure.note), "image-note")], width - INDENT)]
    return lines
