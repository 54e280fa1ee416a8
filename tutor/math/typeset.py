"""The face of `tutor.math`: a formula to what a terminal shows. It never raises: the unreadable comes back."""

from __future__ import annotations

from dataclasses import dataclass

from tutor.math.profiles import FULL, Profile


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
    """The formula on one line."""
    return " ".join(tex.split())


def display(tex: str, width: int, profile: Profile = FULL) -> Typeset:
    """The formula as lines and columns, `width` cells wide where it can be broken."""
    return Typeset((" ".join(tex.split()),), 0, False)


def is_clean(tex: str, profile: Profile = FULL) -> bool:
    """Whether the whole source was understood."""
    return False
