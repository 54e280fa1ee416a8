"""`export LESSON|PATH`: as the learner left it, in a format that others open. It runs nothing, and never writes over a
file."""

from __future__ import annotations

from pathlib import Path

from lessons.catalog import load_course
from lessons.notebooks.errors import NotebookClosed
from lessons.parser import read_lesson
from tutor import paths
from tutor.cli import exits
from tutor.exporting.files import NotWritten, write_new
from tutor.exporting.kept import Kept, lesson_kept, notebook_at
from tutor.words import _

SUFFIXES = {"ipynb": ".ipynb", "md": ".md", "py": ".py", "html": ".html"}


def export(name: str, path: Path | None, kind: str, target: Path | None) -> int:
    """Write the file; the exit code. Raises `UnknownLesson`, `LessonFormatError`, `RecordError`."""
    record = paths.record_path()
    if path is not None and path.is_dir():
        raise NotebookClosed(path, _("it is a folder: name one of its notebooks to export it"))
    if path is not None:
        kept = notebook_at(path, record)
        stem = path.stem
    else:
        kept = lesson_kept(read_lesson(load_course().find(name).path), record)
        stem = kept.lesson.id.rpartition("/")[2]
    to = target or Path(f"{stem}{SUFFIXES[kind]}")
    if target is None and path is not None and to.absolute() == path.absolute():
        to = Path(f"{stem}-exported{SUFFIXES[kind]}")
    try:
        said = _written(kept, kind, to)
    except NotWritten as error:
        print(error)
        return exits.USAGE
    print(said)
    return exits.OK


def _written(kept: Kept, kind: str, to: Path) -> str:
    if kind == "ipynb":
        from tutor.exporting.notebook import as_ipynb

        write_new(to, as_ipynb(kept.lesson, kept.outputs, kept.sources))
    elif kind == "py":
        from tutor.exporting.texts import script

        write_new(to, script(kept))
    elif kind == "html":
        from tutor.exporting.page import page

        write_new(to, page(kept))
    else:
        return _markdown(kept, to)
    return _("{file} was written.").format(file=to)


def _markdown(kept: Kept, to: Path) -> str:
    from tutor.exporting.texts import markdown

    folder = to.with_name(f"{to.stem}_files")
    text, files = markdown(kept, folder.name)
    if not files:
        write_new(to, text)
        return _("{file} was written.").format(file=to)
    try:
        folder.mkdir()
    except OSError as error:
        reason = error.strerror or error
        raise NotWritten(_("{folder} could not be made: {reason}.").format(folder=folder, reason=reason)) from error
    for name, data in files.items():
        (folder / name).write_bytes(data)
    write_new(to, text)
    return _("{file} was written, and its pictures into {folder}.").format(file=to, folder=folder)
