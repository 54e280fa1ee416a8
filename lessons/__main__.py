"""`python -m lessons check`: what an author runs, and what CI runs. `d2l-tutor check` is the same."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lessons.catalog import CONTENT, UnknownLesson, load_course
from lessons.check import Report, check_lessons, paths_of
from lessons.errors import LessonFormatError
from lessons.glossary_check import check_glossaries, glossaries_of
from lessons.notebook import notebook
from lessons.parser import read_lesson

OK, FOUND, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit code: 0 nothing to mend, 1 something found, 2 no such lesson or course, 130 Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m lessons", description="Tools for those who write lessons.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "check",
        help="prove what lessons state: cells, exercises, solutions, quizzes, in a real kernel; and the glossaries",
    )
    check.add_argument("lessons", nargs="*", metavar="LESSON", help="an id, a title, a file or a folder (default: all)")
    check.add_argument("--json", action="store_true", help="print one JSON object at the end")
    check.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="kernels at a time (default: 2)")
    check.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS", help="for one cell (default: 120)")
    check.add_argument("--no-run", action="store_true", help="read and compare only; start no kernel")
    check.add_argument("--content", type=Path, default=CONTENT, help="the folder that holds course.toml")
    export = commands.add_parser("export", help="write a lesson as a Jupyter notebook, unrun")
    export.add_argument("lesson", metavar="LESSON", help="an id, a title or a book section")
    export.add_argument("--to", type=Path, metavar="FILE", help="where to (default: its name in this folder)")
    export.add_argument("--content", type=Path, default=CONTENT, help="the folder that holds course.toml")
    options = parser.parse_args(arguments)
    try:
        return _check(options) if options.command == "check" else _export(options)
    except KeyboardInterrupt:
        print("Interrupted; the kernels were stopped.", file=sys.stderr)
        return INTERRUPTED


def _check(options: argparse.Namespace) -> int:
    started = time.monotonic()
    try:
        course = load_course(options.content)
        glossaries = glossaries_of(options.lessons, check_glossaries(options.content, course))
        files = {report.path.resolve() for report in glossaries}
        lessons = [name for name in options.lessons if Path(name).resolve() not in files]
        paths = paths_of(lessons, course, options.content) if lessons or not options.lessons else []
    except (LessonFormatError, UnknownLesson) as error:
        print(error, file=sys.stderr)
        return USAGE
    report_one = _ignore if options.json else _print
    for glossary in glossaries:
        report_one(glossary)
    reports = check_lessons(
        paths,
        course,
        jobs=options.jobs,
        timeout=options.timeout,
        run=not options.no_run,
        on_report=report_one,
    )
    ok = all(report.ok for report in [*reports, *glossaries])
    seconds = time.monotonic() - started
    if options.json:
        found = {
            "ok": ok,
            "seconds": round(seconds, 1),
            "lessons": [_plain(report) for report in reports],
            "glossaries": [_plain(report) for report in glossaries],
        }
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        mended = sum(report.ok for report in reports)
        print(f"{mended} of {len(reports)} lessons hold what they state ({seconds:.0f} s).")
        if glossaries:
            whole = sum(report.ok for report in glossaries)
            print(f"{whole} of {len(glossaries)} glossaries are in order.")
    return OK if ok else FOUND


def _export(options: argparse.Namespace) -> int:
    try:
        lesson = read_lesson(load_course(options.content).find(options.lesson).path)
    except (LessonFormatError, UnknownLesson) as error:
        print(error, file=sys.stderr)
        return USAGE
    target: Path = options.to or Path(f"{lesson.id.rpartition('/')[2]}.ipynb")
    text = json.dumps(notebook(lesson), indent=1, ensure_ascii=False) + "\n"
    try:
        with target.open("x", encoding="utf-8") as file:  # "x": somebody may have worked in the file that is there
            file.write(text)
    except OSError as error:
        print(f"{target} could not be written: {error.strerror}. Name another file with --to.", file=sys.stderr)
        return USAGE
    print(f"{target} was written.")
    return OK


def _ignore(report: Report) -> None:
    """Reports are printed together at the end."""


def _print(report: Report) -> None:
    lines = [f"{'ok  ' if report.ok else 'FAIL'} {report.lesson:48} {report.seconds:6.1f} s"]
    lines += [f"     {replace(finding, path=_relative(finding.path))}" for finding in report.findings]
    print("\n".join(lines), flush=True)


def _plain(report: Report) -> dict[str, object]:
    return {
        "id": report.lesson,
        "path": str(report.path),
        "ok": report.ok,
        "seconds": round(report.seconds, 1),
        "findings": [{"path": str(f.path), "line": f.line, "cause": f.cause} for f in report.findings],
    }


def _relative(path: Path) -> Path:
    """As short as an editor can still open it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


if __name__ == "__main__":
    sys.exit(main())
