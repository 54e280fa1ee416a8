"""A formula on one line, for a sentence. What two dimensions say by place, parentheses must say here: `1/(2σ²)`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from tutor.math.alphabets import SUBSCRIPTS, SUPERSCRIPTS, glyph, in_font, plain
from tutor.math.profiles import Profile
from tutor.math.spacing import gap, kinds_in_row, with_explicit, words_touch
from tutor.math.tree import (
    Accent,
    Brace,
    Classed,
    Fence,
    Fraction,
    Node,
    Root,
    Row,
    Scripts,
    Space,
    Stack,
    Symbol,
    Table,
    Text,
    Word,
    kind_of,
)  # fmt: skip

COMBINING = {
    "hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
    "dddot": "\u20db", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
    "overline": "\u0305", "underline": "\u0332", "overrightarrow": "\u20d7", "overleftarrow": "\u20d6",
    "overleftrightarrow": "\u20e1", "not": "\u0338", "cancel": "\u0336", "bcancel": "\u0336", "xcancel": "\u0336",
}  # fmt: skip
"""Marks that a terminal draws over the letter before them."""

_SPREADING = frozenset({"bar", "overline", "underline", "cancel", "bcancel", "xcancel"})
"""Marks that join when every letter has one."""

_FUNCTION_LETTERS = frozenset("PpQqfghFGHΓσϕφψμ")
"""A letter of these before a parenthesis is a function of what is in it: `P(B)` is one factor, `a(b + c)` is not."""
_TOUCHING = frozenset({"ord", "word", "inner", "fence", "fun", "op"})
_BARE = re.compile(r"[0-9A-Za-zα-ωΑ-Ω]+")
_LONG_WORD = 3
"""A word of so many letters is set after a mark and not in raised letters: `W_out`, not `Wₒᵤₜ`."""


def one_line(node: Node, profile: Profile, tight: bool = False) -> str:
    """The node as text without a line break. `tight` is inside scripts: no spaces around relations and operators."""
    return _SETTERS[type(node)](node, profile, tight)


def _symbol(node: Symbol, profile: Profile, tight: bool) -> str:
    return glyph(node, profile)


def _word(node: Word, profile: Profile, tight: bool) -> str:
    return in_font(node.text, node.font, profile)


def _space(node: Space, profile: Profile, tight: bool) -> str:
    return " " * max(0, node.size)


def _row(node: Row, profile: Profile, tight: bool) -> str:
    if len(node.items) == 1:
        return one_line(node.items[0], profile, tight)
    line, last, before, bare_root = "", "", "", False
    wanted: int | None = None
    kinds = kinds_in_row(node.items)
    for place, item in enumerate(node.items):
        kind = kinds[place]
        if kind == "space":
            wanted = (wanted or 0) + item.size if isinstance(item, Space) else 1
            continue
        text = one_line(item, profile, tight)
        if not text:
            continue
        if isinstance(item, Fraction) and (before in _TOUCHING or _touches(node.items, kinds, place + 1)):
            text, kind = f"({text})", "fence"
        elif profile.ascii and kind == "ord" and len(text) > 1 and text.isalpha():
            kind = "word"  # a Greek letter's name
        space = gap(before, kind, tight)
        if not space and (words_touch(last, text, before, kind) or (bare_root and kind in _TOUCHING)):
            space = 1
        space = with_explicit(min(wanted, 1) if tight and wanted else wanted, space)
        line += " " * space + text if line else text
        last, before, wanted = text, kind, None
        bare_root = isinstance(item, Root) and not text.endswith(")")
    return line


def _touches(items: Sequence[Node], kinds: Sequence[str], start: int) -> bool:
    """Whether a factor comes next: a fraction before it would seem to go on."""
    for item, kind in zip(items[start:], kinds[start:], strict=True):
        if kind != "space":
            return kind in _TOUCHING and not (isinstance(item, Symbol) and item.text in ".′…")
    return False


def script_text(node: Node, profile: Profile) -> str:
    """What stands in a script, set as tight as can be."""
    return one_line(node, profile, True)


def as_letters(node: Node, letters: dict[str, str], profile: Profile) -> str | None:
    """A script in Unicode's raised or lowered letters; None where one of its characters has none."""
    if profile.ascii or _has_long_word(node):
        return None
    text = script_text(node, profile)
    if not all(character in letters for character in text):
        return None
    return "".join(letters[character] for character in text)


def _has_long_word(node: Node) -> bool:
    items = node.items if isinstance(node, Row) else (node,)
    return any(isinstance(item, (Word, Text)) and len(item.text) >= _LONG_WORD for item in items)


def _scripts(node: Scripts, profile: Profile, tight: bool) -> str:
    base = one_line(node.base, profile, tight)
    if isinstance(node.base, Fraction) or (isinstance(node.base, Root) and len(base) > 1):
        base = f"({base})"
    sub, sup = node.sub, node.sup
    letters = True
    if kind_of(node.base) == "op" and sub is not None and sup is not None:  # both limits of ∑ in the same way
        letters = None not in (as_letters(sub, SUBSCRIPTS, profile), as_letters(sup, SUPERSCRIPTS, profile))
    below, above = (SUBSCRIPTS, SUPERSCRIPTS) if letters else ({}, {})
    return base + _script(sub, "_", below, profile) + _script(sup, "^", above, profile)


def _script(node: Node | None, mark: str, letters: dict[str, str], profile: Profile) -> str:
    if node is None:
        return ""
    raised = as_letters(node, letters, profile)
    if raised is not None:
        return raised
    text = script_text(node, profile)
    if profile.ascii and set(text) == {"'"}:
        return text
    if len(text) == 1 or (mark == "_" and _BARE.fullmatch(text)):
        return mark + text
    return f"{mark}{{{text}}}"


def _fraction(node: Fraction, profile: Profile, tight: bool) -> str:
    over, under = one_line(node.over, profile, tight), one_line(node.under, profile, tight)
    if not node.rule:
        return f"{over} choose {under}"
    if not _is_product(_items(node.over)) and not _is_factor(_items(node.over)):
        over = f"({over})"
    if not _is_factor(_items(node.under)):
        under = f"({under})"
    return f"{over}/{under}"


def _items(node: Node) -> tuple[Node, ...]:
    items = node.items if isinstance(node, Row) else (node,)
    flat = [item for item in items if not isinstance(item, Space)]
    return _items(flat[0]) if len(flat) == 1 and isinstance(flat[0], Row) else tuple(flat)


def _is_factor(items: tuple[Node, ...]) -> bool:
    """Whether this can stand beside a / without parentheses."""
    if len(items) > 1 and getattr(items[-1], "text", "") == "!":
        items = items[:-1]
    if len(items) == 1:
        return not isinstance(items[0], (Fraction, Stack)) and not _is_text_of_words(items[0])
    if all(isinstance(item, Symbol) and (item.text.isdigit() or item.text == ".") for item in items):
        return True
    bars = [place for place, item in enumerate(items) if getattr(_head(item), "text", "") in ("|", "‖")]
    if bars == [0, len(items) - 1]:
        return True
    if len(items) == 2 and isinstance(_head(items[1]), Fence):
        head = _head(items[0])
        return isinstance(head, Word) or (isinstance(head, Symbol) and head.text in _FUNCTION_LETTERS)
    return len(items) % 2 == 0 and all(_is_differential(item) for item in items[::2]) and len(items) <= 6


def _head(node: Node) -> Node:
    """The node without its scripts."""
    return node.base if isinstance(node, Scripts) else node


def _is_text_of_words(node: Node) -> bool:
    return isinstance(node, Text) and " " in node.text.strip()


def _is_differential(node: Node) -> bool:
    head = _head(node)
    return isinstance(head, Symbol) and head.text in ("∂", "d")


def _is_product(items: tuple[Node, ...]) -> bool:
    """Whether a numerator is letters, numbers and parentheses side by side: then the / divides all of them."""
    kinds = kinds_in_row([item for item in items if getattr(item, "text", "") != "!"])
    if kinds and kinds[0] == "sign":
        kinds = kinds[1:]
    return bool(kinds) and all(kind in ("ord", "fence") for kind in kinds)


def _root(node: Root, profile: Profile, tight: bool) -> str:
    inside = one_line(node.of, profile, tight)
    if profile.ascii:
        return f"root({inside}, {one_line(node.degree, profile, True)})" if node.degree else f"sqrt({inside})"
    index = as_letters(node.degree, SUPERSCRIPTS, profile) if node.degree else ""
    if index is None and node.degree:
        return f"root({inside}, {one_line(node.degree, profile, True)})"
    return f"{index}√{inside}" if is_one_unit(node.of, inside) else f"{index}√({inside})"


def is_one_unit(node: Node, text: str) -> bool:
    """Whether a root's sign before `text` can be read in one way only: a letter, one with an index, a number."""
    items = _items(node)
    if len(items) == 1:
        item = items[0]
        if isinstance(item, Scripts) and item.sup is None and "_" not in text:
            item = item.base
        return isinstance(item, (Symbol, Accent))
    return text.isdigit()


def accented(node: Accent, profile: Profile) -> str | None:
    """The base with combining marks; None where the mark needs a line of its own."""
    text = one_line(node.base, profile, True)
    if node.name not in COMBINING or not profile.combining:
        return None
    mark = COMBINING[node.name]
    if isinstance(node.base, Scripts) and isinstance(node.base.base, Symbol):  # \hat{y_i}: over the y
        inner = one_line(node.base.base, profile, True)
        if len(inner) == 1:
            return unicodedata.normalize("NFC", inner + mark) + text[len(inner) :]
    letters = sum(not unicodedata.combining(character) for character in text)
    if letters == 1:
        return unicodedata.normalize("NFC", text + mark)
    if node.name in _SPREADING and letters:
        return "".join(character + mark for character in text)
    return None


def _accent(node: Accent, profile: Profile, tight: bool) -> str:
    marked = accented(node, profile)
    if marked is not None:
        return marked
    return f"{node.name}({one_line(node.base, profile, tight)})"


def _stack(node: Stack, profile: Profile, tight: bool) -> str:
    return _scripts(Scripts(node.base, node.under, node.over, True), profile, tight)


def _brace(node: Brace, profile: Profile, tight: bool) -> str:
    base = one_line(node.base, profile, tight)
    if node.label is None:
        return base
    base = base if len(_items(node.base)) == 1 else f"({base})"
    letters, mark = (SUPERSCRIPTS, "^") if node.above else (SUBSCRIPTS, "_")
    return base + _script(node.label, mark, letters, profile)


def _fence(node: Fence, profile: Profile, tight: bool) -> str:
    inside = one_line(node.parts[0], profile, tight)
    for separator, part in zip(node.separators, node.parts[1:], strict=True):
        inside += f" {plain(separator) if profile.ascii else separator} {one_line(part, profile, tight)}"
    return f"{_delimiter(node.left, profile)}{inside}{_delimiter(node.right, profile)}"


def _delimiter(text: str, profile: Profile) -> str:
    return plain(text) if profile.ascii else text


def _table(node: Table, profile: Profile, tight: bool) -> str:
    between = " " if node.kind in ("aligned", "lines") else ", "
    rows = [between.join(filter(None, (one_line(cell, profile, tight) for cell in row))) for row in node.rows]
    body = "; ".join(row.rstrip(" ,;") if count < len(rows) - 1 else row for count, row in enumerate(rows) if row)
    if node.kind == "matrix" and not node.left:
        return f"[{body}]"
    return f"{_delimiter(node.left, profile)}{body}{_delimiter(node.right, profile)}"


def _text(node: Text, profile: Profile, tight: bool) -> str:
    return in_font(node.text, node.font, profile)


def _classed(node: Classed, profile: Profile, tight: bool) -> str:
    return one_line(node.node, profile, tight)


_SETTERS: dict[type, Callable[[Any, Profile, bool], str]] = {
    Symbol: _symbol, Word: _word, Space: _space, Row: _row, Scripts: _scripts, Fraction: _fraction, Root: _root,
    Accent: _accent, Stack: _stack, Brace: _brace, Fence: _fence, Table: _table, Text: _text, Classed: _classed,
}  # fmt: skip
