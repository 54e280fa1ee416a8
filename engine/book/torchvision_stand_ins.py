"""The engine's pictures in the files that torchvision's data sets read."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy

from engine.config import quick
from engine.data.images import CIFAR10, MNIST, FashionMNIST

_MARK = "stand-in"
_SHORT = "short"
_FEWER = 2000
"""Pictures of each part in a quick run."""


def write_idx(data: Any) -> None:
    """Files in LeCun's format for torchvision's `MNIST` or `FashionMNIST` object."""
    folder = Path(data.raw_folder)
    folder.mkdir(parents=True, exist_ok=True)
    kind = FashionMNIST if type(data).__name__ == "FashionMNIST" else MNIST
    made = kind(num_train=_number(60_000), num_val=_number(10_000))
    for part, name in ((made.train, "train"), (made.val, "t10k")):
        _write(folder / f"{name}-images-idx3-ubyte", part.images.squeeze(1).numpy())
        _write(folder / f"{name}-labels-idx1-ubyte", part.labels.numpy().astype(numpy.uint8))
    _say(type(data).__name__, folder)


def write_cifar(data: Any) -> None:
    """Pickled batches in CIFAR-10's format for torchvision's object."""
    folder = Path(data.root) / data.base_folder
    folder.mkdir(parents=True, exist_ok=True)
    made = CIFAR10(num_train=_number(50_000), num_val=_number(10_000))
    names = [name for name, _ in data.train_list]
    parts = zip(names, numpy.array_split(numpy.arange(len(made.train)), len(names)), strict=True)
    for name, rows in [*parts, (data.test_list[0][0], numpy.arange(len(made.val)))]:
        pictures = made.train if name in names else made.val
        batch = {
            "data": pictures.images.numpy()[rows].reshape(len(rows), -1),
            "labels": pictures.labels.numpy()[rows].tolist(),
        }
        (folder / name).write_bytes(pickle.dumps(batch))
    (folder / data.meta["filename"]).write_bytes(pickle.dumps({data.meta["key"]: list(made.labels)}))
    data.meta = {**data.meta, "md5": None}
    _say(type(data).__name__, folder)


def is_stand_in(folder: Path) -> bool:
    """Whether the files there were made here."""
    return (folder / _MARK).exists()


def is_enough(folder: Path) -> bool:
    """Whether the stand-in there will do: one of a quick run is too small for any other."""
    return is_stand_in(folder) and (quick() or (folder / _MARK).read_text() != _SHORT)


def remove(folder: Path) -> None:
    """Makes room for the real files, if a stand-in is there."""
    if is_stand_in(folder):
        for path in folder.iterdir():
            if path.is_file():
                path.unlink()


def _number(full: int) -> int:
    return min(full, _FEWER) if quick() else full


def _write(path: Path, array: Any) -> None:
    head = bytes([0, 0, 8, array.ndim]) + b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    path.write_bytes(head + array.tobytes())


def _say(name: str, folder: Path) -> None:
    (folder / _MARK).write_text(_SHORT if quick() else "")
    print(f"{name}: it could not be fetched; stand-in pictures were drawn by the engine.")
