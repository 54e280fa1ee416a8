"""What stands in a terminal that is too small for anything else; it goes away by itself when there is room."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor.words import _

LEAST = Size(40, 12)
"""Below this nothing can be read. 80×24 is comfortable."""


def is_too_small(size: Size) -> bool:
    """Whether nothing else can be shown."""
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmallScreen(ModalScreen[None]):
    """Says what is needed."""

    DEFAULT_CSS = """
    TooSmallScreen { background: $background; align: center middle; }
    TooSmallScreen Static { width: 1fr; text-align: center; }
    """

    def compose(self) -> ComposeResult:
        """One sentence, short enough for a tiny terminal."""
        words = _("Too small: at least {width}×{height}, please.")
        yield Static(words.format(width=LEAST.width, height=LEAST.height), markup=False)
