"""Reading the real picture data sets from the data folder, in torchvision's layout. No network here."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy
import torch
from torch import Tensor

from engine.config import EngineError

_IDX = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class DataDamaged(EngineError):
    """A file of a data set is not what it should be; the message names it and says how to get it anew."""


def read(name: str, root: Path, train: bool) -> tuple[Tensor, Tensor]:
    """The pictures, uint8 (n, channels, height, width), and their labels, int64 (n,).

    Raises `DataDamaged` if a file cannot be what it should be.
    """
    if name == "CIFAR10":
        return _read_cifar(root, train)
    images, labels = (read_idx(root / name / "raw" / part) for part in _IDX[train])
    if len(images) != len(labels):
        raise DataDamaged(
            f"{name} has {len(images)} pictures but {len(labels)} labels: delete {root / name} and fetch it anew."
        )
    return images[:, None], labels.long()


def read_idx(path: Path) -> Tensor:
    """A tensor of bytes in LeCun's idx format, from `path` or `path`.gz. Raises `DataDamaged`."""
    found = _found(path)
    if found is None:
        raise DataDamaged(f"{path} is missing: fetch the data set anew.")
    try:
        raw = gzip.decompress(found.read_bytes()) if found.suffix == ".gz" else found.read_bytes()
        kind, dims = raw[2], raw[3]
        shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(dims)]
        if raw[:2] != b"\0\0" or kind != 8:
            raise ValueError("it is not in idx format")
        body = numpy.frombuffer(raw, dtype=numpy.uint8, offset=4 + 4 * dims).reshape(shape)
    except (ValueError, IndexError, EOFError, gzip.BadGzipFile, OSError) as error:
        raise DataDamaged(f"{found} could not be read ({error}): delete it and fetch the data set anew.") from error
    return torch.from_numpy(body.copy())


def _found(path: Path) -> Path | None:
    return next((file for file in (path, path.with_name(f"{path.name}.gz")) if file.is_file()), None)


def _read_cifar(root: Path, train: bool) -> tuple[Tensor, Tensor]:
    from torchvision.datasets import CIFAR10  # it checks the hash of each file before it unpickles

    try:
        data = CIFAR10(str(root), train=train, download=False)
    except RuntimeError as error:
        folder = root / "cifar-10-batches-py"
        raise DataDamaged(f"CIFAR-10 is damaged ({error}): delete {folder} and fetch it anew.") from error
    return torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(data.targets)
