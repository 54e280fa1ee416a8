"""Unpacking archives so that nothing in them can land outside of its folder."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from engine.config import EngineError


class ArchiveUnsafe(EngineError):
    """An archive is damaged, or holds something that would land outside of its folder; nothing was extracted."""


def extract(archive: Path, folder: Path) -> None:
    """Unpack a zip or tar archive into `folder`, all of it or nothing. Files of the same names are replaced.

    Raises `ArchiveUnsafe` for a path that leaves the folder, for links and devices, and for a damaged archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking-") as scratch:
        try:
            if zipfile.is_zipfile(archive):
                _unzip(archive, Path(scratch))
            else:
                _untar(archive, Path(scratch))
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise ArchiveUnsafe(f"{archive} was not unpacked: {error}. Delete it and fetch it anew.") from error
        for entry in Path(scratch).iterdir():
            target = folder / entry.name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            entry.replace(target)


def _untar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        for member in members:
            if not (member.isfile() or member.isdir()):
                raise ArchiveUnsafe(f"{archive} was not unpacked: {member.name!r} in it is a link or a device.")
            _must_stay_inside(archive, member.name, folder)
        for member in members:
            member.mode = 0o755 if member.isdir() else 0o644
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            # The checks above are those of the `data` filter, which the first releases of Python 3.11 lack.
            tar.extract(member, folder)


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for name in zipped.namelist():
            _must_stay_inside(archive, name, folder)
        zipped.extractall(folder)


def _must_stay_inside(archive: Path, name: str, folder: Path) -> None:
    if "\\" in name or not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise ArchiveUnsafe(f"{archive} was not unpacked: {name!r} in it would leave the folder.")
