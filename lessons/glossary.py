"""The notions of the course, in English and 中文, as the chapters' `glossary.toml` explain them; found by either name.

It knows neither the screen nor the lessons' texts: a term names its lesson by id. What an author has to mend in a
glossary is said by `glossary_check`; here a file that is not in the format is refused as a whole.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lessons import catalog
from lessons.errors import LessonFormatError, printable
from lessons.scanner import read_text

FILE = "glossary.toml"
FIELDS = ("name", "zh", "says", "lesson")
"""Each `[[term]]` has these, and no others."""

CLOSE, SIMILAR, APART = 0.8, 0.5, 0.1
"""As in `Course.find`: what is meant in spite of a slip, what is worth suggesting, and how far the second must be."""

_IN_BRACKETS = re.compile(r"\s*[(（]([^()（）]*)[)）]")


class GlossaryFormatError(LessonFormatError):
    """A glossary is not in the format. `str()` is `path:line: cause`, in one sentence."""


class UnknownTerm(Exception):
    """No term goes by that name. `suggestions` are names, best first."""

    def __init__(self, words: str, suggestions: tuple[str, ...]) -> None:
        super().__init__(words, suggestions)
        self.words = words
        self.suggestions = suggestions

    def __str__(self) -> str:
        if self.suggestions:
            return f"No term is called “{printable(self.words)}”. Did you mean {' or '.join(self.suggestions)}?"
        return f"No term is called “{printable(self.words)}”. `d2l-tutor glossary` names them all."


@dataclass(frozen=True, slots=True)
class Term:
    """One notion."""

    name: str
    zh: str
    says: str
    """Markdown with formulas, one paragraph."""
    lesson: str
    """The id of the lesson that introduces it."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called, folded: of `perceptron (MLP)` also each part by itself."""
        found: list[str] = []
        for name in (self.name, self.zh):
            found += [name, _IN_BRACKETS.sub("", name), *_IN_BRACKETS.findall(name)]
        return tuple(dict.fromkeys(folded for name in found if (folded := _folded(name))))


def load_glossary(content: Path | None = None) -> tuple[Term, ...]:
    """Every term of the course in the folder `content`, by its English name; a chapter without a glossary has none.

    Raises `GlossaryFormatError`.
    """
    files = glossary_files(catalog.CONTENT if content is None else content)
    terms = [term for path in files for term in _terms(path)]
    return tuple(sorted(terms, key=lambda term: (term.name.casefold(), term.lesson)))


def introduced(path: Path, lesson: str) -> tuple[Term, ...]:
    """The terms that a lesson introduces; `path` is its file. Raises `GlossaryFormatError`."""
    file = path.with_name(FILE)
    return tuple(term for term in _terms(file) if term.lesson == lesson) if file.is_file() else ()


def _terms(path: Path) -> Iterator[Term]:
    for line, fields in read_fields(path):
        for cause in field_faults(fields):
            raise GlossaryFormatError(path, line, cause)
        yield Term(**{field: " ".join(fields[field].split()) for field in FIELDS})


def glossary_files(content: Path) -> list[Path]:
    """The glossaries of the chapters, in order."""
    return sorted(content.glob(f"*/{FILE}"))


def read_fields(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each `[[term]]` as it was written, after its line. Raises `GlossaryFormatError` where there is no reading it."""
    try:
        text = read_text(path)
        terms = tomllib.loads(text).get("term", [])
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise GlossaryFormatError(path, int(found[1]) if found else 1, f"not valid TOML: {error}") from error
    except LessonFormatError as error:
        raise GlossaryFormatError(error.path, error.line, error.cause) from error
    if not isinstance(terms, list) or not all(isinstance(term, dict) for term in terms):
        raise GlossaryFormatError(path, 1, "`term` is no list of tables: each begins with `[[term]]`")
    heads = [
        number for number, line in enumerate(text.split("\n"), start=1) if re.match(r"\s*\[\[\s*term\s*\]\]", line)
    ]
    if len(heads) != len(terms):  # written in another way that TOML allows
        heads = [1] * len(terms)
    yield from zip(heads, terms, strict=True)


def field_faults(fields: dict[str, Any]) -> Iterator[str]:
    """What keeps the fields from being a `Term`."""
    name = fields.get("name")
    term = f"the term “{name}”" if isinstance(name, str) and name.strip() else "a term"
    for field in FIELDS:
        if field not in fields:
            yield f"{term} has no `{field}`"
        elif not isinstance(fields[field], str):
            yield f"the `{field}` of {term} is no text"
        elif not fields[field].strip():
            yield f"the `{field}` of {term} is empty"
    for field in fields.keys() - set(FIELDS):
        yield f"{term} has `{field}`, which is not a field of a term"


def find(terms: Sequence[Term], words: str) -> tuple[Term, ...]:
    """The terms that are called `words`, in English or 中文; else those that begin so; else the one that is spelled so,
    but for a slip.

    Raises `UnknownTerm` where none is.
    """
    wanted = _folded(words)
    if wanted:
        exact = tuple(term for term in terms if wanted in term.names)
        found = exact or tuple(term for term in terms if any(name.startswith(wanted) for name in term.names))
        if found:
            return found
    ranked = _ranked(terms, wanted) if wanted else []
    if ranked and ranked[0][0] > CLOSE and (len(ranked) == 1 or ranked[1][0] < ranked[0][0] - APART):
        return (ranked[0][1],)
    near = [term for term in terms if wanted and any(wanted in name for name in term.names)]
    near += [term for score, term in ranked if score > SIMILAR]
    raise UnknownTerm(words, tuple(dict.fromkeys(term.name for term in near))[:3])


def _ranked(terms: Sequence[Term], wanted: str) -> list[tuple[float, Term]]:
    from difflib import SequenceMatcher  # only where nothing fits exactly

    def score(term: Term) -> float:
        return max(SequenceMatcher(None, wanted, name).ratio() for name in term.names)

    return sorted(((score(term), term) for term in terms), key=lambda pair: -pair[0])


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()
