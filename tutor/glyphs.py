"""The few signs that mean something, with stand-ins where there is only ASCII. Shapes differ, not only colours."""

from __future__ import annotations

import functools
import locale
import os
from dataclasses import dataclass

from tutor.marks import Mark


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs. Each is one cell wide."""

    done: str
    begun: str
    todo: str
    broken: str
    pointer: str
    """At the left of the line that keys act on."""
    bar_done: str
    bar_left: str
    dot: str
    """Between facts on a line."""

    def mark(self, mark: Mark) -> str:
        """The sign of where a lesson stands."""
        return {Mark.DONE: self.done, Mark.BEGUN: self.begun, Mark.TODO: self.todo, Mark.BROKEN: self.broken}[mark]


FULL = Glyphs(done="✓", begun="◐", todo="○", broken="!", pointer="▌", bar_done="━", bar_left="─", dot="·")
ASCII = Glyphs(done="x", begun="~", todo="o", broken="!", pointer=">", bar_done="=", bar_left="-", dot="-")


@functools.cache
def glyphs() -> Glyphs:
    """ASCII where only that can be shown: see `only_ascii`."""
    return ASCII if only_ascii() else FULL


def key_label(label: str) -> str:
    """How keys are written for people, where there may be no arrows: a `v` for one would be another key."""
    if only_ascii():
        for arrow, word in (("↓", "Down"), ("↑", "Up"), ("←", "Left"), ("→", "Right")):
            label = label.replace(arrow, word)
    return label


def only_ascii() -> bool:
    """Where `D2L_TUTOR_TEXT=ascii` or `D2L_TUTOR_ASCII=1` asks for it, without UTF-8, and on the Linux console."""
    wanted = os.environ.get("D2L_TUTOR_TEXT", "").strip().lower()
    if wanted in ("full", "plain", "ascii"):
        return wanted == "ascii"
    if os.environ.get("D2L_TUTOR_ASCII", "") not in ("", "0") or os.environ.get("TERM") == "linux":
        return True
    return locale.getpreferredencoding(False).lower().replace("-", "") != "utf8"
