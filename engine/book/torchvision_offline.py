"""torchvision without a network: what the book downloads through it is replaced by a stand-in, and that is said.

Installed once somebody uses the book's `d2l`. Nothing is changed where the network answers.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_installed = False


def install() -> None:
    """Watch for torchvision's modules, those that are loaded already too."""
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


def _weights(module: Any) -> None:
    """Pretrained weights that cannot be had become random ones, of the same model."""
    get = module.WeightsEnum.get_state_dict

    def get_state_dict(self: Any, *args: Any, **kwargs: Any) -> Any:
        from engine.book import hub

        if _is_there(self.url) or hub.reachable(self.url):
            try:
                return get(self, *args, **kwargs)
            except OSError as error:
                why = str(error)
        else:
            why = "no network"
        kind = type(self)
        builder = next(fn for fn in module.BUILTIN_MODELS.values() if module._get_enum_from_fn(fn) is kind)
        name = kind.__name__.removesuffix("_Weights")
        print(f"{name}: its pretrained weights could not be fetched ({why}); it starts from random weights.")
        return builder(weights=None).state_dict()

    module.WeightsEnum.get_state_dict = get_state_dict


def _is_there(url: str) -> bool:
    import os

    import torch

    return os.path.exists(os.path.join(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2]))


def _idx(module: Any) -> None:
    """MNIST and Fashion-MNIST: files in LeCun's format with the engine's pictures."""
    download = module.MNIST.download

    def offline(self: Any) -> None:
        from engine.book import hub, torchvision_stand_ins

        if self._check_exists():
            return
        if any(hub.reachable(mirror) for mirror in self.mirrors):
            try:
                download(self)
                return
            except (OSError, RuntimeError):
                pass
        torchvision_stand_ins.write_idx(self)

    module.MNIST.download = offline


def _cifar(module: Any) -> None:
    """CIFAR-10: batches in its format with the engine's pictures."""
    download, check = module.CIFAR10.download, module.CIFAR10._check_integrity

    def offline(self: Any) -> None:
        from engine.book import hub, torchvision_stand_ins

        if self._check_integrity():
            return
        if hub.reachable(self.url):
            try:
                download(self)
                return
            except (OSError, RuntimeError):
                pass
        torchvision_stand_ins.write_cifar(self)

    def is_whole(self: Any) -> bool:
        from engine.book import torchvision_stand_ins

        return bool(check(self)) or torchvision_stand_ins.is_stand_in(self)

    module.CIFAR10.download, module.CIFAR10._check_integrity = offline, is_whole


_CHANGES: dict[str, Callable[[Any], None]] = {
    "torchvision.models._api": _weights,
    "torchvision.datasets.mnist": _idx,
    "torchvision.datasets.cifar": _cifar,
}
