"""A lesson's run on paper, so to speak: sources, outputs and verdicts, printed with Rich as they come.

What a cell writes is cleaned on its way: of its escape sequences only colours reach the terminal.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.markup import escape
from rich.rule import Rule
from rich.style import Style
from rich.text import Text

from engine.console import LiveChart, PlainLines, sink
from lessons.model import Lesson
from tutor.cli.output import console
from tutor.cli.reading import fenced
from tutor.explain import explain
from tutor.kernel.events import CellFinished, ErrorRaised, KernelEvent, StreamWritten, TrainingReported, ValueShown
from tutor.prose import lay_out
from tutor.prose.console import to_rich
from tutor.widgets.terminal_text import TerminalText, plain
from tutor.words import _

WIDEST = 100
"""Columns of source text: wider is harder to read."""

_RED = Style(color="red")
_NONE = Style.null()


class Printer:
    """Prints events in their order. Lines of a stream are printed when they are whole."""

    def __init__(self) -> None:
        self._console = console()
        self._width = min(self._console.width, WIDEST)
        self._open: dict[str, str] = {}
        """By stream, what follows its last line break."""
        self._training: LiveChart | PlainLines | None = None

    def title(self, lesson: Lesson) -> None:
        """The lesson's name."""
        self._console.print(
            Rule(f"[bold]{escape(lesson.title)}[/bold]  [dim]{lesson.id}[/dim]", style="dim"), width=self._width
        )

    def source(self, cell: str, source: str) -> None:
        """A cell, before it runs."""
        lines = lay_out(fenced(source), self._width)
        self._console.print(f"\n[dim]{escape(cell)}[/dim]")
        self._console.print(to_rich(lines), end="", soft_wrap=True)

    def output(self, event: KernelEvent) -> None:
        """What a cell puts out. Other events are of no interest here."""
        match event:
            case StreamWritten():
                self._write(event.name, event.text)
            case TrainingReported():
                self._flush()
                if self._training is None:
                    self._training = sink()
                self._training(event.events)
            case ValueShown():
                self._flush()
                self._whole(event.data.get("text/plain", ""))
            case ErrorRaised():
                self._flush()
                self._whole("\n".join(event.traceback) or f"{event.name}: {event.value}")
                if (found := explain(event.name, event.value, event.traceback)) is not None:
                    self._console.print(Text(f"{found.words} [{found.lesson}]", "italic"), width=self._width)

    def finished(self, end: CellFinished) -> None:
        """The cell's last word."""
        self._flush()
        self._console.print(f"[dim]{end.outcome} · {end.seconds:.1f} s[/dim]")

    def checked(self, exercise: str, passed: bool, message: str, counts: bool) -> None:
        """The verdict on an exercise."""
        self._flush()
        if passed:
            self.note(_("✓ {exercise}: the check passes").format(exercise=exercise), "green")
        elif counts:
            self.note(_("✗ {exercise}: {message}").format(exercise=exercise, message=plain(message)), "red")
        else:
            self.note(_("○ {exercise}: for the learner to solve").format(exercise=exercise), "dim")

    def prompt(self, prompt: str) -> None:
        """A question of `input()`."""
        self._flush()
        self._console.print(Text(plain(prompt)), end="")

    def note(self, text: str, style: str) -> None:
        """A line of our own."""
        self._flush()
        self._console.print(Text(text, style))

    def close(self) -> None:
        """Print what is still held back, and give the terminal back."""
        self._flush()

    def _write(self, name: str, text: str) -> None:
        self._close_chart()
        whole, newline, rest = (self._open.get(name, "") + text).rpartition("\n")
        self._open[name] = rest
        if newline:
            self._whole(whole, _RED if name == "stderr" else _NONE)

    def _flush(self) -> None:
        for name, rest in self._open.items():
            if rest:
                self._whole(rest, _RED if name == "stderr" else _NONE)
        self._open.clear()
        self._close_chart()

    def _close_chart(self) -> None:
        close: Callable[[], None] | None = getattr(self._training, "close", None)
        if close is not None:
            close()
        self._training = None

    def _whole(self, text: str, style: Style = _NONE) -> None:
        lines = text.count("\n") + 1
        terminal = TerminalText(head=lines)
        terminal.feed(text, style)
        for line in [*terminal.head, *terminal.rest]:
            self._console.print(Text.assemble(*line), soft_wrap=True)
