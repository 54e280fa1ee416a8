"""Shortens the book's own loops where every training is to be cut to a moment (`D2L_TUTOR_QUICK=1`). No torch here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.config import quick

BATCHES = 3
"""Minibatches that an epoch keeps."""
ROWS = 8
"""Examples of a minibatch that a quick run learns from, in the book's `Trainer`."""


class Shortened:
    """The first minibatches of a loader; all else is the loader's."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def __len__(self) -> int:
        return min(BATCHES, len(self.loader))

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.loader), BATCHES)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


def shortened(loader: Any) -> Any:
    """The loader, or its beginning in a quick run."""
    return Shortened(loader) if quick() and loader is not None and not isinstance(loader, Shortened) else loader


def narrowed(batch: Any) -> Any:
    """The minibatch, or its first examples in a quick run."""
    return tuple(item[:ROWS] for item in batch) if quick() else batch


def epochs(number: int) -> int:
    """So many epochs, or one in a quick run."""
    return min(1, number) if quick() else number
