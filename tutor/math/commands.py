"""What each TeX command that takes arguments means. A command is a function from the parser to a node."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from tutor.math.parser import Parser
from tutor.math.symbols import DELIMITERS, FUNCTIONS, LIMIT_FUNCTIONS, NEGATED, SPACES, SYMBOLS, character
from tutor.math.tokens import Unreadable
from tutor.math.tree import (
    EMPTY,
    Accent,
    Brace,
    Classed,
    Fence,
    Fraction,
    Node,
    Root,
    Row,
    Space,
    Stack,
    Symbol,
    Table,
    Text,
    Word,
)  # fmt: skip

Handler: TypeAlias = Callable[[Parser, str, str], "Node | None"]

_FONTS = {
    "mathbf": "bf", "boldsymbol": "bf", "bm": "bf", "pmb": "bf", "mathbfit": "bf", "symbf": "bf", "bold": "bf",
    "mathcal": "cal", "mathscr": "cal", "mathbb": "bb", "mathbbm": "bb", "mathds": "bb", "Bbb": "bb",
    "mathfrak": "frak", "mathrm": "rm", "mathup": "rm", "mathnormal": "", "mathit": "it", "mathsf": "sf",
    "mathtt": "tt",
}  # fmt: skip
_SWITCHES = {"bf": "bf", "rm": "rm", "it": "it", "sf": "sf", "tt": "tt", "cal": "cal", "bfseries": "bf"}
_TEXTS = {
    "text": "", "textrm": "", "textnormal": "", "mbox": "", "hbox": "", "textit": "", "textup": "", "textsc": "",
    "emph": "", "textbf": "bf", "textsf": "sf", "texttt": "tt", "intertext": "", "fbox": "",
}  # fmt: skip
_ACCENTS = frozenset(
    (
        *("hat", "widehat", "bar", "tilde", "widetilde", "vec", "dot", "ddot", "dddot", "check", "widecheck", "breve"),
        *("acute", "grave", "mathring", "overline", "underline", "overrightarrow", "overleftarrow", "not"),
        *("overleftrightarrow", "cancel", "bcancel", "xcancel"),
    )
)
_MATRICES = {
    "matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"), "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"), "smallmatrix": ("", ""), "array": ("", ""), "tabular": ("", ""),
}  # fmt: skip
_ALIGNED = frozenset("aligned align alignat alignedat split eqnarray flalign".split())  # noqa: SIM905
_LINES = frozenset("gathered gather equation multline displaymath math subequations".split())  # noqa: SIM905


def _font(parser: Parser, name: str, font: str) -> Node:
    return parser.argument(_FONTS[name] or font)


def _switch(parser: Parser, name: str, font: str) -> Node:
    return parser.row(_SWITCHES[name])


def _text(parser: Parser, name: str, font: str) -> Node:
    source = parser.tokens.raw_group()
    pieces = source.split("$")
    nodes: list[Node] = []
    for place, piece in enumerate(pieces):
        if place % 2 and place < len(pieces) - 1:
            nodes.append(Parser(piece).row())
        elif piece:
            nodes.append(Text(_unescaped(piece), _TEXTS[name]))
    return nodes[0] if len(nodes) == 1 else Row(tuple(nodes))


_TEXT_COMMAND = re.compile(r"\\(?:text[a-z]*|emph|mathrm|it|rm|bf|sl|sf)(?![a-zA-Z])\s*")
_TEXT_ESCAPES = {
    "\\_": "_",
    "\\&": "&",
    "\\%": "%",
    "\\#": "#",
    "\\$": "$",
    "\\{": "\0",
    "\\}": "\1",
    "\\ ": " ",
    "~": " ",
    "\\,": " ",
}


def _unescaped(text: str) -> str:
    text = _TEXT_COMMAND.sub("", text)
    for escape, meaning in _TEXT_ESCAPES.items():
        text = text.replace(escape, meaning)
    text = text.replace("{", "").replace("}", "").replace("\0", "{").replace("\1", "}")
    if "\\" in text:
        raise Unreadable("a command stood inside text")
    return " ".join(text.split()).join((" " if text[:1].isspace() else "", " " if text[-1:].isspace() else "")) or " "


def _fraction(parser: Parser, name: str, font: str) -> Node:
    fraction = Fraction(parser.argument(font), parser.argument(font), not name.endswith("binom"))
    return fraction if fraction.rule else Fence("(", (fraction,), (), ")")


def _root(parser: Parser, name: str, font: str) -> Node:
    option = parser.tokens.raw_option()
    index = Parser(option).row() if option else None
    return Root(parser.argument(font), index)


def _accent(parser: Parser, name: str, font: str) -> Node:
    base = parser.argument(font)
    if name == "not":
        negated = base.text.translate(NEGATED) if isinstance(base, Symbol) else ""
        if isinstance(base, Symbol) and negated != base.text:
            return base._replace(text=negated, name="")
        return Accent(name, base) if base is not EMPTY else EMPTY
    return Accent(name.removeprefix("wide"), base)


def _operator_name(parser: Parser, name: str, font: str) -> Node:
    limits = parser.tokens.take("*")
    node = parser.argument("rm")
    kind = "op" if limits else "fun"
    if isinstance(node, Word):
        return node._replace(kind=kind, font="")
    return Classed(node, kind)


def _function(parser: Parser, name: str, font: str) -> Node:
    return Word({"limsup": "lim sup", "liminf": "lim inf"}.get(name, name), "fun")


def _class(parser: Parser, name: str, font: str) -> Node:
    kind = name.removeprefix("math")
    node = parser.argument("")
    if kind == "op" and isinstance(node, (Word, Symbol)):
        return node._replace(kind="op")
    return Classed(node, "ord" if kind in ("inner", "ord") else kind)


def _stack(parser: Parser, name: str, font: str) -> Node:
    first, base = parser.argument(font), parser.argument(font)
    kind = "op" if isinstance(base, Word) else base.kind if isinstance(base, Symbol) else "ord"
    return Stack(base, None, first, kind) if name == "underset" else Stack(base, first, None, kind)


def _arrow(parser: Parser, name: str, font: str) -> Node:
    option = parser.tokens.raw_option()
    under = Parser(option).row() if option else None
    return Stack(SYMBOLS["longrightarrow" if "right" in name else "longleftarrow"], parser.argument(font), under, "rel")


def _brace(parser: Parser, name: str, font: str) -> Node:
    return Brace(parser.argument(font), name.startswith("over"), None)


def _substack(parser: Parser, name: str, font: str) -> Node:
    return parser.argument(font)


def _delimiter(parser: Parser) -> str:
    token = parser.tokens.next()
    if token == ".":
        return ""
    if token.startswith("\\"):
        symbol = SYMBOLS.get(token[1:])
        token = symbol.text if symbol else token
    if token not in DELIMITERS and token not in ("{", "}", "∣", "∥", "\\"):
        raise Unreadable(f"{token or 'the end'} is no delimiter")
    return {"<": "⟨", ">": "⟩", "∣": "|", "∥": "‖"}.get(token, token)


def _left(parser: Parser, name: str, font: str) -> Node:
    left = _delimiter(parser)
    parts: list[Node] = [parser.lines(font)]
    separators: list[str] = []
    while parser.tokens.take("\\middle"):
        separators.append(_delimiter(parser))
        parts.append(parser.lines(font))
    parser.expect("\\right")
    return Fence(left, tuple(parts), tuple(separators), _delimiter(parser))


def _environment(parser: Parser, name: str, font: str) -> Node:
    opened = parser.tokens.raw_group()
    kind = opened.rstrip("*")
    columns = ""
    if kind in ("array", "tabular", "alignat", "alignedat"):
        columns = "".join(letter for letter in parser.tokens.raw_group() if letter in "lcr")
    elif kind in _ALIGNED or kind in _LINES:
        parser.tokens.raw_option()
    rows = parser.rows(parser.row(font), font)
    parser.expect("\\end")
    if parser.tokens.raw_group() != opened:
        raise Unreadable(f"\\begin{{{opened}}} was not ended")
    if kind in _MATRICES:
        return Table("matrix", rows, *_MATRICES[kind], columns)
    if kind in ("cases", "dcases"):
        return Table("cases", rows, "{", "", "l")
    if kind == "rcases":
        return Table("cases", rows, "", "}", "l")
    if kind in _ALIGNED:
        return Table("aligned", rows, "", "", "")
    if kind in _LINES:
        return Table("lines", rows, "", "", "")
    raise Unreadable(f"the environment {opened} is not known")


def _space(parser: Parser, name: str, font: str) -> Node:
    return Space(SPACES[name])


def _measured_space(parser: Parser, name: str, font: str) -> Node:
    parser.tokens.take("*")
    parser.tokens.raw_group()
    return Space(2)


def _dropped_argument(parser: Parser, name: str, font: str) -> None:
    parser.tokens.raw_group()


def _coloured(parser: Parser, name: str, font: str) -> Node:
    parser.tokens.raw_group()  # the colour: ours are the theme's
    return parser.argument(font)


def _transparent(parser: Parser, name: str, font: str) -> Node:
    return parser.argument(font)


def _tag(parser: Parser, name: str, font: str) -> Node:
    return Text(f"    ({parser.tokens.raw_group()})")


def _modulo(parser: Parser, name: str, font: str) -> Node:
    if name == "mod":
        return Word("mod", "bin")
    return Classed(Fence("(", (Row((Word("mod", "word"), Space(1), parser.argument(font))),), (), ")"), "rel")


def _literal(parser: Parser, name: str, font: str) -> Node:
    return character(name)


COMMANDS: dict[str, Handler] = {
    **dict.fromkeys(_FONTS, _font),
    **dict.fromkeys(_SWITCHES, _switch),
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_ACCENTS, _accent),
    **dict.fromkeys(FUNCTIONS | LIMIT_FUNCTIONS, _function),
    **dict.fromkeys(SPACES, _space),
    **dict.fromkeys(("frac", "tfrac", "dfrac", "cfrac", "nicefrac", "binom", "tbinom", "dbinom"), _fraction),
    **dict.fromkeys(("operatorname", "DeclareMathOperator"), _operator_name),
    **dict.fromkeys(("mathop", "mathrel", "mathbin", "mathord", "mathopen", "mathclose", "mathpunct"), _class),
    "mathinner": _class,
    **dict.fromkeys(("overset", "underset", "stackrel"), _stack),
    **dict.fromkeys(("xrightarrow", "xleftarrow"), _arrow),
    **dict.fromkeys(("overbrace", "underbrace"), _brace),
    **dict.fromkeys(("hspace", "hskip", "mspace", "kern", "mkern", "hphantom", "phantom"), _measured_space),
    **dict.fromkeys(("label", "color", "vspace", "vphantom", "tagstar", "cline", "ref"), _dropped_argument),
    **dict.fromkeys(("textcolor", "colorbox", "style", "class", "href"), _coloured),
    **dict.fromkeys(("boxed", "ensuremath", "smash", "mathclap", "mathrlap", "mathllap", "mathchoice"), _transparent),
    "sqrt": _root,
    "substack": _substack,
    "left": _left,
    "begin": _environment,
    "tag": _tag,
    "pmod": _modulo,
    "mod": _modulo,
    "{": lambda parser, name, font: SYMBOLS["lbrace"]._replace(kind="open"),
    "}": lambda parser, name, font: SYMBOLS["rbrace"]._replace(kind="close"),
}  # fmt: skip
"""By name, without the backslash."""
