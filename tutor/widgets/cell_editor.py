"""The editor of a cell, while it is open: Python, undo, indent, and Tab that asks for a completion behind a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.binding import BindingType
from textual.document._document import Document
from textual.widget import Widget
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from tutor import code_lines
from tutor.bindings import bindings
from tutor.keys import Context
from tutor.messages import CompletionRequested, DraftEdited, EditorEscaped
from tutor.widgets.completion_list import CompletionList
from tutor.widgets.palette import Palette, palette
from tutor.widgets.python_colours import shown_controls

INDENT = 4

# The names of tree-sitter's captures for Python, and our roles.
_ROLES = {
    "keyword": "code-keyword",
    "keyword.function": "code-keyword",
    "keyword.return": "code-keyword",
    "include": "code-keyword",
    "conditional": "code-keyword",
    "repeat": "code-keyword",
    "exception": "code-keyword",
    "method": "code-function",
    "boolean": "code-number",
    "variable.builtin": "code-number",
    "constructor": "code-builtin",
    "keyword.operator": "code-keyword",
    "string": "code-string",
    "string.documentation": "code-string",
    "comment": "code-comment",
    "number": "code-number",
    "float": "code-number",
    "constant.builtin": "code-number",
    "function": "code-function",
    "class": "code-class",
    "type": "code-name",
    "type.builtin": "code-builtin",
    "function.builtin": "code-builtin",
    "operator": "code-operator",
    "punctuation.bracket": "code-operator",
    "punctuation.delimiter": "code-operator",
}


class CellEditor(TextArea):
    """A TextArea as high as its text. Esc and the run keys are the screen's."""

    DEFAULT_CSS = "CellEditor { height: auto; border: none; padding: 0; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.CELL)

    def __init__(self, step: str, source: str) -> None:
        super().__init__(
            source,
            language="python",
            theme="css",
            soft_wrap=True,
            tab_behavior="indent",
            show_line_numbers=code_lines.shown(),
            compact=True,
            highlight_cursor_line=False,
        )
        self.step = step
        self._completions: CompletionList | None = None
        self._span = (0, 0)
        self.indent_width = INDENT
        self.cursor_blink = False  # nothing moves on the wire when nothing changes

    def get_line(self, line_index: int) -> Text:
        """The line as it is shown: control characters show themselves, and the text keeps them."""
        return Text(shown_controls(self.document.get_line(line_index)), end="", no_wrap=True)

    def on_mount(self) -> None:
        """The same colours as when it is only read."""
        self.register_theme(_theme(palette(self.app)))
        self.theme = "d2l"

    @property
    def _text_document(self) -> Document:
        assert isinstance(self.document, Document)
        return self.document

    def action_leave_editor(self) -> None:
        """Close what is offered; else leave."""
        if self._completions is not None:
            self.show_completions(None)
        else:
            self.post_message(EditorEscaped(self.step))

    @on(TextArea.Changed)
    def _say_edited(self, message: TextArea.Changed) -> None:
        message.stop()
        self.post_message(DraftEdited(self.step, self.text))

    def show_completions(self, found: CompletionList | None) -> None:
        """Put a list (or a signature) under the editor, in the place of another; None takes it away."""
        if self._completions is not None:
            self._completions.remove()
        self._completions = found
        if found is not None and isinstance(self.parent, Widget):
            self.parent.mount(found, after=self)

    @property
    def has_completions(self) -> bool:
        """Whether a list or a signature is shown."""
        return self._completions is not None

    def offer(self, matches: tuple[str, ...], start: int, end: int) -> None:
        """Completions came: the only one, or what all have in common, is put in; else there is a choice."""
        if not matches:
            return
        typed = self.text[start:end]
        common = _common(matches)
        if len(common) > len(typed) and common.startswith(typed):
            self.complete(start, end, common)
            end = start + len(common)
        if len(matches) > 1:
            self._span = (start, end)
            self.show_completions(CompletionList(matches))

    async def _on_key(self, event: events.Key) -> None:
        """While there is a choice, some keys are its own."""
        chosen = self._completions.chosen if self._completions is not None else None
        if chosen is not None and event.key in ("up", "down"):
            assert self._completions is not None
            self._completions.move(1 if event.key == "down" else -1)
            event.prevent_default()
            event.stop()
            return
        if chosen is not None and event.key == "enter":
            self.show_completions(None)
            self.complete(*self._span, chosen)
            event.prevent_default()
            event.stop()
            return
        self.show_completions(None)
        await super()._on_key(event)

    def action_complete(self) -> None:
        """Complete the word before the cursor; indent where there is none."""
        if self._completions is not None and self._completions.chosen is not None:
            self._completions.move(1)
            return
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        if self.selection.is_empty and before and (before[-1].isidentifier() or before[-1] in ".([,"):
            offset = self._text_document.get_index_from_location((row, column))
            self.post_message(CompletionRequested(self.step, self.text, offset))
        else:
            self.insert(" " * (INDENT - column % INDENT))

    def action_outdent(self) -> None:
        """Take one indent away from the line, or from each line that is selected."""
        (first, _start), (last, _end) = sorted(self.selection)
        for row in range(first, last + 1):
            line = self.document.get_line(row)
            spaces = min(len(line) - len(line.lstrip(" ")), INDENT)
            if spaces:
                self.delete((row, 0), (row, spaces))

    def complete(self, start: int, end: int, text: str) -> None:
        """Put `text` in the place of the characters from `start` to `end`."""
        self.replace(
            text,
            self._text_document.get_location_from_index(start),
            self._text_document.get_location_from_index(end),
            maintain_selection_offset=False,
        )
        self.move_cursor(self._text_document.get_location_from_index(start + len(text)))

    def replace_all(self, source: str) -> None:
        """Another text, as one edit that can be undone."""
        self.replace(source, self.document.start, self.document.end, maintain_selection_offset=False)


def _common(matches: Sequence[str]) -> str:
    """What all begin with."""
    first, last = min(matches), max(matches)
    return next((first[:at] for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), first)


def _theme(palette: Palette) -> TextAreaTheme:
    return TextAreaTheme(
        name="d2l",
        base_style=Style(color=palette["code-name"].color),
        cursor_style=Style(reverse=True),
        syntax_styles={capture: palette[role] for capture, role in _ROLES.items()},
    )
