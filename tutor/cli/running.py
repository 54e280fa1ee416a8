"""`run LESSON`: every cell of a lesson in a kernel of its own, without the app, printed as it comes.

The cells run in order, and an exercise's check after it. What fails decides the exit code.
"""

from __future__ import annotations

from collections.abc import Iterator

from lessons.catalog import load_course
from lessons.model import CodeCell, Exercise, Lesson
from lessons.parser import read_lesson
from progress_db import Progress
from tutor import paths
from tutor.cli import exits
from tutor.cli.cell_runner import Part, kernel
from tutor.cli.printing import Printer
from tutor.drafts import drafts_of
from tutor.words import _, ngettext


def run_lesson(name: str, *, solutions: bool, mine: bool, quick: bool) -> int:
    """Run the lesson; the exit code. Raises `UnknownLesson`, `LessonFormatError`, `KernelError`, `RecordError`."""
    lesson = read_lesson(load_course().find(name).path)
    drafts = _drafts(lesson) if mine else {}
    printer = Printer()
    printer.title(lesson)
    try:
        with exits.tidy(), kernel(printer, lesson=lesson.id, quick=quick) as runner:
            failed = [part.id for part in parts(lesson, drafts, solutions) if not runner.passes(part)]
    except exits.Interrupted:
        printer.note(_("Interrupted."), "yellow")
        return exits.INTERRUPTED
    finally:
        printer.close()
    if failed:
        said = ngettext("{count} cell failed: {names}", "{count} cells failed: {names}", len(failed))
        printer.note(said.format(count=len(failed), names=", ".join(failed)), "red")
        return exits.FAILED
    printer.note(_("Every cell ran."), "green")
    return exits.OK


def parts(lesson: Lesson, drafts: dict[str, str], solutions: bool) -> Iterator[Part]:
    """What is run of a lesson, in order."""
    for step in lesson.steps:
        if isinstance(step, CodeCell):
            yield Part(step.id, drafts.get(step.id, step.source), raises="raises-exception" in step.tags)
        elif isinstance(step, Exercise):
            tried = step.id in drafts
            yield Part(step.id, drafts.get(step.id, step.source), counts=tried)
            if solutions:
                yield Part(step.id, step.solution)
            yield Part(step.id, step.check, shown=False, counts=tried or solutions, check=True)


def _drafts(lesson: Lesson) -> dict[str, str]:
    path = paths.record_path()
    if not path.exists():
        return {}
    with Progress.open(path) as progress:
        return drafts_of(lesson, progress.lesson(lesson.id))
