"""A lesson as a Jupyter notebook: plain nbformat 4.5 JSON, made here, so that nothing needs to be installed for it.

What the tutor opens step by step (answers, hints, solutions) is folded away in `<details>`, which Jupyter draws.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
from lessons.notebooks.blocks import blocks
from lessons.notebooks.myst import options

Cell = dict[str, Any]

_DIRECTIVE = re.compile(r"\{([^}\s]*)\}(.*)")
_SHOWN_ELSEWHERE = frozenset(("math", "code", "code-block", "figure", "image", "table"))
"""Directives that stay as they are."""


def notebook(
    lesson: Lesson, sources: Mapping[str, str] | None = None, outputs: Mapping[str, Sequence[Cell]] | None = None
) -> dict[str, Any]:
    """The lesson as the JSON of an `.ipynb`: its cells in order.

    `sources` are the learner's, by step, instead of the author's; `outputs` are nbformat's, by step. A cell without one
    is unrun.
    """
    sources, outputs = sources or {}, outputs or {}
    cells: list[Cell] = []
    count = 0
    for step in lesson.steps:
        if isinstance(step, Prose):
            cells.append(_markdown(f"prose-{len(cells)}", plain_prose(step.markdown)))
        elif isinstance(step, CodeCell | Exercise):
            made = _code(step.id, sources.get(step.id, step.source), step.tags)
            if step.id in outputs:
                count += 1
                made |= {"execution_count": count, "outputs": [_counted(one, count) for one in outputs[step.id]]}
            cells += [made, *(_exercise(step) if isinstance(step, Exercise) else ())]
        else:
            cells.append(_markdown(step.id, quiz_markdown(step)))
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


def _counted(output: Cell, count: int) -> Cell:
    return output | {"execution_count": count} if output["output_type"] == "execute_result" else output


def _id(wanted: str) -> str:
    """As nbformat wants an id: 1 to 64 of a-z, A-Z, 0-9, `-` and `_`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", wanted)[:64].strip("-") or "cell"


def _markdown(cell_id: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": _id(cell_id), "metadata": {}, "source": _lines(text)}


def _code(cell_id: str, source: str, tags: frozenset[str]) -> Cell:
    return {
        "cell_type": "code",
        "id": _id(cell_id),
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
        _markdown(f"{step.id}-hints"[:64], "\n\n".join(help_)),
        _code(f"{step.id}-check"[:64], step.check, frozenset(("check",))),
    ]


def quiz_markdown(quiz: Quiz) -> str:
    """A question, with its answer folded away."""
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


def plain_prose(markdown: str) -> str:
    """MyST's admonitions as block quotes: a plain Jupyter would show their fences."""
    lines, parts, at = markdown.split("\n"), [], 0
    for block in blocks(lines):
        directive = _DIRECTIVE.fullmatch(block.info)
        if directive is None or directive[1] in _SHOWN_ELSEWHERE:
            continue
        title = directive[2].strip() or directive[1].capitalize()
        quote = [f"**{title}**", "", *options(block.body)[1].split("\n")]
        parts += [*lines[at : block.start], *(f"> {line}".rstrip() for line in quote)]
        at = block.end
    return "\n".join([*parts, *lines[at:]])
