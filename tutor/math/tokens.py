"""TeX source to tokens, and a place among them. It knows what a token is, and nothing of what one means."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.|$)|\s+|.", re.DOTALL)
_SIZES = re.compile(r"^\\[bB]igg?[lrm]?$")
_DROPPED = frozenset(
    f"\\{name}"
    for name in (
        *("displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "nonumber", "notag", "hline", "allowbreak"),
        *("nobreak", "relax", "mathstrut", "strut", "hfill", "hfil", "noindent", "centering", "protect", "null"),
    )
)


class Unreadable(Exception):
    """The source is no formula that we can set. The message says what stopped the reading."""


class Tokens:
    """The tokens of one formula and how far they are read. Blanks are tokens, because they count in text."""

    def __init__(self, source: str) -> None:
        self._tokens = [
            token for token in _TOKEN.findall(source) if token not in _DROPPED and not _SIZES.match(token)
        ]  # sizes say how large to draw a delimiter: ours grow with what they enclose
        self._place = 0

    def peek(self) -> str:
        """The next token that is no blank; empty at the end."""
        tokens, place = self._tokens, self._place
        while place < len(tokens) and tokens[place].isspace():
            place += 1
        self._place = place
        return tokens[place] if place < len(tokens) else ""

    def next(self) -> str:
        """The next token that is no blank, taken; empty at the end."""
        token = self.peek()
        if token:
            self._place += 1
        return token

    def take(self, token: str) -> bool:
        """Takes the next token if it is this one."""
        if self.peek() != token:
            return False
        self._place += 1
        return True

    def mark(self) -> int:
        """The place, to come back to with `reset`."""
        return self._place

    def reset(self, place: int) -> None:
        """Goes back to a place."""
        self._place = place

    def raw_group(self) -> str:
        """The source between braces, blanks and all; one token where there are none."""
        first = self.next()
        if first != "{":
            return first
        depth, start = 1, self._place
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            depth += (token == "{") - (token == "}")
            self._place += 1
            if depth == 0:
                return "".join(self._tokens[start : self._place - 1])
        raise Unreadable("a brace was not closed")

    def raw_option(self) -> str | None:
        """The source between square brackets, if they come next and are closed."""
        if self.peek() != "[" or "]" not in self._tokens[self._place :]:
            return None
        start = self._place + 1
        end = self._tokens.index("]", start)
        self._place = end + 1
        return "".join(self._tokens[start:end])
