"""Lines to Rich, for what is printed rather than shown, as by `d2l-tutor read`. Textual's widget has its own styles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from rich.style import Style
from rich.text import Text

from tutor.prose.lines import Line, Span

# ANSI's own colours: they are the reader's, and so fit whatever background the terminal has.
STYLES: Mapping[str, str] = {
    "text": "",
    "strong": "bold",
    "emphasis": "italic",
    "strong-emphasis": "bold italic",
    "strike": "strike",
    "code": "cyan",
    "link": "underline blue",
    "term": "bold italic",
    "image": "italic magenta",
    "image-note": "dim",
    "picture": "",
    "footnote-mark": "blue",
    "heading-1": "bold underline",
    "heading-2": "bold blue",
    "heading-3": "bold",
    "heading-4": "bold dim",
    "heading-5": "bold dim",
    "heading-6": "bold dim",
    "math": "",
    "math-raw": "dim",
    "list-mark": "blue",
    "task-open": "yellow",
    "task-done": "green",
    "quote": "italic",
    "quote-bar": "dim",
    "rule": "dim",
    "table-head": "bold",
    "table-rule": "dim",
    "code-keyword": "magenta",
    "code-builtin": "cyan",
    "code-function": "blue",
    "code-class": "blue",
    "code-decorator": "magenta",
    "code-string": "green",
    "code-number": "yellow",
    "code-comment": "dim italic",
    "code-wrap": "dim",
    "code-prompt": "dim",
    "code-output": "dim",
    "code-inserted": "green",
    "code-deleted": "red",
    **{f"admonition-note-{part}": f"{weight}blue" for part, weight in (("bar", ""), ("title", "bold "))},
    **{f"admonition-tip-{part}": f"{weight}green" for part, weight in (("bar", ""), ("title", "bold "))},
    **{f"admonition-warning-{part}": f"{weight}yellow" for part, weight in (("bar", ""), ("title", "bold "))},
    **{f"admonition-important-{part}": f"{weight}magenta" for part, weight in (("bar", ""), ("title", "bold "))},
}


@lru_cache(maxsize=256)
def _style(role: str, link: str | None) -> Style:
    style = Style.parse(STYLES.get(role, ""))
    return style + Style(link=link) if link and role != "term" else style


def to_rich(lines: Iterable[Line], picture: Callable[[Span], Iterable[tuple[str, Style]]] | None = None) -> Text:
    """One Text of all lines, wrapped already: print it with `soft_wrap=True`, or to a console as wide as the layout.

    `picture` draws the room of a picture; without it, that stays blank.
    """
    text = Text(no_wrap=True, overflow="crop", end="")
    for line in lines:
        for span in line:
            if span.role == "picture":
                for cells, style in picture(span) if picture is not None else ((span.text, ""),):
                    text.append(cells, style)
                continue
            text.append(span.text, _style(span.role, span.link))
        text.append("\n")
    return text
