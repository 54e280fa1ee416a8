"""How a cell, a quiz or an exercise stands, in the same few words and marks wherever it is shown."""

from __future__ import annotations

from enum import StrEnum

from tutor.words import _


class CellState(StrEnum):
    """How the latest run of a cell stands."""

    IDLE = "idle"
    QUEUED = "queued"
    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    ABORTED = "aborted"
    DIED = "died"

    @property
    def role(self) -> str:
        """The style."""
        return {
            CellState.IDLE: "state-idle",
            CellState.QUEUED: "state-queued",
            CellState.RUNNING: "state-running",
            CellState.OK: "state-ok",
            CellState.ABORTED: "state-idle",
            CellState.INTERRUPTED: "state-queued",
        }.get(self, "state-failed")


def cell_words(state: CellState, seconds: float | None) -> str:
    """The mark and the words at the right of a cell's head line."""
    took = duration(seconds) if seconds is not None else ""
    return {
        CellState.IDLE: "",
        CellState.QUEUED: _("○ queued"),
        CellState.RUNNING: f"● {took}" if took else "●",
        CellState.OK: f"✓ {took}",
        CellState.FAILED: _("✗ error") + f" {took}",
        CellState.INTERRUPTED: _("■ stopped") + f" {took}",
        CellState.ABORTED: _("– not run"),
        CellState.DIED: _("✗ kernel died"),
    }[state].rstrip()


def duration(seconds: float) -> str:
    """`0.3 s`, `12 s`, `3:07`, `1:02:30`."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = int(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
