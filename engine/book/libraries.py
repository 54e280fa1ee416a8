"""What the book expects of libraries that have changed since it was written, or that ask for a network.

Installed when the book's `d2l` is imported, and not before: a learner who never does keeps the libraries as they are.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from engine.book import quickness
from engine.config import quick

_installed = False


def install() -> None:
    """Change the modules that are loaded, and watch for those that are not."""
    global _installed
    if _installed:
        return
    _installed = True
    for name, change in _CHANGES.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _AfterImport())


class _AfterImport(MetaPathFinder):
    """Hands the import on, and changes the module once it is there."""

    def __init__(self) -> None:
        self._busy: set[str] = set()

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        if fullname not in _CHANGES or fullname in self._busy:
            return None
        self._busy.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Changing(spec.loader, _CHANGES[fullname])
        return spec


class _Changing(Loader):
    def __init__(self, loader: Loader, change: Callable[[Any], None]) -> None:
        self._loader, self._change = loader, change

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._change(module)


def _object_strings(pandas: Any) -> None:
    """Text in columns of type `object`, as up to pandas 2: the book tells numbers from text by it (5.7)."""
    # From pandas 4 on there is no such option, and no way back.
    if int(pandas.__version__.partition(".")[0]) == 3:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pandas.set_option("future.infer_string", False)


def _short_loaders(module: Any) -> None:
    """In a quick run a loader that a learner makes has few minibatches, and small ones."""
    begin = module.DataLoader.__init__

    @functools.wraps(begin)
    def __init__(self: Any, dataset: Any, batch_size: int | None = 1, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if quick() and batch_size and hasattr(dataset, "__len__"):
            batch_size = quickness.rows(batch_size)
            dataset = quickness.Beginning(dataset, quickness.BATCHES * batch_size)
        begin(self, dataset, batch_size, *args, **kwargs)

    module.DataLoader.__init__ = __init__


def _offline(function: str) -> Callable[[Any], None]:
    def change(module: Any) -> None:
        getattr(importlib.import_module("engine.book.torchvision_offline"), function)(module)

    return change


_CHANGES: dict[str, Callable[[Any], None]] = {
    "pandas": _object_strings,
    "torch.utils.data.dataloader": _short_loaders,
    "torchvision.models._api": _offline("random_weights"),
    "torchvision.datasets.mnist": _offline("drawn_idx"),
    "torchvision.datasets.cifar": _offline("drawn_cifar"),
}
