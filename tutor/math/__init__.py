"""TeX to text, in one line or two dimensions. Pure functions: no Textual, no state but caches."""

from tutor.math.profiles import ASCII, FULL, PLAIN_LETTERS, PROFILES, Profile
from tutor.math.typeset import Typeset, display, inline, readable

__all__ = ["ASCII", "FULL", "PLAIN_LETTERS", "PROFILES", "Profile", "Typeset", "display", "inline", "readable"]
