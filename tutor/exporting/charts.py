"""A training as Jupyter can show it: a picture of its curves, and a line of text where there are no pictures."""

from __future__ import annotations

from collections.abc import Sequence

from engine.events import Event
from engine.publish import describe


def picture(events: Sequence[Event]) -> dict[str, str]:
    """MIME type to text."""
    return {"text/plain": describe(events)}
