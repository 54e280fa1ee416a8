"""Fuzzy search over the course: titles first, then sections of the book, chapters and objectives. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lessons.model import Chapter, Entry


@dataclass(frozen=True, slots=True)
class Hit:
    """A lesson that was found."""

    entry: Entry
    chapter: Chapter
    score: float
    title_at: tuple[int, ...] = ()
    """Which characters of the title were meant."""
    because: str = ""
    """The objective that was meant, where the title was not."""


def search(chapters: Iterable[Chapter], query: str) -> list[Hit]:
    """The lessons that `query` may mean, best first; all of them, in the order of the course, where it is empty."""
    wanted = " ".join(query.split()).casefold()
    hits = []
    for chapter in chapters:
        for entry in chapter.lessons:
            hit = _hit(entry, chapter, wanted)
            if hit is not None:
                hits.append(hit)
    return sorted(hits, key=lambda hit: -hit.score)


def _hit(entry: Entry, chapter: Chapter, wanted: str) -> Hit | None:
    if not wanted:
        return Hit(entry, chapter, 0.0)
    if entry.book and entry.book == wanted.lstrip("§ "):
        return Hit(entry, chapter, 1000.0)
    score, places = letters(wanted, entry.title)
    if score:
        return Hit(entry, chapter, 100.0 + score, tuple(places))
    if wanted[0].isdigit() and f"{entry.book}.".startswith(f"{wanted.rstrip('.')}."):
        return Hit(entry, chapter, 90.0)
    words = wanted.split()
    if _has_all(words, f"{chapter.title} {entry.id}"):
        return Hit(entry, chapter, 50.0, because=chapter.title)
    for objective in entry.objectives:
        if _has_all(words, objective):
            return Hit(entry, chapter, 20.0, because=objective)
    return None


def _has_all(words: Sequence[str], text: str) -> bool:
    text = text.casefold()
    return all(word in text for word in words)


def letters(wanted: str, text: str) -> tuple[float, list[int]]:
    """How well the letters of `wanted`, in order, are found in `text`; 0.0 where they are not.

    Words count in any order, and most at the start of a word. Scattered letters count only where each run of them
    starts a word (`mha` finds “Multi-head attention”): chance hits stay out.
    """
    folded = text.casefold()
    if len(folded) != len(text):  # rare letters change length when folded: then places would be wrong
        folded = text.lower() if len(text.lower()) == len(text) else text
    total, places = 0.0, set[int]()
    for word in wanted.split():
        found = _word(word, folded)
        if not found:
            initials = _initials(wanted.replace(" ", ""), folded)
            return (5.0, initials) if initials else (0.0, [])
        at, score = found
        total += score
        places.update(range(at, at + len(word)))
    return total - len(text) * 0.01, sorted(places)


def _word(word: str, text: str) -> tuple[int, float] | None:
    best: tuple[int, float] | None = None
    at = text.find(word)
    while at >= 0:
        score = 20.0 + len(word) if _starts(text, at) else 10.0 + len(word)
        if best is None or score > best[1]:
            best = (at, score)
        at = text.find(word, at + 1)
    return best


def _starts(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _initials(wanted: str, text: str) -> list[int]:
    """Places of the letters where each either follows the one before or starts a word; empty if there are none."""

    def find(i: int, before: int) -> list[int] | None:
        if i == len(wanted):
            return []
        follows = before + 1
        if before >= 0 and follows < len(text) and text[follows] == wanted[i]:
            rest = find(i + 1, follows)
            if rest is not None:
                return [follows, *rest]
        for at in range(before + 1, len(text)):
            if text[at] == wanted[i] and _starts(text, at):
                rest = find(i + 1, at)
                if rest is not None:
                    return [at, *rest]
        return None

    return find(0, -1) or [] if 2 <= len(wanted) <= 24 else []
