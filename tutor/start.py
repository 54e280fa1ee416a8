"""The order of a start, which is a design decision: the kernel's process first, Textual next, everything else later.

`start` is what the command line calls. It gives an exit code, and says in a sentence what keeps the app from opening.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING

from tutor import paths, text_profile
from tutor.settings import Settings
from tutor.words import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lessons.catalog import Course, UnknownLesson
    from progress_db.records import Place
    from tutor.kernel.launch import KernelProcess
    from tutor.kernels import Kernels

BESIDE_OUTPUT = 9
"""Columns of a lesson's screen left and right of a cell's output."""
LEAST_OUTPUT, MOST_OUTPUT = 40, 80
NO_TERMINAL = 2
"""Exit code where there is no terminal to draw on."""
NO_COURSE = 3
"""Exit code where the course itself cannot be read."""
NO_SUCH_LESSON = 4
"""Exit code where no lesson, or more than one, goes by the name."""


def start(lesson: str | None = None, *, resume: bool = True, course: Course | None = None) -> int:
    """Open the app: at `lesson` (any name that `Course.find` knows, a notebook, a folder of them), or (`resume`) at
    the last place, else at home."""
    if not _has_terminal():
        return _refuse(
            _("d2l-tutor needs a terminal to draw on. `d2l-tutor run LESSON` and `d2l-tutor list` do without."),
            NO_TERMINAL,
        )
    gc.disable()  # what is imported now stays: looking through it for garbage costs a tenth of the start
    kernels = _launch()
    try:
        return _open(lesson, resume, course, kernels)
    finally:
        gc.enable()
        kernels.stop()


def _has_terminal() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)  # Textual draws on stderr
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM") not in (None, "", "dumb")


def _launch() -> Kernels:
    """The first kernel's process, which comes up while we import. Where it fails, the app opens and says so later."""
    from tutor.kernel.errors import KernelError
    from tutor.kernel.launch import secured
    from tutor.kernel.registry import keeping_directory

    text_profile.prefer(Settings.load(paths.settings_path()).text)  # kernels inherit it
    if text_profile.chosen() == "ascii":
        text_profile.choose("ascii")  # they do not know which terminal this is
    own, keep = paths.kernels_home(), None
    fitting = {"COLUMNS": str(_output_columns())}
    try:
        keep = secured(own) if own is not None else keeping_directory(paths.state_home() / "kernels")
        first = _launch_one(keep, fitting)
    except (KernelError, OSError):
        first = None  # connecting will try again, and say why it failed
    from tutor.kernels import Kernels

    return Kernels(partial(_launch_one, keep, fitting), first, keep=keep)


def _launch_one(keep: Path | None, environment: Mapping[str, str]) -> KernelProcess:
    """A kernel under the learner's own rules. Raises `KernelError`."""
    from tutor import limits
    from tutor.kernel.launch import launch

    limits.apply(paths.config_home() / limits.FILE)
    return launch(keep=keep, environment=environment)


def _output_columns() -> int:
    """Columns that a cell's output has in this terminal: what figures are drawn in."""
    columns = shutil.get_terminal_size().columns - BESIDE_OUTPUT
    return max(LEAST_OUTPUT, min(MOST_OUTPUT, columns))


def _open(lesson: str | None, resume: bool, course: Course | None, kernels: Kernels) -> int:
    from lessons.catalog import UnknownLesson, load_course
    from lessons.errors import LessonFormatError

    try:
        course = course or load_course()
    except (LessonFormatError, OSError) as error:
        return _refuse(_("The course cannot be opened: {cause}").format(cause=error), NO_COURSE)
    place: Place | None = None
    if lesson is not None:
        from tutor.named_place import place_of

        try:
            course, place = place_of(lesson, course)
        except UnknownLesson as error:
            chosen = _choose(error, course)
            if chosen is None:
                return _refuse(str(error), NO_SUCH_LESSON)
            course, place = place_of(f"{chosen}#{lesson.partition('#')[2]}", course)
        except LessonFormatError as error:
            return _refuse(_("It cannot be opened. {cause}").format(cause=error), NO_COURSE)
    from tutor.app import TutorApp

    app = TutorApp(
        course,
        record_path=paths.record_path(),
        kernels=kernels,
        start_at=place,
        resume=resume and lesson is None,
        settings_path=paths.settings_path(),
    )
    try:
        return app.run() or app.return_code or 0
    finally:
        app.close()


def _choose(error: UnknownLesson, course: Course) -> str | None:
    """Which of several lessons is meant; Enter takes the nearest. None: none of them, or there is no choice."""
    if not error.several:
        return None
    for number, name in enumerate(error.suggestions, start=1):
        print(f"  {number}  {course.entry(name).title}  ({name})", file=sys.stderr)
    print(_("Several lessons go by that name. Which one? [1] "), end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        return None
    said = answer.strip() or ("1" if answer else "")
    if said.isdecimal() and 1 <= int(said) <= len(error.suggestions):
        return error.suggestions[int(said) - 1]
    return None


def _refuse(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    if sys.stdout.isatty() and not sys.stderr.isatty():  # somebody looks, and stderr is a file
        print(sentence)
    return code
