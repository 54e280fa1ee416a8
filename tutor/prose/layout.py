"""Markdown to lines: each kind of block has a function that lays it out in the width that its surroundings leave it.

No line is wider than asked. What does not fit: text wraps, code wraps with a mark, tables wrap their cells or become
records, a displayed formula is broken at relations and operators, and if that is not enough it is set as running text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markdown_it.token import Token

from tutor.math import FULL, Profile, display, inline
from tutor.math.cells import cells
from tutor.prose.directives import Directive, directive_of
from tutor.prose.figures import Figures, Image, has_pictures, lay_out_figure, parts
from tutor.prose.highlighting import highlighted
from tutor.prose.inlines import footnote_mark, spans_of
from tutor.prose.lines import Line, Span, joined, neutral, trimmed
from tutor.prose.reading import Node, read
from tutor.prose.tables import Alignment, Cell, table
from tutor.prose.terms import FirstUses
from tutor.prose.wrapping import cut, wrap

_INDENT = 2
_DISPLAY_INDENT = 4
_LEAST_WIDTH = 8
"""Nested ever deeper, text still gets this many cells, even if that is too wide."""


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a block is laid out."""

    width: int
    profile: Profile
    role: str = "text"
    """Of plain text: a quote's, within a quote."""
    terms: FirstUses | None = None
    """What is to be marked where it is first used."""
    figures: Figures | None = None
    """Knows the pictures; None: they are named in the text, and no more."""

    def narrower(self, by: int) -> _Room:
        return replace(self, width=max(_LEAST_WIDTH, self.width - by))

    def mark(self, full: str, plain: str) -> str:
        """A mark, or what stands for it in ASCII."""
        return plain if self.profile.ascii else full


def lay_out(
    markdown: str, width: int, *, profile: Profile = FULL, terms: Sequence[str] = (), figures: Figures | None = None
) -> list[Line]:
    """The lines of `markdown` in `width` cells; a blank line is an empty tuple. Never raises on any text.

    The first use of each of the `terms` has the role `term`. Of pictures that `figures` knows there is room.
    """
    width = max(_LEAST_WIDTH, width)
    if figures is not None:  # not kept: what a picture's file holds may change
        return _blocks(
            read(markdown), _Room(width, profile, terms=FirstUses(terms) if terms else None, figures=figures)
        )
    return list(_laid_out(markdown, width, profile, tuple(terms)))


@lru_cache(maxsize=256)
def _laid_out(markdown: str, width: int, profile: Profile, terms: tuple[str, ...]) -> tuple[Line, ...]:
    return tuple(_blocks(read(markdown), _Room(width, profile, terms=FirstUses(terms) if terms else None)))


def _blocks(nodes: Sequence[Node], room: _Room, *, tight: bool = False) -> list[Line]:
    lines: list[Line] = []
    for node in nodes:
        block = _BLOCKS.get(node.type, _unknown)(node, room)
        if not block:
            continue
        if lines and not tight:
            lines.append(())
        lines.extend(block)
    return lines


def _beside(lines: Sequence[Line], first: Sequence[Span], rest: Sequence[Span]) -> list[Line]:
    """The lines with `first` before the first of them and `rest` before the others."""
    return [trimmed(joined([*(rest if count else first), *line])) for count, line in enumerate(lines)]


def _paragraph(node: Node, room: _Room) -> list[Line]:
    token = node.children[0].token
    if room.figures is None or not has_pictures(token):
        return wrap(_running_text(token, room), room.width)
    lines: list[Line] = []
    for part in parts(token):
        block = _figure(part, room) if isinstance(part, Image) else wrap(_running_text(part, room), room.width)
        lines += [(), *block] if lines else block
    return lines


def _running_text(token: Token, room: _Room) -> Sequence[Span]:
    spans = spans_of(token, room.role, room.profile)
    return spans if room.terms is None else room.terms.marked(joined(spans))


def _figure(image: Image, room: _Room) -> list[Line]:
    """A picture with its caption under it."""
    said = spans_of(image.alt, "image", room.profile) if image.alt is not None else []
    caption = said or [Span(neutral(image.words), "image")]
    if room.figures is None:
        return wrap([Span("[", "image"), *caption, Span("]", "image")], room.width)
    return lay_out_figure(room.figures.figure(image.src, room.width - 2 * _INDENT), caption, room.width)


def _figure_directive(directive: Directive, room: _Room) -> list[Line]:
    """MyST's `{figure}` and `{image}`: the first paragraph is the caption, the rest a legend."""
    body = read(directive.body)
    alt = body[0].children[0].token if body and body[0].type == "paragraph" else None
    lines = _figure(Image(directive.title, alt, directive.alt or directive.title), room)
    block = _blocks(body[1:] if alt is not None else body, room.narrower(_INDENT))
    return [*lines, *_beside(block, [Span(" " * _INDENT)], [Span(" " * _INDENT)])]


def _heading(node: Node, room: _Room) -> list[Line]:
    return wrap(spans_of(node.children[0].token, f"heading-{node.token.tag[1]}", room.profile), room.width)


def _list(node: Node, room: _Room) -> list[Line]:
    tight = all(child.token.hidden for item in node.children for child in item.children if child.type == "paragraph")
    ordered = node.type == "ordered_list"
    number = int(node.token.attrs.get("start", 1))
    bullet = room.mark("•◦▪"[min(2, node.token.level // 2)], "-*+"[min(2, node.token.level // 2)])
    widest = len(str(number + len(node.children) - 1)) + 1
    lines: list[Line] = []
    for count, item in enumerate(node.children):
        mark = Span(f"{number + count}.".rjust(widest) if ordered else bullet, "list-mark")
        children = item.children
        if (done := _task(item)) is not None:
            mark = Span(room.mark("☑", "[x]"), "task-done") if done else Span(room.mark("☐", "[ ]"), "task-open")
            children = [_without_box(children[0]), *children[1:]]
        indent = cells(mark.text) + 1
        body = _blocks(children, room.narrower(indent), tight=tight) or [()]
        if lines and not tight:
            lines.append(())
        lines.extend(_beside(body, [mark, Span(" ")], [Span(" " * indent)]))
    return lines


def _task(item: Node) -> bool | None:
    """Whether the task `- [x] so` is done; None where the item is no task."""
    if not item.children or item.children[0].type != "paragraph":
        return None
    box = item.children[0].children[0].token.content[:4].lower()
    return {"[ ] ": False, "[x] ": True}.get(box)


def _without_box(paragraph: Node) -> Node:
    """A task's paragraph without its box. A copy: what `read` gives is shared."""
    inline_node = paragraph.children[0]
    first, *rest = inline_node.token.children or []
    token = inline_node.token.copy(children=[first.copy(content=first.content[4:]), *rest])
    return Node(paragraph.token, [Node(token)])


def _quote(node: Node, room: _Room) -> list[Line]:
    bar = [Span(room.mark("▎", "|"), "quote-bar"), Span(" ")]
    return _beside(_blocks(node.children, replace(room.narrower(2), role="quote")), bar, bar)


def _rule(node: Node, room: _Room) -> list[Line]:
    return [(Span(room.mark("─", "-") * room.width, "rule"),)]


def _code(node: Node, room: _Room) -> list[Line]:
    language = node.token.info.split()[0] if node.token.info.split() else ""
    return _code_lines(node.token.content, language, room)


def _code_lines(source: str, language: str, room: _Room) -> list[Line]:
    indent = Span(" " * _INDENT, "code-text")
    mark = Span(room.mark("↪ ", "> "), "code-wrap")
    width = max(_LEAST_WIDTH, room.width - _INDENT)
    lines: list[Line] = []
    for line in highlighted(source, language):
        first, *rest = cut(line, width, width - cells(mark.text))
        lines.append(trimmed(joined([indent, *first])))
        lines.extend(trimmed(joined([indent, mark, *piece])) for piece in rest)
    return lines


def _fence(node: Node, room: _Room) -> list[Line]:
    directive = directive_of(node.token.info, node.token.content)
    if directive is None:
        return _code(node, room)
    if directive.kind == "math":
        return _formula(directive.body, room)
    if directive.kind == "figure":
        return _figure_directive(directive, room)
    if directive.kind == "code":
        return _code_lines(directive.body, directive.title, room)
    bar = [Span(room.mark("▎", "|"), f"admonition-{directive.kind}-bar"), Span(" ")]
    inner = room.narrower(2)
    title_token = read(directive.title)[0].children[0].token
    title = wrap(spans_of(title_token, f"admonition-{directive.kind}-title", room.profile), inner.width)
    return _beside([*title, *_blocks(read(directive.body), inner)], bar, bar)


def _math_block(node: Node, room: _Room) -> list[Line]:
    return _formula(node.token.content, room)


def _formula(tex: str, room: _Room) -> list[Line]:
    indent = _DISPLAY_INDENT if room.width >= 40 else _INDENT
    width = room.width - indent
    typeset = display(tex, width, room.profile)
    role = "math" if typeset.ok else "math-raw"
    lines = [trimmed(joined([Span(" " * indent), Span(neutral(line), role)])) for line in typeset.lines]
    if any(cells(line) > width for line in typeset.lines):
        text = inline(tex, room.profile) if typeset.ok else tex.strip()
        lines = _beside(wrap([Span(neutral(text), role)], width), [Span(" " * indent)], [Span(" " * indent)])
    return lines


def _table(node: Node, room: _Room) -> list[Line]:
    head: list[Cell] = []
    rows: list[list[Cell]] = []
    aligned: list[Alignment] = []
    for part in node.children:
        for row in part.children:
            in_head = part.type == "thead"
            inner = replace(room, role="table-head") if in_head else room
            row_cells: list[Cell] = [_running_text(cell.children[0].token, inner) for cell in row.children]
            if in_head:
                head = row_cells
                aligned = [_alignment(cell) for cell in row.children]
            else:
                rows.append(row_cells)
    return table(head, rows, aligned, room.width, room.mark("─", "-"))


def _alignment(cell: Node) -> Alignment:
    style = str(cell.token.attrs.get("style", ""))
    return "right" if "right" in style else "center" if "center" in style else "left"


def _footnotes(node: Node, room: _Room) -> list[Line]:
    lines: list[Line] = [(Span(room.mark("─", "-") * min(12, room.width), "rule"),)]
    for note in node.children:
        mark = Span(footnote_mark(note.token.meta["id"] + 1, room.profile), "footnote-mark")
        indent = cells(mark.text) + 1
        body = [child for child in note.children if child.type != "footnote_anchor"]
        lines.extend(_beside(_blocks(body, room.narrower(indent)), [mark, Span(" ")], [Span(" " * indent)]))
    return lines


def _unknown(node: Node, room: _Room) -> list[Line]:
    """A block that has no function: what it holds, so that nothing of the author's is lost."""
    if node.children:
        return _blocks(node.children, room)
    return wrap([Span(neutral(node.token.content), room.role)], room.width)


_BLOCKS: dict[str, Callable[[Node, _Room], list[Line]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "hr": _rule,
    "code_block": _code,
    "fence": _fence,
    "colon_fence": _fence,
    "math_block": _math_block,
    "math_block_label": _math_block,
    "table": _table,
    "footnote_block": _footnotes,
}
