"""What there is to export of a lesson: its steps, the learner's versions, and what the latest runs put out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lessons.model import CodeCell, Lesson
from lessons.notebooks.formats import notebook_id, read_notebook
from lessons.notebooks.identity import keep_identities
from progress_db import Progress
from progress_db.records import LessonState
from tutor.drafts import drafts_of
from tutor.kernel.events import Output, OutputFormatError, from_record
from tutor.recorded_texts import recorded_texts


@dataclass(frozen=True, slots=True)
class Kept:
    """A lesson as the learner left it."""

    lesson: Lesson
    sources: Mapping[str, str] = field(default_factory=dict)
    """The learner's versions, by step."""
    outputs: Mapping[str, list[Output]] = field(default_factory=dict)
    """By step."""


def notebook_at(path: Path, record: Path) -> Kept:
    """The notebook at `path`. Raises `LessonFormatError`, `RecordError`."""
    lesson = replace(read_notebook(path), id=notebook_id(path))
    state = _state(record, lesson.id)
    return _kept(keep_identities(lesson, recorded_texts(state)), state)


def lesson_kept(lesson: Lesson, record: Path) -> Kept:
    """A lesson of the course. Raises `RecordError`."""
    return _kept(lesson, _state(record, lesson.id))


def _state(record: Path, lesson: str) -> LessonState:
    if not record.exists():
        return LessonState()
    with Progress.open(record) as progress:
        return progress.lesson(lesson)


def _kept(lesson: Lesson, state: LessonState) -> Kept:
    outputs: dict[str, list[Output]] = {}
    for step in lesson.steps:
        if (run := state.runs.get(step.id)) is not None:
            outputs[step.id] = _readable([(one.kind, one.payload) for one in run.outputs])
        elif isinstance(step, CodeCell) and step.outputs:
            outputs[step.id] = _readable(list(step.outputs))
    return Kept(lesson, drafts_of(lesson, state), outputs)


def _readable(kept: list[tuple[str, Mapping[str, object]]]) -> list[Output]:
    found = []
    for kind, payload in kept:
        try:
            found.append(from_record(kind, payload))
        except OutputFormatError:  # of another version: the app says so where it is shown
            continue
    return found
