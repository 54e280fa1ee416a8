"""Where a text first uses the terms that it introduces, so that a reader sees that a word is one to keep.

It knows names only, not the glossary: what a name means is asked for by its target, `term:name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from tutor.prose.lines import Span

TERM = "term:"
"""Before the name, in the `link` of a span of role `term`."""

_ROLES = frozenset({"text", "strong", "emphasis", "strong-emphasis", "quote"})
"""Where a term may be met: not in code, a formula, a heading or a link."""

# What holds no running text, in Markdown as it is written: fences, code, formulas, headings, targets of links.
_NO_PROSE = re.compile(r"^(```+|~~~+).*?^\1|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|^#.*?$|\]\([^)\n]*\)", re.M | re.S)


class FirstUses:
    """The names that a text has still to use, and the marking of each where it does."""

    def __init__(self, names: Iterable[str]) -> None:
        self._left = {_folded(name): name for name in names}
        self._pattern = _pattern(self._left)

    def marked(self, spans: Sequence[Span]) -> list[Span]:
        """The spans, with the first use of each name a span of role `term`."""
        return [piece for span in spans for piece in self._parted(span)]

    def _parted(self, span: Span) -> list[Span]:
        if not self._left or span.role not in _ROLES or span.link is not None:
            return [span]
        pieces: list[Span] = []
        start = 0
        for match in self._pattern.finditer(span.text):
            if (name := self._left.pop(_folded(match[1]), None)) is not None:
                pieces += [span._replace(text=span.text[start : match.start()]), Span(match[0], "term", TERM + name)]
                start = match.end()
        return [piece for piece in (*pieces, span._replace(text=span.text[start:])) if piece.text]


def placed(texts: Sequence[str], names: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """For each of the `texts`, which are Markdown and follow each other, the names that it is the first to use.

    `names` has what a term is called (`perceptron (MLP)` goes by three names), by what it is asked for by; of a
    term, the name that is met first counts. A search of the source: texts need not be read before they are shown.
    """
    terms = {_folded(name): term for term, called in names.items() for name in called}
    pattern = _pattern(terms)
    met: set[str] = set()
    found: list[tuple[str, ...]] = []
    for text in texts:
        here: list[str] = []
        for match in pattern.finditer(_NO_PROSE.sub(" ", text)) if terms else ():
            name = _folded(match[1])
            if terms[name] not in met:
                met.add(terms[name])
                here.append(name)
        found.append(tuple(here))
    return found


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Any of the names, the longest first."""
    each = [_one(name) for name in sorted(names, key=len, reverse=True)]
    return re.compile(f"({'|'.join(each)})(?:e?s\\b)?", re.I)


def _one(name: str) -> str:
    """A name as whole words, which end a line where they have a blank. Chinese has no blanks to tell words by."""
    words = r"\s+".join(map(re.escape, name.split()))
    return rf"(?<![\w-]){words}(?=(?:e?s)?(?![\w-]))" if name.isascii() else words
