"""Finds the rule that fits an error. The first that has something to say wins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.explain import gradients, memory, modules, names, shapes
from tutor.explain.rule import Raised, Rule

LONGEST = 20_000
"""Characters of an error that are looked at: a message may be as long as a program likes."""
RULES: tuple[Rule, ...] = (*shapes.RULES, *gradients.RULES, *memory.RULES, *modules.RULES, *names.RULES)

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error means."""

    words: str
    """A few sentences: what happened, and what helps."""
    lesson: str
    """Id of the lesson that teaches it."""


def explain(name: str, value: str, traceback: Sequence[str] = ()) -> Explanation | None:
    """What the error means; None where nobody knows better than the error itself."""
    raised = Raised(name[:200], _plain(value), _plain("\n".join(traceback)))
    said = f"{raised.name}: {raised.value}"
    for one in RULES:
        if (match := one.pattern.search(said)) is not None and (words := one.words(match, raised)):
            return Explanation(words, one.lesson)
    return None


def _plain(text: str) -> str:
    text = _ESCAPES.sub("", text[:LONGEST])
    return "".join(char for char in text if char.isprintable() or char == "\n")
