"""Fetching, listing and verifying the real data sets: what `d2l-tutor data` and `download=True` do. No torch here.

This is the only way from the engine to the network, and it is taken only where somebody asks for it.
"""

from __future__ import annotations

import difflib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.config import EngineError, data_home
from engine.data.archives import extract
from engine.data.download import download, matches
from engine.data.sources import SOURCES, Source

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes that are there, and how many there will be, if the server says so."""


class UnknownDataSet(EngineError, KeyError):
    """No data set has this name; the message says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


def find(name: str) -> Source:
    """The data set called `name`, whatever the case. Raises `UnknownDataSet`."""
    by_name = {key.casefold(): source for key, source in SOURCES.items()}
    plain = name.casefold().replace("-", "").replace("_", "")
    if plain in by_name:
        return by_name[plain]
    near = difflib.get_close_matches(plain, by_name, n=1)
    hint = f" Did you mean {by_name[near[0]].name}?" if near else ""
    raise UnknownDataSet(f"There is no data set {name!r} to fetch.{hint} There are: {', '.join(SOURCES)}.")


def is_cached(source: Source, root: Path | None = None) -> bool:
    """Whether all files of the data set are in the data folder, packed or not (their content is not read)."""
    root = root or data_home()
    return all((root / part).is_file() or (root / f"{part}.gz").is_file() for part in source.made_of)


def fetch(name: str, root: Path | None = None, progress: Progress | None = None) -> Path:
    """Bring a real data set into the data folder, unless it is there, and return the folder.

    Raises `UnknownDataSet`, `DownloadFailed`, `ArchiveUnsafe`.
    """
    source, root = find(name), root or data_home()
    if is_cached(source, root):
        return root
    for file in source.files:
        report = None if progress is None else _named(progress, Path(file.path).name)
        path = download(file.urls, root / file.path, file.digest, report)
        if file.unpack:
            extract(path, path.parent)
    return root


def verify(name: str, root: Path | None = None) -> dict[str, bool | None]:
    """For each published file of a data set: its hash is right, is wrong, or (None) it is not there in that form."""
    source, root = find(name), root or data_home()
    return {
        file.path: matches(root / file.path, file.digest) if (root / file.path).is_file() else None
        for file in source.files
    }


class ProgressLine:
    """A progress that rewrites one line on stderr, ten times a second at most."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Show how much of a file is there."""
        complete = done == total
        if time.monotonic() < self._next and not complete:
            return
        self._next = time.monotonic() + 0.1
        share = f"{done / total:4.0%} " if total else ""
        sys.stderr.write(f"\r{name}: {share}{done / 1e6:.1f} MB" + ("\n" if complete else ""))
        sys.stderr.flush()


def _named(progress: Progress, name: str) -> Callable[[int, int | None], None]:
    return lambda done, total: progress(name, done, total)
