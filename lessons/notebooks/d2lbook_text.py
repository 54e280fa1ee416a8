"""The text of a d2lbook page as plain Markdown: labels go, references get their numbers, marks become bold.

Nothing that is read is lost: a role that is not known stays as code, with its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lessons.notebooks.d2lbook import References

LABEL = re.compile(r"^:(?:label|eqlabel):`([^`]*)`\s*$")
_SIZE = re.compile(r"^:(?:width|height):`[^`]*`\s*$")
_ROLE = re.compile(r":([a-z]+):`([^`\n]*(?:\n[^`\n]+)?)`")
# Neither holds its own mark, so that a page of marks that are never closed costs no more than its length.
_BOLD = re.compile(r"(?<!\\)[(\[]\*\*((?:[^*]|\*(?!\*)|\*(?=\*\*[)\]]))+)\*\*[)\]]")
_SLIDE = re.compile(r"[(\[]~~(?:[^~]|~(?!~))+~~[)\]]")
_IMAGE = re.compile(r"^!\[")
_CAPTION = re.compile(r"^:(?![a-z_]+:)(?=[^:\s])(.*)$")
_CITATION = re.compile(r"^(?P<names>.*?)\.?(?P<year>\d{4}\w?|[A-Za-z]+)$")


def plain_markdown(lines: Sequence[str], path: Path, known: References) -> str:
    """These lines, which hold no cell; empty if nothing is left."""
    from lessons.notebooks.blocks import outside_fences

    free = {number for number, _line in outside_fences(lines)}
    made = list(lines)
    for number in sorted(free):
        line = lines[number]
        if _SIZE.match(line):
            made[number] = "\0"
        elif match := LABEL.match(line):
            _label_above(made, number, match[1], path, known)
            made[number] = "\0"
        elif match := _CAPTION.match(line):
            made[number] = match[1].strip()
    kept: list[str] = []
    part: list[str] = []
    for number, line in enumerate(made):
        if number not in free:
            kept += [_marked("\n".join(part), path, known)] if part else []
            kept.append(line)
            part = []
        elif line != "\0":
            part.append(line)
    kept.append(_marked("\n".join(part), path, known))
    return "\n".join(kept).strip("\n") if any(line.strip() for line in kept) else ""


def _label_above(lines: list[str], number: int, label: str, path: Path, known: References) -> None:
    """A label belongs to what stands above it: there its number is shown, where that is no heading."""
    above = next((at for at in range(number - 1, -1, -1) if lines[at].strip() and lines[at] != "\0"), None)
    name = known.reference(label, path)
    if above is None or name is None:
        return
    name = re.sub(r"^\[([^\]]*)\]\(.*\)$", r"\1", name)
    if label.startswith("eq") and lines[above].rstrip().endswith("$$"):
        body = lines[above].rstrip()[:-2].rstrip()
        lines[above] = f"{body} \\tag{{{name.strip('()')}}}$$"
    elif _IMAGE.match(lines[above]):
        lines[above] = re.sub(r"^!\[", f"![{name}. ", lines[above])
    elif label.startswith(("tab_", "table_")):
        lines[above] = f"**{name}.** {lines[above]}"


def _marked(text: str, path: Path, known: References) -> str:
    text = _SLIDE.sub("", text)
    text = _ROLE.sub(partial(_role, path=path, known=known), text)
    return _BOLD.sub(_bold, text)


def _bold(match: re.Match[str]) -> str:
    words = match[1].strip()
    return f"**{words}**" if "\n\n" not in words else match[0]


def _role(match: re.Match[str], *, path: Path, known: References) -> str:
    name, target = match[1], " ".join(match[2].split())
    if name in ("numref", "ref", "eqref"):
        return known.reference(target, path) or f"`{target}`"
    if name in ("cite", "citet", "citep"):
        return cited(target, in_text=name == "citet")
    return f"{name} `{target}`"


def cited(keys: str, *, in_text: bool) -> str:
    """Citations by their keys, which name authors and year: `Vaswani.Shazeer.ea.2017`."""
    found = [_citation(key.strip()) for key in keys.split(",") if key.strip()]
    if in_text:
        return ", ".join(f"{names} ({year})" if year else names for names, year in found)
    return f"({'; '.join(', '.join(filter(None, pair)) for pair in found)})"


def _citation(key: str) -> tuple[str, str]:
    match = _CITATION.match(key)
    names, year = (match["names"], match["year"]) if match and match["year"][:1].isdigit() else (key, "")
    authors = [name.replace("-", "‑") if name != "ea" else "" for name in names.split(".") if name]
    if "" in authors or len(authors) > 2:
        return f"{authors[0]} et al.", year
    return " and ".join(authors), year
