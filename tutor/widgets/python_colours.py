"""Python source as coloured lines. Half-written code has colours too, so this is a scanner and not a parser.

A regular expression costs 0.1 ms for a cell and no import; a grammar is loaded only when a cell is edited.
"""

from __future__ import annotations

import builtins
import keyword
import re

from tutor.prose.lines import neutral

_SCAN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>(?i:\b(?:[rbuft]|rb|br|rf|fr))?(?:\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
        |"(?:\\.|[^"\\\n])*(?:"|$)|'(?:\\.|[^'\\\n])*(?:'|$)))
  | (?P<decorator>^[ \t]*@[\w.]+)
  | (?P<magic>^[%!][^\n]*)
  | (?P<number>\b(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?j?)
        |\B\.\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<operator>[-+*/%=<>!&|^~@:,;.()\[\]{}]+)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_CONTROL = re.compile(r"[^\n\t]")
_KEYWORDS = frozenset(keyword.kwlist) | {"match", "case"}
_CONSTANTS = frozenset({"True", "False", "None", "self", "cls"})
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def coloured(source: str) -> list[list[tuple[str, str]]]:
    """Lines of (text, role); the roles are those of code in prose: `code-keyword`, `code-string`, …"""
    lines: list[list[tuple[str, str]]] = [[]]

    def put(text: str, role: str) -> None:
        text = shown_controls(text)
        first, *rest = text.split("\n")
        if first:
            lines[-1].append((first, role))
        for part in rest:
            lines.append([(part, role)] if part else [])

    end = 0
    before = ""
    for match in _SCAN.finditer(source):
        if match.start() > end:
            put(source[end : match.start()], "code-text")
        text = match.group()
        put(text, _role(match, text, before, source))
        if not text.isspace():
            before = text
        end = match.end()
    if end < len(source):
        put(source[end:], "code-text")
    return lines


def shown_controls(text: str) -> str:
    """Code of somebody else's notebook must not steer the terminal: its control characters show themselves."""
    return text if text.isprintable() else _CONTROL.sub(lambda match: neutral(match[0]), text)


def _role(match: re.Match[str], text: str, before: str, source: str) -> str:
    kind = match.lastgroup or "text"
    if kind != "word":
        return "code-decorator" if kind == "magic" else f"code-{kind}"
    if before == "def":
        return "code-function"
    if before == "class":
        return "code-class"
    if before.endswith(".") and not before.endswith("..."):
        return "code-name"
    if text in _CONSTANTS:
        return "code-number"
    if text in ("match", "case"):
        line_start = source.rfind("\n", 0, match.start()) + 1
        statement = not source[line_start : match.start()].strip() and not re.match(
            r"\s*[=.(),\[]", source[match.end() :]
        )
        return "code-keyword" if statement else "code-name"
    if text in _KEYWORDS:
        return "code-keyword"
    return "code-builtin" if text in _BUILTINS else "code-name"
