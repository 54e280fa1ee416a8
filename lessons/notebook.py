"""A lesson as a Jupyter notebook: plain nbformat 4.5 JSON, made here, so that nothing needs to be installed for it.

What the tutor opens step by step (answers, hints, solutions) is folded away in `<details>`, which Jupyter draws.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lessons.marking import presented
from lessons.model import (
    ChoiceQuiz,
    CodeCell,
    Exercise,
    Lesson,
    MatchQuiz,
    NumberQuiz,
    OrderQuiz,
    OutputQuiz,
    Prose,
    Quiz,
    ShapeQuiz,
    TextQuiz,
)
from lessons.scanner import PROSE_DIRECTIVES, scan

Cell = dict[str, Any]


def notebook(lesson: Lesson) -> dict[str, Any]:
    """The lesson as the JSON of an `.ipynb`: its cells in order, unrun."""
    cells: list[Cell] = []
    for step in lesson.steps:
        if isinstance(step, Prose):
            cells.append(_markdown(f"prose-{len(cells)}", _plain(step.markdown, lesson.path)))
        elif isinstance(step, CodeCell):
            cells.append(_code(step.id, step.source, step.tags))
        elif isinstance(step, Exercise):
            cells += _exercise(step)
        else:
            cells.append(_markdown(step.id, _quiz(step)))
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "title": lesson.title,
            "d2l-tutor": {"id": lesson.id},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _markdown(cell_id: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": cell_id[:64], "metadata": {}, "source": _lines(text)}


def _code(cell_id: str, source: str, tags: frozenset[str]) -> Cell:
    return {
        "cell_type": "code",
        "id": cell_id[:64],
        "metadata": {"tags": sorted(tags)} if tags else {},
        "source": _lines(source),
        "execution_count": None,
        "outputs": [],
    }


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _exercise(step: Exercise) -> list[Cell]:
    help_ = [_folded(f"Hint {number}", hint) for number, hint in enumerate(step.hints, start=1)]
    help_.append(_folded("A solution", f"```python\n{step.solution}\n```"))
    return [
        _code(step.id, step.source, step.tags),
        _markdown(f"{step.id}-hints"[:64], "\n\n".join(help_)),
        _code(f"{step.id}-check"[:64], step.check, frozenset(("check",))),
    ]


def _quiz(quiz: Quiz) -> str:
    asked, answer = [f"**Question.** {quiz.prompt}"], ""
    order = presented(quiz)
    if isinstance(quiz, ChoiceQuiz):
        options = [quiz.options[i] for i in order]
        asked += [f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n % 26]}. {option.text}" for n, option in enumerate(options)]
        answer = "\n\n".join(f"{'✓' if option.correct else '✗'} {option.text} — {option.why}" for option in options)
    elif isinstance(quiz, OrderQuiz):
        asked += [f"- {quiz.items[i]}" for i in order]
        answer = "\n".join(f"{n}. {item}" for n, item in enumerate(quiz.items, start=1))
    elif isinstance(quiz, MatchQuiz):
        asked.append("Left: " + "; ".join(left for left, _ in quiz.pairs))
        asked.append("Right: " + "; ".join(dict.fromkeys(quiz.pairs[i][1] for i in order)))
        answer = "\n".join(f"- {left} → {right}" for left, right in quiz.pairs)
    elif isinstance(quiz, NumberQuiz):
        answer = f"{quiz.answer:g}"
    elif isinstance(quiz, TextQuiz):
        answer = " or ".join(quiz.accept)
    elif isinstance(quiz, ShapeQuiz):
        answer = f"`({', '.join(map(str, quiz.answer))})`"
    elif isinstance(quiz, OutputQuiz):
        answer = f"```\n{quiz.answer}\n```"
    return "\n\n".join([*asked, _folded("Answer", f"{answer}\n\n{quiz.why}".strip())])


def _plain(markdown: str, path: Path) -> str:
    """MyST's admonitions as block quotes: a plain Jupyter would show their fences."""
    parts, at = [], 0
    for fence in scan(markdown, path):
        if fence.name not in PROSE_DIRECTIVES or fence.name in (
            "math",
            "code",
            "code-block",
            "figure",
            "image",
            "table",
        ):
            continue
        quote = [f"**{fence.argument or fence.name.capitalize()}**", "", *fence.body.split("\n")]
        parts += [markdown[at : fence.start], "\n".join(f"> {line}".rstrip() for line in quote)]
        at = fence.end
    return "".join([*parts, markdown[at:]])
