"""MyST Markdown, as MyST-NB and Jupyter Book read it: `{code-cell}` is a cell, and every other directive is prose.

Nothing is checked as in a lesson of ours: a cell needs no id, a directive may have any name. Roles become what they
show. `{include}` and its like are named and never followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lessons.notebooks.blocks import blocks, outside_fences
from lessons.notebooks.front_matter import mapping, text_of
from lessons.notebooks.pieces import Code, Pages, Piece, Text

_CELL = re.compile(r"^\{(code-cell|jupyter-execute|code-block-execute)\}\s*(\S*)")
_RAW = re.compile(r"^\{raw-cell\}")
_OPTION = re.compile(r"^:([\w-]+):[ \t]*(.*)$")
_BREAK = re.compile(r"^\+\+\+")
_COMMENT = re.compile(r"^%( .*)?$")
_TARGET = re.compile(r"^\(([^()\s]+)\)=\s*$")
_ROLE = re.compile(r"\{([\w:.+-]+)\}(`+)(?!`)(.+?)(?<!`)\2(?!`)", re.DOTALL)
_NAMED = re.compile(r"^(.*?)\s*<([^<>]*)>$", re.DOTALL)

SIGNS = re.compile(r"^ {0,3}(?:`{3,}|~{3,}|:{3,})\{[\w:-]+\}|^\([\w:-]+\)=\s*$", re.MULTILINE)
"""What plain Markdown does not have."""


def read_myst(text: str, metadata: Mapping[str, Any], first_line: int = 1) -> Pages:
    """The page. `text` is without its front matter, and begins on line `first_line` of the file."""
    lines = text.split("\n")
    language = text_of(metadata, "kernelspec", "language") or "python"
    pieces: list[Piece] = []
    at = 0
    for block in blocks(lines):
        match = _CELL.match(block.info)
        if match is None:
            continue
        pieces += _text(lines[at : block.start], first_line + at)
        given, source, skipped = options(block.body)
        line = first_line + block.start + 1 + skipped
        spoken = match[2] if match[2] else language
        name = str(given.get("id") or given.get("name") or "")
        pieces.append(Code(source, line, name, _tags(given.get("tags")), spoken))
        at = block.end
    pieces += _text(lines[at:], first_line + at)
    title = text_of(metadata, "title")
    return Pages(tuple(pieces), title, metadata=metadata)


def options(body: str) -> tuple[Mapping[str, Any], str, int]:
    """The options of a directive, its body, and how many lines the options took."""
    lines = body.split("\n")
    if lines[0].strip() == "---":
        for count, line in enumerate(lines[1:], start=1):
            if line.strip() == "---":
                return mapping("\n".join(lines[1:count])) or {}, "\n".join(lines[count + 1 :]), count + 1
        return {}, body, 0
    found: dict[str, Any] = {}
    count = 0
    while count < len(lines) and (match := _OPTION.match(lines[count].rstrip())):
        found[match[1]] = match[2].strip()
        count += 1
    if count and count < len(lines) and not lines[count].strip():
        count += 1
    return found, "\n".join(lines[count:]), count


def _tags(given: object) -> frozenset[str]:
    words = given if isinstance(given, list) else str(given or "").strip("[] ").split(",")
    return frozenset(tag for word in words if (tag := str(word).strip().strip("'\"")))


def _text(lines: list[str], first_line: int) -> list[Piece]:
    """Prose, its roles shown, without comments, block breaks and targets. Lines stay where they were."""
    free = {number for number, _line in outside_fences(lines)}
    made: list[str] = []
    part: list[str] = []
    for number, line in enumerate(lines):
        if number in free:
            part.append("" if _BREAK.match(line) or _COMMENT.match(line) or _TARGET.match(line) else line)
            continue
        made += [shown_roles("\n".join(part))] if part else []
        made.append(line)
        part = []
    made.append(shown_roles("\n".join(part)))
    markdown = "\n".join(made)
    return [Text(markdown, first_line)] if markdown.strip() else []


def shown_roles(markdown: str) -> str:
    """Roles as what they show: mathematics as such, references as their text, others as code."""
    return _ROLE.sub(_role, markdown)


def _role(match: re.Match[str]) -> str:
    name, body = match[1].lower(), " ".join(match[3].split())
    named = _NAMED.match(body)
    if name == "math":
        return f"${body}$"
    if name in ("doc", "ref", "numref", "download", "any", "term", "prf:ref", "eq"):
        words, target = (named[1], named[2]) if named else (body, body)
        return f"[{words}]({target})" if name in ("doc", "download") else f"*{words}*"
    if name.startswith("cite"):
        return f"[{body}]"
    if name in ("sub", "subscript", "sup", "superscript"):
        return f"$_{{{body}}}$" if name.startswith("sub") else f"$^{{{body}}}$"
    if name in ("abbr", "emphasis", "strong", "kbd", "command", "guilabel", "menuselection"):
        return f"**{body}**" if name == "strong" else f"*{body}*"
    if name in ("code", "py:func", "py:class", "func", "class", "meth", "mod", "attr", "obj", "program", "file"):
        return f"{match[2]}{match[3]}{match[2]}"
    return f"{name} {match[2]}{match[3]}{match[2]}"
