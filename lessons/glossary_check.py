"""The authors' check of the glossaries: what a reader of them would trip over, each with its file and line."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from lessons.catalog import Course
from lessons.check import Report
from lessons.findings import Finding
from lessons.glossary import GlossaryFormatError, field_faults, glossary_files, read_fields

_CODE = re.compile(r"(`+).*?\1", re.DOTALL)
_DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$")


def check_glossaries(content: Path, course: Course) -> list[Report]:
    """Checks the glossary of every chapter in the folder `content`. A name that two chapters explain is the later's."""
    lessons = {entry.id for entry in course.entries()}
    seen: dict[str, tuple[Path, int]] = {}
    return [_check(path, lessons, seen) for path in glossary_files(content)]


def glossaries_of(names: Sequence[str], reports: Sequence[Report]) -> list[Report]:
    """The reports that a check of `names` is about: all without names, else those of the folders and files named."""
    if not names:
        return list(reports)
    named = {Path(name).resolve() for name in names}
    return [report for report in reports if {report.path.resolve(), report.path.parent.resolve()} & named]


def _check(path: Path, lessons: Collection[str], seen: dict[str, tuple[Path, int]]) -> Report:
    started = time.monotonic()
    findings = []
    try:
        for line, fields in read_fields(path):
            causes = list(field_faults(fields)) or _faults(fields, path, line, lessons, seen)
            findings += [Finding(path, line, cause) for cause in causes]
    except GlossaryFormatError as error:
        findings = [Finding(error.path, error.line, error.cause)]
    return Report(f"{path.parent.name}/{path.name}", path, tuple(findings), time.monotonic() - started)


def _faults(
    fields: dict[str, Any], path: Path, line: int, lessons: Collection[str], seen: dict[str, tuple[Path, int]]
) -> list[str]:
    name, causes = fields["name"], []
    key = " ".join(name.split()).casefold()
    if key in seen:
        other, at = seen[key]
        causes.append(f"the term “{name}” is already explained in {other.parent.name}/{other.name}:{at}")
    seen.setdefault(key, (path, line))
    if fields["lesson"] not in lessons:
        causes.append(f"the term “{name}” names the lesson `{fields['lesson']}`, which is no lesson")
    if len(_DOLLAR.findall(_CODE.sub("", fields["says"]))) % 2:
        causes.append(f"a formula in the `says` of the term “{name}” has no closing `$`")
    return causes
