"""`run PATH`: every cell of a notebook in the tutor's kernel, in the notebook's folder, until the first error.

The file is only read. What its cells put out is printed as it comes, and written to another notebook with `--to`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from lessons.errors import printable
from lessons.model import CodeCell, Exercise, Lesson
from lessons.notebooks.errors import NotebookClosed
from lessons.notebooks.formats import read_notebook
from tutor.cli import exits
from tutor.cli.cell_runner import Part, Told, kernel
from tutor.cli.printing import Printer
from tutor.words import _, ngettext


def run_path(path: Path, *, to: Path | None, timeout: float | None, quick: bool) -> int:
    """Run the notebook; the exit code. Raises `LessonFormatError`, `KernelError`."""
    if path.is_dir():
        raise NotebookClosed(path, _("it is a folder: name one of its notebooks to run it"))
    lesson = read_notebook(path)
    target = to.resolve() if to is not None else None
    cells = [step for step in lesson.steps if isinstance(step, CodeCell | Exercise)]
    printer = Printer()
    printer.title(lesson)
    told: list[Told] = []
    started = time.monotonic()
    os.chdir(path.resolve().parent)  # the kernel inherits it: notebooks read what lies beside them
    try:
        with exits.tidy(), kernel(printer, lesson=lesson.id, quick=quick) as runner:
            for number, cell in enumerate(cells, start=1):
                told.append(runner.run(_part(cell, number, len(cells)), timeout=timeout))
                if not told[-1].as_it_should:
                    break
    except exits.Interrupted:
        printer.note(_("Interrupted."), "yellow")
        return exits.INTERRUPTED
    finally:
        printer.close()
        if target is not None and told:
            _write(lesson, cells, told, target, printer)
    return _said(path, cells, told, printer, time.monotonic() - started)


def _part(cell: CodeCell | Exercise, number: int, count: int) -> Part:
    label = _("cell {number} of {count} · {name}").format(number=number, count=count, name=cell.id)
    return Part(cell.id, cell.source, raises="raises-exception" in cell.tags, label=label)


def _said(
    path: Path, cells: Sequence[CodeCell | Exercise], told: Sequence[Told], printer: Printer, seconds: float
) -> int:
    if not told or told[-1].as_it_should:
        count = len(told)
        said = ngettext("{count} cell ran in {seconds} s.", "{count} cells ran in {seconds} s.", count)
        printer.note(said.format(count=count, seconds=f"{seconds:.1f}"), "green")
        return exits.OK
    cell, last = cells[len(told) - 1], told[-1]
    where = _("cell {number} of {count}, {name}").format(number=len(told), count=len(cells), name=cell.id)
    if path.suffix != ".ipynb":  # lines of JSON would help nobody
        where += _(", line {line} of {file}").format(line=cell.line, file=printable(path.name))
    printer.note(_("Stopped at {where}: {why}").format(where=where, why=_why(last)), "red")
    return exits.FAILED


def _why(told: Told) -> str:
    if told.late:
        late = _("it took too long (see --timeout).")
        return f"{late} {told.died}".strip()
    if told.died:
        return told.died
    if told.error is not None:
        first = told.error.value.strip().partition("\n")[0]
        return f"{told.error.name}: {first}" if first else told.error.name
    return _("it was meant to raise an error, and raised none.")


def _write(
    lesson: Lesson, cells: Sequence[CodeCell | Exercise], told: Sequence[Told], target: Path, printer: Printer
) -> None:
    from tutor.exporting.files import write_new
    from tutor.exporting.notebook import as_ipynb

    outputs = {cell.id: one.outputs for cell, one in zip(cells, told, strict=False)}
    write_new(target, as_ipynb(lesson, outputs), replace=True)
    printer.note(_("{file} was written.").format(file=target), "green")
