"""The authors' check: proves what a lesson states, without a kernel here and with one in `trial`.

It is what CI runs, so that a learner never meets an exercise that cannot be solved or a quiz whose answer is wrong.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from lessons.catalog import Course
from lessons.errors import LessonFormatError
from lessons.findings import Finding, Places
from lessons.knobs import faults
from lessons.model import ChoiceQuiz, CodeCell, Exercise, Lesson, NumberQuiz, OutputQuiz, Prose, Quiz, ShapeQuiz
from lessons.parser import language_of, read_lesson
from lessons.trial import try_lesson

_NUMBERED = re.compile(r"\d+-")


@dataclass(frozen=True, slots=True)
class Report:
    """What the check says of one file."""

    lesson: str
    path: Path
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.findings


def check_lessons(
    paths: Sequence[Path],
    course: Course,
    *,
    jobs: int = 2,
    timeout: float = 120.0,
    run: bool = True,
    on_report: Callable[[Report], None] = lambda report: None,
) -> list[Report]:
    """Checks the files, up to `jobs` kernels at a time, and reports each as soon as it is done (from its own thread).

    `timeout` is for one cell, in seconds. Without `run`, no kernel is started and no cell is run.
    """

    given_up = Event()

    def check(path: Path) -> Report:
        report = check_lesson(path, course, timeout=timeout, run=run, given_up=given_up)
        if not given_up.is_set():
            on_report(report)
        return report

    with ThreadPoolExecutor(max(1, jobs), thread_name_prefix="lesson-check") as pool:
        try:
            return list(pool.map(check, paths))
        except BaseException:  # Ctrl+C: without this, the pool would first check all the other lessons
            given_up.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def check_lesson(
    path: Path, course: Course, *, timeout: float = 120.0, run: bool = True, given_up: Event | None = None
) -> Report:
    """Checks one file. A translation is held against the lesson that it translates, whose cells are run instead."""
    started = time.monotonic()
    name = f"{_unnumbered(path.parent.name)}/{_unnumbered(path.name.split('.')[0])}"
    try:
        lesson, places = read_lesson(path), Places(path)
        findings = list(_front_matter(lesson, name, course, places))
        for step in lesson.steps:
            findings += _step(step, places)
        if lesson.language != "en":
            findings += _translation(lesson, places)
        elif run:
            findings += try_lesson(lesson, places, timeout, given_up or Event())
    except LessonFormatError as error:
        findings = [Finding(error.path, error.line, error.cause)]
    return Report(name, path, tuple(findings), time.monotonic() - started)


def _unnumbered(name: str) -> str:
    return _NUMBERED.sub("", name, count=1)


def _front_matter(lesson: Lesson, name: str, course: Course, places: Places) -> Iterator[Finding]:
    if lesson.id != name:
        yield places.at(1, f"the id `{lesson.id}` does not agree with folder and file, which say `{name}`")
    chapters = {f"{chapter.number:02}-{chapter.slug}" for chapter in course.chapters}
    if lesson.path.parent.name not in chapters:
        yield places.at(1, f"the folder `{lesson.path.parent.name}` is not a chapter of course.toml")
    order = [entry.id for entry in course.entries()]
    for required in lesson.requires:
        if required not in order:
            yield places.at(1, f"`requires` names `{required}`, which is no lesson")
        elif lesson.id in order and order.index(required) >= order.index(lesson.id):
            yield places.at(1, f"`requires` names `{required}`, which does not come before this lesson")
    for key, found in (("book", lesson.book), ("minutes", lesson.minutes), ("objectives", lesson.objectives)):
        if not found:
            yield places.at(1, f"the front matter has no `{key}`")


def _step(step: Prose | CodeCell | Exercise | Quiz, places: Places) -> Iterator[Finding]:
    if isinstance(step, Prose):
        return
    if isinstance(step, CodeCell | Exercise):
        for line, cause in faults(step.source):
            yield places.at(places.inside(step.line, line + 1), cause)
        if isinstance(step, Exercise):
            yield from _exercise(step, places)
        return
    if isinstance(step, ChoiceQuiz):
        for number, option in enumerate(step.options, start=1):
            if not option.why:
                yield places.at(step.line, f"option {number} of `{step.id}` has no `why`: {option.text[:60]}")
    elif not step.why:
        yield places.at(step.line, f"the quiz `{step.id}` has no `why`")
    if isinstance(step, NumberQuiz | ShapeQuiz | OutputQuiz) and step.verify is None:
        yield places.at(step.line, f"the quiz `{step.id}` has no `verify`, and its kind needs one")


def _exercise(step: Exercise, places: Places) -> Iterator[Finding]:
    if not step.hints:
        yield places.at(step.line, f"the exercise `{step.id}` has no hint")
    line = places.part(step.id, "check")
    try:
        tree = ast.parse(step.check)
    except SyntaxError as error:
        yield places.at(places.inside(line, error.lineno), f"the check of `{step.id}` is not Python: {error.msg}")
        return
    asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    if not asserts:
        yield places.at(line, f"the check of `{step.id}` asserts nothing")
    for node in asserts:
        if node.msg is None:
            yield places.at(places.inside(line, node.lineno), "this assert has no message for the learner")


def _translation(lesson: Lesson, places: Places) -> Iterator[Finding]:
    """The same ids in the same order, and the same code: only the words differ."""
    path = lesson.path.with_name(lesson.path.name.replace(f".{language_of(lesson.path)}.md", ".md"))
    original = read_lesson(path)
    if lesson.id != original.id:
        yield places.at(1, f"the id `{lesson.id}` is not that of {path.name}, `{original.id}`")
    ours, theirs = ([step for step in one.steps if not isinstance(step, Prose)] for one in (lesson, original))
    for mine, other in zip(ours, theirs, strict=False):
        if mine.id != other.id:
            cause = f"`{mine.id}` stands where {path.name} has `{other.id}` (a cell without an id needs one)"
            yield places.at(mine.line, cause)
            return
        if _code(mine) != _code(other):
            yield places.at(mine.line, f"the code or the answer of `{mine.id}` is not that of {path.name}")
    if len(ours) != len(theirs):
        yield places.at(1, f"{len(ours)} things to do, where {path.name} has {len(theirs)}")


def _code(step: object) -> tuple[object, ...]:
    if isinstance(step, CodeCell):
        return (step.source, step.tags)
    if isinstance(step, Exercise):
        # Messages of asserts are words: what they assert is not.
        return (step.source, step.solution, re.sub(r",\s*\"[^\"]*\"\s*$", "", step.check, flags=re.MULTILINE))
    if isinstance(step, ChoiceQuiz):
        return (step.verify, step.several, *(option.correct for option in step.options))
    kept = ("verify", "answer", "tolerance") if not isinstance(step, OutputQuiz) else ("verify",)
    return (type(step), *(getattr(step, key, None) for key in kept))


def paths_of(names: Sequence[str], course: Course, content: Path) -> list[Path]:
    """The files that `names` mean (ids, titles, files; none: all), with their translations. Raises `UnknownLesson`."""
    files = sorted(path for path in content.glob("*/*.md") if _NUMBERED.match(path.name))
    if not names:
        return files
    chosen: list[Path] = []
    for name in names:
        given = Path(name)
        if given.suffix == ".md" and given.is_file():
            chosen.append(given)
        elif given.is_dir():
            chosen += sorted(given.glob("*.md"))
        else:
            found = course.find(name).path
            chosen += [path for path in files if path.parent == found.parent and _stem(path) == _stem(found)]
    return list(dict.fromkeys(chosen))


def _stem(path: Path) -> str:
    return path.name.split(".")[0]
