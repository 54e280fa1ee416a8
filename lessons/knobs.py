"""Knobs: values in a code cell that a learner turns without editing, written as in Colab.

    lr = 0.1  #@param {type: "slider", min: 0.001, max: 10, log: true}

A learner edits cells, so a line that is no longer a knob (its value an expression, its form unfinished) is not an error
here: it has no knob. `faults` says the same of an author's cell in words.
"""

from __future__ import annotations

import ast
import contextlib
import math
import re
from collections.abc import Iterator

from lessons.model import Knob

_LINE = re.compile(r"^(\w+)(\s*(?::[^=#]+)?=\s*)(.+?)(\s*#\s*@param\b[ \t]*)(.*)$")
_FORM = re.compile(r"""(\w+)["']?\s*:\s*("[^"]*"|'[^']*'|\[[^\]]*\]|[^,}\]]+)""")
_KINDS = {
    "slider": "slider",
    "number": "number",
    "integer": "integer",
    "boolean": "switch",
    "switch": "switch",
    "string": "text",
    "text": "text",
    "choice": "choice",
}


class KnobError(Exception):
    """A knob cannot take a value. The message says what it takes."""


def knobs(source: str) -> tuple[Knob, ...]:
    """The knobs of a cell, from the top. Lines that only look like one are left out."""
    return tuple(found for _, found in _scan(source) if isinstance(found, Knob))


def faults(source: str) -> tuple[tuple[int, str], ...]:
    """What an author should mend: `(line, cause)` of each `#@param` that makes no knob. Lines count from 0."""
    return tuple((line, found) for line, found in _scan(source) if isinstance(found, str))


def turn(source: str, knob: Knob, value: float | int | bool | str) -> str:
    """`source` with the knob's line assigning `value`. Raises `KnobError` where the value is of the wrong kind.

    The line is found again by its name, since the learner may have edited above it. Out of a slider's range is
    allowed: the range is a suggestion, and a learner may wish to see what lies outside it.
    """
    lines = source.split("\n")
    at = [i for i, line in enumerate(lines) if (match := _LINE.match(line)) and match[1] == knob.name]
    if not at:
        raise KnobError(f"`{knob.name}` is no longer a knob of this cell")
    line = min(at, key=lambda i: abs(i - knob.line))
    match = _LINE.match(lines[line])
    assert match is not None
    lines[line] = match[1] + match[2] + _literal(knob, value) + match[4] + match[5]
    return "\n".join(lines)


def differ_in_values_only(one: str, other: str) -> bool:
    """Whether two sources are the same but for what their knobs are turned to."""
    lines, others = one.split("\n"), other.split("\n")
    turned = {knob.line for knob in knobs(one)} & {knob.line for knob in knobs(other)}
    return len(lines) == len(others) and all(
        line == there or (number in turned and _form(line) == _form(there))
        for number, (line, there) in enumerate(zip(lines, others, strict=True))
    )


def carried(draft: str, made_of: str, authored: str) -> str:
    """`authored` with the values to which the knobs of `draft` were turned, of those that it still has.

    `made_of` is the source whose knobs were turned. A value that a knob no longer takes is the author's again.
    """
    before = {knob.name: knob.value for knob in knobs(made_of)}
    for turned in knobs(draft):
        knob = next((knob for knob in knobs(authored) if knob.name == turned.name), None)
        if knob is not None and before.get(turned.name) != turned.value:
            with contextlib.suppress(KnobError):
                authored = turn(authored, knob, turned.value)
    return authored


def _form(line: str) -> tuple[str, ...]:
    """A knob's line without its value."""
    match = _LINE.match(line)
    return () if match is None else (match[1], match[2], match[4], match[5])


def _literal(knob: Knob, value: float | int | bool | str) -> str:
    if knob.kind == "switch":
        if not isinstance(value, bool):
            raise KnobError(f"`{knob.name}` takes True or False")
        return repr(value)
    if knob.kind == "text":
        return repr(str(value))
    if knob.kind == "choice":
        if str(value) not in knob.options:
            raise KnobError(f"`{knob.name}` takes one of {', '.join(knob.options)}")
        return repr(str(value)) if isinstance(knob.value, str) else str(value)
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise KnobError(f"`{knob.name}` takes a number")
    if knob.kind == "integer" or (isinstance(knob.value, int) and number.is_integer()):
        if not number.is_integer():
            raise KnobError(f"`{knob.name}` takes a whole number")
        return repr(int(number))
    return repr(number)


def _scan(source: str) -> Iterator[tuple[int, Knob | str]]:
    for number, line in enumerate(source.split("\n")):
        if not re.search(r"#\s*@param\b", line):
            continue
        match = _LINE.match(line)
        if match is None:
            yield number, "`#@param` must follow an assignment `name = value` that is not indented"
            continue
        try:
            value = ast.literal_eval(match[3])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            yield number, f"the value of the knob `{match[1]}` must be written out, not computed"
            continue
        if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
            yield number, f"the value of the knob `{match[1]}` must be a number, a text, True or False"
            continue
        yield number, _knob(match[1], number, value, match[5].strip())


def _knob(name: str, line: int, value: float | int | bool | str, form: str) -> Knob | str:
    options: tuple[str, ...] = ()
    if form.startswith("["):
        options, form = _options(form[: form.find("]") + 1]), form[form.find("]") + 1 :]
    given = {key: text.strip().strip("\"'") for key, text in _FORM.findall(form)}
    if "options" in given:
        options = _options(dict(_FORM.findall(form))["options"])
    kind = "choice" if options else _KINDS.get(given.get("type", _kind_of(value)))
    if kind is None:
        return f"the knob `{name}` has the unknown type `{given['type']}` (known: {', '.join(_KINDS)})"
    if kind == "choice" and str(value) not in options:
        return f"the value of the knob `{name}` is not one of its options"
    right = {"switch": bool, "text": str, "choice": object, "integer": int}.get(kind, int | float)
    if not isinstance(value, right) or (kind not in ("switch", "choice") and isinstance(value, bool)):
        return f"the value of the knob `{name}` does not fit its type {kind}"
    try:
        low, high, step = (float(given[key]) if key in given else None for key in ("min", "max", "step"))
    except ValueError:
        return f"`min`, `max` and `step` of the knob `{name}` must be numbers"
    log = given.get("log", "false").lower() == "true"
    if kind == "slider" and (low is None or high is None or low >= high or (log and low <= 0)):
        return f"the slider `{name}` needs `min` below `max`, and above zero where `log` is true"
    return Knob(name, line, kind, value, low, high, step, log, options)  # type: ignore[arg-type]


def _kind_of(value: float | int | bool | str) -> str:
    return {bool: "switch", int: "integer", float: "number", str: "text"}[type(value)]


def _options(text: str) -> tuple[str, ...]:
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
