"""What an explanation is made from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception, without escape sequences."""

    name: str
    value: str
    trace: str
    """The traceback's text; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of error."""

    pattern: re.Pattern[str]
    """Searched in `Name: words`."""
    words: Callable[[re.Match[str], Raised], str]
    """What happened and what helps. Empty: it is another kind after all."""
    lesson: str


def rule(pattern: str, words: Callable[[re.Match[str], Raised], str] | str, lesson: str) -> Rule:
    """A rule; `words` may be a plain sentence."""
    said = words
    return Rule(re.compile(pattern), (lambda _match, _raised: said) if isinstance(said, str) else said, lesson)
