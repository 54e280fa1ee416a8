"""What is told and not yet committed, in order and in bounded memory.

While nothing can be saved (a full disk for an hour), a cell may print and a learner may type. What is dropped then is
only what the record would drop too: the middle of an output beyond its cap, versions of a draft that a later one of the
same minute follows, places that a later one follows. Answers, attempts and runs are small, and all stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from .outputs import Piece, pieces, trimmed
from .store import Progress

COMPACT_AT = 8 * 1024 * 1024
"""Characters that are held before the first look at what need not be."""

BATCH = 1024 * 1024
"""Characters of one transaction: short enough that another tutor need not wait long for its turn."""


@dataclass(slots=True)
class Fact:
    """One call of a write method of `Progress`, to be made later. `at` is when it was told."""

    method: str
    arguments: tuple[Any, ...]
    at: float
    number: int = 0
    """Its place in what was told, from 1; of several that became one, the first one's."""
    rows: list[Piece] | None = None
    """The second argument of `outputs_kept`, once it was cut into rows."""

    def write(self, progress: Progress) -> None:
        """Make the call."""
        if self.rows is not None:
            progress.pieces_kept(self.arguments[0], self.rows, at=self.at)
        else:
            getattr(progress, self.method)(*self.arguments, at=self.at)

    def size(self) -> int:
        """Characters, roughly."""
        if self.rows is not None:
            return sum(len(payload) for row in self.rows for payload in row.payloads) + 64
        return 64 + sum(len(argument) for argument in self.arguments if isinstance(argument, str))


class Backlog:
    """A queue of facts that knows which of them nobody will miss."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []
        self._taken = 0
        self._compact_at = COMPACT_AT
        self.size = 0
        """Characters held, roughly."""

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def settled(self) -> int:
        """Every fact up to this number is settled: committed, refused, or of no use any more."""
        return min((fact.number for fact in self._facts), default=self._taken + 1) - 1

    def add(self, fact: Fact) -> None:
        """Take one in."""
        if fact.method == "outputs_kept":
            try:
                fact.rows = pieces(fact.arguments[1])
                fact.arguments = fact.arguments[:1]
            except (TypeError, ValueError):
                fact.rows = None  # no JSON: `write` will raise it again, where it is told to the app
        self._facts.append(fact)
        self._taken = fact.number
        self.size += fact.size()
        if self.size > self._compact_at:
            self._compact()

    def first(self) -> list[Fact]:
        """The oldest facts, at least one, up to the size of a transaction."""
        batch: list[Fact] = []
        size = 0
        for fact in self._facts:
            size += fact.size()
            if batch and size > BATCH:
                break
            batch.append(fact)
        return batch

    def drop(self, count: int) -> None:
        """The oldest `count` are settled."""
        self.size -= sum(fact.size() for fact in islice(self._facts, count))
        del self._facts[:count]
        if self.size < COMPACT_AT:
            self._compact_at = COMPACT_AT

    def _compact(self) -> None:
        self._join_outputs()
        self._drop_superseded()
        self.size = sum(fact.size() for fact in self._facts)
        # What is left has to stay. Looking at every fact again each time would cost more than it saves: wait for twice
        # as much.
        self._compact_at = max(COMPACT_AT, 2 * self.size)

    def _join_outputs(self) -> None:
        """All output of a run becomes one fact, where its last was, without what is beyond the cap."""
        rows: dict[str, list[Piece]] = {}
        last: dict[str, Fact] = {}
        for fact in self._facts:
            if fact.rows is not None:
                run = fact.arguments[0]
                rows.setdefault(run, []).extend(fact.rows)
                fact.number = last[run].number if run in last else fact.number
                last[run] = fact
        for run, fact in last.items():
            fact.rows = trimmed(rows[run])
        self._facts = [fact for fact in self._facts if fact.rows is None or fact is last[fact.arguments[0]]]

    def _drop_superseded(self) -> None:
        """Of drafts of one step in one minute, and of places in one lesson, the latest is enough."""
        later: dict[tuple[str, ...], tuple[float, Fact]] = {}
        kept: list[Fact] = []
        for fact in reversed(self._facts):
            key = _subject(fact)
            if key is None:
                kept.append(fact)
                continue
            minute, successor = later.get(key, (None, fact))
            # A change to or from the author's version (None) stays: it is what an undo goes back to.
            if minute == _minute(fact):
                successor.number = min(successor.number, fact.number)
            else:
                kept.append(fact)
                later[key] = (_minute(fact), fact)
        self._facts = kept[::-1]


def _subject(fact: Fact) -> tuple[str, ...] | None:
    if fact.method in ("draft_saved", "draft_replaced"):
        return ("draft", *fact.arguments[:2])
    if fact.method == "place_left":
        return ("place", fact.arguments[0].lesson)
    return None


def _minute(fact: Fact) -> float:
    """Facts of one subject and one minute that follow each other are as good as the last of them."""
    if fact.method == "draft_saved":
        return fact.at // 60 if fact.arguments[2] is not None else float("nan")  # nan equals no minute, not even itself
    if fact.method == "draft_replaced":
        return float("nan")
    return 0.0
