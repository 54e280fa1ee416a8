"""A lesson or a notebook as `.ipynb`, with what its cells put out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lessons.model import Lesson
from lessons.notebook import notebook
from tutor.exporting.outputs import as_nbformat
from tutor.kernel.events import Output


def as_ipynb(lesson: Lesson, outputs: Mapping[str, Sequence[Output]], sources: Mapping[str, str] | None = None) -> str:
    """The text of the file. `outputs` are those of the latest runs, by step; `sources` the learner's versions."""
    made = notebook(lesson, sources, {step: as_nbformat(one) for step, one in outputs.items()})
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"
