"""Spans to lines: where a line may break, and where it should not (inside formulas, inside short code, before 。)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tutor.math.cells import cells
from tutor.prose.lines import Line, Span, joined

# A word, or one wide character with the punctuation that may not be parted from it: 。 after it, （ before it.
_WIDE = (
    "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
)
_WIDE_FROM = "\u2e80"
_OPENING = "“‘（「『【《〈〔［｛"
_CLOSING = "”’。，、；：！？）」』】》〉〕］｝…—,.;:!?)"
_PART = re.compile(
    rf"[ \t]+|\n|[{_OPENING}]*[{_WIDE}][{_CLOSING}]*"
    rf"|[^\s{_WIDE}]+?(?:(?<=[^\W\d][^\W\d])-(?=\w\w)|(?<=\w)[—–](?=\w)|(?=[\s{_WIDE}])|$)|."
)
_PLAIN_PART = re.compile(r"[ \t]+|\n|[^ \t\n]+")
"""The same for ASCII without hyphens, which is most text, and quicker."""

_KEEP_TOGETHER = 0.5
"""A formula or piece of code wider than this share of the line is broken inside rather than moved to the next line."""


@dataclass(slots=True)
class _Word:
    """What a line does not break inside, unless it must."""

    spans: list[Span] = field(default_factory=list)
    width: int = 0
    space: Span | None = None
    """The space before it, which falls away at the beginning of a line."""
    breaks: bool = False
    """The author asked for a new line before it."""


def wrap(spans: Iterable[Span], width: int) -> list[Line]:
    """Lines of at most `width` cells. A word wider than that is cut."""
    width = max(1, width)
    lines: list[Line] = []
    line: list[Span] = []
    used = 0
    for word in _fitting(_words(spans), width):
        gap = 1 if word.space is not None and line else 0
        if line and (word.breaks or used + gap + word.width > width):
            lines.append(joined(line))
            line, used, gap = [], 0, 0
        if gap and word.space is not None:
            line.append(word.space)
        line.extend(word.spans)
        used += gap + word.width
    if line:
        lines.append(joined(line))
    return lines


def _words(spans: Iterable[Span]) -> Iterator[_Word]:
    word = _Word()
    splits = False  # whether the next part begins a new word though no space came between
    for span in spans:
        text, role, link = span
        if role in ("math", "math-raw", "code"):  # whole, for now: see _fitting
            text = text.replace("\n", " ")
            if splits and word.spans and text and text[0] >= _WIDE_FROM:
                yield word
                word = _Word()
            word.spans.append(Span(text, role, link))
            word.width += cells(text)
            splits = False
            continue
        for part in (_PLAIN_PART if text.isascii() and "-" not in text else _PART).findall(text):
            if part[0] in " \t\n":
                if word.spans:
                    yield word
                    word = _Word()
                word.breaks = word.breaks or part == "\n"
                word.space = Span(" ", role, link)
                splits = False
                continue
            wide = part[0] >= _WIDE_FROM
            if word.spans and (splits or wide) and part[0] not in _CLOSING:
                yield word
                word = _Word()
            word.spans.append(Span(part, role, link))
            word.width += cells(part)
            splits = wide or (part[-1] in "-—–" and part[0] != "-")
    if word.spans:
        yield word


def _fitting(words: Iterable[_Word], width: int) -> Iterator[_Word]:
    """The same words, but those that are too wide for a line in pieces: at their spaces first, anywhere then."""
    for word in words:
        if word.width <= width * _KEEP_TOGETHER or (word.width <= width and not _has_space(word)):
            yield word
            continue
        for piece in _at_spaces(word):
            if piece.width <= width:
                yield piece
            else:
                yield from _cut(piece, width)


def _has_space(word: _Word) -> bool:
    return any(" " in span.text for span in word.spans)


def _at_spaces(word: _Word) -> Iterator[_Word]:
    piece = _Word(space=word.space, breaks=word.breaks)
    for text, role, link in word.spans:
        for count, part in enumerate(text.split(" ")):
            if count:
                if piece.spans:
                    yield piece
                piece = _Word(space=Span(" ", role, link))
            if part:
                piece.spans.append(Span(part, role, link))
                piece.width += cells(part)
    if piece.spans:
        yield piece


def _cut(word: _Word, width: int) -> Iterator[_Word]:
    piece = _Word(space=word.space, breaks=word.breaks)
    for text, role, link in word.spans:
        for character in text:
            size = cells(character)
            if piece.spans and piece.width + size > width:
                yield piece
                piece = _Word()
            piece.spans.append(Span(character, role, link))
            piece.width += size
    if piece.spans:
        yield piece


def cut(line: Line, first: int, later: int) -> list[Line]:
    """A line of code in pieces of `first` cells, then `later`: its blanks count, so it is not wrapped as text is."""
    if sum(cells(span.text) for span in line) <= first:
        return [line]
    characters = [Span(character, role, link) for text, role, link in line for character in text]
    pieces: list[Line] = []
    while characters:
        width = later if pieces else first
        end = used = 0
        while end < len(characters) and used + cells(characters[end].text) <= width:
            used += cells(characters[end].text)
            end += 1
        end = max(1, end)
        if end < len(characters):  # after a blank, if there is one in the second half
            end = next((place for place in range(end, end // 2, -1) if characters[place - 1].text == " "), end)
        pieces.append(joined(characters[:end]))
        characters = characters[end:]
        while characters and characters[0].text == " " and pieces[-1] and pieces[-1][-1].text.endswith(" "):
            del characters[0]  # the rest of the blanks that the line was cut at, as before a comment far right
    return pieces
