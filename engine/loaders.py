"""Minibatches out of tensors that are resident in memory: an order an epoch, large copies, slices. No processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor

Batch = tuple[Any, ...]

GATHERED = 32
"""Shuffled minibatches that are copied at a time: large copies are quick, and slices of them are free."""


class TensorLoader:
    """Minibatches of some tensors that share their first axis.

    Iterating gives tuples, one item for each tensor. `transform`, if given, takes these items (on the device already)
    and returns what the model gets: `lambda X, y: (X.float() / 255, y)` keeps pictures in bytes until they are needed.
    The last minibatch may be smaller.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        batch_size: int,
        shuffle: bool = False,
        *,
        transform: Callable[..., Batch] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        if len({len(tensor) for tensor in tensors}) != 1:
            raise ValueError(f"the tensors differ in length: {[len(tensor) for tensor in tensors]}")
        self.tensors = tuple(tensors)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.transform = transform
        self.generator = generator

    def __len__(self) -> int:
        return -(-self.num_examples // self.batch_size)

    @property
    def num_examples(self) -> int:
        """Length of the first axis."""
        return len(self.tensors[0])

    def to(self, device: torch.device | str) -> TensorLoader:
        """The same loader with its tensors on `device`, where the minibatches are then made."""
        tensors = [tensor.to(device) for tensor in self.tensors]
        return TensorLoader(tensors, self.batch_size, self.shuffle, transform=self.transform, generator=self.generator)

    def __iter__(self) -> Iterator[Batch]:
        return self.after(0)

    def after(self, done: int) -> Iterator[Batch]:
        """The minibatches of an epoch without the first `done`, which cost nothing: a run that goes on begins here."""
        size = self.batch_size
        for number, stretch in enumerate(self._stretches()):
            skipped = max(0, done - number * GATHERED) if self.shuffle else done
            for start in range(skipped * size, len(stretch[0]), size):
                batch = tuple(tensor[start : start + size] for tensor in stretch)
                yield batch if self.transform is None else self.transform(*batch)

    def _stretches(self) -> Iterator[Batch]:
        """The tensors in order, `GATHERED` minibatches at a time: an epoch that is cut short copies little in vain."""
        if not self.shuffle:
            yield self.tensors
            return
        # Drawn on the CPU: the same order on every device.
        order = torch.randperm(self.num_examples, generator=self.generator).to(self.tensors[0].device)
        length = GATHERED * self.batch_size
        for start in range(0, self.num_examples, length):
            chosen = order[start : start + length]
            yield tuple(tensor[chosen] for tensor in self.tensors)


def batches_after(loader: Any, done: int) -> Iterator[Any]:
    """The minibatches of any loader without the first `done`."""
    return loader.after(done) if done and hasattr(loader, "after") else islice(iter(loader), done, None)
