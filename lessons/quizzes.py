"""Reads the YAML of a `{quiz}` into one of the model's quizzes. What is said about an answer is in `marking`."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from lessons.model import (
    ChoiceQuiz,
    MatchQuiz,
    NumberQuiz,
    Option,
    OrderQuiz,
    OutputQuiz,
    Quiz,
    ShapeQuiz,
    TextQuiz,
)
from lessons.yaml_nodes import Fields, compose

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def read_quiz(quiz_id: str, text: str, path: Path, line: int, first_line: int) -> Quiz:
    """The quiz in `text`, which begins on `first_line` of the file. Raises `LessonFormatError`."""
    fields = Fields(compose(text, path, first_line), path, first_line, f"quiz `{quiz_id}`")
    kind = fields.text("kind")
    reader = _READERS.get(kind)
    if reader is None:
        raise fields.error(f"quiz `{quiz_id}` has the unknown kind `{kind}` (known: {', '.join(_READERS)})")
    head: dict[str, Any] = {
        "id": quiz_id,
        "line": line,
        "prompt": fields.text("prompt"),
        "why": fields.text("why", ""),
        "verify": fields.text("verify") if "verify" in fields else None,
    }
    quiz = reader(fields, head, kind)
    fields.nothing_left(f"kind, prompt, why, verify and {_OWN_KEYS[kind]}")
    return quiz


def _choice(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    nodes = fields.items("options")
    options = tuple(_option(fields, node) for node in nodes)
    right = sum(option.correct for option in options)
    if len(options) < 2:
        raise fields.error(f"{fields.what} needs two options or more")
    if kind == "choice" and right != 1:
        raise fields.error(f"{fields.what} must have exactly one `correct: true`, and has {right}")
    if right == 0:
        raise fields.error(f"{fields.what} has no `correct: true`")
    return ChoiceQuiz(**head, options=options, several=kind == "choices")


def _option(fields: Fields, node: yaml.Node) -> Option:
    option = Fields(node, fields.path, fields.first_line, f"an option of {fields.what}")
    text, why, truth = option.text("text"), option.text("why", ""), option.text("correct", "false")
    if truth.lower() not in _TRUTH:
        raise option.error(f"{option.what}: `correct` is true or false, not `{truth}`")
    option.nothing_left("text, correct and why")
    return Option(text=text, correct=_TRUTH[truth.lower()], why=why)


def _number(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    return NumberQuiz(**head, answer=_float(fields, "answer"), tolerance=_float(fields, "tolerance", 0.0))


def _float(fields: Fields, key: str, default: float | None = None) -> float:
    if default is not None and key not in fields:
        return default
    node = fields.take(key)
    text = fields.scalar(node, key)
    try:
        value = float(text)
    except ValueError:
        raise fields.error(f"{fields.what}: `{key}` must be a number, not `{text}`", node) from None
    if not math.isfinite(value) or (key == "tolerance" and value < 0):
        raise fields.error(f"{fields.what}: `{key}` cannot be `{text}`", node)
    return value


def _text(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    accept = fields.texts("accept")
    if not accept or not all(accept):
        raise fields.error(f"{fields.what}: `accept` needs one text or more, none of them empty")
    return TextQuiz(**head, accept=accept)


def _shape(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    sizes = []
    for node in fields.items("answer"):
        text = fields.scalar(node, "answer")
        if not (text.isascii() and text.isdigit()):
            raise fields.error(f"{fields.what}: a shape is a list of whole numbers, and `{text}` is none", node)
        sizes.append(int(text[:18]))
    return ShapeQuiz(**head, answer=tuple(sizes))


def _order(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    items = fields.texts("items")
    if len(set(items)) < 2:
        raise fields.error(f"{fields.what}: `items` needs two or more that differ")
    return OrderQuiz(**head, items=items)


def _match(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    pairs: list[tuple[str, str]] = []
    for node in fields.items("pairs"):
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != 2:
            raise fields.error(f"{fields.what}: a pair reads `- [left, right]`", node)
        left, right = (fields.scalar(part, "pairs") for part in node.value)
        pairs.append((left, right))
    if len(pairs) < 2 or len({left for left, _ in pairs}) < len(pairs):
        raise fields.error(f"{fields.what}: `pairs` needs two pairs or more, with lefts that differ")
    return MatchQuiz(**head, pairs=tuple(pairs))


def _output(fields: Fields, head: dict[str, Any], kind: str) -> Quiz:
    return OutputQuiz(**head, answer=fields.text("answer"))


_READERS: dict[str, Callable[[Fields, dict[str, Any], str], Quiz]] = {
    "choice": _choice,
    "choices": _choice,
    "number": _number,
    "text": _text,
    "shape": _shape,
    "order": _order,
    "match": _match,
    "output": _output,
}
_OWN_KEYS = {
    "choice": "options",
    "choices": "options",
    "number": "answer, tolerance",
    "text": "accept",
    "shape": "answer",
    "order": "items",
    "match": "pairs",
    "output": "answer",
}
