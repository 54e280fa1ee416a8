"""Pascal VOC 2012 (14.9): pictures in which every pixel has a class, written as a colour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.book import hub
from engine.book.loops import get_dataloader_workers
from engine.book.quickness import rows, shortened

_NAMES = (
    "background,aeroplane,bicycle,bird,boat,bottle,bus,car,cat,chair,cow,diningtable,dog,horse,motorbike,person,"
    "potted plant,sheep,sofa,train,tv/monitor"
)
VOC_CLASSES = _NAMES.split(",")
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and spread of red, green and blue over ImageNet, on which the networks were trained that get these pictures."""


def _colour(kind: int) -> list[int]:
    """VOC's rule: the bits of the class, from the lowest on, are dealt to red, green and blue from the highest on."""
    colour = [0, 0, 0]
    for bit in range(8):
        for channel in range(3):
            colour[channel] |= (kind >> (3 * bit + channel) & 1) << (7 - bit)
    return colour


VOC_COLORMAP = [_colour(kind) for kind in range(len(VOC_CLASSES))]


def read_voc_images(voc_dir: str, is_train: bool = True) -> tuple[list[Tensor], list[Tensor]]:
    """All pictures and their labels in colours, uint8 (3, h, w) each."""
    root = Path(voc_dir)
    names = (root / "ImageSets" / "Segmentation" / ("train.txt" if is_train else "val.txt")).read_text().split()
    features = [read_picture(root / "JPEGImages" / f"{name}.jpg") for name in names]
    labels = [read_picture(root / "SegmentationClass" / f"{name}.png") for name in names]
    return features, labels


def read_picture(path: Path) -> Tensor:
    """A picture file in colours: uint8 (3, h, w). torchvision's own reader is to be removed."""
    from PIL import Image

    with Image.open(path) as file:
        return torch.from_numpy(numpy.array(file.convert("RGB"))).permute(2, 0, 1)


def voc_colormap2label() -> Tensor:
    """A table from a colour, 65536 r + 256 g + b, to its class: int64 (2²⁴,)."""
    table = torch.zeros(1 << 24, dtype=torch.long)
    table[_keys(torch.tensor(VOC_COLORMAP).T)] = torch.arange(len(VOC_COLORMAP))
    return table


def voc_label_indices(colormap: Tensor, colormap2label: Tensor) -> Tensor:
    """The class of each pixel: (3, h, w) colours -> int64 (h, w)."""
    return colormap2label[_keys(colormap)]


def _keys(colours: Tensor) -> Tensor:
    return (colours.long() * torch.tensor([65536, 256, 1]).reshape((3,) + (1,) * (colours.dim() - 1))).sum(dim=0)


def voc_rand_crop(feature: Any, label: Any, height: int, width: int) -> tuple[Any, Any]:
    """The same random part of a picture and of its label."""
    from torchvision import transforms

    part = transforms.RandomCrop.get_params(feature, (height, width))
    return transforms.functional.crop(feature, *part), transforms.functional.crop(label, *part)


class VOCSegDataset(Dataset[Any]):
    """Normalized random crops of `crop_size` and the classes of their pixels; smaller pictures are left out."""

    def __init__(self, is_train: bool, crop_size: Sequence[int], voc_dir: str) -> None:
        from torchvision import transforms

        self.crop_size = crop_size
        self.colormap2label = voc_colormap2label()
        self.transform = transforms.Normalize(*IMAGENET)
        pictures, self.labels = (self.filter(images) for images in read_voc_images(voc_dir, is_train))
        self.features = [self.normalize_image(picture) for picture in pictures]
        print(f"{len(self)} pictures are large enough for crops of {crop_size[0]} × {crop_size[1]}")

    def normalize_image(self, img: Tensor) -> Any:
        """uint8 (3, h, w) -> float (3, h, w), of mean 0 and spread 1 in ImageNet's terms."""
        brightness = img.float() / 255  # 0 to 1
        return self.transform(brightness)

    def filter(self, imgs: Sequence[Tensor]) -> list[Tensor]:
        """The pictures that are not smaller than a crop."""
        height, width = self.crop_size
        return [img for img in imgs if img.shape[1] >= height and img.shape[2] >= width]

    def __getitem__(self, idx: int) -> tuple[Any, Any]:
        height, width = self.crop_size
        picture, colours = voc_rand_crop(self.features[idx], self.labels[idx], height, width)
        return picture, voc_label_indices(colours, self.colormap2label)

    def __len__(self) -> int:
        return len(self.features)


def load_data_voc(batch_size: int, crop_size: Sequence[int]) -> tuple[Any, Any]:
    """Minibatches to learn from and to test with; the last, smaller one is dropped."""
    voc_dir = hub.download_extract("voc2012", "VOCdevkit/VOC2012")
    loaders = [
        DataLoader(
            VOCSegDataset(is_train, crop_size, voc_dir),
            rows(batch_size, 2),
            shuffle=is_train,
            drop_last=True,
            num_workers=get_dataloader_workers(),
        )
        for is_train in (True, False)
    ]
    return shortened(loaders[0], 2), shortened(loaders[1], 2)
