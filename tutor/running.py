"""The kernels between two tutors: what they put out meanwhile is taken in, and what became of them is said.

It joins the kernels and the record; neither knows of the other. No Textual here.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.ingest import Ingest
from tutor.words import _

if TYPE_CHECKING:
    from progress_db.recorder import Recorder
    from tutor.kernels import Kernels

PATIENCE = 2.0
"""Seconds that a lesson waits for what its kernel put out before it died."""


class Running:
    """What goes on in kernels, whether a screen shows it or not."""

    def __init__(self, kernels: Kernels, recorder: Recorder) -> None:
        self._kernels = kernels
        self._recorder = recorder
        self._ingest = Ingest(recorder)
        kernels.on_grown = self._grown
        self._take_in_all()

    def _grown(self, kernel: str, path: Path, lesson: str, soon: bool) -> None:
        self._ingest.grown(kernel, path, lesson, soon=soon)

    def _take_in_all(self) -> None:
        """What kernels put out while no tutor was there."""
        if self._kernels.keep is None:
            return
        from tutor.kernel import registry

        ended = registry.gone(self._kernels.keep)
        for record in [*ended, *registry.live(self._kernels.keep)]:
            self._ingest.grown(record.id, Path(record.journal), record.lesson, soon=True)
        if any(not record.shown for record in ended):
            self._recorder.flush(PATIENCE)  # nobody will tell a screen of it later
        registry.sweep_old(self._kernels.keep)

    def obituary(self, lesson: str) -> str | None:
        """When and why the last kernel of a lesson ended that nobody asked to; said once."""
        if self._kernels.keep is None:
            return None
        from tutor.kernel import registry

        ended = [record for record in registry.gone(self._kernels.keep) if record.lesson == lesson and not record.shown]
        for record in ended:
            registry.was_shown(self._kernels.keep, record)
        if not ended:
            return None
        last = ended[-1]
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(last.ended))
        said = _(
            "The kernel of this lesson is gone since {when}. {reason} What it put out is kept; its variables are not."
        )
        return said.format(when=when, reason=last.reason)

    def lessons(self) -> list[str]:
        """The lessons that have a kernel, oldest first."""
        if self._kernels.keep is None:
            return []
        from tutor.kernel import registry

        return [record.lesson for record in registry.live(self._kernels.keep)]

    def close(self, journals: list[tuple[str, Path, str]]) -> None:
        """The app ends, and these kernels were stopped or left: what they put out until now."""
        self._ingest.close()
        for kernel, path, lesson in journals:
            self._ingest.last(kernel, path, lesson)
