"""Formulas against `formulas.golden.txt`, which was written down only after each of them had been looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tutor.math import ASCII, FULL, PLAIN_LETTERS, Profile, display, inline, readable

GOLDEN = Path(__file__).with_name("formulas.golden.txt")


@dataclass(frozen=True)
class Golden:
    tex: str
    width: int
    profile: Profile
    line: str = ""
    picture: tuple[str, ...] = ()

    @property
    def is_readable(self) -> bool:
        return not self.line.endswith("(unreadable)")


def goldens() -> list[Golden]:
    found: list[Golden] = []
    width, profile = 76, FULL
    for line in GOLDEN.read_text("utf-8").splitlines()[3:]:
        if line.startswith("# "):
            words = line.split()
            width = next((int(word[1:]) for word in words if word[1:].isdigit()), 76)
            profile = ASCII if "@ascii" in words else PLAIN_LETTERS if "@plain" in words else FULL
        elif line.startswith("» "):
            found.append(Golden(line[2:], width, profile))
        elif line.startswith("→ "):
            found[-1] = replace(found[-1], line=line[2:])
        elif line.strip():
            found[-1] = replace(found[-1], picture=(*found[-1].picture, line[2:]))
    return found


@pytest.mark.parametrize(
    "golden", goldens(), ids=lambda golden: f"{golden.tex[:60]}@{golden.width}{golden.profile.name}"
)
def test_formula_looks_as_it_did_when_it_was_approved(golden: Golden) -> None:
    assert inline(golden.tex, golden.profile) == golden.line.removesuffix("   (unreadable)")
    assert readable(golden.tex, golden.profile) == golden.is_readable
    typeset = display(golden.tex, golden.width, golden.profile)
    assert tuple(line.rstrip() for line in typeset.lines if line.strip()) == golden.picture
    assert typeset.ok == golden.is_readable


def test_goldens_cover_what_the_course_uses() -> None:
    assert len(goldens()) >= 120
    sources = " ".join(golden.tex for golden in goldens())
    for command in (
        *("frac", "sum", "sqrt", "bmatrix", "cases", "aligned", "hat", "mathbf", "mathcal", "mathbb", "underbrace"),
        *("operatorname*", "stackrel", "text", "binom", "int", "left", "overline", "substack", "lim"),
    ):
        assert command in sources, command
