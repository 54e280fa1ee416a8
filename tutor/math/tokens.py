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
    """The tokens of one formula and how far they are read. Blanks are no tokens, but text can have them back."""

    def __init__(self, source: str) -> None:
        found = _TOKEN.findall(source)
        self._tokens: list[str] = [token for token in found if not token.isspace() and token not in _DROPPED]
        # sizes say how large to draw a delimiter: ours grow with what they enclose
        if any(_SIZES.match(token) for token in self._tokens):
            self._tokens = [token for token in self._tokens if not _SIZES.match(token)]
        self._tokens.append("")
        self._found = found
        self._place = 0

    def peek(self) -> str:
        """The next token; empty at the end."""
        return self._tokens[self._place]

    def next(self) -> str:
        """The next token, taken; empty at the end."""
        token = self._tokens[self._place]
        if token:
            self._place += 1
        return token

    def take(self, token: str) -> bool:
        """Takes the next token if it is this one."""
        if self._tokens[self._place] != token:
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
        while token := self.next():
            depth += (token == "{") - (token == "}")
            if depth == 0:
                return self._source(start, self._place - 1)
        raise Unreadable("a brace was not closed")

    def raw_option(self) -> str | None:
        """The source between square brackets, if they come next and are closed."""
        if self.peek() != "[" or "]" not in self._tokens[self._place :]:
            return None
        start = self._place + 1
        end = self._tokens.index("]", start)
        self._place = end + 1
        return self._source(start, end)

    def _source(self, start: int, end: int) -> str:
        """The tokens from `start` to `end` with the blanks between them: found again by counting, for it is rare."""
        pieces: list[str] = []
        place = 0
        for token in self._found:
            if token.isspace():
                if start <= place <= end:
                    pieces.append(token)
            elif token not in _DROPPED and not _SIZES.match(token):
                if start <= place < end:
                    pieces.append(token)
                place += 1
        return "".join(pieces)
