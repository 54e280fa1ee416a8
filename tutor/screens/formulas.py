"""The formulas that are in sight: as they are set, and as TeX to copy (OSC 52)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip

from tutor import text_profile
from tutor.bindings import bindings
from tutor.keys import Context
from tutor.math import display, inline
from tutor.prose.outline import Formula
from tutor.screens.copying import ChoiceList, CopyScreen
from tutor.widgets.cell_output import wrapped
from tutor.widgets.palette import Palette
from tutor.words import _

TALLEST = 12
"""Lines of a formula that are shown of it here."""


class FormulaList(ChoiceList):
    """Each formula as it is set, and its TeX under it."""

    def block(self, one: Formula, width: int, palette: Palette, *, is_chosen: bool) -> Iterable[Strip]:
        """One of them."""
        profile = text_profile.current()
        shown = display(one.tex, width, profile)
        is_tall = len(shown.lines) > TALLEST or not one.is_display
        set_lines = (inline(one.tex, profile),) if is_tall else shown.lines
        tex = [((line, palette["strong" if is_chosen else "math-raw"]),) for line in one.tex.splitlines() or [""]]
        return [*wrapped([((line, palette["math"]),) for line in set_lines], width), *wrapped(tex, width)]


class FormulaScreen(CopyScreen):
    """Formulas to choose from; at least one."""

    CONTEXT = Context.FORMULAS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.FORMULAS)

    def __init__(self, found: Sequence[Formula]) -> None:
        super().__init__(FormulaList(found), _("copy the TeX"))

    def text_of(self, one: Formula) -> str:
        """Its TeX."""
        return one.tex

    def action_formula(self, by: int) -> None:
        """Choose the next one, or the one before."""
        self.choose(by)

    def action_copy_formula(self) -> None:
        """Its TeX."""
        self.copy()

    def action_leave_formulas(self) -> None:
        """Back to the lesson."""
        self.dismiss()
