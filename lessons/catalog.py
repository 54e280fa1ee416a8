"""The course as the home screen and the command line know it: chapters and lessons, found by any name a learner types.

Home paints from this within half a second of the process's start, so a lesson is not parsed: its front matter is read,
and its fences are scanned for the ids of its exercises and quizzes, about a millisecond each. A file that is broken
becomes an entry that says so, and the rest of the course opens.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lessons.errors import LessonFormatError, printable
from lessons.model import Chapter, Entry
from lessons.scanner import front_matter, options, read_text, scan, tags
from lessons.yaml_nodes import Fields, compose

CONTENT = Path(__file__).parent / "content"
"""The course that comes with the package."""

_FOLDER = re.compile(r"(\d+)-([a-z0-9-]+)")
_FILE = re.compile(r"(\d+)-([a-z0-9-]+)(?:\.([a-z]{2}(?:-[A-Za-z]+)?))?\.md")


class UnknownLesson(Exception):
    """No lesson goes by that name, or (`several`) the name fits all `suggestions`: ids, best first."""

    def __init__(self, name: str, suggestions: tuple[str, ...], several: bool = False) -> None:
        super().__init__(name, suggestions, several)
        self.name = name
        self.suggestions = suggestions
        self.several = several

    def __str__(self) -> str:
        if self.several:
            return f"Several lessons go by “{printable(self.name)}”: {', '.join(self.suggestions)}. Which one?"
        if self.suggestions:
            return f"No lesson is called “{printable(self.name)}”. Did you mean {' or '.join(self.suggestions)}?"
        return f"No lesson is called “{printable(self.name)}”. `d2l-tutor list` names them all."


@dataclass(frozen=True, slots=True)
class Course:
    """Every chapter in the order of the book, written or not."""

    title: str
    chapters: tuple[Chapter, ...]
    language: str = "en"
    _entries: dict[str, Entry] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._entries.update((entry.id, entry) for chapter in self.chapters for entry in chapter.lessons)

    def entries(self) -> tuple[Entry, ...]:
        """Every lesson, in order."""
        return tuple(self._entries.values())

    def entry(self, lesson_id: str) -> Entry:
        """The lesson of that id. Raises `KeyError`."""
        return self._entries[lesson_id]

    def after(self, lesson_id: str) -> Entry | None:
        """The next lesson, if there is one. Raises `KeyError`."""
        return self._beside(lesson_id, 1)

    def before(self, lesson_id: str) -> Entry | None:
        """The lesson before, if there is one. Raises `KeyError`."""
        return self._beside(lesson_id, -1)

    def _beside(self, lesson_id: str, step: int) -> Entry | None:
        entries = self.entries()
        place = entries.index(self.entry(lesson_id)) + step
        return entries[place] if 0 <= place < len(entries) else None

    def find(self, name: str) -> Entry:
        """The lesson that `name` means: an id, the end of one, a file, a book section, or (part of) a title.

        Raises `UnknownLesson` where none or several fit.
        """
        wanted = " ".join(name.split()).lower()
        close: list[Entry] = []
        if wanted:
            for fits in (_is_id, _is_suffix, _is_section, _is_title, _is_part):
                found = [entry for entry in self.entries() if fits(entry, wanted)]
                if len(found) == 1:
                    return found[0]
                close += found
        ranked = self._ranked(wanted)
        if not close and ranked and ranked[0][0] > 0.8 and (len(ranked) == 1 or ranked[1][0] < ranked[0][0] - 0.1):
            return ranked[0][1]
        if close:
            meant = {entry.id for entry in close}
            near = [entry for _score, entry in ranked if entry.id in meant]
            near.sort(key=lambda entry: not entry.title.lower().startswith(wanted))  # stable: else as they were ranked
            raise UnknownLesson(name, tuple(entry.id for entry in near)[:9], several=True)
        raise UnknownLesson(name, tuple(entry.id for score, entry in ranked if score > 0.5)[:3])

    def _ranked(self, wanted: str) -> list[tuple[float, Entry]]:
        from difflib import SequenceMatcher  # only where nothing fits exactly

        def score(entry: Entry) -> float:
            names = (entry.title.lower(), entry.id, entry.id.rpartition("/")[2])
            return max(SequenceMatcher(None, wanted, known).ratio() for known in names)

        return sorted(((score(entry), entry) for entry in self.entries()), key=lambda pair: -pair[0])


def _is_id(entry: Entry, wanted: str) -> bool:
    return entry.id == wanted


def _is_suffix(entry: Entry, wanted: str) -> bool:
    return f"/{entry.id}".endswith(f"/{wanted}") or entry.path.as_posix().lower().endswith(f"/{wanted}")


def _is_section(entry: Entry, wanted: str) -> bool:
    return bool(entry.book) and wanted.lstrip("§ ") == entry.book


def _is_title(entry: Entry, wanted: str) -> bool:
    return entry.title.lower() == wanted


def _is_part(entry: Entry, wanted: str) -> bool:
    words = re.findall(r"\w+", wanted)
    known = f"{entry.title} {entry.id}".lower()
    return bool(words) and all(word in known for word in words)


def load_course(content: Path | None = None, language: str = "en") -> Course:
    """The course in the folder `content`, in `language` where a lesson is translated and in English where not.

    Raises `LessonFormatError` where `course.toml` itself cannot be read.
    """
    content = CONTENT if content is None else content
    plan = content / "course.toml"
    try:
        data = tomllib.loads(read_text(plan))
        chapters = [(str(c["slug"]), int(c["number"]), str(c["title"])) for c in data["chapter"]]
        title = str(data["title"])
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise LessonFormatError(plan, int(found[1]) if found else 1, f"not valid TOML: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise LessonFormatError(plan, 1, f"a chapter needs `slug`, `number` and `title`: {error!r}") from error
    seen: dict[str, Path] = {}
    return Course(
        title,
        tuple(
            Chapter(slug, number, name, tuple(_chapter(content / f"{number:02}-{slug}", slug, language, seen)))
            for slug, number, name in chapters
        ),
        language,
    )


def _chapter(folder: Path, chapter: str, language: str, seen: dict[str, Path]) -> Iterator[Entry]:
    for path in lesson_files(folder, language):
        entry = read_entry(path, chapter)
        if entry.id in seen:
            cause = f"{path}:1: the id `{entry.id}` is already that of {seen[entry.id].name}"
            entry = Entry(f"{_id_of(path, chapter)}", path.stem, chapter, "", 0, path, broken=cause)
        seen[entry.id] = path
        yield entry


def lesson_files(folder: Path, language: str = "en") -> list[Path]:
    """The lessons in a chapter's folder, in order, each in `language` or else in English."""
    found: dict[tuple[int, str], Path] = {}
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:  # a chapter that is announced and not yet written
        return []
    for name in names:
        if (match := _FILE.fullmatch(name)) and (match[3] or "en") in ("en", language):
            key = (int(match[1]), match[2])
            if key not in found or match[3] == language:
                found[key] = folder / name
    return [found[key] for key in sorted(found)]


def _id_of(path: Path, chapter: str) -> str:
    match = _FILE.fullmatch(path.name)
    return f"{chapter}/{match[2] if match else path.stem}"


def read_entry(path: Path, chapter: str) -> Entry:
    """What the catalog knows of one lesson. Where the file is broken, an entry that says so."""
    try:
        return _read_entry(path, chapter)
    except LessonFormatError as error:
        name = _id_of(path, chapter)
        title = name.rpartition("/")[2].replace("-", " ").capitalize()
        return Entry(name, title, chapter, "", 0, path, broken=str(error))


def _read_entry(path: Path, chapter: str) -> Entry:
    text = read_text(path)
    yaml_text, body = front_matter(text, path)
    fields = Fields(compose(yaml_text, path, 2), path, 2, "the front matter")
    exercises, quizzes = [], []
    for fence in scan(text, path, body):
        if fence.name == "quiz":
            quizzes.append(fence.argument)
        elif (fence.name == "code-cell" and ":tags:" in fence.body) or fence.body.startswith("---"):
            given = options(fence, path)[0]
            if "exercise" in tags(given.get("tags", "")):
                exercises.append(given.get("id", ""))
    minutes = fields.text("minutes", "0")
    return Entry(
        id=fields.text("id"),
        title=fields.text("title"),
        chapter=chapter,
        book=fields.text("book", ""),
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else 0,
        path=path,
        requires=fields.texts("requires", ()),
        objectives=fields.texts("objectives", ()),
        exercises=tuple(exercises),
        quizzes=tuple(quizzes),
    )
