"""Tokens to a tree, by recursive descent: rows, atoms and their scripts. What each command means is in `commands`."""

from __future__ import annotations

from functools import lru_cache

from tutor.math.symbols import LIMIT_FUNCTIONS, NO_LIMITS, PAIRS, SYMBOLS, character
from tutor.math.tokens import Tokens, Unreadable
from tutor.math.tree import EMPTY, Brace, Fence, Fraction, Node, Row, Scripts, Space, Symbol, Table, Text, Word

_DEEPEST = 60
"""Nesting beyond this is no formula, but it could exhaust the stack."""
_CLOSES = {right: left for left, right in PAIRS.items()}
_ROW_ENDS = frozenset({"", "}", "&", "\\\\", "\\cr", "\\end", "\\right", "\\middle"})
_INFIX = frozenset({"\\choose", "\\over", "\\atop"})
_SCRIPT_MARKS = frozenset({"^", "_", "'", "\\limits", "\\nolimits"})
_WORD_FONTS = frozenset({"rm", "it", "sf", "tt"})
"""In these, letters side by side are a word and not a product."""


@lru_cache(maxsize=2048)
def parse(source: str) -> Node:
    """The tree of a formula. Raises `Unreadable`."""
    parser = Parser(source)
    node = parser.lines()
    if parser.tokens.peek():
        raise Unreadable(f"{parser.tokens.peek()} stood where nothing opened it")
    return node


class Parser:
    """Reads one formula."""

    def __init__(self, source: str) -> None:
        self.tokens = Tokens(source)
        self._depth = 0

    def lines(self, font: str = "") -> Node:
        """A row, or several if `\\\\` or `&` stands outside an environment."""
        row = self.row(font)
        if self.tokens.peek() not in ("&", "\\\\", "\\cr"):
            return row
        return Table("lines", self.rows(row, font), "", "", "")

    def rows(self, first: Node, font: str = "") -> tuple[tuple[Node, ...], ...]:
        """The rows of a table whose first cell is read: cells between `&`, rows between `\\\\`."""
        rows: list[list[Node]] = [[first]]
        while True:
            if self.tokens.take("&"):
                rows[-1].append(self.row(font))
            elif self.tokens.take("\\\\") or self.tokens.take("\\cr"):
                self.tokens.take("*")
                if self.tokens.peek() == "[":
                    self._row_distance()
                rows.append([self.row(font)])
            else:
                break
        if len(rows) > 1 and rows[-1] == [EMPTY]:
            rows.pop()
        return tuple(tuple(row) for row in rows)

    def _row_distance(self) -> None:
        """`\\\\[2pt]`: dropped. A bracket that holds no length is the next row's first symbol."""
        place = self.tokens.mark()
        option = self.tokens.raw_option()
        if option is None or not option.strip().endswith(("pt", "em", "ex", "mm", "cm", "mu")):
            self.tokens.reset(place)

    def row(self, font: str = "", until: str = "") -> Row:
        """Atoms up to the end of a group, a cell or `until`."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("it was nested too deeply")
        items: list[Node] = []
        while True:
            token = self.tokens.peek()
            if token in _ROW_ENDS or token == until:
                break
            if token in _INFIX:
                self.tokens.next()
                fraction = Fraction(Row(tuple(items)), self.row(font, until), token == "\\over")
                items = [Fence("(", (fraction,), (), ")") if token == "\\choose" else fraction]
                break
            atom = self.atom(font)
            if atom is None:
                continue
            if isinstance(atom, Symbol) and atom.text in _CLOSES:
                atom = _fenced(items, atom)
            items.append(self._scripted(atom))
        self._depth -= 1
        _trim(items)
        return Row(_with_words(items) if font in _WORD_FONTS else tuple(items))

    def atom(self, font: str) -> Node | None:
        """One thing that scripts can be put on; None for what leaves nothing, such as a switch of style."""
        token = self.tokens.peek()
        if token in ("^", "_", "'"):
            return EMPTY  # a script without a base
        self.tokens.next()
        if token == "{":
            return self._group(font)
        if token == "~":
            return Space(1)
        if token[0] != "\\":
            return character(token, font)
        return self._command(token[1:], font)

    def _group(self, font: str) -> Node:
        node = self.lines(font)
        self.expect("}")
        if isinstance(node, Row) and len(node.items) == 1:
            alone = node.items[0]  # braces make a plain sign of a comma: 10{,}000
            return alone._replace(kind="ord") if isinstance(alone, Symbol) and alone.kind == "punct" else alone
        return node

    def expect(self, token: str) -> None:
        """Takes `token`, or raises `Unreadable`."""
        if not self.tokens.take(token):
            raise Unreadable(f"{token} was missing before {self.tokens.peek() or 'the end'}")

    def argument(self, font: str = "") -> Node:
        """What a command applies to: a group, or one atom."""
        token = self.tokens.peek()
        if not token or token in _ROW_ENDS:
            raise Unreadable("an argument was missing")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("it was nested too deeply")
        if token == "{":
            self.tokens.next()
            node: Node | None = self._group(font)
        else:
            node = self.atom(font)
        self._depth -= 1
        return EMPTY if node is None else node

    def _command(self, name: str, font: str) -> Node | None:
        from tutor.math.commands import COMMANDS  # commands call back into the parser

        if (handler := COMMANDS.get(name)) is not None:
            return handler(self, name, font)
        if (symbol := SYMBOLS.get(name)) is not None:
            return symbol._replace(font=font) if font and symbol.kind == "ord" else symbol
        raise Unreadable(f"\\{name} is not known")

    def _scripted(self, base: Node) -> Node:
        """The atom with the scripts, primes and `\\limits` that follow it."""
        if self.tokens.peek() not in _SCRIPT_MARKS:
            return base
        sub: Node | None = None
        sup: Node | None = None
        limits = _takes_limits(base)
        while (token := self.tokens.peek()) in _SCRIPT_MARKS:
            self.tokens.next()
            if token == "_":
                sub = _after(sub, self.argument())
            elif token == "^":
                sup = _after(sup, self.argument())
            elif token == "'":
                sup = _after(sup, SYMBOLS["prime"])
            else:
                limits = token == "\\limits"
        if sub is None and sup is None:
            return base
        if isinstance(base, Brace) and base.label is None and (sup if base.above else sub) is not None:
            braced = base._replace(label=sup if base.above else sub)
            below, above = (sub, None) if base.above else (None, sup)
            return braced if below is None and above is None else Scripts(braced, below, above, False)
        if isinstance(base, Word) and base.text in LIMIT_FUNCTIONS:
            base = base._replace(kind="op")  # `max(a, b)` is a function, `max_k` an operator
        return Scripts(base, sub, sup, limits)


def _trim(items: list[Node]) -> None:
    """Takes off the blanks that text has at the ends of a row: they parted it from what is not there."""
    if items and isinstance(items[0], Text):
        items[0] = items[0]._replace(text=items[0].text.lstrip())
    if items and isinstance(items[-1], Text):
        items[-1] = items[-1]._replace(text=items[-1].text.rstrip())


def _after(present: Node | None, added: Node) -> Node:
    if present is None:
        return added
    before = present.items if isinstance(present, Row) else (present,)
    return Row((*before, *(added.items if isinstance(added, Row) else (added,))))


def _takes_limits(base: Node) -> bool:
    if isinstance(base, Symbol):
        return base.kind == "op" and base.text not in NO_LIMITS
    if isinstance(base, Word):
        return base.kind == "op" or base.text in LIMIT_FUNCTIONS
    return getattr(base, "kind", "") == "op"


def _fenced(items: list[Node], closing: Symbol) -> Node:
    """The closing delimiter with what it closes, taken off `items`; itself where nothing was open, as in ]0, 1["""
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        if isinstance(item, Symbol) and item.text in PAIRS:
            if PAIRS[item.text] != closing.text:
                return closing
            body = items[place + 1 :]
            _trim(body)
            del items[place:]
            return Fence(item.text, (Row(tuple(body)),), (), closing.text)
    return closing


def _with_words(items: list[Node]) -> tuple[Node, ...]:
    """Letters side by side made words: `\\mathrm{softmax}`. A single letter stays a symbol."""
    result: list[Node] = []
    letters: list[Symbol] = []

    def close() -> None:
        if len(letters) > 1:
            result.append(Word("".join(letter.text for letter in letters), "word", letters[0].font))
        else:
            result.extend(letters)
        letters.clear()

    for item in items:
        if isinstance(item, Symbol) and (item.text.isalnum() or (item.text == "−" and letters)) and not item.name[1:]:
            letters.append(item._replace(text="-") if item.text == "−" else item)
        else:
            close()
            result.append(item)
    close()
    return tuple(result)
