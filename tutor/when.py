"""A time as a learner says it: the clock today, the date before. It does not change while one looks at it."""

from __future__ import annotations

import time


def when(at: float) -> str:
    """`14:03` for today; `2026-11-20 14:03` for another day."""
    moment = time.localtime(at)
    today = moment[:3] == time.localtime()[:3]
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", moment)
