"""A training as others can show it: a picture of its curves, and a line of text where there are no pictures."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curves import Curves
from engine.events import Event
from engine.publish import describe
from engine.vector_chart import chart


def picture(events: Sequence[Event]) -> dict[str, str]:
    """MIME type to text. Of several runs in one cell, the newest stands before the one before it."""
    curves = Curves()
    curves.extend(events)
    return {"image/svg+xml": chart(curves), "text/plain": describe([*events[:1], *events[-1:]])}
