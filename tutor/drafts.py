"""A draft after the course was updated: what of it the learner made, and what was the author's and is another now.

The record knows of which version of a cell a draft was made (since schema 4; before that, nobody knows). No Textual.
"""

from __future__ import annotations

from dataclasses import dataclass

from lessons.knobs import carried, differ_in_values_only
from lessons.model import CodeCell, Exercise, Lesson
from progress_db.records import LessonState


@dataclass(frozen=True, slots=True)
class Draft:
    """The learner's version of a cell, as it is to be shown now."""

    source: str
    made_of: str
    """The author's version that it was made of: another than the author's now if that is newer."""


def draft_of(step: CodeCell | Exercise, state: LessonState) -> Draft | None:
    """The draft of a cell; None if there is none. Where only knobs were turned, the author's new version is turned."""
    source = state.drafts.get(step.id)
    if source is None:
        return None
    made_of = state.authored.get(step.id, step.source)
    if made_of != step.source and differ_in_values_only(source, made_of):
        source, made_of = carried(source, made_of, step.source), step.source
    return Draft(source, made_of) if source != step.source else None


def drafts_of(lesson: Lesson, state: LessonState) -> dict[str, str]:
    """Step to the learner's version, of those cells that have one."""
    found = {step.id: draft_of(step, state) for step in lesson.steps if isinstance(step, CodeCell | Exercise)}
    return {step: draft.source for step, draft in found.items() if draft is not None}
