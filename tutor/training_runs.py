"""Every training run that is known here: those of cells, from the record, and those of `d2l-tutor train`, from files.

All of it reads disks, so it is for a thread that is not the screen's. No Textual, no drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine import runs as files
from engine.curves import RunCurves
from engine.events import RunFinished, RunStarted
from engine.run_heads import Head, curves_of, heads
from progress_db import Progress, RecordError
from progress_db.records import RunPlace

KIND = "training"
"""Of outputs that hold training events, as `tutor.kernel.events.to_record` calls it."""
PAGE, LARGEST_PAGE = 40, 320
"""Runs that are handed on at once: a screenful in a few milliseconds, then more and more of them."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One run of training, without its curves."""

    started: RunStarted
    finished: RunFinished | None
    metrics: Mapping[str, float]
    is_diverged: bool = False
    cell: RunPlace | None = None
    """The cell that trained it; None: the command line did."""
    path: Path | None = None
    """The file that has it, if it is not in the record."""

    @property
    def id(self) -> str:
        """Unique."""
        return self.started.run

    @property
    def outcome(self) -> str:
        """Why it ended, as in `RunFinished`, or `died`; `running`; empty where nobody saw its end."""
        if self.finished is not None:
            return "diverged" if self.is_diverged else self.finished.reason
        if self.cell is None:
            return ""
        return {None: "running", "died": "died", "error": "failed", "interrupted": "stopped"}.get(self.cell.outcome, "")

    @property
    def settings(self) -> dict[str, str]:
        """All that was chosen for it, as words."""
        chosen = {name: short(value) for name, value in self.started.hyperparameters.items()}
        chosen["max_epochs"] = str(self.started.max_epochs)
        if self.started.seed is not None:
            chosen["seed"] = str(self.started.seed)
        return chosen


def short(value: object) -> str:
    """`0.1`, `0.003333`: a number as one says it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@dataclass(slots=True)
class TrainingRuns:
    """The runs of one record and of the files beside it."""

    record: Path
    trouble: str = field(default="", init=False)
    """Why the record could not be read, if so: a sentence."""

    def pages(self) -> Iterator[list[TrainingRun]]:
        """All runs, some at a time: those of cells first, each kind the newest first."""
        seen: set[str] = set()
        for page in _paged(self._of_cells()):
            seen.update(run.id for run in page)
            yield page
        yield from _paged(_of_files(seen))

    def curves(self, run: TrainingRun) -> RunCurves:
        """With all its points. Raises `RecordError`, `OSError`."""
        if run.cell is None:
            assert run.path is not None
            return curves_of(run.path.read_text(encoding="utf-8", errors="replace").splitlines(), run.id)
        with Progress.open_to_read(self.record) as progress:
            return curves_of(progress.output_texts(run.cell.id, KIND), run.id)

    def _of_cells(self) -> Iterator[TrainingRun]:
        self.trouble = ""
        if not self.record.exists():
            return
        try:
            with Progress.open_to_read(self.record) as progress:
                for cell in progress.runs_with(KIND):
                    found = heads(progress.output_texts(cell.id, KIND))
                    for head in reversed(found.values()):
                        if head.started.data:  # else it is a curve that was drawn by hand
                            yield _run(head, cell=cell)
        except RecordError as error:
            self.trouble = str(error)


def _of_files(seen: set[str]) -> Iterator[TrainingRun]:
    for path in sorted(files.folder().glob("*.jsonl"), reverse=True):
        if path.stem in seen:  # a run of a cell is in both
            continue
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:  # made room for a newer one meanwhile
            continue
        for head in heads([text]).values():
            yield _run(head, path=path)


def _run(head: Head, *, cell: RunPlace | None = None, path: Path | None = None) -> TrainingRun:
    return TrainingRun(head.started, head.finished, head.metrics, head.diverged is not None, cell, path)


def _paged(runs: Iterator[TrainingRun]) -> Iterator[list[TrainingRun]]:
    page: list[TrainingRun] = []
    size = PAGE
    for run in runs:
        page.append(run)
        if len(page) == size:
            yield page
            page, size = [], min(2 * size, LARGEST_PAGE)
    if page:
        yield page
