"""The lesson: one scrolling notebook of prose, cells, quizzes and exercises. It holds the record and the kernel; widgets do not.

(The face is here first, so that the app can open it; the inside follows.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from textual.screen import Screen

from lessons.model import Lesson
from progress_db.records import LessonState
from tutor.kernel.events import KernelEvent

if TYPE_CHECKING:
    from progress_db.recorder import Recorder  # type: ignore[import-not-found,unused-ignore]
    from tutor.kernel.session import KernelSession  # type: ignore[import-not-found,unused-ignore]

Deliver: TypeAlias = Callable[["KernelEvent"], None]
Connect: TypeAlias = "Callable[[Deliver], KernelSession]"
"""Gives a session whose events go to `deliver` (any thread may call it). Called once, off the UI thread, after the first paint."""


class LessonScreen(Screen[None]):
    """One open lesson.

    `state` is what the record has of it (`Progress.lesson(id)`); `connect` gives the kernel of this lesson, or raises with a sentence
    that says why not; `before` and `after` are the titles of its neighbours by id. The screen posts `LessonChosen` to the app when the
    learner moves on. It never stops a kernel: whoever gave `connect` does.
    """

    def __init__(
        self,
        lesson: Lesson,
        *,
        state: LessonState,
        recorder: Recorder,
        connect: Connect | None,
        before: tuple[str, str] | None = None,
        after: tuple[str, str] | None = None,
        step: str | None = None,
    ) -> None:
        super().__init__()
        self.lesson = lesson
