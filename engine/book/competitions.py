"""Files of Kaggle's picture competitions (14.13, 14.14), sorted into folders by class."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path


def read_csv_labels(fname: str) -> dict[str, str]:
    """The labels by file name, from a table with a head line and two columns."""
    with open(fname, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return {row[0]: row[1] for row in rows if len(row) >= 2}


def copyfile(filename: str, target_dir: str) -> None:
    """Copy a file into a folder, which is made if it is not there."""
    Path(target_dir).mkdir(parents=True, exist_ok=True)
    shutil.copy(filename, target_dir)


def reorg_train_valid(data_dir: str, labels: dict[str, str], valid_ratio: float) -> int:
    """Sort `data_dir`/train by class into train_valid_test/{train, valid, train_valid}.

    Returns how many of a class are in valid: `valid_ratio` of the rarest class, for every class alike.
    """
    held_out = max(1, int(min(Counter(labels.values()).values()) * valid_ratio))
    root, taken = Path(data_dir), Counter[str]()
    for file in sorted((root / "train").iterdir()):
        label = labels[file.name.split(".")[0]]
        part = "valid" if taken[label] < held_out else "train"
        taken[label] += 1
        for place in ("train_valid", part):
            copyfile(str(file), str(root / "train_valid_test" / place / label))
    return held_out


def reorg_test(data_dir: str) -> None:
    """Copy `data_dir`/test into train_valid_test/test/unknown, where torchvision looks for classes."""
    root = Path(data_dir)
    for file in (root / "test").iterdir():
        copyfile(str(file), str(root / "train_valid_test" / "test" / "unknown"))
