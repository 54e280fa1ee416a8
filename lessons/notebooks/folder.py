"""A folder of notebooks as a course: by its own table of contents, or all that is there in natural order.

Known are the `toc` blocks of a d2lbook, `_toc.yml` of Jupyter Book and the `toc` of a `myst.yml`. A file is opened for
its title and not beyond its first kilobytes. Links to folders are not followed; what a contents names outside the
folder is not opened.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lessons.catalog import Course
from lessons.errors import printable
from lessons.model import Chapter, Entry
from lessons.notebooks.errors import NoSuchNotebook, NotebookClosed
from lessons.notebooks.files import head, read_text
from lessons.notebooks.formats import SUFFIXES, notebook_id
from lessons.notebooks.front_matter import mapping, value
from lessons.notebooks.numbering import Book, book_of, has_contents
from lessons.notebooks.pieces import plain_words

MOST_FILES = 2000
DEEPEST = 5
_PASSED_BY = frozenset(("__pycache__", "node_modules", "_build", "site-packages", "venv"))
_HEADING = re.compile(r"^\s{0,3}#[ \t]+([^\n]+?)[ \t#]*$", re.MULTILINE)
_JSON_HEADING = re.compile(r'"\s*#[ \t]+((?:[^"\\]|\\[^n])+)(?:\\n|")')
_SCRIPT = re.compile(r"^# ?%%|^# ---$|^# \+", re.MULTILINE)


@dataclass(slots=True)
class _Group:
    """A chapter in the making."""

    title: str
    number: int = 0
    files: list[tuple[Path, str, str]] = field(default_factory=list)
    """Path, title (empty: look), number of the section."""


def course_of(folder: Path) -> Course:
    """The course in `folder`. Raises `NotebookClosed` where there is no notebook in it."""
    if not folder.is_dir():
        raise NoSuchNotebook(folder, "there is no such folder")
    groups = _planned(folder) or list(_found(folder))
    chapters, seen = [], set[str]()
    for count, group in enumerate(groups):
        entries = []
        for path, title, number in group.files[:MOST_FILES]:
            entry = _entry(path, title, number, str(count))
            if entry.id not in seen:
                seen.add(entry.id)
                entries.append(entry)
        if entries:
            chapters.append(Chapter(str(count), group.number, printable(group.title), tuple(entries)))
    if not chapters:
        raise NotebookClosed(folder, "there is no notebook in it: .ipynb, .md, or .py with cells")
    return Course(printable(_title(folder)), tuple(chapters))


def _title(folder: Path) -> str:
    config = _yaml(folder / "_config.yml")
    for found in (value(config, "title"), value(_yaml(folder / "myst.yml"), "project", "title")):
        if isinstance(found, str) and found.strip():
            return " ".join(found.split())
    if has_contents(folder):
        return _title_in(folder / "index.md") or folder.resolve().name
    return folder.resolve().name or "/"


def _entry(path: Path, title: str, number: str, chapter: str) -> Entry:
    broken = None
    if not title:
        try:
            title = _title_in(path)
        except NotebookClosed as error:
            broken = str(error)
    return Entry(notebook_id(path), printable(title or path.stem)[:200], chapter, number, 0, path, broken=broken)


def _title_in(path: Path) -> str:
    """The first heading in the file's beginning; empty if there is none. Raises `NotebookClosed`."""
    text = head(path, 16384).decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        match = _JSON_HEADING.search(text)
        return plain_words(_unescaped(match[1])) if match else ""
    if path.suffix == ".py":
        match = re.search(r"^# #[ \t]+(.+)$", text, re.MULTILINE)
    else:
        match = _HEADING.search(text)
        if match is None and (under := re.search(r"^(\S.*)\n=+[ \t]*$", text, re.MULTILINE)):
            match = under
    return plain_words(match[1]) if match else ""


def _unescaped(inside: str) -> str:
    """What stands between the quotation marks of a JSON string."""
    try:
        return str(json.loads(f'"{inside}"'))
    except ValueError:
        return inside


def _planned(folder: Path) -> list[_Group]:
    """What the folder's own table of contents says; nothing where it has none."""
    if (toc := _yaml(folder / "_toc.yml", lists=True)) is not None:
        return list(_jupyter_book(toc, folder))
    if isinstance(toc := value(_yaml(folder / "myst.yml"), "project", "toc"), list):
        return list(_jupyter_book(toc, folder))
    if has_contents(folder):
        return list(_d2lbook(Book(folder)))
    return []


def _d2lbook(book: Book) -> Iterator[_Group]:
    whole = book_of(book.root / "index.md") or book  # of one chapter too, the numbers are the book's
    loose = _Group(book.title, _whole_number(whole.number_of(book.root / "index.md")))
    group = loose
    started = False
    if loose.number:
        loose.files.append((book.root / "index.md", book.title, str(loose.number)))
    for page, following in zip(book.pages, [*book.pages[1:], None], strict=True):
        number = whole.number_of(page.path)
        if page.depth == 0:
            opens = following is not None and following.depth > 0
            if not opens and group is loose:
                loose.files.append((page.path, page.title, number))
                continue
            if started or group.files:
                yield group
            group, started = _Group(page.title, _whole_number(number)), True
        group.files.append((page.path, page.title, number))
    yield group


def _whole_number(number: str) -> int:
    return int(number) if number.isdigit() else 0


def _jupyter_book(toc: Any, folder: Path) -> Iterator[_Group]:
    """Parts, or one for each chapter that has sections of its own."""
    if isinstance(toc, Mapping):
        root = [{"file": toc["root"]}] if isinstance(toc.get("root"), str) else []
        parts = toc.get("parts")
        if not isinstance(parts, list):
            parts = [{"caption": "", "chapters": toc.get("chapters") or toc.get("sections") or []}]
    else:
        root, parts = [], [{"caption": "", "chapters": toc}]
    if root:
        yield _Group(folder.resolve().name, 0, list(_listed(root, folder, 0)))
    for number, part in enumerate(parts, start=1):
        if isinstance(part, Mapping):
            inner = part.get("chapters") or part.get("sections") or part.get("children") or []
            name = part.get("caption") or part.get("part") or part.get("title") or folder.resolve().name
            yield _Group(str(name), number if len(parts) > 1 else 0, list(_listed(inner, folder, 0)))


def _listed(entries: Any, folder: Path, depth: int) -> Iterator[tuple[Path, str, str]]:
    for entry in entries if isinstance(entries, list) and depth < DEEPEST else ():
        if not isinstance(entry, Mapping):
            continue
        if isinstance(name := entry.get("file"), str) and (path := _named(folder, name)) is not None:
            title = entry.get("title")
            yield path, " ".join(title.split()) if isinstance(title, str) else "", ""
        if isinstance(pattern := entry.get("glob"), str) and ".." not in pattern and not pattern.startswith("/"):
            for path in sorted(folder.glob(pattern), key=lambda one: natural(str(one)))[:MOST_FILES]:
                yield path, "", ""
        for inner in ("sections", "children", "chapters"):
            yield from _listed(entry.get(inner), folder, depth + 1)


def _named(folder: Path, name: str) -> Path | None:
    """The file that a contents names, with or without its suffix; None where that is outside the folder."""
    path = folder / name
    if not os.path.realpath(path).startswith(os.path.realpath(folder)):
        return None
    candidates = [path, *(path.with_name(path.name + suffix) for suffix in SUFFIX_ORDER)]
    return next((one for one in candidates if one.is_file()), path)


SUFFIX_ORDER = (".ipynb", ".md", ".myst", ".markdown", ".py")
"""Which of several files a name without a suffix means."""


def _yaml(path: Path, *, lists: bool = False) -> Any:
    """The mapping (or with `lists` also the list) in the file; None where there is none."""
    try:
        text = read_text(path, 1024 * 1024)
    except NotebookClosed:
        return None
    found = mapping(text)
    if found is None and lists:
        found = mapping("items:\n" + "\n".join(f"  {line}" for line in text.split("\n")))
        return found["items"] if found is not None and isinstance(found.get("items"), list) else None
    return found


def _found(folder: Path) -> Iterator[_Group]:
    """All notebooks, a group for each folder, in natural order."""
    left = MOST_FILES
    for place, folders, names in os.walk(folder, followlinks=False):
        here = Path(place)
        depth = len(here.relative_to(folder).parts)
        folders[:] = sorted(
            (name for name in folders if not name.startswith((".", "_")) and name not in _PASSED_BY), key=natural
        )
        if depth >= DEEPEST:
            folders.clear()
        paths = [here / name for name in sorted(names, key=natural) if not name.startswith(".")]
        files = [(path, "", "") for path in paths if path.suffix.lower() in SUFFIXES and _is_notebook(path)][:left]
        left -= len(files)
        if files:
            yield _Group(here.relative_to(folder).as_posix() if depth else folder.resolve().name, 0, files)
        if left <= 0:
            return


def _is_notebook(path: Path) -> bool:
    """A Python file is one only if it says so: most are programs."""
    if path.suffix.lower() != ".py":
        return True
    try:
        return _SCRIPT.search(head(path, 8192).decode("utf-8", "replace")) is not None
    except NotebookClosed:
        return False


def natural(name: str) -> list[tuple[int, int | str]]:
    """For sorting as people do: `2-more` before `10-end`."""
    parts: Iterable[str] = re.split(r"(\d+)", name.casefold())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]
