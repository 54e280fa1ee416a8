"""Where the learner is: kept while they read, and found again when the lesson is opened."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from progress_db.records import Place
from tutor.screens.lesson_moves import Moves
from tutor.screens.lesson_steps import Steps

if TYPE_CHECKING:
    from progress_db.recorder import Recorder

KEEP_SECONDS = 1.0


class PlaceKeeper:
    """The place in one lesson. `left` is where it was left; `wanted` is the step to open instead, if any."""

    def __init__(
        self, lesson: str, steps: Steps, moves: Moves, recorder: Recorder, left: Place | None, wanted: str | None
    ) -> None:
        self._lesson = lesson
        self._steps = steps
        self._names = {id(widget): step for step, widget in steps.widgets.items()}
        self._moves = moves
        self._recorder = recorder
        self._left = left
        self._wanted = wanted
        self._opened = False
        self._waiting = False
        self._latest: tuple[str, int] | None = None
        self._kept: tuple[str, int] | None = None
        self._finished = False

    def begin(self) -> None:
        """Have the first paint show where the lesson was left."""
        widgets = self._steps.widgets
        if self._wanted is not None and self._wanted in widgets:
            self._moves.begin_at(widgets[self._wanted], 0)
        elif self._left is not None and self._left.step in widgets:
            self._moves.begin_at(widgets[self._left.step], self._left.offset)

    def open(self) -> None:
        """Go where the lesson was left."""
        widgets = self._steps.widgets
        if self._wanted is not None and self._wanted in widgets:
            self._moves.go_to(widgets[self._wanted], 0)
        elif self._left is not None and self._left.step in widgets:
            self._moves.go_to(widgets[self._left.step], self._left.offset)
        else:
            self._moves.first()
        self._opened = True
        self._kept = (self._left.step, self._left.offset) if self._left is not None else None

    def changed(self, after: Callable[[float, Callable[[], None]], object]) -> None:
        """It may be another one now: keep it soon."""
        if not self._opened:
            return
        self._latest = self._now()
        if not self._waiting:
            self._waiting = True
            after(KEEP_SECONDS, self.keep)

    def keep(self) -> None:
        """Hand it to the record, if it is another one. Also when the widgets are gone already: it was noted before."""
        self._waiting = False
        if self._latest is not None and self._latest != self._kept:
            self._kept = self._latest
            self._recorder.place_left(Place(self._lesson, *self._latest, time.time()))

    def reached_end(self) -> None:
        """The learner has seen the end."""
        if self._opened and not self._finished:
            self._finished = True
            self._recorder.lesson_finished(self._lesson)

    def _now(self) -> tuple[str, int] | None:
        step, offset = self._moves.place()
        name = self._names.get(id(step))
        return (name, offset) if name is not None else None
