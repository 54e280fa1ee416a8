"""When old garbage is looked for: while nobody waits. All at once it takes as long as three pages do, in mid-scroll.

Young garbage is collected as ever. Nothing here knows what the garbage is.
"""

from __future__ import annotations

import gc
import time

EVERY = 5.0
"""Seconds between two looks at whether it is time."""
IDLE = 3.0
"""Seconds without a key after which nobody waits."""
WORTH, LATEST = 8, 400
"""Collections of what is young until one of what is old is worth it, and until it cannot wait."""
_NEVER = 1_000_000

_touched = 0.0


def begin() -> None:
    """What there is by now stays; what comes is looked through from now on."""
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    gc.enable()


def touched() -> None:
    """Somebody is there."""
    global _touched
    _touched = time.monotonic()


def collect_if_due() -> bool:
    """Look for what is old, if it is worth it and nobody waits. Whether it was done."""
    waiting = gc.get_count()[2]
    due = waiting >= LATEST or (waiting >= WORTH and time.monotonic() - _touched > IDLE)
    if due:
        gc.collect()
    return due
