"""torchvision without a network: what the book downloads through it is replaced by a stand-in, and that is said.

`libraries` calls these once torchvision's modules are there. Nothing is changed where the network answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def random_weights(module: Any) -> None:
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


def drawn_idx(module: Any) -> None:
    """MNIST and Fashion-MNIST: files in LeCun's format with the engine's pictures."""
    download = module.MNIST.download

    def offline(self: Any) -> None:
        from engine.book import torchvision_stand_ins

        folder = Path(self.raw_folder)
        is_real = self._check_exists() and not torchvision_stand_ins.is_stand_in(folder)
        if not is_real and not _fetched(self, download, folder, self.mirrors):
            torchvision_stand_ins.write_idx(self)

    module.MNIST.download = offline


def drawn_cifar(module: Any) -> None:
    """CIFAR-10: batches in its format with the engine's pictures."""
    download, check = module.CIFAR10.download, module.CIFAR10._check_integrity

    def offline(self: Any) -> None:
        from engine.book import torchvision_stand_ins

        if not check(self) and not _fetched(self, download, Path(self.root) / self.base_folder, [self.url]):
            torchvision_stand_ins.write_cifar(self)

    def is_whole(self: Any) -> bool:
        from engine.book import torchvision_stand_ins

        if check(self):
            return True
        if not torchvision_stand_ins.is_enough(Path(self.root) / self.base_folder):
            return False
        self.meta = {**self.meta, "md5": None}
        return True

    module.CIFAR10.download, module.CIFAR10._check_integrity = offline, is_whole


def _fetched(data: Any, download: Callable[[Any], None], folder: Path, addresses: Sequence[str]) -> bool:
    """Whether the real files are there now, in the place of a stand-in; or a stand-in is that will do."""
    from engine.book import hub, torchvision_stand_ins

    if any(hub.reachable(address) for address in addresses):
        try:
            torchvision_stand_ins.remove(folder)
            download(data)
            return True
        except (OSError, RuntimeError):
            pass
    return torchvision_stand_ins.is_enough(folder)
