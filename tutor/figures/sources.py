"""Finds what a text names as a picture: a file beside the notebook, or one that the text holds. Nothing is fetched.

A file is opened only inside the notebook's folder (or the project that the folder is part of), links followed, and only
if it is a regular one: a FIFO or a device would keep the reader waiting for ever.
"""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, unquote, urlsplit

from tutor.figures.headers import Header, read_header
from tutor.figures.svg import read_svg_header
from tutor.words import _

LARGEST_FILE = 48 * 1024 * 1024
"""Bytes of a picture's file."""
LARGEST = 25_000_000
"""Pixels of a picture that are still decoded: 75 MB of them."""
DEEPEST = 6
"""Folders above the notebook's where a project may begin."""

_PROJECT = (".git", "_toc.yml", "_config.yml", "myst.yml")
"""What only the first folder of a project has."""
_BOOK = ("index.md", "index.ipynb", "config.ini")
"""What it may have, and so may the folders of its chapters."""


class Unshown(Exception):
    """A picture that is not shown. Its words say why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that was found."""

    name: str
    """Of its file; empty for one that the text holds."""
    header: Header
    identity: tuple[object, ...]
    """Differs from the last time's where the file was changed."""
    path: Path | None = None
    data: bytes = b""

    def open(self) -> BinaryIO:
        """Its bytes. Raises `Unshown`."""
        return open_regular(self.path) if self.path is not None else io.BytesIO(self.data)


def split(src: str) -> SplitResult:
    """The parts of an address; nothing, where it is none."""
    try:
        return urlsplit(src)
    except ValueError:
        return SplitResult("none", "", "", "", "")


def found(src: str, folder: Path, root: Path) -> Path:
    """The file that `src` names, as seen from `folder`. Raises `Unshown` for what is no file below `root`."""
    parts = split(src)
    if parts.scheme in ("http", "https", "ftp") or src.startswith("//"):
        raise Unshown(_("it is on the web, and was not fetched"))
    if parts.scheme == "attachment":
        raise Unshown(_("the notebook does not hold it"))
    if len(parts.scheme) > 1 or "\0" in unquote(src):
        raise Unshown(_("it names no file"))
    path = folder / unquote(parts.path)
    try:
        real = Path(os.path.realpath(path))
        real.relative_to(os.path.realpath(root))
    except ValueError as error:
        raise Unshown(_("it lies outside of the notebook's folder, and was not opened")) from error
    except OSError as error:
        raise Unshown(_("it cannot be read: {reason}").format(reason=error.strerror or error)) from error
    return real


def root_of(folder: Path) -> Path:
    """The folder of the project that `folder` is part of; itself, where there is no sign of one."""
    here = Path(os.path.realpath(folder))
    ends = (Path(os.path.realpath(Path.home())), Path(here.anchor))  # these are everything
    above = [
        one for one in (here, *here.parents[:DEEPEST]) if not any(one == end or one in end.parents for end in ends)
    ]
    for one in above:
        if any((one / sign).exists() for sign in _PROJECT):
            return one
    marked = [one for one in above[:3] if any((one / sign).exists() for sign in _BOOK)]
    return marked[-1] if marked else here


def open_regular(path: Path) -> BinaryIO:
    """A regular file that is not too large, to be read from its beginning. Raises `Unshown`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise Unshown(_("there is no such file")) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unshown(_("it cannot be read: {reason}").format(reason=reason)) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
        os.close(handle)
        if stat.S_ISREG(status.st_mode):
            raise Unshown(_("its file is larger than {size} MB").format(size=LARGEST_FILE // 2**20))
        raise Unshown(_("it is no regular file"))
    return os.fdopen(handle, "rb")


def from_file(path: Path) -> Source:
    """The picture in a file. Raises `Unshown`."""
    with open_regular(path) as file:
        status = os.fstat(file.fileno())
        try:
            header = read_header(file)
            if header is None:
                file.seek(0)
                header = read_svg_header(file.read(8192))
        except OSError as error:
            raise Unshown(_("it cannot be read: {reason}").format(reason=error.strerror or error)) from error
    identity = (str(path), status.st_mtime_ns, status.st_size)
    return Source(path.name, bounded(header), identity, path)


def from_bytes(data: bytes, identity: str) -> Source:
    """A picture that the text itself holds. Raises `Unshown`."""
    header = read_header(io.BytesIO(data)) or read_svg_header(data[:8192])
    return Source("", bounded(header), (identity,), data=data)


def bounded(header: Header | None) -> Header:
    """The header of a picture that may be decoded. Raises `Unshown`."""
    if header is None:
        raise Unshown(_("it is no PNG, JPEG, GIF, WebP or SVG, or is cut off"))
    if header.width * header.height > LARGEST:
        size = f"{header.width} × {header.height}"
        raise Unshown(_("it has {size} pixels, too many to be decoded").format(size=size))
    return header
