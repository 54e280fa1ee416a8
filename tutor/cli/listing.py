"""`list` and `status`: the course, and how far the learner is, for people and (`--json`) for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from lessons.catalog import Course, load_course
from lessons.model import Entry
from progress_db import LessonStanding, Place, Progress
from tutor import paths
from tutor.cli.output import console
from tutor.standing import Mark, Standing, standings_of, totals
from tutor.words import _

MARKS = {
    Mark.TODO: ("·", "", _("to do")),
    Mark.BEGUN: ("◐", "yellow", _("in progress")),
    Mark.DONE: ("✓", "green", _("done")),
    Mark.BROKEN: ("✗", "red", _("broken")),
}


def read_record() -> tuple[dict[str, LessonStanding], Place | None]:
    """What is recorded, or nothing where there is no record yet: looking makes none. Raises `RecordError`."""
    path = paths.record_path()
    if not path.exists():
        return {}, None
    with Progress.open(path) as progress:
        return progress.standings(), progress.last_place()


def print_list(*, as_json: bool) -> None:
    """Print every lesson with its state."""
    course = load_course()
    kept, _place = read_record()
    standings = standings_of(course.entries(), kept)
    if as_json:
        _print_json([_lesson(entry, standings[entry.id]) for entry in course.entries()])
    else:
        _print_chapters(course, standings)


def print_status(*, as_json: bool) -> None:
    """Print how far the course is."""
    course = load_course()
    kept, place = read_record()
    standings = standings_of(course.entries(), kept)
    sums = totals(standings.values())
    if as_json:
        where = None if place is None else {"lesson": place.lesson, "step": place.step, "at": place.at}
        _print_json({"record": str(paths.record_path()), "last": where, **asdict(sums)})
        return
    out = console()
    out.print(f"[bold]{course.title}[/bold]")
    out.print(_("{done} of {all} lessons done, {begun} in progress").format(
        done=sums.lessons_done, all=sums.lessons, begun=sums.lessons_begun
    ))  # fmt: skip
    out.print(
        _("{quizzes} quiz questions answered, {right} right at the first try; {exercises} exercises solved").format(
            quizzes=sums.quizzes, right=sums.first_right, exercises=sums.exercises
        )
    )
    title = next((entry.title for entry in course.entries() if place and entry.id == place.lesson), None)
    if title is not None:
        out.print(_("Last: {title}. `d2l-tutor` goes on there.").format(title=title), markup=False)
    elif not kept:
        out.print(_("Nothing is recorded yet. `d2l-tutor` begins."), markup=False)
    out.print(_("Record: {path}").format(path=paths.shown(paths.record_path())), style="dim", markup=False)


def _print_chapters(course: Course, standings: dict[str, Standing]) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for column in range(5):
        table.add_column(no_wrap=column != 2, overflow="fold")
    for chapter in course.chapters:
        if not chapter.lessons:
            continue
        table.add_row("", Text(str(chapter.number), style="bold"), Text(chapter.title, style="bold"))
        for entry in chapter.lessons:
            standing = standings[entry.id]
            glyph, colour, words = MARKS[standing.mark]
            how_far = f"{standing.done}/{standing.all}" if standing.mark is Mark.BEGUN and standing.all else words
            table.add_row(
                Text(glyph, style=colour),
                entry.book,
                entry.title,
                Text(entry.id, style="dim"),
                Text(how_far, style=colour),
            )
    out.print(table)
    for entry in course.entries():
        if entry.broken is not None:
            out.print(entry.broken, style="red", markup=False, highlight=False)


def _lesson(entry: Entry, standing: Standing) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "chapter": entry.chapter,
        "book": entry.book,
        "state": str(standing.mark),
        "minutes": entry.minutes,
        "requires": list(entry.requires),
        "quizzes": {"answered": standing.quizzes, "first_right": standing.first_right, "all": standing.quizzes_all},
        "exercises": {"solved": standing.exercises, "all": standing.exercises_all},
        "path": str(entry.path),
        "broken": entry.broken,
    }


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
