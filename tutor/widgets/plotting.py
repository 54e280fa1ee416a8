"""When charts are drawn: at once, but for the first paint of a start, which does not wait for plotext (0.2 s).

Until then a chart keeps its room and its words, and is told when its curves can be drawn. Used on the UI thread.
"""

from __future__ import annotations

from collections.abc import Callable

_waiting: dict[Callable[[], None], None] = {}  # ordered, and each once
_is_held = False


def hold() -> None:
    """No curves before `begin`."""
    global _is_held
    _is_held = True


def begin() -> None:
    """Curves from now on, those first that have waited."""
    global _is_held
    _is_held = False
    waiting = list(_waiting)
    _waiting.clear()
    for redraw in waiting:
        redraw()


def is_held(redraw: Callable[[], None]) -> bool:
    """Whether no curves are to be drawn yet; `redraw` is called when they are."""
    if _is_held:
        _waiting[redraw] = None
    return _is_held
