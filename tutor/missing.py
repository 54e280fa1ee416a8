"""A part of the tutor that cannot be imported when it is first needed: the learner is told, and the app goes on.

Much is imported late, so that the app paints early. Where a package was upgraded or removed while the app was open,
that import fails hours after the start; what is open and kept is not touched by it. No screens here.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump
from textual.worker import WorkerFailed

from tutor import endings
from tutor.paths import shown
from tutor.words import _

if TYPE_CHECKING:
    from textual.message import Message


def is_failed_import(error: BaseException) -> bool:
    """Whether it was raised by an import, or by the code of a module while that was imported."""
    error = _raised(error)
    frames = traceback.walk_tb(error.__traceback__)
    return isinstance(error, ImportError) or any(frame.f_code.co_name == "<module>" for frame, _line in frames)


def words_about(error: BaseException) -> str:
    """What is missing and what to do, in two sentences; the traceback goes into the log."""
    error = _raised(error)
    name = getattr(error, "name", None)
    cause = " ".join(str(error).split()) or type(error).__name__
    said = _("A part that this needs could not be loaded ({cause}).").format(cause=cause.rstrip("."))
    if isinstance(error, ModuleNotFoundError) and name:
        said = _("A part that this needs is missing: the module {name}.").format(name=name)
    path = endings.log(error)
    remedy = _("It may have been upgraded while d2l-tutor was open: quit (Ctrl+Q) and start it again. All is kept.")
    return f"{said} {remedy}" + (" " + _("Details: {path}").format(path=shown(path)) if path is not None else "")


def _raised(error: BaseException) -> BaseException:
    """Of a worker's failure, what the worker raised."""
    return error.error if isinstance(error, WorkerFailed) else error


class Enduring(MessagePump):
    """Goes on taking messages after an import has failed; to be named before the class that it is added to."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not is_failed_import(error):
                raise
            self.app._handle_exception(error)  # it tells, once there is somebody to tell; Textual would end the loop
