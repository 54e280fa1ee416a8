"""Which format a file is in, by what is in it; and the lesson that it makes.

The name decides only what the content leaves open: whether text is a script or Markdown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lessons.errors import printable
from lessons.model import Lesson
from lessons.notebooks import d2lbook, myst
from lessons.notebooks.errors import NotebookClosed
from lessons.notebooks.files import head, read_text
from lessons.notebooks.front_matter import split, text_of
from lessons.notebooks.pieces import Pages, lesson_of
from lessons.notebooks.plain import read_plain

PREFIX = "notebook:"
"""How the ids of notebooks begin; no lesson of the course has a `:` in its id."""

SUFFIXES = frozenset((".ipynb", ".md", ".myst", ".markdown", ".py"))
"""What a folder's notebooks are called."""


def notebook_id(path: Path) -> str:
    """The id that the record keeps a notebook under: its path without symbolic links, from the home directory if it is
    there, so that the records of two machines with the same folders fit together."""
    real = Path(os.path.realpath(path))
    try:
        name = f"~/{real.relative_to(os.path.realpath(Path.home())).as_posix()}"
    except (ValueError, RuntimeError):
        name = real.as_posix()
    return PREFIX + printable(name)


def path_of(notebook: str) -> Path:
    """The path that an id names. Where its name holds control characters, nothing is there."""
    return Path(notebook.removeprefix(PREFIX)).expanduser()


def is_notebook(lesson_id: str) -> bool:
    """Whether the id is that of a notebook."""
    return lesson_id.startswith(PREFIX)


def read_notebook(path: Path) -> Lesson:
    """The lesson that the file at `path` makes. Runs nothing. Raises `LessonFormatError`, mostly `NotebookClosed`."""
    start = head(path)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _is_json(path, start):
        from lessons.notebooks.ipynb import read_ipynb

        return lesson_of(read_ipynb(path), path, notebook_id(path))
    text = read_text(path)
    if path.suffix.lower() == ".ipynb":
        cause = "it is empty" if not text.strip() else "it is no JSON: a notebook begins with `{`"
        raise NotebookClosed(path, cause, 1)
    if _is_lesson(text):
        from lessons.parser import parse

        return parse(text, path)
    return lesson_of(read_pages(text, path), path, notebook_id(path))


def _is_json(path: Path, start: bytes) -> bool:
    return path.suffix.lower() == ".ipynb" or b'"cells"' in start or b'"nbformat' in start or b'"metadata"' in start


def _is_lesson(text: str) -> bool:
    """Whether it is a lesson of this course: its own parser then tells its author more."""
    metadata, _rest, _line = split(text)
    return {"id", "title", "objectives"} <= metadata.keys() and "/" in str(metadata["id"])


def read_pages(text: str, path: Path) -> Pages:
    """The pieces of a text, whatever its format. `path` says whether it is a script, and what book it is from."""
    if path.suffix.lower() == ".py":
        from lessons.notebooks.scripts import read_script

        return read_script(text)
    metadata, body, line = split(text)
    if d2lbook.SIGNS.search(body):
        from lessons.notebooks.numbering import book_of

        return d2lbook.read_d2lbook(text, path, book_of(path))
    if _is_myst(metadata, body):
        return myst.read_myst(body, metadata, line)
    if path.suffix.lower() not in SUFFIXES and (path.suffix or not re.search(r"^(?:#|```)", body, re.MULTILINE)):
        raise NotebookClosed(path, "it is no notebook: .ipynb, Markdown and Python scripts are opened")
    return read_plain(body, metadata, text_of(metadata, "title"), line)


def _is_myst(metadata: Mapping[str, Any], body: str) -> bool:
    return "kernelspec" in metadata or "jupytext" in metadata or myst.SIGNS.search(body) is not None
