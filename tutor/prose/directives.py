"""MyST directives inside prose, `:::{tip} Title` and its kin. Cells, quizzes and hints are `lessons.parser`'s."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tutor.words import _

_OPENING = re.compile(r"^\{([\w:-]+)\}\s*(.*)$")
_OPTION = re.compile(r"^:([\w-]+):[ \t]*(.*)(?:\n|$)")

# Four kinds are drawn; the others of MyST are shades of these.
_KINDS = {
    "note": "note",
    "seealso": "note",
    "admonition": "note",
    "tip": "tip",
    "hint": "tip",
    "warning": "warning",
    "caution": "warning",
    "attention": "warning",
    "danger": "warning",
    "error": "warning",
    "important": "important",
}


@dataclass(frozen=True, slots=True)
class Directive:
    """A fence that is more than code."""

    kind: str
    """`note`, `tip`, `warning` or `important`; `math`; `code`; `figure`."""
    title: str
    """Markdown; of code, its language; of a figure, where its picture is."""
    body: str
    alt: str = ""
    """Of a figure: what stands for the picture."""


def directive_of(info: str, content: str) -> Directive | None:
    """The directive that a fence with this info string is; None for plain code."""
    match = _OPENING.match(info.strip())
    if match is None:
        return None
    name, argument = match[1].lower(), match[2].strip()
    options: dict[str, str] = {}
    while option := _OPTION.match(content):
        options[option[1]] = option[2].strip()
        content = content[option.end() :]
    if name == "math":
        return Directive("math", "", f"{argument}\n{content}")
    if name in _KINDS:
        return Directive(_KINDS[name], argument or _default_title(name), content)
    if name in ("code", "code-block", "code-cell"):
        return Directive("code", argument, content)
    if name in ("figure", "image") and argument:
        return Directive("figure", argument, content, options.get("alt", ""))
    return Directive("note", f"{name} {argument}".strip(), content)


def _default_title(name: str) -> str:
    return {
        "note": _("Note"),
        "seealso": _("See also"),
        "tip": _("Tip"),
        "hint": _("Hint"),
        "warning": _("Warning"),
        "caution": _("Caution"),
        "attention": _("Attention"),
        "danger": _("Danger"),
        "error": _("Error"),
        "important": _("Important"),
    }.get(name, _("Note"))
