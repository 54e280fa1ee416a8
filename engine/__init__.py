"""The models, data and training of the book, one import away: `from engine import LeNet, FashionMNIST, Trainer`.

Names are loaded on first use, so that importing `engine` costs nothing and does not reach torch: the app reads the
torch-free modules beside this file.
"""

from __future__ import annotations

import importlib
from typing import Any

import engine.data
import engine.models

_CORE = {
    "engine.config": "EngineError SettingError TrainSettings",
    "engine.device": "Device DeviceError cpu gpu num_gpus try_all_gpus try_gpu",
    "engine.diagrams": "annotate plot show_bars show_histogram show_list_len_pair_hist show_scatter",
    "engine.figures": "show_heatmaps show_images show_surface",
    "engine.layers": "summary trace",
    "engine.loaders": "TensorLoader",
    "engine.memory": "OutOfMemory",
    "engine.metrics": "Accumulator Timer accuracy perplexity",
    "engine.module": "Classifier DataModule HyperParameters Module ProgressBoard add_to_class",
    "engine.train": "Trainer",
}

_HOMES = {name: module for module, names in _CORE.items() for name in names.split()}
_HOMES |= {name: f"engine.data.{module}" for name, module in engine.data.NAMES.items()}
_HOMES |= {name: f"engine.models.{module}" for name, module in engine.models.NAMES.items()}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
