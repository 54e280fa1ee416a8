"""A kernel that works in the folder of a notebook, which reads what lies beside it. The kernel itself knows nothing of
that: it is told to go there by a run of ours that nobody sees, before any cell."""

from __future__ import annotations

from pathlib import Path

from progress_db.ids import new_id
from tutor.kernel.events import CHECK
from tutor.kernel.session import KernelSession
from tutor.kernels import Deliver, Kernels


class FolderSession(KernelSession):
    """A session whose kernel is in `folder`, also after a restart."""

    def __init__(self, session: KernelSession, folder: Path) -> None:
        self._reader = session._reader  # another face of the same session: `Kernels` keeps the first
        self._folder = folder
        if not session.process.is_found:  # one that was left running is where its cells have brought it
            self._go_there()

    def restart(self) -> None:
        """A fresh kernel, in the same folder."""
        super().restart()
        self._go_there()

    def _go_there(self) -> None:
        source = f"import os as _os; _os.chdir({str(self._folder)!r}); del _os"
        self.run(source, run=f"{CHECK}{new_id()}", silent=True, may_fail=True)


def connect_in(folder: Path, kernels: Kernels, lesson: str, deliver: Deliver, known: dict[str, int]) -> KernelSession:
    """`Kernels.connect`, for a notebook in `folder`."""
    return FolderSession(kernels.connect(lesson, deliver, known), folder)
