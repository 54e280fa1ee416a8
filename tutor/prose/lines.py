"""What prose is laid out into: lines of spans, each with a role that says what it means, never how it looks.

The widget maps roles to the theme's styles and the console maps them to Rich's; neither is known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from tutor.math.cells import cells

ROLES: dict[str, str] = {
    "text": "running text",
    "strong": "**strong**",
    "emphasis": "*emphasis*",
    "strong-emphasis": "***both***",
    "strike": "~~struck out~~",
    "code": "`code` in running text",
    "link": "a link's text; `Span.link` has its target (a span of another role inside a link has it too)",
    "term": "a term where the lesson that introduces it first uses it; `Span.link` is `term:` and its name",
    "image": "an image's alternative text; `Span.link` has its source",
    "image-note": "what is said under a picture: its name and size, or why it is not drawn",
    "picture": "blank room for a line of a picture; `Span.link` is its key, `/` and the number of the line",
    "footnote-mark": "the mark of a footnote, in the text and before the note",
    "heading-1": "a heading of level 1 (so on to heading-6)",
    "heading-2": "",
    "heading-3": "",
    "heading-4": "",
    "heading-5": "",
    "heading-6": "",
    "math": "a formula, in a line or displayed",
    "math-raw": "a formula that could not be read, as TeX: to be dimmed",
    "list-mark": "• or 1.",
    "task-open": "the box of a task that is not done",
    "task-done": "the box of a task that is done",
    "quote": "text of a block quote",
    "quote-bar": "the bar left of a block quote",
    "rule": "a horizontal rule",
    "table-head": "text of a table's header",
    "table-rule": "the rule under a table's header",
    "admonition-note-bar": "the bar left of a note (so for tip, warning, important)",
    "admonition-tip-bar": "",
    "admonition-warning-bar": "",
    "admonition-important-bar": "",
    "admonition-note-title": "the title of a note (so for tip, warning, important)",
    "admonition-tip-title": "",
    "admonition-warning-title": "",
    "admonition-important-title": "",
    "code-text": "code in a block that has no role of its own",
    "code-keyword": "",
    "code-builtin": "",
    "code-function": "the name of a function where it is defined",
    "code-class": "the name of a class where it is defined",
    "code-decorator": "",
    "code-string": "",
    "code-number": "",
    "code-comment": "",
    "code-operator": "",
    "code-wrap": "the mark before the rest of a line of code that was too long",
    "code-prompt": "a prompt in a recorded session",
    "code-output": "output in a recorded session",
    "code-inserted": "an inserted line of a diff",
    "code-deleted": "a deleted line of a diff",
}
"""Every role that a span may have, with what it stands for."""


class Span(NamedTuple):
    """Text of one role, on one line. It holds no control characters."""

    text: str
    role: str = "text"
    link: str | None = None


Line: TypeAlias = tuple[Span, ...]
"""One line. Empty: a blank line."""

# C0 and C1 (but \t and \n, which layout deals with), and the marks that reorder text: a lesson may not move the cursor,
# nor show one thing and mean another.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def neutral(text: str) -> str:
    """`text` with every character that could act on a terminal replaced by one that shows itself (ESC becomes ␛)."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda match: chr(0x2400 + ord(match[0])) if ord(match[0]) < 0x20 else "\ufffd", text)


def line_text(line: Line) -> str:
    """The line without roles."""
    return "".join(span.text for span in line)


def line_width(line: Line) -> int:
    """Cells that the line takes."""
    return sum(cells(span.text) for span in line)


def joined(spans: Iterable[Span]) -> Line:
    """Neighbours of one role and link made one span; empty ones dropped."""
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if merged and merged[-1].role == span.role and merged[-1].link == span.link:
            merged[-1] = Span(merged[-1].text + span.text, span.role, span.link)
        else:
            merged.append(span)
    return tuple(merged)


def trimmed(line: Line) -> Line:
    """The line without blanks at its end."""
    spans = list(line)
    while spans and not (stripped := spans[-1].text.rstrip(" ")):
        spans.pop()
    if spans:
        spans[-1] = spans[-1]._replace(text=stripped)
    return tuple(spans)
