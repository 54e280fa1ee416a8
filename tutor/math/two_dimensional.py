"""A formula in two dimensions: the tree to boxes. Scripts are lines: a fraction in an exponent reads better so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tutor.math import tables
from tutor.math.alphabets import SUBSCRIPTS, SUPERSCRIPTS
from tutor.math.boxes import NOTHING, Box, beside, blank, grown, stacked, text_box, widened
from tutor.math.delimiters import delimiter
from tutor.math.one_line import accented, as_letters, is_one_unit, one_line, script_text
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
)  # fmt: skip


class Manner(NamedTuple):
    """How one formula is set, decided once for the whole of it."""

    profile: Profile
    lowered: bool
    """Subscripts on a line below, because one of them has no Unicode letters: half and half would read badly."""
    raised: frozenset[type]
    """The same for superscripts, by shape: (q) raises (k), n×d raises n−1. A single letter stands for itself."""

    def mark(self, full: str, plain: str) -> str:
        """A mark, or what stands for it in ASCII."""
        return plain if self.profile.ascii else full


def manner_of(node: Node, profile: Profile) -> Manner:
    """The manner that suits a whole formula."""
    lowered, raised = profile.ascii, set[type]()
    for scripts in _all_scripts(node):
        if scripts.limits:
            continue
        if scripts.sub is not None and not lowered:
            lowered = as_letters(scripts.sub, SUBSCRIPTS, profile) is None
        if isinstance(scripts.sup, (Row, Fence)) and as_letters(scripts.sup, SUPERSCRIPTS, profile) is None:
            raised.add(type(scripts.sup))
    return Manner(profile, lowered, frozenset(raised))


def _all_scripts(node: tuple[Any, ...]) -> Iterator[Scripts]:
    if isinstance(node, Scripts):
        yield node
    for part in node:
        if isinstance(part, tuple):
            yield from _all_scripts(part)


def box_of(node: Node, manner: Manner) -> Box:
    """The node as a box."""
    return _SETTERS[type(node)](node, manner)


def _on_one_line(node: Node, manner: Manner) -> Box:
    return text_box(one_line(node, manner.profile))


def _space(node: Space, manner: Manner) -> Box:
    return blank(max(0, node.size))


def _row(node: Row, manner: Manner) -> Box:
    return row_box(node.items, kinds_in_row(node.items), manner)


def row_box(items: Sequence[Node], kinds: Sequence[str], manner: Manner, before: str = "") -> Box:
    """Items side by side. `before` is the class of what stands left of them, on another line or in another cell."""
    boxes: list[Box] = []
    wanted: int | None = None
    for item, kind in zip(items, kinds, strict=True):
        if kind == "space":
            wanted = (wanted or 0) + item.size if isinstance(item, Space) else 1
            continue
        box = box_of(item, manner)
        if not box.width:
            continue
        left = boxes[-1].lines[boxes[-1].baseline] if boxes else ""
        right = box.lines[box.baseline]
        if manner.profile.ascii and kind == "ord" and len(right) > 1 and right.isalpha():
            kind = "word"  # a Greek letter's name
        space = gap(before, kind, False)
        if before == "sign" and kind == "op":
            space = 1
        elif before == kind == "inner":
            space = 1  # the rules of two fractions would join
        elif {before, kind} == {"fence", "inner"} and boxes:
            space = int(boxes[-1].height > 1 and box.height > 1)  # a rule would run into a tall bracket
        elif before == "op" and kind == "fence":
            is_wide = isinstance(item, Fence) and not isinstance(
                next(iter(item.parts), None), Fraction
            )  # a binomial is narrow
            space = int(bool(boxes) and is_wide and boxes[-1].height > 1 and box.height > 2)  # limits would run into it
        if not space and words_touch(left, right, before, kind):
            space = 1
        space = with_explicit(wanted, space)
        if space and (boxes or before):
            boxes.append(blank(space))
        boxes.append(box)
        before, wanted = kind, None
    return beside(boxes) if boxes else NOTHING


def _scripts(node: Scripts, manner: Manner) -> Box:
    base = box_of(node.base, manner)
    if node.limits:
        return _limits(base, node.sub, node.sup, manner)
    profile = manner.profile
    sup: str | None = ""
    if node.sup is not None:
        sup = None if type(node.sup) in manner.raised else as_letters(node.sup, SUPERSCRIPTS, profile)
    if profile.ascii and node.sup is not None and set(script_text(node.sup, profile)) == {"'"}:
        sup = script_text(node.sup, profile)
    sub = as_letters(node.sub, SUBSCRIPTS, profile) if node.sub is not None and not manner.lowered else None
    if node.sub is None:
        sub = ""
    is_operator = isinstance(node.base, Symbol) and node.base.kind == "op"
    if is_operator and (sup is None or sub is None):
        sup = sub = None  # both limits of an integral in the same way
    if base.tall:
        return _with_corners(base, sup or "", node, manner)
    raised = [_small(node.sup, manner)] if sup is None and node.sup is not None else []
    lowered = [_small(node.sub, manner)] if sub is None and node.sub is not None else []
    on_line = text_box((sub or "") + (sup or ""))
    corner = stacked([*raised, on_line, *lowered], sum(box.height for box in raised), "l", tall=False)
    return beside([base, corner])


def _with_corners(base: Box, raised_letters: str, node: Scripts, manner: Manner) -> Box:
    """Scripts at the right of a tall base: beside its first and its last line."""
    raised = text_box(raised_letters)
    if node.sup is not None and not raised_letters:
        raised = _small(node.sup, manner)
    lowered = _small(node.sub, manner) if node.sub is not None else NOTHING
    between = [blank(1)] * (base.height - raised.height - lowered.height)
    corner = stacked([raised, *between, lowered], base.baseline, "l")
    return beside([base, corner])


def _small(node: Node, manner: Manner) -> Box:
    """A script or a limit: one line, or the lines of a `\\substack`."""
    if isinstance(node, Table) and node.kind == "lines":
        boxes = [text_box(" ".join(script_text(cell, manner.profile) for cell in row)) for row in node.rows]
        return stacked(boxes, 0)
    return text_box(script_text(node, manner.profile))


def _limits(base: Box, under: Node | None, over: Node | None, manner: Manner) -> Box:
    parts = [base]
    baseline = base.baseline
    if over is not None:
        parts.insert(0, _small(over, manner))
        baseline += parts[0].height
    if under is not None:
        parts.append(_small(under, manner))
    return stacked(parts, baseline)


def _fraction(node: Fraction, manner: Manner) -> Box:
    over, under = box_of(node.over, manner), box_of(node.under, manner)
    width = max(over.width, under.width, 1)
    if not node.rule:
        return stacked([over, blank(width), under], over.height)
    width += 2
    return stacked([over, text_box(manner.mark("─", "-") * width), under], over.height)


def _root(node: Root, manner: Manner) -> Box:
    inside = box_of(node.of, manner)
    index = text_box(script_text(node.degree, manner.profile)) if node.degree is not None else NOTHING
    if inside.height == 1:
        raised = as_letters(node.degree, SUPERSCRIPTS, manner.profile) if node.degree is not None else ""
        if raised is not None and is_one_unit(node.of, inside.lines[0]) and not manner.profile.ascii:
            return text_box(f"{raised}√{inside.lines[0]}")
        sign = text_box((raised or "") + manner.mark("√", "\\/"))
        if raised is None:
            sign = stacked([index, widened(sign, index.width, "r")], 1, tall=False)
        roof = grown(Box(("_" * inside.width, *inside.lines), inside.width, 1), 0, 0)
        return beside([sign, roof])
    height = inside.height + 1
    rows = [" │"] * inside.height
    rows[-1] = "╲│"
    if manner.profile.ascii:
        rows = [" |"] * inside.height
        rows[-1] = "\\|"
    first = manner.mark(" ┌", " +")
    sign = Box((first, *rows), 2, inside.baseline + 1, True)
    roof_line = manner.mark("─", "-") * (inside.width + 1)
    body = Box((roof_line, *(" " + line for line in inside.lines)), inside.width + 1, inside.baseline + 1, True)
    whole = beside([sign, body])
    if not index.width:
        return whole
    lines = [" " * index.width] * height
    lines[-2] = index.lines[0]
    return beside([Box(tuple(lines), index.width, whole.baseline, True), whole])


_LINE_ABOVE = {
    "hat": "^", "tilde": "~", "dot": "˙", "ddot": "¨", "check": "ˇ", "vec": "→", "breve": "˘", "acute": "´",
    "grave": "`", "mathring": "˚", "dddot": "…",
}  # fmt: skip
_LINE_ABOVE_ASCII = {"dot": ".", "ddot": "..", "check": "v", "vec": "->", "breve": "u", "acute": "'", "mathring": "o"}


def _accent(node: Accent, manner: Manner) -> Box:
    base = box_of(node.base, manner)
    if base.height == 1 and (marked := accented(node, manner.profile)) is not None:
        return text_box(marked)
    name, width = node.name, max(1, base.width)
    if name == "underline":
        return Box((*base.lines, manner.mark("‾", "-") * base.width), base.width, base.baseline, base.tall)
    if name in ("not", "cancel", "bcancel", "xcancel"):
        return beside([text_box(f"{name}("), base, text_box(")")])
    if name in ("bar", "overline"):
        roof = "_" * width
    elif name.startswith("over"):
        roof = _arrow(name, width, manner)
    else:
        roof = _LINE_ABOVE_ASCII.get(name, "^") if manner.profile.ascii else _LINE_ABOVE.get(name, "^")
        roof = _LINE_ABOVE[name] if manner.profile.ascii and name in ("hat", "tilde", "grave") else roof
    return stacked([text_box(roof), base], base.baseline + 1, tall=base.tall)


def _arrow(name: str, width: int, manner: Manner) -> str:
    shaft = manner.mark("─", "-") * max(0, width - 1)
    if name == "overleftarrow":
        return manner.mark("←", "<") + shaft
    if name == "overleftrightarrow":
        return manner.mark("←", "<") + shaft[1:] + manner.mark("→", ">")
    return shaft + manner.mark("→", ">")


def _stack(node: Stack, manner: Manner) -> Box:
    return _limits(box_of(node.base, manner), node.under, node.over, manner)


def _brace(node: Brace, manner: Manner) -> Box:
    base = box_of(node.base, manner)
    base = widened(base, max(3, base.width))
    half, rest = (base.width - 3) // 2, (base.width - 3) - (base.width - 3) // 2
    left, tip, right, bar = tuple("+++-" if manner.profile.ascii else "╭┴╮─" if node.above else "╰┬╯─")
    brace = text_box(left + bar * half + tip + bar * rest + right)
    label = _small(node.label, manner) if node.label is not None else None
    if node.above:
        parts = [*([label] if label else []), brace, base]
        return stacked(parts, sum(part.height for part in parts[:-1]) + base.baseline)
    return stacked([base, brace, *([label] if label else [])], base.baseline)


def _fence(node: Fence, manner: Manner) -> Box:
    inner = [box_of(part, manner) for part in node.parts]
    tall = any(box.tall for box in inner)
    above = max(box.baseline for box in inner) if tall else 0
    below = max(box.below for box in inner) if tall else 0
    if tall and (above + below) % 2 and (node.left == "{" or node.right == "}"):
        below += 1  # a brace has a middle
    height = above + below + 1

    def side(text: str) -> Box:
        return delimiter(text, height, above, manner.profile.ascii)

    boxes = [side(node.left), inner[0]]
    for separator, part in zip(node.separators, inner[1:], strict=True):
        boxes += [blank(1), side(separator), blank(1), part]
    return beside([*boxes, side(node.right)])


def _table(node: Table, manner: Manner) -> Box:
    body = tables.body(node, lambda items, before: row_box(items, kinds_in_row(items, before), manner, before))
    if not node.left and not node.right:
        return body
    if body.height > 1 and body.height % 2 == 0 and "{" in (node.left, node.right):
        body = grown(body, 0, 1)  # one row of an even height: a brace has a middle
    left = delimiter(node.left, body.height, body.baseline, manner.profile.ascii)
    right = delimiter(node.right, body.height, body.baseline, manner.profile.ascii)
    return beside([left, body, right])


def _classed(node: Classed, manner: Manner) -> Box:
    return box_of(node.node, manner)


_SETTERS: dict[type, Callable[[Any, Manner], Box]] = {
    Symbol: _on_one_line, Word: _on_one_line, Text: _on_one_line, Space: _space, Row: _row, Scripts: _scripts,
    Fraction: _fraction, Root: _root, Accent: _accent, Stack: _stack, Brace: _brace, Fence: _fence, Table: _table,
    Classed: _classed,
}  # fmt: skip
