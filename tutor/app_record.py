"""The part of the app that has to do with the learner's record: opens it, looks after it, and says what became of it.

Screens read it at once, and write through the recorder's thread; a keeper checks and backs it up after the first paint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from progress_db.records import LessonStanding
from tutor.frame import Frame
from tutor.messages import LessonChosen, RecordSettled
from tutor.paths import record_path as default_record_path
from tutor.running import Running
from tutor.words import _

if TYPE_CHECKING:
    from lessons.catalog import Course
    from progress_db import RecordError
    from tutor.kernels import Kernels
    from tutor.record import OpenRecord


@dataclass
class SavingFailed(Message):
    """The recorder could not save; it goes on trying. Posted from its thread."""

    error: Exception


@dataclass
class RecordAtRisk(Message):
    """The record was found damaged, or no backup of it could be made. Posted from the keeper's thread."""

    error: RecordError


class Saved(Message):
    """The record committed something. Posted from the recorder's thread."""


class RecordedApp(Frame):
    """An app with a record, which is None until it is first needed."""

    course: Course

    def __init__(self, settings_path: Path | None, record_path: Path | None, kernels: Kernels | None) -> None:
        super().__init__(settings_path)
        self.record_path = record_path or default_record_path()
        self.kernels = kernels
        self.record: OpenRecord | None = None
        self.running: Running | None = None

    def _open_record(self) -> OpenRecord:
        from tutor.record import open_record

        if self.record is None:
            self.record = open_record(self.record_path, on_saved=self._say_saved, on_failed=self._say_not_saved)
            if self.kernels is not None:
                self.running = Running(self.kernels, self.record.recorder)
        return self.record

    def _look_after_record(self) -> None:
        """From here on in the background; and a word on what was done to the record at this start."""
        record = self._open_record()
        if record.said:
            self.notify(record.said, title=_("The record was brought back"), severity="warning", timeout=30)
        record.look_after(self._say_at_risk)

    @work(group="show", exclusive=True)
    async def action_runs(self) -> None:
        """All that was trained; and from there to the cell that trained it."""
        from tutor.screens.runs import RunsScreen
        from tutor.training_runs import TrainingRuns

        if isinstance(self.screen, RunsScreen):
            return
        record = self._open_record()
        await asyncio.to_thread(record.recorder.flush, 2.0)
        titles = {entry.id: f"{entry.book} {entry.title}".strip() for entry in self.course.entries()}
        chosen = await self.push_screen_wait(RunsScreen(TrainingRuns(record.progress.path), titles))
        if chosen is not None:
            self.post_message(LessonChosen(*chosen))

    def _standings(self) -> Mapping[str, LessonStanding]:
        return self.record.progress.standings() if self.record else {}

    def _last_seen(self, lesson: str) -> float:
        return self.record.progress.last_seen(lesson) if self.record else 0.0

    def _say_saved(self) -> None:
        """From the recorder's thread."""
        self.post_message(Saved())

    def _say_not_saved(self, error: RecordError) -> None:
        """From the recorder's thread."""
        self.post_message(SavingFailed(error))

    def _say_at_risk(self, error: RecordError) -> None:
        """From the keeper's thread."""
        self.post_message(RecordAtRisk(error))

    @on(Saved)
    def _tell_saved(self) -> None:
        if self.record is not None and not self.record.recorder.pending:
            self._tell_screen(saved=True)

    @on(SavingFailed)
    def _show_not_saved(self, message: SavingFailed) -> None:
        from progress_db import RecordDeleted

        if isinstance(message.error, RecordDeleted):
            self.notify(
                str(message.error), title=_("The record was deleted"), severity="warning", timeout=20, markup=False
            )
            return
        self._tell_screen(saved=False)
        self.notify(str(message.error), title=_("Not saved yet"), severity="error", timeout=15)

    def _tell_screen(self, *, saved: bool) -> None:
        if self.screen_stack:
            self.screen.post_message(RecordSettled(saved))

    @on(RecordAtRisk)
    def _show_risk(self, message: RecordAtRisk) -> None:
        from progress_db import RecordCorrupt

        if isinstance(message.error, RecordCorrupt):
            remedy = _(
                "Quit, and start again: the newest good backup takes its place, and this file is kept beside it."
            )
            self.notify(
                f"{message.error.cause} {remedy}", title=_("The record is damaged"), severity="error", timeout=30
            )
        else:
            self.notify(str(message.error), title=_("No backup could be made"), severity="warning", timeout=15)
