"""What a learner names on the command line: a lesson of the course, or a file or folder of their own.

A name of the course wins, unless it plainly is a path: one that is there and has a slash or a notebook's suffix, or
begins with a dot or `~`. Standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

SUFFIXES = (".ipynb", ".md", ".myst", ".markdown", ".py")


def path_named(name: str, is_lesson: Callable[[str], bool]) -> Path | None:
    """The path that `name` means; None if it means a lesson. `is_lesson`: whether the course knows it by that name."""
    path = Path(name).expanduser() if name.startswith("~") else Path(name)
    there = os.path.lexists(path) if "\0" not in name else False
    looks = name.startswith((".", "/", "~")) or name.lower().endswith(SUFFIXES)
    if there and (looks or os.sep in name):
        return path
    if is_lesson(name):
        return None
    return path if there or looks else None


def split_step(name: str) -> tuple[str, str]:
    """A name and the step behind its `#`; a file whose name has a `#` goes by that."""
    if os.path.lexists(Path(name).expanduser()) if "\0" not in name else False:
        return name, ""
    whole, _hash, step = name.rpartition("#") if "#" in name else (name, "", "")
    return whole, step
