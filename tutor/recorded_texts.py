"""What the record knows of a notebook's cells, for `lessons.notebooks.identity` to find them again."""

from __future__ import annotations

from progress_db.records import LessonState


def recorded_texts(state: LessonState) -> dict[str, list[str]]:
    """What the learner had in each cell: the source of its last run, and the draft."""
    texts: dict[str, list[str]] = {step: [run.source] for step, run in state.runs.items()}
    for step, draft in state.drafts.items():
        texts.setdefault(step, []).append(draft)
    return texts
