"""Shortens the book's own loops where every training is to be cut to a moment (`D2L_TUTOR_QUICK=1`). No torch here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.config import quick

BATCHES = 3
"""Minibatches that an epoch keeps."""
EXAMPLES = 200
"""Examples that an epoch of plain arrays keeps at least: the book's loops measure every 200 of them."""
ROWS = 8
"""Examples of a minibatch that a quick run learns from, in the book's `Trainer`."""


class Shortened:
    """The first minibatches of a loader; all else is the loader's."""

    def __init__(self, loader: Any, batches: int = BATCHES) -> None:
        self.loader, self.batches = loader, batches

    def __len__(self) -> int:
        return min(self.batches, len(self.loader))

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.loader), self.batches)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


def shortened(loader: Any, batches: int = BATCHES) -> Any:
    """The loader, or its beginning in a quick run."""
    if not quick() or loader is None or isinstance(loader, Shortened):
        return loader
    return Shortened(loader, batches)


def narrowed(batch: Any) -> Any:
    """The minibatch, or its first examples in a quick run."""
    return tuple(item[:ROWS] for item in batch) if quick() else batch


def epochs(number: int) -> int:
    """So many epochs, or one in a quick run."""
    return min(1, number) if quick() else number
