"""The outputs of one run, in order: what `CellOutput` draws. No Textual: what is there, not how it is painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rich.style import Style

from tutor.kernel.events import ErrorRaised, Output, OutputCleared, StreamWritten, ValueShown
from tutor.widgets.terminal_text import PLAIN, TerminalText, read

FIGURE = "application/vnd.d2l-tutor.figure"
"""`engine.redrawing.MIME`, which is not imported before somebody looks at a figure; a test holds the two together."""

BLOCKS = 200
"""Separate outputs kept of a run: a cell that displays in a loop for ever is a flood too."""


@dataclass
class Stream:
    """What was written on stdout and stderr between two other outputs."""

    text: TerminalText = field(default_factory=TerminalText)


@dataclass
class Value:
    """A value that was displayed."""

    text: TerminalText
    html: str = ""
    png: str = ""
    """The picture that it is, in base64."""
    figure: str = ""
    """What it was drawn from, as `engine.redrawing` packs it."""
    is_result: bool = False
    display_id: str | None = None


@dataclass
class Failure:
    """The error that ended the run."""

    error: ErrorRaised


Block = Stream | Value | Failure


class OutputLog:
    """Outputs of one run. `stderr` is the style of that stream."""

    def __init__(self, stderr: Callable[[], Style] = lambda: PLAIN) -> None:
        self._stderr = stderr
        self.blocks: list[Block] = []
        self.hidden = 0
        """Outputs that were let go of."""
        self._clear_next = False

    def add(self, output: Output) -> None:
        """Take the next output in. Training events are not for here."""
        if isinstance(output, OutputCleared):
            if output.wait:
                self._clear_next = True
            else:
                self.blocks.clear()
            return
        if self._clear_next:
            self._clear_next = False
            self.blocks.clear()
        if isinstance(output, StreamWritten):
            self._write(output)
        elif isinstance(output, ValueShown):
            self._show(output)
        elif isinstance(output, ErrorRaised):
            self.blocks.append(Failure(output))

    def _write(self, output: StreamWritten) -> None:
        last = self.blocks[-1] if self.blocks else None
        if not isinstance(last, Stream):
            last = Stream()
            self._append(last)
        last.text.feed(output.text, self._stderr() if output.name == "stderr" else PLAIN)

    def _show(self, output: ValueShown) -> None:
        value = Value(
            read(output.data.get("text/plain", "")),
            output.data.get("text/html", ""),
            output.data.get("image/png", ""),
            output.data.get(FIGURE, ""),
            output.is_result,
            output.display_id,
        )
        if output.replaces and output.display_id is not None:
            for position, block in enumerate(self.blocks):
                if isinstance(block, Value) and block.display_id == output.display_id:
                    self.blocks[position] = value
            return
        self._append(value)

    def _append(self, block: Block) -> None:
        if len(self.blocks) >= BLOCKS:
            del self.blocks[BLOCKS // 2]
            self.hidden += 1
        self.blocks.append(block)
