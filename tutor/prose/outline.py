"""What a text holds besides its words: headings for an outline or a jump list, formulas to show or copy as TeX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tutor.prose.directives import directive_of
from tutor.prose.figures import Image, in_tag
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


class Link(NamedTuple):
    """One link."""

    text: str
    """What is to be clicked, without marks."""
    address: str


def links(markdown: str) -> list[Link]:
    """Every link of `markdown` that has an address, in order, inside admonitions too."""
    return list(_links(read(markdown)))


def headings(markdown: str) -> list[Heading]:
    """Every heading of `markdown`, in order; those inside quotes and lists too."""
    return list(_headings(read(markdown)))


def formulas(markdown: str) -> list[Formula]:
    """Every formula of `markdown`, in order, inside admonitions too."""
    return list(_formulas(read(markdown)))


def images(markdown: str) -> list[Image]:
    """Every picture that `markdown` names, in order: in the text, as a directive, as a line of HTML."""
    return list(_images(read(markdown)))


def _images(nodes: Iterable[Node]) -> Iterator[Image]:
    for node in nodes:
        token = node.token
        if token.type in ("fence", "colon_fence"):
            directive = directive_of(token.info, token.content)
            if directive is not None and directive.kind == "figure":
                yield Image(directive.title, None, directive.alt)
            elif directive is not None and directive.kind not in ("code", "math"):
                yield from _images(read(directive.body))
        for child in token.children or []:
            if child.type == "image":
                yield Image(str(child.attrs.get("src", "")), child, child.content)
        if token.type == "inline" and "<img" in token.content:
            for line in token.content.split("\n"):
                yield from in_tag(line)
        yield from _images(node.children)


def _headings(nodes: Iterable[Node]) -> Iterator[Heading]:
    for node in nodes:
        if node.type == "heading":
            line = node.token.map[0] if node.token.map else 0
            yield Heading(int(node.token.tag[1]), plain_text(node.children[0].token), line)
        else:
            yield from _headings(node.children)


def _links(nodes: Iterable[Node]) -> Iterator[Link]:
    for node in nodes:
        token = node.token
        if token.type in ("fence", "colon_fence"):
            directive = directive_of(token.info, token.content)
            if directive is not None and directive.kind not in ("code", "math"):
                yield from _links((*read(directive.title), *read(directive.body)))
        address, text = "", ""
        for child in token.children or []:
            if child.type == "link_open":
                address, text = str(child.attrs.get("href", "")), ""
            elif child.type == "link_close":
                if address:
                    yield Link(text.strip() or address, address)
                address = ""
            elif address:
                text += child.content if child.type != "softbreak" else " "
        yield from _links(node.children)


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
