"""Numbers of a d2lbook: which section, figure, table and equation a label means. Reads every page of the book once.

The contents begin at the topmost `index.md` above a page. Whoever is in no contents has no number. Pages that name each
other in a circle are read once; a book of more pages than `MOST_PAGES` is numbered as far as that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lessons.notebooks.blocks import blocks, outside_fences
from lessons.notebooks.d2lbook import chosen_lines, entries
from lessons.notebooks.errors import NotebookClosed
from lessons.notebooks.files import MOST_TEXT, read_text
from lessons.notebooks.pieces import plain_words

MOST_PAGES = 2000
HIGHEST = 6
"""Folders above a page that are looked into for the book's beginning."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t#]*$")
_UNDERLINE = re.compile(r"^=+[ \t]*$")
_LABEL = re.compile(r"^:(?:label|eqlabel):`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Place:
    """What a label stands for."""

    name: str
    """`Section 3.4`, `Fig. 3.1.2`, `Table 2.1.1`, `(3.1.4)`, or a title where there is no number."""
    page: Path


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the book, in order."""

    path: Path
    number: str
    title: str
    depth: int
    """0 for the pages that the book's own contents name: its chapters."""


class Book:
    """The pages of a book and its labels."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages: list[Page] = []
        self.title = ""
        self._labels: dict[str, Place] = {}
        self._by_path: dict[Path, Page] = {}
        self._seen: set[Path] = set()
        self._walk(root / "index.md", "", -1)

    def number_of(self, path: Path) -> str:
        """The number of that page; empty if it has none."""
        page = self._by_path.get(_real(path))
        return page.number if page is not None else ""

    def title_of(self, path: Path) -> str:
        """The title of that page; empty if it is not in the book."""
        page = self._by_path.get(_real(path))
        return page.title if page is not None else ""

    def reference(self, label: str, path: Path) -> str | None:
        """The name of what the label means, as a link from the page at `path`."""
        place = self._labels.get(label)
        if place is None:
            return None
        if place.page == _real(path):
            return place.name
        return f"[{place.name}]({os.path.relpath(place.page, _real(path).parent)})"

    def _walk(self, path: Path, number: str, depth: int) -> None:
        path = _real(path)
        if path in self._seen or len(self._seen) >= MOST_PAGES:
            return
        self._seen.add(path)
        try:
            lines = chosen_lines(read_text(path, MOST_TEXT).split("\n"))
        except NotebookClosed:
            return  # a page that cannot be read has no labels; whoever opens it is told why
        title = self._read(path, lines, number)
        if depth < 0:
            self.title = title
        else:
            page = Page(path, number, title, depth)
            self.pages.append(page)
            self._by_path[path] = page
        count = 0
        for block in blocks(lines, colons=False):
            if block.info != "toc":
                continue
            numbered = (depth >= 0 and bool(number)) or (depth < 0 and ":numbered:" in block.body)
            for entry in entries(block.body):
                count += numbered
                own = f"{number}.{count}".lstrip(".") if numbered else ""
                child = path.parent / f"{entry}.md"
                if _inside(child, self.root):
                    self._walk(child, own, depth + 1)

    def _read(self, path: Path, lines: list[str], number: str) -> str:
        """Take in the labels of a page; its title."""
        title, heading, heading_number = "", "", number
        counts, figures, tables, dollars = [0] * 6, 0, 0, 0
        above, figure_open = "", False
        for _at, line in outside_fences(lines):
            if match := _HEADING.match(line):
                level, heading = len(match[1]), plain_words(match[2])
                title = title or heading
                if level > 1:
                    counts[level - 2] += 1
                    counts[level - 1 :] = [0] * (7 - level)
                inner = ".".join(map(str, counts[: level - 1]))
                heading_number = f"{number}.{inner}".strip(".") if number else ""
            elif _UNDERLINE.match(line) and above and not title:
                title = heading = plain_words(above)
            elif line.startswith("!["):
                figures, figure_open = figures + 1, True
            elif match := _LABEL.match(line):
                label = match[1]
                if label.startswith("eq"):
                    name = f"({number}.{(dollars + 1) // 2})" if number else "(the equation)"
                elif figure_open or label.startswith(("fig_", "img_")):
                    name = f"Fig. {number}.{figures}" if number else "the figure"
                elif label.startswith(("tab_", "table_")):
                    tables += 1
                    name = f"Table {number}.{tables}" if number else "the table"
                elif heading_number:
                    name = f"{'Section' if '.' in heading_number else 'Chapter'} {heading_number}"
                else:
                    name = heading or title
                self._labels.setdefault(label, Place(name, path))
            dollars += line.count("$$")
            if line.strip() and not line.startswith((":width:", "![")):
                figure_open = False
            if line.strip():
                above = line
        return title or path.stem


def _inside(path: Path, root: Path) -> bool:
    return _real(path).is_relative_to(_real(root))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def book_of(path: Path) -> Book | None:
    """The book that the page belongs to; None if it belongs to none."""
    root = next(_roots(path), None)
    return _book(root) if root is not None else None


def _roots(path: Path) -> Iterator[Path]:
    """The folders above the page that may hold a book, topmost first."""
    folder = _real(path).parent
    candidates = [folder, *folder.parents][: HIGHEST + 1]
    for candidate in reversed(candidates):
        if has_contents(candidate):
            yield candidate


def has_contents(folder: Path) -> bool:
    """Whether the folder is a d2lbook: an `index.md` with a `toc`."""
    try:
        text = read_text(folder / "index.md", MOST_TEXT)
    except NotebookClosed:
        return False
    return any(block.info == "toc" for block in blocks(text.split("\n"), colons=False))


@lru_cache(maxsize=4)
def _book(root: Path) -> Book:
    return Book(root)
