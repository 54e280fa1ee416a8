"""The versions of a cell: what was written in it and run, here and elsewhere, by time; one of them can be put back.

Nothing is lost when two tutors edit one cell, or a reset comes too early: here is where one gets at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.strip import Strip

from progress_db.records import Version
from tutor.bindings import bindings
from tutor.glyphs import glyphs
from tutor.kernel.events import Outcome
from tutor.keys import Context
from tutor.screens.lesson_runs import STATE_OF_OUTCOME
from tutor.when import when
from tutor.widgets.cell_output import wrapped
from tutor.widgets.key_line import KeyLine
from tutor.widgets.line_view import LineView, between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.python_colours import coloured
from tutor.widgets.states import CellState, cell_words
from tutor.widgets.terminal_text import plain
from tutor.words import _


def distinct(versions: Sequence[Version], authored: str) -> list[Version]:
    """Versions with texts, the author's among them, each once; newest first. The author's is always there, if last."""
    found: dict[str, Version] = {}
    for version in versions:
        source = authored if version.source is None else version.source
        known = found.setdefault(source, replace(version, source=source))
        found[source] = replace(
            known,
            outcome=known.outcome or version.outcome,
            passed=version.passed if known.passed is None else known.passed or bool(version.passed),
        )
    found.setdefault(authored, Version(authored, 0.0))
    return list(found.values())


class VersionList(LineView):
    """One line for each: when, where, and what became of it."""

    def __init__(self, found: Sequence[Version], authored: str, now: str) -> None:
        super().__init__(id="versions-list")
        self.found = found
        self.chosen = 0
        self._authored = authored
        self._now = now

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """All of them."""
        return [self._line(number, version, width, palette) for number, version in enumerate(self.found)]

    def _line(self, number: int, version: Version, width: int, palette: Palette) -> Strip:
        is_chosen = number == self.chosen
        mark = (glyphs().pointer if is_chosen else " ") + " "
        moment = when(version.at) if version.at else ""
        said = [_("as it is now")] if version.source == self._now else []
        if version.source == self._authored:
            said.append(_("the author's version"))
        if not version.is_here and version.machine:
            said.append(_("on {machine}").format(machine=plain(version.machine)))
        left = strip(
            (mark, palette["chosen"]),
            (f"{moment:17}", palette["strong" if is_chosen else "text"]),
            (" · ".join(said), palette["muted"]),
        )
        return between(left, strip(*_became(version, palette)), width)


def _became(version: Version, palette: Palette) -> Iterator[tuple[str, Style]]:
    """What came of it: of an exercise its check, of another cell its run."""
    if version.passed is not None:
        yield (_("✓ passed"), palette["right"]) if version.passed else (_("✗ check failed"), palette["wrong"])
    elif version.outcome in {outcome.value for outcome in Outcome}:
        state = STATE_OF_OUTCOME[Outcome(version.outcome)]
        yield _("✓ ran") if state is CellState.OK else cell_words(state, None), palette[state.role]


class VersionText(LineView):
    """The text of one; the lines that the cell does not have now are marked."""

    def __init__(self, now: str) -> None:
        super().__init__(id="version-text")
        self.now = now
        self._source = now

    def show(self, source: str) -> None:
        """Another one."""
        self._source = source
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Its lines, coloured."""
        theirs, now = self._source.splitlines(), self.now.splitlines()
        same = {
            block.b + offset
            for block in SequenceMatcher(None, now, theirs, autojunk=False).get_matching_blocks()
            for offset in range(block.size)
        }
        lines: list[Strip] = []
        for number, line in enumerate(coloured(self._source)):
            mark = ("  ", palette["text"]) if number in same else ("+ ", palette["right"])
            parts = tuple((text.expandtabs(4), palette[role]) for text, role in line)
            lines.extend(wrapped([(mark, *parts)], width))
        return lines


class VersionsScreen(ModalScreen[str | None]):
    """The text to put back; None for none. `found` is what `distinct` gives; `now` what the cell has."""

    CSS_PATH = "versions.tcss"
    CONTEXT = Context.VERSIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.VERSIONS)

    def __init__(self, found: Sequence[Version], authored: str, now: str) -> None:
        super().__init__()
        self._list = VersionList(found, authored, now)
        self._text = VersionText(now)
        self._keys = KeyLine(self._press())

    def _press(self, *first: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        return (*first, ("j k", _("choose")), ("Enter", _("put it back")), ("y", _("copy")), ("Esc", _("back")))

    def compose(self) -> ComposeResult:
        """The list, the text of the one that is chosen, and what to press."""
        with Vertical(id="versions"):
            with VerticalScroll(id="versions-scroll", can_focus=False):
                yield self._list
            with VerticalScroll(id="version-scroll", can_focus=False):
                yield self._text
            yield self._keys

    def on_mount(self) -> None:
        """The newest that is not what the cell has already."""
        self.action_version(1 if len(self._list.found) > 1 and self._list.found[0].source == self._text.now else 0)

    @property
    def _chosen(self) -> str:
        return self._list.found[self._list.chosen].source or ""

    def action_version(self, by: int) -> None:
        """Choose an older one, or a newer one."""
        self._list.chosen = max(0, min(len(self._list.found) - 1, self._list.chosen + by))
        self._list.redraw()
        self._text.show(self._chosen)
        self.query_one("#version-scroll", VerticalScroll).scroll_home(animate=False)
        scroll, line = self.query_one("#versions-scroll", VerticalScroll), self._list.chosen
        first, room = round(scroll.scroll_y), max(1, scroll.size.height)
        if not first <= line < first + room:
            scroll.scroll_to(y=line if line < first else line + 1 - room, animate=False)

    def action_page(self, by: int) -> None:
        """More of the text."""
        scroll = self.query_one("#version-scroll", VerticalScroll)
        scroll.scroll_relative(y=by * max(1, scroll.size.height - 1), animate=False)

    def action_copy_version(self) -> None:
        """To the clipboard of the terminal."""
        self.app.copy_to_clipboard(self._chosen)
        self._keys.show(self._press((glyphs().done, _("copied"))))

    def action_take_version(self) -> None:
        """Put it back."""
        self.dismiss(self._chosen)

    def action_leave_versions(self) -> None:
        """Back to the lesson, as it is."""
        self.dismiss(None)
