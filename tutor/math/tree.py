"""What a formula is once it is read: a small tree that both back ends walk. It knows no widths and no profile."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Symbol(NamedTuple):
    """One character."""

    text: str
    kind: str
    """TeX's class of atom: `ord`, `op`, `bin`, `rel`, `open`, `close`, `punct`."""
    name: str = ""
    """Its TeX command, which stands for it in ASCII; empty for a character of the source."""
    font: str = ""
    """An alphabet of `alphabets`: `bf`, `cal` and so on."""


class Word(NamedTuple):
    """Letters that belong together: a function's name (`fun`), an operator with limits (`op`), a `word`."""

    text: str
    kind: str
    font: str = ""


class Text(NamedTuple):
    """Words of a language, blanks and all."""

    text: str
    font: str = ""


class Space(NamedTuple):
    """An explicit space, in cells; -1 takes away the one that would be there."""

    size: int


class Row(NamedTuple):
    """One after another."""

    items: tuple[Node, ...]


class Scripts(NamedTuple):
    """A base with what is below and above it."""

    base: Node
    sub: Node | None
    sup: Node | None
    limits: bool
    """Whether they stand under and over it where there is room."""


class Fraction(NamedTuple):
    """One over the other."""

    over: Node
    under: Node
    rule: bool
    """A binomial coefficient has none."""


class Root(NamedTuple):
    """A square root, or another one of a degree."""

    of: Node
    degree: Node | None


class Accent(NamedTuple):
    """A mark over (or under) its base: `hat`, `bar`, `overline`, `underline`, `overrightarrow` …"""

    name: str
    base: Node


class Stack(NamedTuple):
    """`\\overset` and its kin: a base of the class `kind`, with something over or under it."""

    base: Node
    over: Node | None
    under: Node | None
    kind: str


class Brace(NamedTuple):
    """A base with a brace over or under it and a label beyond the brace."""

    base: Node
    above: bool
    label: Node | None


class Fence(NamedTuple):
    """Parts between delimiters that grow with them. `separators` stand between the parts (`\\middle`)."""

    left: str
    parts: tuple[Node, ...]
    separators: tuple[str, ...]
    right: str


class Table(NamedTuple):
    """Cells in rows. `kind` is `matrix`, `cases`, `aligned` or `lines`."""

    kind: str
    rows: tuple[tuple[Node, ...], ...]
    left: str
    right: str
    columns: str
    """`l`, `c` or `r` for each column; what is missing is `c` in a matrix."""


class Classed(NamedTuple):
    """A node that counts as another class of atom: `\\mathrel{…}`."""

    node: Node
    kind: str


Node: TypeAlias = (
    Symbol | Word | Text | Space | Row | Scripts | Fraction | Root | Accent | Stack | Brace | Fence | Table | Classed
)
EMPTY = Row(())


def kind_of(node: Node) -> str:
    """The class of atom that decides the spaces beside a node."""
    if isinstance(node, (Symbol, Word, Stack, Classed)):
        return node.kind
    if isinstance(node, Scripts):
        return kind_of(node.base)
    if isinstance(node, Row):
        return kind_of(node.items[0]) if len(node.items) == 1 else "ord"
    if isinstance(node, Text):
        return "text" if node.text[:1].isspace() or node.text[-1:].isspace() else "word"
    return _KINDS.get(type(node), "ord")


_KINDS: dict[type, str] = {Space: "space", Fraction: "inner", Fence: "fence", Table: "fence"}
