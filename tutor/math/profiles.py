"""What a terminal can show of a formula. A setting of the learner's, never guessed here: fonts cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Which characters formulas may be made of."""

    name: str
    ascii: bool = False
    """Nothing but ASCII in what we draw: some CJK terminals make Greek, ─ and ∑ two cells wide."""
    plain_letters: bool = False
    """𝐖 and 𝒟 as W and D: mathematical alphabets lie outside the basic plane, and some fonts lack them."""
    combining: bool = True
    """Accents as combining marks on one letter (x̂); without, as a line above or a word after."""


FULL = Profile("full")
PLAIN_LETTERS = Profile("plain letters", plain_letters=True)
ASCII = Profile("ascii", ascii=True, plain_letters=True, combining=False)
PROFILES = {profile.name: profile for profile in (FULL, PLAIN_LETTERS, ASCII)}
