"""Markdown of d2lbook, the tool that *Dive into Deep Learning* is built with: one tab of it, in plain Markdown.

The tab is chosen here, as d2lbook itself does before it runs a page: cells of other tabs go, `tab.selected(...)` is
decided, and the cell that asks which tab to show goes too. What is run is therefore the page's code for PyTorch, line
by line. A cell that names no tab belongs to every page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from lessons.notebooks.blocks import Block, blocks
from lessons.notebooks.pieces import Code, Pages, Piece, Text, fenced

TAB = "pytorch"

SIGNS = re.compile(
    r"^(?:%%tab\s|# ?@tab\s|:begin_tab:|:end_tab:|:(?:eq)?label:`|`{3}\{\.python \.input|tab\.interact_select)"
    r"|:(?:numref|eqref|cite):`",
    re.MULTILINE,
)
"""What other Markdown does not have."""

_TAB_LINE = re.compile(r"^(?:%%tab|# ?@tab)\s+(.*)$")
_BEGIN = re.compile(r"^:begin_tab:`([^`]*)`?\s*$")
_END = re.compile(r"^:end_tab:")
_CHOOSING = re.compile(r"^\s*(?:%load_ext\s+d2lbook\.tab|tab\.interact_select\(.*\))\s*$")
_SELECTED = re.compile(
    r"^(?P<indent>[ \t]*)if (?P<test>tab\.selected\([^()]*\)(?:\s+or\s+tab\.selected\([^()]*\))*):(?P<rest>.*)$"
)
_ELSE = re.compile(r"^(?P<indent>[ \t]*)else:[ \t]*$")
_NAMES = re.compile(r"['\"]([\w-]+)['\"]")


class References(Protocol):
    """Numbers of sections, figures, tables and equations: see `numbering`."""

    def number_of(self, path: Path) -> str:
        """The number of that page, `3.4`; empty if it has none."""

    def reference(self, label: str, path: Path) -> str | None:
        """What to print for a label on the page at `path`, in Markdown; None where nobody knows it."""

    def title_of(self, path: Path) -> str:
        """The title of that page; empty if it is not known."""


class Nowhere:
    """References of a page that belongs to no book."""

    def number_of(self, path: Path) -> str:
        """None."""
        return ""

    def reference(self, label: str, path: Path) -> str | None:
        """None."""
        return None

    def title_of(self, path: Path) -> str:
        """None."""
        return ""


def read_d2lbook(text: str, path: Path, references: References | None = None, tab: str = TAB) -> Pages:
    """The page at `path`, with this `tab` chosen."""
    from lessons.notebooks.d2lbook_text import plain_markdown

    known = references or Nowhere()
    lines = chosen_lines(text.split("\n"), tab)
    pieces: list[Piece] = []
    at = 0
    for block in [*blocks(lines, colons=False), None]:
        if block is not None and not _is_special(block):
            continue  # a block of code to read stays in the prose
        end = len(lines) if block is None else block.start
        if markdown := plain_markdown(lines[at:end], path, known):
            pieces.append(Text(markdown, at + 1))
        if block is not None:
            pieces += _special(block, path, known, tab)
            at = block.end
    return Pages(tuple(pieces), book=known.number_of(path))


def _is_special(block: Block) -> bool:
    return _is_cell(block) or block.info in ("toc", "eval_rst")


def _is_cell(block: Block) -> bool:
    return block.info.startswith("{") and ".input" in block.info


def _special(block: Block, path: Path, known: References, tab: str) -> Iterator[Piece]:
    if block.info == "toc":
        yield Text("\n".join(_contents(block.body, path, known)), block.start + 1)
    elif not _is_cell(block):
        yield Text(fenced(block.body, block.info), block.start + 1)
    else:
        source = code_of(block.body, tab)
        if source is not None:
            yield Code(source, block.start + 2)


def _contents(body: str, path: Path, known: References) -> Iterator[str]:
    """A table of contents as a list of links."""
    for entry in entries(body):
        page = path.parent / f"{entry}.md"
        name = " ".join(filter(None, (known.number_of(page), known.title_of(page) or entry)))
        yield f"- [{name}]({entry}.md)"


def entries(body: str) -> list[str]:
    """The pages that a `toc` block names, without their suffix."""
    lines = (line.strip() for line in body.split("\n"))
    return [line.removesuffix(".md") for line in lines if line and not line.startswith(":")]


def chosen_lines(lines: Sequence[str], tab: str = TAB) -> list[str]:
    """The lines without the text of other tabs. What goes leaves an empty line, so that line numbers stay."""
    kept: list[str] = []
    shown = True
    for line in lines:
        if match := _BEGIN.match(line):
            shown = tab in _split(match[1])
            kept.append("")
        elif _END.match(line):
            shown = True
            kept.append("")
        else:
            kept.append(line if shown else "")
    return kept


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


def code_of(body: str, tab: str = TAB) -> str | None:
    """The code of a cell for this tab; None if it has none."""
    lines = body.lstrip("\n").split("\n")
    if match := _TAB_LINE.match(lines[0]):
        if not {tab, "all"} & set(_split(match[1])):
            return None
        lines = lines[1:]
    chosen = [line for line in lines if not _CHOOSING.match(line)]
    if len(chosen) < len(lines) and not any(line.strip() and not line.lstrip().startswith("#") for line in chosen):
        return None  # it was there to choose the tab
    return "\n".join(_decided(chosen, tab)).strip("\n")


def _decided(lines: list[str], tab: str) -> Iterator[str]:
    """The lines with each `if tab.selected(...)` decided. An `else` of it is decided too."""
    at = 0
    while at < len(lines):
        match = _SELECTED.match(lines[at])
        if match is None:
            yield lines[at]
            at += 1
            continue
        indent, selected = match["indent"], tab in _NAMES.findall(match["test"])
        end = _end_of(lines, at + 1, len(indent))
        inside = lines[at + 1 : end]
        other: list[str] = []
        if end < len(lines) and (branch := _ELSE.match(lines[end])) and branch["indent"] == indent:
            start, end = end + 1, _end_of(lines, end + 1, len(indent))
            other = lines[start:end]
        if match["rest"].strip() and not match["rest"].strip().startswith("#"):
            inside = [f"{indent}    {match['rest'].strip()}", *inside]
        yield from _decided(_outdented(inside if selected else other, len(indent)), tab)
        at = end


def _end_of(lines: list[str], start: int, indent: int) -> int:
    """The index behind the block that is indented deeper than `indent`; empty lines at its end are not its own."""
    end = start
    for number in range(start, len(lines)):
        line = lines[number]
        if line.strip():
            if len(line) - len(line.lstrip()) <= indent:
                break
            end = number + 1
    return end


def _outdented(lines: list[str], indent: int) -> list[str]:
    depths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    by = min(depths, default=indent) - indent
    return [line[by:] if not line[:by].strip() else line for line in lines]
