"""A lesson or a notebook as Markdown or as a Python script, that a reader, and this tutor, can open again.

What cells put out is handed in as text and pictures: this file knows neither a record nor a chart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lessons.model import CodeCell, Exercise, Lesson, Prose
from lessons.notebook import plain_prose, quiz_markdown
from lessons.notebooks.pieces import fenced


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that a cell put out: text, or the name of a file with a picture of it."""

    text: str = ""
    picture: str = ""


def as_markdown(lesson: Lesson, sources: Mapping[str, str], outputs: Mapping[str, Sequence[Shown]]) -> str:
    """Markdown that GitHub and every editor shows: code, and under it what it put out."""
    parts = []
    for step in lesson.steps:
        if isinstance(step, Prose):
            parts.append(plain_prose(step.markdown))
        elif isinstance(step, CodeCell | Exercise):
            parts.append(fenced(sources.get(step.id, step.source), "python"))
            parts += [_shown(one) for one in outputs.get(step.id, ())]
        else:
            parts.append(quiz_markdown(step))
    head = "" if _has_title(lesson) else f"# {lesson.title}\n\n"
    return head + "\n\n".join(parts) + "\n"


def _shown(one: Shown) -> str:
    return f"![{one.text or 'output'}]({one.picture})" if one.picture else fenced(one.text, "text")


def _has_title(lesson: Lesson) -> bool:
    first = lesson.steps[0] if lesson.steps else None
    return isinstance(first, Prose) and first.markdown.lstrip().startswith("# ")


def as_script(lesson: Lesson, sources: Mapping[str, str]) -> str:
    """jupytext's percent format: an editor's cells, and a program where there is no magic command."""
    head = "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n#       format_name: percent\n# ---\n"
    return head + "".join(_cells(lesson, sources))


def _cells(lesson: Lesson, sources: Mapping[str, str]) -> Iterator[str]:
    if not _has_title(lesson):
        yield f"\n# %% [markdown]\n# # {lesson.title}\n"
    for step in lesson.steps:
        if isinstance(step, CodeCell | Exercise):
            tags = f" tags={json.dumps(sorted(step.tags))}" if step.tags else ""
            yield f"\n# %%{tags}\n{_script_code(sources.get(step.id, step.source)).rstrip()}\n"
        else:
            markdown = plain_prose(step.markdown) if isinstance(step, Prose) else quiz_markdown(step)
            lines = [f"# {line}".rstrip() for line in markdown.split("\n")]
            yield "\n# %% [markdown]\n" + "\n".join(lines) + "\n"


def _script_code(source: str) -> str:
    """Magic commands in comments: they are no Python."""
    if source.lstrip().startswith("%%"):
        return "\n".join(f"# {line}".rstrip() for line in source.split("\n"))
    return re.sub(r"^(\s*)([%!]\S.*)$", r"\1# \2", source, flags=re.MULTILINE)
