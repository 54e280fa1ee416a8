"""Every formula of every lesson can be read: an author who mistypes one hears of it here and not from a learner."""

from __future__ import annotations

from pathlib import Path

import pytest

import lessons
from tutor.prose import lay_out, line_width

CONTENT = Path(lessons.__file__).parent / "content"
LESSONS = sorted(CONTENT.glob("*/*.md"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("width", [40, 76])
def test_a_lesson_has_no_unreadable_formula_and_keeps_its_width(path: Path, width: int) -> None:
    body = path.read_text("utf-8").split("\n---\n", 1)[1]
    lines = lay_out(body, width)
    assert [span.text for line in lines for span in line if span.role == "math-raw"] == []
    assert max(line_width(line) for line in lines) <= width


def test_there_are_lessons_to_read() -> None:
    assert LESSONS
