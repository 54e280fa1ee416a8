"""Data sets of labelled pictures: the real ones where they are cached, else stand-ins that the engine draws.

The pictures stay bytes in one tensor on the device; a minibatch is converted, scaled and resized when it is needed, to
the same bits that a per-picture `ToTensor` gives. Nothing here touches the network unless `download=True` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from torch import Tensor
from torch.nn import functional

from engine.config import data_home
from engine.data import clothing, digits, real, scenes, stand_ins
from engine.data.fetching import ProgressLine, fetch, find, is_cached
from engine.figures import Figure, show_images
from engine.loaders import TensorLoader
from engine.module import DataModule

__all__ = ["CIFAR10", "MNIST", "FashionMNIST", "ImageData", "Pictures", "to_floats"]


def to_floats(images: Tensor, resize: tuple[int, int] | None = None) -> Tensor:
    """Bytes to numbers in [0, 1], resized: uint8 (n, channels, height, width) -> float32 (n, channels, *resize)."""
    X = images.float()
    if resize is not None and tuple(images.shape[-2:]) != tuple(resize):
        smaller = resize[0] < images.shape[-2] or resize[1] < images.shape[-1]
        X = functional.interpolate(X, size=tuple(resize), mode="bilinear", antialias=smaller)
        X = X.round_().clamp_(0, 255)  # as if the resized picture had been stored in bytes
    return X.div_(255)


class Pictures:
    """Labelled pictures that are read like a list of (picture, label): float32 (channels, height, width) and int."""

    def __init__(self, images: Tensor, labels: Tensor, resize: tuple[int, int] | None = None) -> None:
        self.images = images
        """uint8, (n, channels, height, width), as stored."""
        self.labels = labels
        """int64, (n,)."""
        self.resize = resize

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return to_floats(self.images[index][None], self.resize)[0], int(self.labels[index])


class ImageData(DataModule):
    """Pictures of your own: uint8 (n, channels, height, width) and int64 labels (n,), to train and to validate with."""

    labels: Sequence[str] = ()
    """Names of the classes."""

    def __init__(self, train: Pictures, val: Pictures, batch_size: int = 64, labels: Sequence[str] = ()) -> None:
        super().__init__()
        self.train, self.val = train, val
        self.batch_size = batch_size
        self.labels = labels

    def text_labels(self, indices: Tensor | Sequence[int]) -> list[str]:
        """The names of some classes."""
        return [self.labels[int(i)] for i in indices]

    def get_dataloader(self, train: bool) -> TensorLoader:
        """Minibatches (X, y): float32 (batch_size, channels, height, width) in [0, 1], and int64 (batch_size,)."""
        part = self.train if train else self.val
        transform = _floats_and_labels(part.resize)
        return TensorLoader([part.images, part.labels], self.batch_size, shuffle=train, transform=transform)

    def visualize(self, batch: Sequence[Tensor], nrows: int = 1, ncols: int = 8, labels: Sequence[str] = ()) -> Figure:
        """The first pictures of a minibatch with their labels, for the last line of a cell."""
        X, y = batch[0], batch[1]
        return show_images(
            X[: nrows * ncols], nrows, ncols, titles=list(labels) or self.text_labels(y[: nrows * ncols])
        )


def _floats_and_labels(resize: tuple[int, int] | None) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    return lambda images, labels: (to_floats(images, resize), labels)


class _CachedImages(ImageData):
    """A named data set: looked for in the data folder when it is first used, and drawn if it is not there."""

    folder: str
    """Name of the real data set, in `engine.data.sources` and of its folder."""
    drawer: stand_ins.Drawer
    recipe: str
    """Names the drawing in the cache. Another drawing needs another name."""
    sizes = (60_000, 10_000)
    resize: tuple[int, int]
    num_train: int | None
    num_val: int | None

    def __init__(
        self,
        batch_size: int = 64,
        resize: tuple[int, int] = (28, 28),
        *,
        num_train: int | None = None,
        num_val: int | None = None,
        download: bool = False,
    ) -> None:
        DataModule.__init__(self)
        self.save_hyperparameters(ignore=["download"])
        if download:
            fetch(self.folder, progress=ProgressLine())
        self.root = str(data_home())
        self.stand_in = not is_cached(find(self.folder))
        if self.stand_in:
            self.notes = (f"stand-in for {self.name}: drawn by the engine",)

    @cached_property
    def train(self) -> Pictures:  # type: ignore[override]
        """What to learn from."""
        return self._part(train=True)

    @cached_property
    def val(self) -> Pictures:  # type: ignore[override]
        """What to validate with."""
        return self._part(train=False)

    def _part(self, train: bool) -> Pictures:
        n = (self.num_train if train else self.num_val) or self.sizes[0 if train else 1]
        images, labels = self._stand_in(train) if self.stand_in else real.read(self.folder, data_home(), train)
        return Pictures(images[:n], labels[:n], (self.resize[0], self.resize[1]))

    def _stand_in(self, train: bool) -> tuple[Tensor, ...]:
        n, seed = (self.sizes[0], 1) if train else (self.sizes[1], 2)
        make = partial(stand_ins.assemble, type(self).drawer, len(self.labels), n, seed)
        return stand_ins.cached(stand_ins.folder() / f"{self.recipe}-{n}.pt", make)


class FashionMNIST(_CachedImages):
    """Ten kinds of clothing, 60,000 + 10,000 grey pictures of 28 × 28 (4.2; Xiao et al., 2017).

    Real if cached, else a stand-in (`stand_in` says which). `num_train`, `num_val`: only the first so many.
    `download=True` fetches the real ones if they are not there.
    """

    folder = "FashionMNIST"
    labels = clothing.KINDS
    drawer = staticmethod(clothing.draw)
    recipe = "clothing-2"


class MNIST(_CachedImages):
    """Handwritten digits, 60,000 + 10,000 grey pictures of 28 × 28 (LeCun et al., 1998). Else as `FashionMNIST`."""

    folder = "MNIST"
    labels = tuple("0123456789")
    drawer = staticmethod(digits.draw)
    recipe = "digits-1"


class CIFAR10(_CachedImages):
    """Animals and vehicles, 50,000 + 10,000 colour pictures of 32 × 32 (Krizhevsky, 2009). Else as `FashionMNIST`.

    Its pictures are not normalized: X is in [0, 1], of shape (batch_size, 3, 32, 32).
    """

    folder = "CIFAR10"
    labels = scenes.KINDS
    drawer = staticmethod(scenes.draw)
    recipe = "scenes-1"
    sizes = (50_000, 10_000)

    def __init__(
        self,
        batch_size: int = 64,
        resize: tuple[int, int] = (32, 32),
        *,
        num_train: int | None = None,
        num_val: int | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(batch_size, resize, num_train=num_train, num_val=num_val, download=download)
