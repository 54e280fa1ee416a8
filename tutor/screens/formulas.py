"""The formulas that are in sight: as they are set, and as TeX to copy (OSC 52)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.strip import Strip

from tutor import text_profile
from tutor.bindings import bindings
from tutor.glyphs import glyphs
from tutor.keys import Context
from tutor.math import display, inline
from tutor.prose.outline import Formula
from tutor.widgets.cell_output import wrapped
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _

TALLEST = 12
"""Lines of a formula that are shown of it here."""


class FormulaList(LineView):
    """Each formula as it is set, and its TeX under it; one of them is chosen."""

    def __init__(self, found: Sequence[Formula]) -> None:
        super().__init__(id="formulas-list")
        self.found = found
        self.chosen = 0
        self.places: list[tuple[int, int]] = []
        """First line and number of lines of each."""

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """All of them."""
        lines: list[Strip] = []
        self.places = []
        for number, formula in enumerate(self.found):
            is_chosen = number == self.chosen
            block = list(self._one(formula, width - 3, palette, is_chosen))
            mark = strip(((glyphs().pointer if is_chosen else " ") + " ", palette["chosen"]))
            self.places.append((len(lines), len(block)))
            lines += [Strip.join([mark, line]) for line in block] + [Strip([])]
        return lines[:-1]

    def _one(self, formula: Formula, width: int, palette: Palette, is_chosen: bool) -> list[Strip]:
        profile = text_profile.current()
        shown = display(formula.tex, width, profile)
        is_tall = len(shown.lines) > TALLEST or not formula.is_display
        set_lines = (inline(formula.tex, profile),) if is_tall else shown.lines
        tex = [((line, palette["strong" if is_chosen else "math-raw"]),) for line in formula.tex.splitlines() or [""]]
        return [*wrapped([((line, palette["math"]),) for line in set_lines], width), *wrapped(tex, width)]


class FormulaScreen(ModalScreen[None]):
    """Formulas to choose from; at least one."""

    CSS_PATH = "formulas.tcss"
    CONTEXT = Context.FORMULAS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.FORMULAS)

    def __init__(self, found: Sequence[Formula]) -> None:
        super().__init__()
        self._list = FormulaList(found)
        self._keys = KeyLine((("y", _("copy the TeX")), ("j k", _("choose")), ("Esc", _("back"))))

    def compose(self) -> ComposeResult:
        """The list, and what to press."""
        with Vertical(id="formulas"):
            with VerticalScroll(id="formulas-scroll", can_focus=False):
                yield self._list
            yield self._keys

    def action_formula(self, by: int) -> None:
        """Choose the next one, or the one before."""
        self._list.chosen = max(0, min(len(self._list.found) - 1, self._list.chosen + by))
        self._list.redraw()
        top, height = self._list.places[self._list.chosen]
        scroll = self.query_one("#formulas-scroll", VerticalScroll)
        first, room = round(scroll.scroll_y), scroll.size.height
        if top < first or top + height > first + room:
            scroll.scroll_to(y=top if top < first or height > room else top + height - room, animate=False)

    def action_copy_formula(self) -> None:
        """Its TeX to the clipboard of the terminal; the list stays, and says so."""
        self.app.copy_to_clipboard(self._list.found[self._list.chosen].tex)
        self._keys.show(((glyphs().done, _("copied")), ("j k", _("choose")), ("Esc", _("back"))))

    def action_leave_formulas(self) -> None:
        """Back to the lesson."""
        self.dismiss()
