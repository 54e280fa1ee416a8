"""`d2l.download` and its like: the real file where it can be had, else a stand-in of the same form.

A call of the book's is an explicit request, so it may use the network: briefly, and no longer in this session once that
failed. The book's own downloader keeps whatever a server answers, checks no hash, waits for ever and unpacks anything:
this one checks, gives up and refuses.
"""

from __future__ import annotations

import os
import socket
import sys
import urllib.parse
from pathlib import Path

from engine.book import stand_ins
from engine.config import EngineError, data_home, quick
from engine.data import archives, fetching
from engine.data.download import DownloadFailed, matches
from engine.data.download import download as fetch

DATA_URL = "http://d2l-data.s3-accelerate.amazonaws.com/"
DATA_HUB: dict[str, tuple[str, str]] = {
    name: (DATA_URL + file if "/" not in file else file, sha1)
    for name, file, sha1 in (
        ("airfoil", "airfoil_self_noise.dat", "76e5be1548fd8222e5074cf0faae75edff8cf93f"),
        ("hotdog", "hotdog.zip", "fba480ffa8aa7e0febbb511d181409f899b9baa5"),
        ("banana-detection", "banana-detection.zip", "5de26c8fce5ccdea9f91267273464dc968d20d72"),
        ("voc2012", "VOCtrainval_11-May-2012.tar", "4e443f8a2eca6b1dac8a6c57641b67dd40621a49"),
        ("cifar10_tiny", "kaggle_cifar10_tiny.zip", "2068874e4b9a9f0fb07ebe0ad2b29754449ccacd"),
        ("dog_tiny", "kaggle_dog_tiny.zip", "0cb91d09b814ecdc07b50f31f8dcad3e81d6a86d"),
        ("ptb", "ptb.zip", "319d85e578af0cdc590547f26231e4e31cdf1e42"),
        ("glove.6b.50d", "glove.6B.50d.zip", "0b8703943ccdb6eb788e6f091b8946e82231bc4d"),
        ("glove.6b.100d", "glove.6B.100d.zip", "cd43bfb07e44e6f27cbcc7bc9ae3d80284fdaf5a"),
        ("glove.42b.300d", "glove.42B.300d.zip", "b5116e234e9eb9076672cfeabf5469f3eec904fa"),
        ("wiki.en", "wiki.en.zip", "c1816da3821ae9f43899be655002f6c723e91b88"),
        (
            "wikitext-2",
            "https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-2-v1.zip",
            "3c914d17d80b1459be871a5039ac23e752a53cbe",
        ),
        ("aclImdb", "aclImdb_v1.tar.gz", "01ada507287d82875905620988597833ad4e0903"),
        (
            "SNLI",
            "https://nlp.stanford.edu/projects/snli/snli_1.0.zip",
            "9fcde07509c7e87ec61c640c1b2753d9041758e4",
        ),
        ("pokemon", "pokemon.zip", "c065c0e2593b8b161a2d7873e42418bf6a21106c"),
        ("fra-eng", "fra-eng.zip", "94646ad1522d915e7b0f9296181140edcf86a4f5"),
    )
}
"""Data sets by name: address and sha1. The book's code adds its own."""

SECONDS = 3.0
"""How long a server may take to answer before this session takes it that there is no network."""

_unreachable: set[str] = set()
_told: set[str] = set()


class NoSuchData(EngineError, OSError):
    """A file could neither be fetched nor made."""


def download(url: str, folder: str = "../data", sha1_hash: str | None = None) -> str:
    """The path of a file in `folder`: fetched from `url` (or the address of the name in `DATA_HUB`), or a stand-in.

    A file that is there already is used if its hash is right. A stand-in is named once, and gives way to the real file
    as soon as that can be had. Raises `NoSuchData`.
    """
    if not url.startswith("http"):
        if url not in DATA_HUB:
            raise NoSuchData(f"There is no data set {url!r} in DATA_HUB. There are: {', '.join(sorted(DATA_HUB))}.")
        url, sha1_hash = DATA_HUB[url]
    path = Path(folder) / url.rpartition("/")[2]
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and not is_stand_in(path) and (not sha1_hash or matches(path, f"sha1:{sha1_hash}")):
        return str(path)
    if (kept := data_home() / path.name).is_file() and sha1_hash and matches(kept, f"sha1:{sha1_hash}"):
        return str(kept)
    why = _fetched(url, path, sha1_hash)
    if why is None:
        _mark(path).unlink(missing_ok=True)
        return str(path)
    if not (path.is_file() and is_stand_in(path)):
        if path.name not in stand_ins.MAKERS:
            raise NoSuchData(f"{path.name} could not be fetched ({why}), and the engine has no stand-in for it.")
        _make(path)
    if path.name not in _told:
        _told.add(path.name)
        print(f"{path.name}: {why}; a stand-in of the same form was made by the engine.")
    return str(path)


def extract(filename: str, folder: str | None = None) -> None:
    """Unpack a zip or tar archive, beside itself or into `folder`. Raises `ArchiveUnsafe` for one that leaves it."""
    archives.extract(Path(filename), Path(folder) if folder else Path(filename).parent)


def download_extract(name: str, folder: str | None = None) -> str:
    """Fetch an archive of `DATA_HUB` and unpack it; the path of its folder, or of `folder` in it."""
    archive = Path(download(name))
    stem, suffix = os.path.splitext(archive.name)
    if suffix not in (".zip", ".tar", ".gz"):
        raise NoSuchData(f"{archive.name} is no archive: use download({name!r}).")
    place = archive.parent / (folder or stem)
    seal = archive.with_name(f"{archive.name}.unpacked")
    if not (place.exists() and seal.exists() and seal.stat().st_mtime_ns >= archive.stat().st_mtime_ns):
        extract(str(archive))
        seal.touch()
    return str(place)


def is_stand_in(path: Path) -> bool:
    """Whether this file was made by the engine in place of the real one."""
    return _mark(path).exists()


def reachable(url: str) -> bool:
    """Whether the server of an address answers; asked once a session. In a quick run: no."""
    where = urllib.parse.urlsplit(url)
    host = where.hostname or ""
    if quick() or "*" in _unreachable or host in _unreachable:
        return False
    proxy = os.environ.get(f"{where.scheme}_proxy")
    if proxy:
        return True
    try:
        socket.create_connection((host, where.port or (443 if where.scheme == "https" else 80)), SECONDS).close()
    except OSError as error:
        # A name that cannot be resolved means no network at all; a server that refuses, only this one.
        _unreachable.add("*" if isinstance(error, socket.gaierror) else host)
        return False
    return True


def _fetched(url: str, path: Path, sha1: str | None) -> str | None:
    """Fetch a file; None if it is there, else why not."""
    if quick():
        return "not fetched in a quick run"
    if not reachable(url):
        return "no network"
    if not sha1:
        return "its hash is not known"
    report = fetching.ProgressLine()
    try:
        fetch([url], path, f"sha1:{sha1}", lambda done, total: report(path.name, done, total), timeout=10.0)
    except DownloadFailed as error:
        _unreachable.add(urllib.parse.urlsplit(url).hostname or "")
        sys.stderr.write(f"{error}\n")
        return "it could not be fetched"
    return None


def _make(path: Path) -> None:
    unfinished = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        stand_ins.MAKERS[path.name](unfinished)
        _mark(path).touch()
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.stand-in")
