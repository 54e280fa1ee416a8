"""How much of a run's output the record keeps: its head and its tail; the middle is counted.

A flood must not fill a home directory, and what a learner looks for is where it began and how it ended. Each kind of
output has its own cap, so that a flood of prints does not push out the curve beside it. No SQL here: `store` writes
what this decides, and `recorder` bounds its memory by the same rule, since it need not hold what would not be kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .records import KeptOutput

HEAD = 512 * 1024
"""Characters kept of the beginning of a run's output, for each kind."""

TAIL = 1536 * 1024
"""Characters kept of its end."""

LARGEST = 8 * 1024 * 1024
"""Characters of the largest single output that is kept at all."""

_PIECE = 64 * 1024
"""Outputs of one kind that follow each other share a row up to this size: a row for every print would be mostly key."""


@dataclass(slots=True)
class Piece:
    """A row to be: outputs of one kind, one after the other, as JSON."""

    kind: str
    payloads: list[str]
    """Each output's payload as JSON. Empty if it is too large to keep."""
    size: int
    """Characters of JSON, kept or not."""
    skipped: int = 0
    """Characters of the same kind that came before this and are not kept."""

    def text(self) -> str | None:
        """The payloads as one JSON list, or None where nothing of it is kept."""
        return f"[{','.join(self.payloads)}]" if self.payloads else None


def pieces(outputs: Sequence[KeptOutput]) -> list[Piece]:
    """`outputs` in rows, in their order. Raises `TypeError` or `ValueError` for a payload that is no JSON."""
    rows: list[Piece] = []
    for output in outputs:
        payload = to_json(dict(output.payload))
        if len(payload) > LARGEST:
            rows.append(Piece(output.kind, [], len(payload)))
        elif rows and rows[-1].kind == output.kind and rows[-1].payloads and rows[-1].size + len(payload) <= _PIECE:
            rows[-1].payloads.append(payload)
            rows[-1].size += len(payload)
        else:
            rows.append(Piece(output.kind, [payload], len(payload)))
    return rows


def trimmed(rows: Iterable[Piece]) -> list[Piece]:
    """`rows` of one run without what `store` would drop anyway: for each kind, what is beyond both HEAD and TAIL."""
    rows = list(rows)
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.kind] = totals.get(row.kind, 0) + row.skipped + row.size
    ends: dict[str, int] = {}
    gaps: dict[str, int] = {}
    kept: list[Piece] = []
    for row in rows:
        start = ends.get(row.kind, 0) + row.skipped
        end = ends[row.kind] = start + row.size
        gap = gaps.pop(row.kind, 0) + row.skipped
        if start >= HEAD and end <= totals[row.kind] - TAIL:
            gaps[row.kind] = gap + row.size
        else:
            kept.append(Piece(row.kind, row.payloads, row.size, gap))
    return kept


def read_back(rows: Iterable[tuple[str, int, int, str | None]]) -> tuple[tuple[KeptOutput, ...], int]:
    """The outputs of `rows` (kind, start, size, payloads; in their order), and how many characters are missing among
    them."""
    outputs: list[KeptOutput] = []
    ends: dict[str, int] = {}
    dropped = 0
    for kind, start, size, payloads in rows:
        dropped += max(0, start - ends.get(kind, 0))
        ends[kind] = start + size
        if payloads is None:
            dropped += size
        else:
            outputs.extend(_each(kind, payloads))
    return tuple(outputs), dropped


def _each(kind: str, payloads: str) -> Iterator[KeptOutput]:
    for payload in json.loads(payloads):
        yield KeptOutput(kind, payload)


def to_json(value: object) -> str:
    """JSON that SQLite can keep: a lone surrogate (half of a character, as undecodable bytes become) stays escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _encodable(text) else json.dumps(value, separators=(",", ":"))


def clean(text: str) -> str:
    """`text` as SQLite can keep it: a lone surrogate, which no file could hold either, becomes `?`."""
    return text if _encodable(text) else text.encode("utf-8", "replace").decode("utf-8")


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
