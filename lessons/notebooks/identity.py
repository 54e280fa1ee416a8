"""Which cell of a file is which cell of the record, also after the file was edited.

The rule. A cell's id is the one that the file gives it (`id` of an `.ipynb`, `:name:` of MyST), else a hash of its
content, `content_id`; a second cell with the same id gets a number. What is recorded under an id that a cell has
belongs to that cell. What is recorded under an id that no cell has any more, because the cell was edited in the file or
its tool made new ids, is given to the cell that has nothing recorded and whose text is nearest to what the learner had
there (the source that was run last, or the draft): the share of words and signs in common must be `LEAST_ALIKE` or
more, the nearest pair is chosen first, and of equal ones the one that keeps the order. That cell then goes by the
recorded id. So the record alone remembers; nothing is written into the file or beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lessons.model import CodeCell, Exercise, Lesson

LEAST_ALIKE = 0.5
MOST_PAIRS = 40_000
"""Pairs of cells that are compared; a file with more that changed at once is a new one."""
_MOST_TEXT = 8_000

_TOKEN = re.compile(r"\w+|[^\w\s]")


def keep_identities(lesson: Lesson, recorded: Mapping[str, Sequence[str]]) -> Lesson:
    """The lesson with its cells' ids as the record knows them. `recorded`: step to the texts that were there."""
    cells = [step for step in lesson.steps if isinstance(step, CodeCell | Exercise)]
    ids = {step.id for step in lesson.steps}
    orphans = [step for step in recorded if step not in ids and any(text.strip() for text in recorded[step])]
    free = [cell for cell in cells if cell.id not in recorded and cell.source.strip()]
    if not orphans or not free or len(orphans) * len(free) > MOST_PAIRS:
        return lesson
    renamed = _matched(free, {step: recorded[step] for step in orphans})
    steps = tuple(
        replace(step, id=renamed[step.id]) if isinstance(step, CodeCell | Exercise) and step.id in renamed else step
        for step in lesson.steps
    )
    return replace(lesson, steps=steps)


def _matched(cells: Sequence[CodeCell | Exercise], orphans: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """A cell's new id to the recorded one."""
    known = {step: [_bag(text) for text in texts if text.strip()] for step, texts in orphans.items()}
    pairs = []
    for place, cell in enumerate(cells):
        bag = _bag(cell.source)
        for rank, (step, bags) in enumerate(known.items()):
            alike = max(_alike(bag, other) for other in bags)
            if alike >= LEAST_ALIKE:
                pairs.append((-alike, abs(place - rank), place, step, cell.id))
    found: dict[str, str] = {}
    taken: set[str] = set()
    for *_order, step, cell_id in sorted(pairs):
        if cell_id not in found and step not in taken:
            found[cell_id] = step
            taken.add(step)
    return found


def _bag(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(text[:_MOST_TEXT]))


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient of the two bags: 1 for the same words and signs, 0 for none in common."""
    whole = one.total() + other.total()
    return 2 * (one & other).total() / whole if whole else 0.0
