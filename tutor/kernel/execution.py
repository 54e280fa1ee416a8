"""A run of a cell as it is asked for, and as Jupyter's message says it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutor.kernel.events import RunId


@dataclass(frozen=True, slots=True)
class Execution:
    """A run that was asked for."""

    run: RunId
    source: str
    cell: str
    silent: bool
    may_fail: bool = False
    """Whether what is queued behind it runs even if it raises."""
    afresh: bool = False
    """Whether what earlier runs of its cell bound is forgotten first (see `bindings`)."""
    resume: bool = False
    """Whether training in it goes on from its checkpoint."""

    def content(self) -> dict[str, Any]:
        """Of its `execute_request`."""
        return {
            "code": self.source,
            "silent": self.silent,
            "store_history": not self.silent,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": not self.may_fail,
        }

    def metadata(self) -> dict[str, Any]:
        """Beside it in that message."""
        return {"cellId": self.cell, "afresh": self.afresh, "resume": self.resume}
