"""Getting a file from the network whole or not at all: hash checked, resumed where it broke off, unpacked safely.

This file knows addresses and hashes only as arguments; `sources` lists them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from engine.config import EngineError

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and, if the server says so, how many there will be."""

_CHUNK = 1 << 16


class DownloadFailed(EngineError):
    """A file could not be fetched; the message says why for each address that was tried."""


class _Broken(Exception):
    """One transfer ended without the whole file."""


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One process at a time fetches into a folder: two kernels, or those of one run, want the same file at once. The
    lock goes with the process. Where none can be had, none is kept."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def download(
    urls: Sequence[str], path: Path, digest: str, progress: Progress | None = None, timeout: float = 30.0
) -> Path:
    """Fetch `path` from the first of `urls` that gives a file of this `digest` (`sha1:…`, `md5:…`, `sha256:…`).

    A file that is there already and right is kept. A transfer that breaks off is continued as long as each attempt
    brings something; one that was killed is continued by the next call, from `path`.part.
    `timeout`: seconds without a byte.

    Raises `DownloadFailed`; then nothing is left of what arrived, and what was at `path` before still is.
    """
    if path.is_file() and matches(path, digest):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        return _downloaded(urls, path, digest, progress, timeout)


def _downloaded(urls: Sequence[str], path: Path, digest: str, progress: Progress | None, timeout: float) -> Path:
    if path.is_file() and matches(path, digest):  # another process has fetched it meanwhile
        return path
    part = path.with_name(f"{path.name}.part")
    causes = []
    for url in urls:
        try:
            _fetch_whole(url, part, digest, progress, timeout)
        except _Broken as cause:
            causes.append(f"{url}: {cause}")
            part.unlink(missing_ok=True)
        else:
            os.replace(part, path)
            return path
    raise DownloadFailed(
        f"{path.name} could not be fetched. {'; '.join(causes)}. Try again later, or put the file at {path} yourself."
    )


def matches(path: Path, digest: str) -> bool:
    """Whether the file has this digest, written `algorithm:hex`."""
    algorithm, _, wanted = digest.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == wanted.lower()


def _fetch_whole(url: str, part: Path, digest: str, progress: Progress | None, timeout: float) -> None:
    """Bring `part` to completion from one address, resuming while that helps. Raises `_Broken`."""
    resumed = part.exists()
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _transfer(url, part, progress, timeout)
        except (OSError, http.client.HTTPException, ValueError) as error:
            after = part.stat().st_size if part.exists() else 0
            if isinstance(error, urllib.error.HTTPError) or after <= before:
                raise _Broken(_in_words(error)) from error
            resumed = True
            continue
        if matches(part, digest):
            return
        if not resumed:
            algorithm = digest.partition(":")[0]
            raise _Broken(f"{part.stat().st_size:,} bytes arrived, but not the right file (its {algorithm} is wrong)")
        part.unlink()  # the pieces may be of two different files: once more, from the start
        resumed = False


def _transfer(url: str, part: Path, progress: Progress | None, timeout: float) -> None:
    """Append to `part` what it lacks. Raises `OSError` if the connection ends early."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "d2l-tutor", **({"Range": f"bytes={have}-"} if have else {})}
    if not url.startswith(("http://", "https://")):
        raise ValueError("not an address of the web")
    try:
        response = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is left to send: the hash decides
            return
        raise
    with response:
        continued = response.status == 206
        length = response.headers.get("Content-Length")
        done = have if continued else 0
        total = done + int(length) if length else None
        with part.open("ab" if continued else "wb") as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
    if total is not None and done < total:
        raise OSError(f"the connection ended after {done:,} of {total:,} bytes")


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} ({error.reason})"
    reason = getattr(error, "reason", None)
    return str(reason or error) or type(error).__name__
