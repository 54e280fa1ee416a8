"""`glossary`: what the words of the course mean, for people and (`--json`) for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from lessons.catalog import Course, load_course
from lessons.glossary import Term, find, load_glossary
from tutor import text_profile
from tutor.cli.output import console
from tutor.cli.reading import WIDEST
from tutor.paths import settings_path
from tutor.prose import lay_out
from tutor.prose.console import to_rich
from tutor.settings import Settings
from tutor.words import _


def print_glossary(*, as_json: bool) -> None:
    """Print all terms, English beside 中文. Raises `GlossaryFormatError`."""
    from rich.table import Table
    from rich.text import Text

    terms = load_glossary()
    if as_json:
        _print_json(terms)
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for _column in range(2):
        table.add_column(overflow="fold")
    for term in terms:
        table.add_row(Text(term.name), Text(term.zh))
    console().print(table)


def print_terms(words: str, *, as_json: bool) -> None:
    """Print what `words` means: several terms where several begin so. Raises `UnknownTerm`, `GlossaryFormatError`."""
    terms = find(load_glossary(), words)
    if as_json:
        _print_json(terms)
        return
    course = load_course()
    text_profile.prefer(Settings.load(settings_path()).text)
    for number, term in enumerate(terms):
        _print_term(term, course, first=number == 0)


def _print_term(term: Term, course: Course, *, first: bool) -> None:
    from rich.text import Text

    out = console()
    if not first:
        out.print()
    out.print(Text.assemble((term.name, "bold"), "  ", term.zh), soft_wrap=True)
    width = max(20, min(out.width, WIDEST))
    out.print(to_rich(lay_out(term.says, width, profile=text_profile.current())), end="", soft_wrap=True)
    title = next((f"{entry.book} {entry.title}".strip() for entry in course.entries() if entry.id == term.lesson), "")
    place = _("Lesson: {title}").format(title=title or term.lesson)
    out.print(Text.assemble((place, "dim"), (f"  {term.lesson}" if title else "", "dim")), soft_wrap=True)


def _print_json(terms: Sequence[Term]) -> None:
    print(json.dumps([asdict(term) for term in terms], indent=2, ensure_ascii=False))
