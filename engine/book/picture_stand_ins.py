"""Pictures in the form of the book's archives: drawn by the engine, with what each section is to find in them.

They are as many as a section needs to show its effect, not as many as the real ones.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from engine.book.segmentation import VOC_COLORMAP
from engine.data import scenes

Put = Callable[[str, bytes], None]
Pixels = Any


def hotdogs(path: Path) -> None:
    """hotdog/{train,test}/{hotdog,not-hotdog}/N.png: a sausage in a bun, or another scene."""
    with zipfile.ZipFile(path, "w") as archive:
        for part, n in (("train", 120), ("test", 48)):
            for label in ("hotdog", "not-hotdog"):
                for i in range(n):
                    dice = numpy.random.default_rng([n, label == "hotdog", i])
                    shape = (int(dice.integers(230, 320)), int(dice.integers(230, 320)))
                    drawn = _ground(dice, *shape)
                    _blobs(drawn, dice, 3)
                    if label == "hotdog":
                        _sausage(drawn, dice)
                    archive.writestr(f"hotdog/{part}/{label}/{i}.png", _png(drawn))


def bananas(path: Path) -> None:
    """banana-detection/bananas_{train,val}: 256 × 256 pictures with one banana each, and label.csv with its box."""
    with zipfile.ZipFile(path, "w") as archive:
        for part, n in (("train", 400), ("val", 50)):
            rows = ["img_name,label,xmin,ymin,xmax,ymax"]
            for i in range(n):
                dice = numpy.random.default_rng([n, i])
                drawn = _ground(dice, 256, 256)
                _blobs(drawn, dice, 4)
                box = _banana(drawn, dice)
                rows.append(f"{i}.png,0,{','.join(map(str, box))}")
                archive.writestr(f"banana-detection/bananas_{part}/images/{i}.png", _png(drawn))
            archive.writestr(f"banana-detection/bananas_{part}/label.csv", "\n".join(rows) + "\n")


def segmented(path: Path) -> None:
    """VOCdevkit/VOC2012: JPEGImages, SegmentationClass in VOC's colours, and the lists of names."""
    with tarfile.open(path, "w") as tar:
        put = _into(tar)
        root, names = "VOCdevkit/VOC2012", {"train": 80, "val": 40}
        listed: dict[str, list[str]] = {}
        for part, n in names.items():
            listed[part] = [f"2007_{part}{i:04d}" for i in range(n)]
            for i, name in enumerate(listed[part]):
                picture, label = _objects(numpy.random.default_rng([n, i]))
                put(f"{root}/JPEGImages/{name}.jpg", _jpg(picture))
                put(f"{root}/SegmentationClass/{name}.png", _png(label))
        listed["trainval"] = listed["train"] + listed["val"]
        for part, rows in listed.items():
            put(f"{root}/ImageSets/Segmentation/{part}.txt", ("\n".join(rows) + "\n").encode())


def tiny_cifar(path: Path) -> None:
    """kaggle_cifar10_tiny: 1000 pictures 32 × 32 to learn from with their labels, five to test with."""
    with zipfile.ZipFile(path, "w") as archive:
        rows = ["id,label"]
        each = [scenes.draw(kind, 101, 7 + kind) for kind in range(len(scenes.KINDS))]
        for i in range(1000):
            kind = (7 * i) % len(scenes.KINDS)
            rows.append(f"{i + 1},{scenes.KINDS[kind]}")
            drawn = each[kind][i // len(scenes.KINDS)].permute(1, 2, 0).numpy()
            archive.writestr(f"kaggle_cifar10_tiny/train/{i + 1}.png", _png(drawn))
        for i in range(5):
            archive.writestr(f"kaggle_cifar10_tiny/test/{i + 1}.png", _png(each[i][100].permute(1, 2, 0).numpy()))
        archive.writestr("kaggle_cifar10_tiny/trainLabels.csv", "\n".join(rows) + "\n")


def tiny_dogs(path: Path) -> None:
    """kaggle_dog_tiny: 1000 pictures of 120 breeds to learn from, ten to test with, and labels.csv."""
    with zipfile.ZipFile(path, "w") as archive:
        rows = ["id,breed"]
        for i in range(1010):
            breed, dice = i % 120, numpy.random.default_rng([120, i])
            drawn = _ground(dice, 150, 180)
            coat = numpy.random.default_rng(breed).integers(30, 255, 3)
            _ellipse(drawn, 90 + dice.integers(-15, 15), 85, 45 + breed % 12, 22 + breed // 12, 0.0, coat)
            _ellipse(drawn, 50 + dice.integers(-9, 9), 55, 20, 12 + breed // 12, 0.3, coat // 2 + 60)
            part = "train" if i < 1000 else "test"
            if part == "train":
                rows.append(f"{i:032x},breed_{breed:03d}")
            archive.writestr(f"kaggle_dog_tiny/{part}/{i:032x}.jpg", _jpg(drawn))
        archive.writestr("kaggle_dog_tiny/labels.csv", "\n".join(rows) + "\n")


def creatures(path: Path) -> None:
    """pokemon/<kind>/N.jpg: small coloured creatures on white."""
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(2048):
            kind, dice = i % 16, numpy.random.default_rng([16, i])
            drawn = numpy.full((64, 64, 3), 255, numpy.uint8)
            hue = numpy.random.default_rng(kind).integers(40, 220, 3) + dice.integers(-25, 25, 3)
            _ellipse(drawn, 32, 38, 14 + kind % 6, 12 + kind % 5, 0.0, hue)
            _ellipse(drawn, 32, 22, 9 + kind % 4, 9, 0.0, hue * 0.8)
            for x in (28, 36):
                _ellipse(drawn, x, 21, 2, 2, 0.0, (0, 0, 0))
            archive.writestr(f"pokemon/kind_{kind:02d}/{i}.jpg", _jpg(drawn))


def _ground(dice: Any, height: int, width: int) -> Pixels:
    """A smooth ground of two colours with some grain."""
    first, second = dice.integers(60, 200, (2, 3))
    slope = numpy.linspace(0, 1, width)[None, :, None] * numpy.ones((height, 1, 1))
    grain = dice.integers(-12, 13, (height // 4 + 1, width // 4 + 1)).repeat(4, 0).repeat(4, 1)[:height, :width, None]
    return (first * (1 - slope) + second * slope + grain).clip(0, 255).astype(numpy.uint8)


def _blobs(drawn: Pixels, dice: Any, n: int) -> None:
    height, width = drawn.shape[:2]
    for _ in range(n):
        x, y, a, b = dice.integers((0, 0, 10, 10), (width, height, 40, 40))
        _ellipse(drawn, x, y, a, b, dice.uniform(0, 3), dice.integers(0, 160, 3))


def _ellipse(drawn: Pixels, x: Any, y: Any, a: Any, b: Any, turn: float, colour: Any) -> Any:
    """Fill an ellipse; which pixels it took."""
    inside = numpy.zeros(drawn.shape[:2], bool)
    reach = int(max(a, b, 1)) + 1
    top, left = max(0, int(y) - reach), max(0, int(x) - reach)
    window = (slice(top, int(y) + reach + 1), slice(left, int(x) + reach + 1))
    rows, columns = numpy.indices(inside[window].shape)
    right, down = columns + left - x, rows + top - y
    along = right * numpy.cos(turn) + down * numpy.sin(turn)
    across = down * numpy.cos(turn) - right * numpy.sin(turn)
    inside[window] = (along / max(a, 1)) ** 2 + (across / max(b, 1)) ** 2 <= 1
    drawn[inside] = numpy.clip(colour, 0, 255).astype(numpy.uint8)
    return inside


def _sausage(drawn: Pixels, dice: Any) -> None:
    height, width = drawn.shape[:2]
    x, y, turn = width / 2 + dice.integers(-20, 20), height / 2 + dice.integers(-20, 20), dice.uniform(-0.7, 0.7)
    _ellipse(drawn, x, y, 95, 42, turn, (222, 170, 96))
    _ellipse(drawn, x, y, 102, 20, turn, (176, 62, 40))
    _ellipse(drawn, x, y - 2, 85, 4, turn, (240, 200, 40))


def _banana(drawn: Pixels, dice: Any) -> tuple[int, int, int, int]:
    """A yellow crescent; its box."""
    size, turn = int(dice.integers(26, 46)), dice.uniform(0, 6.28)
    x, y = (int(value) for value in dice.integers(60, 196, 2))
    before = drawn.copy()
    body = _ellipse(drawn, x, y, size, size * 0.5, turn, (238, 208, 60))
    bend = _ellipse(
        drawn, x - size * 0.35 * numpy.sin(turn), y + size * 0.35 * numpy.cos(turn), size, size * 0.35, turn, 0
    )
    drawn[bend] = before[bend]
    rows, columns = numpy.nonzero(body & ~bend)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _objects(dice: Any) -> tuple[Pixels, Pixels]:
    """A picture with one to three things, and the colours of their classes with VOC's white outline left out."""
    height, width = int(dice.integers(330, 380)), int(dice.integers(490, 501))
    picture, label = _ground(dice, height, width), numpy.zeros((height, width, 3), numpy.uint8)
    for _ in range(int(dice.integers(1, 4))):
        kind = int(dice.integers(1, len(VOC_COLORMAP)))
        x, y, a, b = dice.integers((80, 80, 40, 40), (width - 80, height - 80, 120, 100))
        inside = _ellipse(picture, x, y, a, b, 0.0, numpy.random.default_rng(kind).integers(30, 250, 3))
        label[inside] = VOC_COLORMAP[kind]
    return picture, label


def _png(pixels: Pixels) -> bytes:
    return _encoded(pixels, "PNG")


def _jpg(pixels: Pixels) -> bytes:
    return _encoded(pixels, "JPEG")


def _encoded(pixels: Pixels, kind: str) -> bytes:
    from PIL import Image

    memory = io.BytesIO()
    Image.fromarray(numpy.ascontiguousarray(pixels)).save(
        memory, kind, **({"compress_level": 1} if kind == "PNG" else {})
    )
    return memory.getvalue()


def _into(tar: tarfile.TarFile) -> Put:
    def put(name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))

    return put
