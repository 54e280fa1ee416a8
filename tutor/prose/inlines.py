"""Running text: markdown-it's inline tokens to spans, before anyone knows how wide a line is."""

from __future__ import annotations

from markdown_it.token import Token

from tutor.math import FULL, Profile, inline, readable
from tutor.prose.lines import Span, neutral

BREAK = Span("\n", "text")
"""A line break that the author asked for."""

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDE_FROM = 0x2E80  # CJK radicals: from here on, a line break in the source is not a space between words


def footnote_mark(number: int, profile: Profile) -> str:
    """¹, or [1] in ASCII."""
    return f"[{number}]" if profile.ascii else str(number).translate(_SUPERSCRIPTS)


def spans_of(token: Token, base: str = "text", profile: Profile = FULL) -> list[Span]:
    """The spans of an inline token. `base` is the role of plain text: a heading's, a quote's."""
    spans: list[Span] = []
    strong = emphasis = struck = 0
    links: list[str] = []
    for child in token.children or []:
        kind = child.type
        link = links[-1] if links else None
        if kind == "text":
            spans.append(Span(neutral(child.content), _role(base, strong, emphasis, struck, link), link))
        elif kind == "softbreak":
            spans.append(Span("\n", "soft"))
        elif kind == "hardbreak":
            spans.append(BREAK)
        elif kind == "code_inline":
            spans.append(Span(neutral(child.content).replace("\t", " "), "code", link))
        elif kind in ("math_inline", "math_inline_double"):
            role = "math" if readable(child.content, profile) else "math-raw"
            spans.append(Span(neutral(inline(child.content, profile)), role, link))
        elif kind in ("strong_open", "strong_close"):
            strong += child.nesting
        elif kind in ("em_open", "em_close"):
            emphasis += child.nesting
        elif kind in ("s_open", "s_close"):
            struck += child.nesting
        elif kind == "link_open":
            links.append(neutral(str(child.attrs.get("href", ""))))
        elif kind == "link_close":
            links.pop()
        elif kind == "image":
            alt = neutral(child.content) or neutral(str(child.attrs.get("src", "")))
            spans.append(Span(f"[{alt}]".replace("\t", " "), "image", neutral(str(child.attrs.get("src", "")))))
        elif kind == "footnote_ref":
            spans.append(Span(footnote_mark(child.meta["id"] + 1, profile), "footnote-mark", link))
        elif child.content:
            spans.append(Span(neutral(child.content), base, link))
    return _soft_breaks_closed(spans, base)


def _role(base: str, strong: int, emphasis: int, struck: int, link: str | None) -> str:
    if link is not None:
        return "link"
    if struck:
        return "strike"
    if strong and emphasis:
        return "strong-emphasis"
    if base.startswith("heading") or base == "table-head":  # these are strong already
        return "strong-emphasis" if emphasis else base
    if strong:
        return "strong"
    return "emphasis" if emphasis else base


def _soft_breaks_closed(spans: list[Span], base: str) -> list[Span]:
    """A line break in the source is a space, but nothing between two Chinese characters."""
    for position, span in enumerate(spans):
        if span.role != "soft":
            continue
        before = spans[position - 1] if position else span
        after = spans[position + 1] if position + 1 < len(spans) else span
        wide = ord(before.text[-1:] or " ") >= _WIDE_FROM and ord(after.text[:1] or " ") >= _WIDE_FROM
        same = before.role == after.role and before.link == after.link
        spans[position] = Span("" if wide else " ", before.role if same else base, before.link if same else None)
    return spans


def plain_text(token: Token) -> str:
    """The text of an inline token alone."""
    return "".join(span.text for span in spans_of(token)).replace("\n", " ")
