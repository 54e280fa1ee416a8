"""How the app ends when it is not asked nicely: signals, a closed terminal, an exception nobody expected.

Each leaves the terminal as it was, and the record complete. Textual minds neither SIGTERM, SIGHUP nor end-of-file.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tutor.paths import log_path, shown
from tutor.words import _

_log = logging.getLogger("tutor")

TERMINAL_LOOK_SECONDS = 1.0
"""How often a terminal is looked at that may be gone without a signal (SIGHUP ignored, as under nohup)."""


class Ending(Protocol):
    """What an app needs to be ended by a signal."""

    def end_by_signal(self, number: int) -> None:
        """Leave the terminal as it was, and exit."""

    def end_without_terminal(self) -> None:
        """Keep what is to be kept, and exit at once: nobody looks."""


def watch(app: Ending) -> Callable[[], None]:
    """End `app` decently on SIGTERM, SIGHUP and a terminal that is gone. Gives back what undoes it.

    To be called on the app's event loop, in the main thread; elsewhere (a test's thread) it watches nothing.
    """
    loop = asyncio.get_running_loop()
    undo: list[Callable[[], object]] = []

    def on(number: int, act: Callable[[], None]) -> None:
        try:
            loop.add_signal_handler(number, act)
        except (ValueError, RuntimeError, NotImplementedError):
            return  # not the main thread
        undo.append(lambda: loop.remove_signal_handler(number))

    on(signal.SIGTERM, lambda: app.end_by_signal(signal.SIGTERM))
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        on(signal.SIGHUP, app.end_without_terminal)

    looking = asyncio.create_task(_look(app), name="look at the terminal")
    undo.append(looking.cancel)

    def stop() -> None:
        for step in undo:
            step()

    return stop


async def _look(app: Ending) -> None:
    while not _terminal_is_gone():  # noqa: ASYNC110  nothing tells: a poll of the descriptor is the only way
        await asyncio.sleep(TERMINAL_LOOK_SECONDS)
    app.end_without_terminal()


def _terminal_is_gone() -> bool:
    """Whether the terminal that we read from was closed. False where there is none to begin with."""
    stream = sys.__stdin__
    if stream is None or stream.closed:
        return False
    try:
        descriptor = stream.fileno()
        if not os.isatty(descriptor):
            # A closed pseudo-terminal is no longer a tty: every call on it fails with EIO.
            return _hung_up(descriptor) and _was_tty
        return _hung_up(descriptor)
    except (OSError, ValueError):
        return False


def _hung_up(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLHUP)
    return any(what & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _fd, what in poll.poll(0))


def _is_tty_now() -> bool:
    try:
        return sys.__stdin__ is not None and os.isatty(sys.__stdin__.fileno())
    except (OSError, ValueError):
        return False


_was_tty = _is_tty_now()


def log(error: BaseException, path: Path | None = None) -> Path | None:
    """Write the traceback into the log. Where that is; None if it cannot be written."""
    path = path or log_path()
    text = "".join(traceback.format_exception(error))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"--- pid {os.getpid()}\n{text}\n")
    except OSError as unwritable:
        _log.warning("the log %s cannot be written: %s", path, unwritable)
        return None
    return path


def report(error: BaseException, path: Path | None = None) -> str:
    """Write the traceback into the log, and say in a sentence what happened and where it is written."""
    error = getattr(error, "error", error)  # of a worker's failure, what the worker raised
    cause = str(error).splitlines()[0] if str(error) else type(error).__name__
    written = log(error, path)
    if written is None:
        return _("d2l-tutor stopped because of an error of its own: {cause}").format(cause=cause)
    return _("d2l-tutor stopped because of an error of its own: {cause}. What you did is kept. Details: {path}").format(
        cause=cause.rstrip("."), path=shown(written)
    )
