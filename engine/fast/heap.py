"""What a step of training frees stays with the process for the next step.

The C library gives every large block back to the system, and the next step's comes as new pages that the kernel fills
with zeros one by one: a tenth of a step of ResNet-18, some 130,000 pages of 4 KB with 128 pictures. While a run lasts
the blocks are kept; at its end all of them go back at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
from collections.abc import Iterator

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4  # malloc.h
_AS_ALWAYS = {_MMAP_MAX: 1 << 16, _MMAP_THRESHOLD: 1 << 25, _TRIM_THRESHOLD: 1 << 26}
"""Where glibc's own adjustment ends up as soon as one large block was freed."""

_runs = 0


@contextlib.contextmanager
def freed_memory_kept() -> Iterator[None]:
    """While it lasts, glibc keeps what is freed. With another C library, or one that was told how, nothing happens."""
    libc = _glibc()
    if libc is None:
        yield
        return
    global _runs
    _runs += 1
    libc.mallopt(_MMAP_MAX, 0)  # blocks of every size come from the heap
    libc.mallopt(_TRIM_THRESHOLD, (1 << 31) - 1)  # which does not shrink
    try:
        yield
    finally:
        _runs -= 1
        if not _runs:
            for option, value in _AS_ALWAYS.items():
                libc.mallopt(option, value)
            libc.malloc_trim(0)


@functools.cache
def _glibc() -> ctypes.CDLL | None:
    told = any(name.startswith("MALLOC_") and name.endswith("_") for name in os.environ)  # MALLOC_MMAP_MAX_, …
    if told or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "") or platform.libc_ver()[0] != "glibc":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
