"""The editor of a cell, while it is open: Python, undo, indent, and Tab that asks for a completion behind a word."""

from __future__ import annotations

from textual.widgets import TextArea

INDENT = 4


class CellEditor(TextArea):
    """A TextArea as high as its text. Esc and the run keys are the screen's."""

    DEFAULT_CSS = "CellEditor { height: auto; border: none; padding: 0; }"

    def __init__(self, source: str) -> None:
        super().__init__(
            source,
            language="python",
            theme="css",
            soft_wrap=True,
            tab_behavior="indent",
            show_line_numbers=False,
            compact=True,
            highlight_cursor_line=False,
        )
        self.indent_width = INDENT
        self.cursor_blink = False  # nothing moves on the wire when nothing changes

    def replace_all(self, source: str) -> None:
        """Another text, as one edit that can be undone."""
        self.replace(source, self.document.start, self.document.end, maintain_selection_offset=False)
