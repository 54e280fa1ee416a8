"""Markdown source to a tree of tokens: the one place that knows markdown-it and which extensions lessons may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from tutor.prose.lines import neutral


@dataclass(slots=True)
class Node:
    """A token and what it encloses."""

    token: Token
    children: list[Node] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The token's type, without `_open`."""
        return self.token.type.removesuffix("_open")


@cache
def _parser() -> MarkdownIt:
    # HTML is text here: a terminal has nothing to do with it.
    # A `$` before a blank opens no formula, so that "$5 or $6" is prose.
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"])
    dollarmath_plugin(parser, allow_space=False, allow_digits=True, double_inline=True)
    colon_fence_plugin(parser)
    footnote_plugin(parser, inline=False)
    return parser


@lru_cache(maxsize=64)
def read(markdown: str) -> tuple[Node, ...]:
    """The blocks of `markdown`. Control characters are neutralised before anything else sees them."""
    return tuple(_nested(_parser().parse(neutral(markdown.replace("\r\n", "\n")))))


def _nested(tokens: list[Token]) -> list[Node]:
    top: list[Node] = []
    open_nodes: list[Node] = []
    for token in tokens:
        if token.nesting == -1:
            open_nodes.pop()
            continue
        node = Node(token)
        (open_nodes[-1].children if open_nodes else top).append(node)
        if token.nesting == 1:
            open_nodes.append(node)
    return top
