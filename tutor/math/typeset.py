"""The face of `tutor.math`: a formula to what a terminal shows. It never raises: the unreadable comes back as TeX."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tutor.math.breaking import fitted
from tutor.math.one_line import one_line
from tutor.math.parser import parse
from tutor.math.profiles import FULL, Profile
from tutor.math.tokens import Unreadable
from tutor.math.two_dimensional import manner_of

_LONGEST = 20_000
"""Characters of source beyond which a formula is shown as it is."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A formula in two dimensions."""

    lines: tuple[str, ...]
    """Lines of equal width in cells."""
    baseline: int
    """The line that a formula beside this one would stand on."""
    ok: bool
    """False where the source could not be read: `lines` is then the TeX itself, to be shown dimmed."""


def inline(tex: str, profile: Profile = FULL) -> str:
    """The formula on one line; its TeX if it could not be read (see `readable`)."""
    return _inline(tex, profile)[0]


def readable(tex: str, profile: Profile = FULL) -> bool:
    """Whether `inline` gives the formula, and not its TeX."""
    return _inline(tex, profile)[1]


@lru_cache(maxsize=4096)
def _inline(tex: str, profile: Profile) -> tuple[str, bool]:
    try:
        if len(tex) > _LONGEST:
            raise Unreadable("it was too long")
        return one_line(parse(tex), profile).strip(), True
    except Unreadable:
        return " ".join(tex.split()), False


@lru_cache(maxsize=1024)
def display(tex: str, width: int, profile: Profile = FULL) -> Typeset:
    """The formula in two dimensions, at most `width` cells wide if breaking it can achieve that."""
    try:
        if len(tex) > _LONGEST:
            raise Unreadable("it was too long")
        tree = parse(tex)
    except Unreadable:
        return Typeset(tuple(tex.strip().splitlines()) or ("",), 0, False)
    box = fitted(tree, width, manner_of(tree, profile))
    return Typeset(box.lines, box.baseline, True)
