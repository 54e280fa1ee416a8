"""What draws curves (`engine.panels`, and plotext with it: 0.2 s, 9 MB) comes with the first chart, in a thread.

Until it is here a chart keeps its room and its words. So neither the first paint nor a lesson without charts pays.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from textual.app import App

_waiting: dict[Callable[[], None], None] = {}  # ordered, and each once
_is_here = False


def is_here(app: App[Any], redraw: Callable[[], None]) -> bool:
    """Whether curves can be drawn. If not, `redraw` is called, once, when they can."""
    if not _is_here and redraw not in _waiting:
        _waiting[redraw] = None
        app.call_after_refresh(partial(app.run_worker, partial(_bring, app), thread=True, exit_on_error=False))
    return _is_here


def _bring(app: App[Any]) -> None:
    with contextlib.suppress(ImportError):  # who draws meets it again, where it can be told
        import engine.panels  # noqa: F401
    app.call_from_thread(begin)


def begin() -> None:
    """It is here."""
    global _is_here
    _is_here = True
    waiting = list(_waiting)
    _waiting.clear()
    for redraw in waiting:
        redraw()
