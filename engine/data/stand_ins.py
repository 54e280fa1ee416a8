"""Pictures that the engine makes itself, for when the real data set is not cached: seeded, balanced, kept on disk.

A stand-in has the shapes, labels and sizes of the data set whose place it takes, so that a lesson runs offline to its
end. It is drawn once and cached as one file; a damaged cache is drawn again. This file knows how to assemble and
cache; `clothing`, `digits` and `scenes` know how to draw.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from engine.config import data_home, home

Drawer = Callable[[int, int, int], Tensor]
"""(kind, n, seed) -> n uint8 pictures of one kind: (n, height, width) or (n, channels, height, width)."""

_CHUNK = 5000
_log = logging.getLogger(__name__)


def assemble(drawer: Drawer, kinds: int, n: int, seed: int) -> tuple[Tensor, Tensor]:
    """`n` pictures in random order, all kinds alike often: uint8 (n, channels, height, width) and int64 labels (n,).

    The same for the same `n` and `seed`, on every machine with the same PyTorch.
    """
    images, labels = [], []
    for chunk, start in enumerate(range(0, n, _CHUNK)):
        size = min(_CHUNK, n - start)
        each = -(-size // kinds)
        base = (seed * 100_003 + chunk) * kinds
        stack = torch.cat([drawer(kind, each, base + kind) for kind in range(kinds)])
        order = torch.randperm(len(stack), generator=torch.Generator().manual_seed(base))[:size]
        images.append(stack[order])
        labels.append(torch.arange(kinds).repeat_interleave(each)[order])
    pictures = torch.cat(images)
    return (pictures[:, None] if pictures.dim() == 3 else pictures), torch.cat(labels)


def folder() -> Path:
    """Where stand-ins are kept: in the data folder, or with the learner's own files if that one is shared read-only."""
    data = data_home()
    nearest = next(place for place in (data, *data.absolute().parents) if place.exists())
    return (data if os.access(nearest, os.W_OK) else home() / "cache") / "stand-ins"


def cached(path: Path, make: Callable[[], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """What `make` makes, read from `path` if it was made before.

    A cache that cannot be written costs time and not the lesson: the tensors are returned all the same.
    """
    try:
        kept: tuple[Tensor, ...] = torch.load(path, weights_only=True)
        return tuple(kept)
    except FileNotFoundError:
        pass
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        _log.warning("the cached stand-in %s could not be read and is made again: %s", path, error)
    made = make()
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(made, unfinished)
        os.replace(unfinished, path)
    except (OSError, RuntimeError) as error:
        _log.warning("the stand-in could not be cached at %s: %s", path, error)
        with contextlib.suppress(OSError):
            unfinished.unlink()
    return made
