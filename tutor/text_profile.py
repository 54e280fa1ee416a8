"""Which characters text may be made of: everything, no mathematical alphabets, or ASCII alone.

The choice lives in the environment variable `D2L_TUTOR_TEXT`, so that kernels, which draw figures, inherit it. The
learner's setting puts it there unless it is there already. No Textual.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tutor.glyphs import glyphs, only_ascii

if TYPE_CHECKING:
    from tutor.math import Profile

TEXT = "D2L_TUTOR_TEXT"
NAMES = ("full", "plain", "ascii")
_PROFILES = {"full": "full", "plain": "plain letters", "ascii": "ascii"}


def chosen() -> str:
    """The name of the choice; where there is none, or one that means nothing, what the terminal can show."""
    name = os.environ.get(TEXT, "").strip().lower()
    return name if name in NAMES else "ascii" if only_ascii() else "full"


def current() -> Profile:
    """The profile for formulas and prose."""
    from tutor.math import PROFILES

    return PROFILES[_PROFILES[chosen()]]


def choose(name: str) -> None:
    """Use a profile from now on, in this process and in kernels that it starts. Raises `ValueError`."""
    if name not in NAMES:
        raise ValueError(f"There is no text profile {name!r}. There are: {', '.join(NAMES)}.")
    os.environ[TEXT] = name
    glyphs.cache_clear()


def prefer(name: str) -> None:
    """Use the learner's setting, unless the environment says something else. An unknown one is passed over."""
    if name in NAMES and os.environ.get(TEXT, "").strip().lower() not in NAMES:
        choose(name)
