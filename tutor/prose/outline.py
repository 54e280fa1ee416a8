"""What a text holds besides its words: headings for an outline or a jump list, formulas to show or copy as TeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tutor.prose.directives import directive_of
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


class Formula(NamedTuple):
    """One formula, as its author wrote it."""

    tex: str
    is_display: bool


def headings(markdown: str) -> list[Heading]:
    """Every heading of `markdown`, in order; those inside quotes and lists too."""
    return list(_headings(read(markdown)))


def formulas(markdown: str) -> list[Formula]:
    """Every formula of `markdown`, in order, inside admonitions too."""
    return list(_formulas(read(markdown)))


def _headings(nodes: Iterable[Node]) -> Iterator[Heading]:
    for node in nodes:
        if node.type == "heading":
            line = node.token.map[0] if node.token.map else 0
            yield Heading(int(node.token.tag[1]), plain_text(node.children[0].token), line)
        else:
            yield from _headings(node.children)


def _formulas(nodes: Iterable[Node]) -> Iterator[Formula]:
    for node in nodes:
        token = node.token
        if token.type in ("math_block", "math_block_label"):
            yield Formula(token.content.strip(), True)
        elif token.type in ("fence", "colon_fence"):
            directive = directive_of(token.info, token.content)
            if directive is not None and directive.kind == "math":
                yield Formula(directive.body.strip(), True)
            elif directive is not None and directive.kind != "code":
                yield from _formulas((*read(directive.title), *read(directive.body)))
        for child in token.children or []:
            if child.type in ("math_inline", "math_inline_double"):
                yield Formula(child.content.strip(), child.type == "math_inline_double")
        yield from _formulas(node.children)
