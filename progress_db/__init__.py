"""The learner's record: one SQLite file. Only this package holds SQL.

`Progress` reads and writes it from one thread; `Recorder` writes without waiting.
"""

from __future__ import annotations

from .errors import (
    RecordCorrupt,
    RecordDeleted,
    RecordError,
    RecordLocked,
    RecordNewer,
    RecordRefused,
    RecordUnwritable,
)
from .ids import new_id
from .recorder import Recorder
from .records import (
    Answer,
    Attempt,
    CellRun,
    Death,
    KeptOutput,
    LessonStanding,
    LessonState,
    Place,
    RunEnd,
    Taken,
    Version,
)
from .store import Progress

__all__ = [
    "Answer",
    "Attempt",
    "CellRun",
    "Death",
    "KeptOutput",
    "LessonStanding",
    "LessonState",
    "Place",
    "Progress",
    "RecordCorrupt",
    "RecordDeleted",
    "RecordError",
    "RecordLocked",
    "RecordNewer",
    "RecordRefused",
    "RecordUnwritable",
    "Recorder",
    "RunEnd",
    "Taken",
    "Version",
    "new_id",
]
