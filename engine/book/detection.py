"""Pictures with one banana each (14.6): the book's small data set for object detection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.book import hub
from engine.book.quickness import rows, shortened
from engine.book.segmentation import read_picture

SIDE = 256
"""Pixels of a picture's side: the labels are divided by it."""


def read_data_bananas(is_train: bool = True) -> tuple[list[Tensor], Tensor]:
    """The pictures, uint8 (3, 256, 256) each, and their labels, (n, 1, 5): class 0 and a box in [0, 1]."""
    import pandas

    folder = Path(hub.download_extract("banana-detection")) / ("bananas_train" if is_train else "bananas_val")
    table = pandas.read_csv(folder / "label.csv")
    images = [read_picture(folder / "images" / name) for name in table["img_name"]]
    numbers = table.drop(columns="img_name").to_numpy(dtype="float32")
    return images, torch.from_numpy(numbers)[:, None] / SIDE


class BananasDataset(Dataset[Any]):
    """The same as a data set of (float picture, label)."""

    def __init__(self, is_train: bool) -> None:
        self.features, self.labels = read_data_bananas(is_train)
        print(f"read {len(self)} {'training' if is_train else 'validation'} examples")

    def __getitem__(self, idx: int) -> tuple[Tensor, Tensor]:
        return self.features[idx].float(), self.labels[idx]

    def __len__(self) -> int:
        return len(self.features)


def load_data_bananas(batch_size: int) -> tuple[Any, Any]:
    """Minibatches to learn from, shuffled, and to validate with."""
    parts = BananasDataset(is_train=True), BananasDataset(is_train=False)
    train, val = (DataLoader(part, rows(batch_size), shuffle=i == 0) for i, part in enumerate(parts))
    return shortened(train, 1), shortened(val, 1)  # the book's own loop takes twenty epochs of 256 × 256
