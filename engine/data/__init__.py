"""The data sets of the book: each real where it is cached, else made by the engine. Names are loaded on first use."""

from __future__ import annotations

import importlib
from typing import Any

NAMES = {
    "Airfoil": "airfoil",
    "CIFAR10": "images",
    "FashionMNIST": "images",
    "KaggleHouse": "houses",
    "MNIST": "images",
    "MTFraEng": "translation",
    "ImageData": "images",
    "Pictures": "images",
    "SyntheticRegressionData": "synthetic",
    "SyntheticSequence": "synthetic",
    "TextData": "text",
    "TimeMachine": "text",
    "Vocab": "vocabulary",
    "fetch": "fetching",
    "k_fold_data": "houses",
    "ngrams": "vocabulary",
}
"""Public names, and the modules of this package that they live in."""

__all__ = sorted(NAMES)


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})
