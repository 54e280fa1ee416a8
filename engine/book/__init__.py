"""The book's own code runs here: `from d2l import torch as d2l`, where no package `d2l` is installed.

Importing this module (the tutor's kernel does so when it starts) puts a finder at the end of `sys.meta_path`: it is
asked for `d2l`, `d2lbook` and `gym` only when nobody else has them, so an installed package wins. Nothing of torch is
imported before it is used. Names, parameters and meanings are the book's; what stands behind them is the engine.
"""

from __future__ import annotations

import sys

from engine.book.finder import BookFinder

__all__ = ["install", "uninstall"]


def install() -> None:
    """Make the book's packages importable. A second call changes nothing."""
    if not any(isinstance(finder, BookFinder) for finder in sys.meta_path):
        sys.meta_path.append(BookFinder())


def uninstall() -> None:
    """Take the finder away again; modules that were imported stay."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, BookFinder)]


install()
