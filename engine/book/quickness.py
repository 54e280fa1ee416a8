"""Shortens the book's own loops where every training is to be cut to a moment (`D2L_TUTOR_QUICK=1`). No torch here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.config import quick

BATCHES = 5
"""Minibatches that an epoch keeps; the book's loops draw a point every fifth of an epoch."""
EXAMPLES = 200
"""Examples that an epoch of plain arrays keeps at least: the book's loops measure every 200 of them."""
ROWS = 4
"""Examples of a minibatch in a quick run, in the book's `Trainer` and from its `load_data_…`."""


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


class Beginning:
    """The first examples of a data set; all else is the data set's."""

    def __init__(self, dataset: Any, length: int) -> None:
        self.dataset, self.length = dataset, length

    def __len__(self) -> int:
        return min(self.length, len(self.dataset))

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[index]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "dataset":  # asked while it is unpickled in a worker
            raise AttributeError(name)
        return getattr(self.dataset, name)


def shortened(loader: Any, batches: int = BATCHES) -> Any:
    """The loader, or its beginning in a quick run."""
    if not quick() or loader is None or isinstance(loader, Shortened):
        return loader
    return Shortened(loader, batches)


def narrowed(batch: Any) -> Any:
    """The minibatch, or its first examples in a quick run."""
    return tuple(item[:ROWS] for item in batch) if quick() else batch


def rows(batch_size: int, most: int = ROWS) -> int:
    """The size of a minibatch: smaller in a quick run."""
    return min(most, batch_size) if quick() else batch_size


def epochs(number: int) -> int:
    """So many epochs, or one in a quick run."""
    return min(1, number) if quick() else number
