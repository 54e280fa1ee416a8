"""Where the real data sets come from: addresses, hashes, places in the data folder. No torch, no network here.

The folder has torchvision's layout, so that a copy that somebody has already is found: point `D2L_TUTOR_DATA` at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to fetch."""

    path: str
    """Where it goes, below the data folder."""
    urls: tuple[str, ...]
    digest: str
    """`md5:…` or `sha1:…`, as those who publish the file give it."""
    unpack: bool = False
    """Whether it is an archive, to be unpacked beside itself."""


@dataclass(frozen=True, slots=True)
class Source:
    """A data set as it is published."""

    name: str
    title: str
    megabytes: float
    files: tuple[SourceFile, ...]
    made_of: tuple[str, ...]
    """The files, below the data folder, that must be there for the data set to be whole (`.gz` or not)."""


def _idx(name: str, title: str, mirrors: tuple[str, ...], megabytes: float, md5: Mapping[str, str]) -> Source:
    files = tuple(
        SourceFile(f"{name}/raw/{part}.gz", tuple(f"{mirror}{part}.gz" for mirror in mirrors), f"md5:{digest}")
        for part, digest in md5.items()
    )
    return Source(name, title, megabytes, files, tuple(f"{name}/raw/{part}" for part in md5))


_D2L = "http://d2l-data.s3-accelerate.amazonaws.com/"

SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        _idx(
            "FashionMNIST",
            "Fashion-MNIST, 70,000 pictures of clothing",
            ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
            30.9,
            {
                "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
                "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
                "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
            },
        ),
        _idx(
            "MNIST",
            "MNIST, 70,000 handwritten digits",
            ("https://ossci-datasets.s3.amazonaws.com/mnist/",),
            11.6,
            {
                "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
                "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
                "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
            },
        ),
        Source(
            "CIFAR10",
            "CIFAR-10, 60,000 colour pictures of ten kinds",
            170.5,
            (
                SourceFile(
                    "cifar-10-python.tar.gz",
                    ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
                    "md5:c58f30108f718f92721af3b95e74349a",
                    unpack=True,
                ),
            ),
            (
                *(f"cifar-10-batches-py/data_batch_{i}" for i in range(1, 6)),
                "cifar-10-batches-py/test_batch",
                "cifar-10-batches-py/batches.meta",
            ),
        ),
        Source(
            "TimeMachine",
            "H. G. Wells, The Time Machine (public domain)",
            0.2,
            (
                SourceFile(
                    "timemachine.txt",
                    (f"{_D2L}timemachine.txt",),
                    "sha1:090b5e7e70c295757f55df93cb0a180b9691891a",
                ),
            ),
            ("timemachine.txt",),
        ),
        Source(
            "MTFraEng",
            "English sentences and their French, from Tatoeba",
            4.8,
            (
                SourceFile(
                    "fra-eng.zip",
                    (f"{_D2L}fra-eng.zip",),
                    "sha1:94646ad1522d915e7b0f9296181140edcf86a4f5",
                    unpack=True,
                ),
            ),
            ("fra-eng/fra.txt",),
        ),
        Source(
            "KaggleHouse",
            "House sales in Ames, Iowa, as in Kaggle's competition",
            0.9,
            (
                SourceFile(
                    "kaggle_house_pred_train.csv",
                    (f"{_D2L}kaggle_house_pred_train.csv",),
                    "sha1:585e9cc93e70b39160e7921475f9bcd7d31219ce",
                ),
                SourceFile(
                    "kaggle_house_pred_test.csv",
                    (f"{_D2L}kaggle_house_pred_test.csv",),
                    "sha1:fa19780a7b011d9b009e8bff8e99922a8ee2eb90",
                ),
            ),
            ("kaggle_house_pred_train.csv", "kaggle_house_pred_test.csv"),
        ),
        Source(
            "Airfoil",
            "Noise of aircraft wings, measured by NASA",
            0.1,
            (
                SourceFile(
                    "airfoil_self_noise.dat",
                    (f"{_D2L}airfoil_self_noise.dat",),
                    "sha1:76e5be1548fd8222e5074cf0faae75edff8cf93f",
                ),
            ),
            ("airfoil_self_noise.dat",),
        ),
    )
}
