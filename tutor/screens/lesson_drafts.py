"""What the learner writes: kept while it is typed, taken back to the author's version, and that taken back again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lessons.knobs import KnobError, turn
from lessons.model import Knob
from tutor.widgets.code_cell import CodeCell

if TYPE_CHECKING:
    from progress_db.recorder import Recorder

KEEP_SECONDS = 0.5
"""A draft goes to the record at most that long after the first key that changed it."""


class Drafts:
    """The drafts of one lesson."""

    def __init__(
        self,
        lesson: str,
        cells: Mapping[str, CodeCell],
        recorder: Recorder,
        after: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._lesson = lesson
        self._cells = cells
        self._recorder = recorder
        self._after = after
        self._changed: dict[str, str] = {}
        self._before_reset: dict[str, tuple[str, str]] = {}
        """By step: the learner's version, and the author's that it was made of."""
        self._told: dict[str, str] = {}

    def edited(self, step: str, source: str) -> None:
        """A cell changed."""
        if not self._changed:
            self._after(KEEP_SECONDS, self.keep)
        self._changed[step] = source

    @property
    def waiting(self) -> bool:
        """Whether something changed that the record was not told of yet."""
        return bool(self._changed)

    def keep(self) -> None:
        """Hand what changed to the record now."""
        changed, self._changed = self._changed, {}
        for step, source in changed.items():
            if source == self._cells[step].authored:
                self._recorder.draft_saved(self._lesson, step, None)
            else:
                self._begun(step)
                self._recorder.draft_saved(self._lesson, step, source)

    def reset(self, step: str) -> bool:
        """Back to the author's version; False if it is that already."""
        cell = self._cells[step]
        if not cell.is_edited:
            return False
        self._before_reset[step] = (cell.source, cell.made_of)
        self._write(step, cell.authored)
        return True

    def undo_reset(self, step: str) -> bool:
        """The learner's version again; False if there is none."""
        before = self._before_reset.pop(step, None)
        if before is None:
            return False
        source, self._cells[step].made_of = before
        self._write(step, source)
        return True

    def replace(self, step: str, source: str) -> None:
        """Another source, from elsewhere: the external editor, a version of before. What was there is one too."""
        cell = self._cells[step]
        if source != cell.source:
            self.keep()
            cell.source = source
            self._begun(step)
            self._recorder.draft_replaced(self._lesson, step, None if source == cell.authored else source)

    def turn(self, step: str, knob: Knob, value: float | int | bool | str) -> str | None:
        """Turn a knob of a cell; a sentence if it cannot be."""
        try:
            self._write(step, turn(self._cells[step].source, knob, value))
        except KnobError as error:
            return str(error)
        return None

    def _begun(self, step: str) -> None:
        """Of which version of the author's the draft is, once: a new version of the course is told from it."""
        made_of = self._cells[step].made_of
        if self._told.get(step) != made_of:
            self._told[step] = made_of
            self._recorder.draft_begun(self._lesson, step, made_of)

    def _write(self, step: str, source: str) -> None:
        self._cells[step].source = source
        self.edited(step, source)
