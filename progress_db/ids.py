"""Ids that sort by time and never collide between machines: UUIDv7 (RFC 9562), which Python 3.11's `uuid` does not
have.

An id also says what came after what. A clock that is set back must not make today's draft older than yesterday's, so a
new id can be asked to sort after one that is known (a hybrid logical clock: the larger of the clock and what was seen).
"""

from __future__ import annotations

import os
import threading
import time

_COUNTER_BITS = 12
_lock = threading.Lock()
_last = 0
"""Milliseconds and counter of the latest id of this process, as one 60-bit number."""


def new_id(after: str | None = None) -> str:
    """A UUIDv7 that sorts after every id this process has made, and after `after` (itself such an id)."""
    global _last
    random = int.from_bytes(os.urandom(9), "big")
    # The counter starts at random in the lower half of its range: room for 2048 ids before it runs into the next
    # millisecond.
    now = (time.time_ns() // 1_000_000 << _COUNTER_BITS) | (random & 0x7FF)
    with _lock:
        floor = _last if after is None else max(_last, _moment(after))
        _last = now if now > floor else floor + 1
        moment = _last
    milliseconds, counter = moment >> _COUNTER_BITS, moment & 0xFFF
    value = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | (random >> 10) & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def seconds_of(identifier: str) -> float:
    """The time in an id, seconds since the epoch. Raises `ValueError` for what is no UUIDv7."""
    return (_moment(identifier) >> _COUNTER_BITS) / 1000


def _moment(identifier: str) -> int:
    digits = identifier.replace("-", "")
    if len(digits) != 32 or digits[12] != "7":
        raise ValueError(f"not a UUIDv7: {identifier!r}")
    value = int(digits, 16)
    return (value >> 80) << _COUNTER_BITS | (value >> 64) & 0xFFF
