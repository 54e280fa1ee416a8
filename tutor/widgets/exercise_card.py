"""Under an exercise's cell: what its check said, its hints one at a time, and its solution once earned or asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from textual.strip import Strip

from lessons.model import Exercise
from tutor.kernel.events import ErrorRaised
from tutor.messages import HintShown, SolutionShown
from tutor.widgets.advice import advice, undefined_name
from tutor.widgets.cell_output import wrapped
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.widgets.prose import markdown_strips
from tutor.widgets.python_colours import coloured
from tutor.widgets.terminal_text import plain, read
from tutor.words import _

TRIES = 3
"""After that many tries the solution is offered without asking back."""
INDENT = 2
TRACEBACK_LINES = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check said."""

    passed: bool
    message: str = ""
    """Of the assertion that failed, or of what was raised instead."""
    assertion: str = ""
    """What was asserted, as source; empty if it is not known."""
    traceback: tuple[str, ...] = ()
    """Where something else than an assertion failed."""


class ExerciseCard(LineView):
    """The lines under an exercise's cell."""

    def __init__(
        self,
        exercise: Exercise,
        *,
        verdict: Verdict | None = None,
        tries: int = 0,
        ever_passed: bool = False,
        hints_opened: int = 0,
    ) -> None:
        super().__init__(classes="exercise-card")
        self.exercise = exercise
        self.verdict = verdict
        self.tries = tries
        """Attempts so far."""
        self.ever_passed = ever_passed
        self._opened = min(hints_opened, len(exercise.hints))
        self._hint = self._opened
        """The hint that is shown, from 1; 0 for none."""
        self._solution = False

    # What the learner asks for

    def next_hint(self) -> None:
        """The next hint, mildest first."""
        if self._hint >= len(self.exercise.hints):
            return
        self._hint += 1
        if self._hint > self._opened:
            self._opened = self._hint
            self.post_message(HintShown(self.exercise.id, self._opened))
        self.redraw()

    def hint_before(self) -> None:
        """The hint before, or none."""
        if self._hint > 0:
            self._hint -= 1
            self.redraw()

    @property
    def has_news(self) -> bool:
        """Whether there is more than what can be asked for."""
        return self.verdict is not None or self._hint > 0 or self._solution

    @property
    def is_solution_earned(self) -> bool:
        """Whether the solution may be shown without asking back."""
        return self.ever_passed or self.tries >= TRIES

    @property
    def is_solution_shown(self) -> bool:
        """Whether the solution is in sight."""
        return self._solution

    def show_solution(self, shown: bool = True) -> None:
        """Show it, or hide it again."""
        if shown and not self._solution:
            self.post_message(SolutionShown(self.exercise.id))
        self._solution = shown
        self.redraw()

    # What the check says

    def show_verdict(self, verdict: Verdict) -> None:
        """The check ran."""
        self.tries += 1
        self.verdict = verdict
        self.ever_passed = self.ever_passed or verdict.passed
        self.redraw()

    def forget_verdict(self) -> None:
        """The cell is being run again: the last verdict is not about what runs now."""
        if self.verdict is not None:
            self.verdict = None
            self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Verdict, hint, solution, and what can be asked for."""
        lines: list[Strip] = []
        if self.verdict is not None:
            lines.append(Strip([]))
            lines.extend(_verdict(self.verdict, width, palette))
        if self._hint:
            total = len(self.exercise.hints)
            lines.append(Strip([]))
            title = _("hint {number} of {total}").format(number=self._hint, total=total)
            lines.append(strip((" " * INDENT + title, palette["label"])))
            lines.extend(markdown_strips(self.exercise.hints[self._hint - 1], width, palette, indent=INDENT))
        if self._solution:
            lines.append(Strip([]))
            lines.append(strip((" " * INDENT + _("one solution"), palette["label"])))
            source = [tuple((text, palette[role]) for text, role in line) for line in coloured(self.exercise.solution)]
            lines.extend(wrapped(source, width, indent=INDENT + 2))
        lines.append(self._offers(palette))
        return lines

    def _offers(self, palette: Palette) -> Strip:
        parts: list[tuple[str, str]] = [("r", _("run and check"))]
        total = len(self.exercise.hints)
        if self._hint < total:
            parts.append(("h", _("hint {number} of {total}").format(number=self._hint + 1, total=total)))
        if self._hint:
            parts.append(("H", _("back")))
        parts.append(("s", _("hide the solution") if self._solution else _("solution")))
        line = [(" " * INDENT, palette["text"])]
        for key, what in parts:
            line.extend([(key, palette["key"]), (f" {what}   ", palette["muted"])])
        if self.tries and not self.ever_passed:
            line.append((_("tries: {count}").format(count=self.tries), palette["muted"]))
        return strip(*line)


def _verdict(verdict: Verdict, width: int, palette: Palette) -> Iterator[Strip]:
    if verdict.passed:
        yield strip((" " * INDENT + _("✓ The check passes."), palette["right"]))
        return
    message = plain(verdict.message) or _("An assertion without a message failed.")
    marked = markdown_strips(message, width - INDENT - 2, palette)
    for number, line in enumerate(marked):
        yield Strip.join([strip((" " * INDENT + ("✗ " if number == 0 else "  "), palette["wrong"])), line])
    if verdict.assertion:
        source = [tuple((text, palette[role]) for text, role in line) for line in coloured(verdict.assertion)]
        yield from wrapped(source[:4], width, indent=INDENT + 4)
    if verdict.traceback:
        text = read("\n".join(verdict.traceback))
        yield from wrapped([*text.head, *text.rest][-TRACEBACK_LINES:], width, indent=INDENT + 2)


def verdict_of(check: str, error: ErrorRaised | None, missing: frozenset[str] = frozenset()) -> Verdict:
    """What a check said, by what it raised. `missing`: names that the author's cell makes and theirs does not."""
    if error is None:
        return Verdict(passed=True)
    if error.name == "AssertionError":
        return Verdict(False, plain(error.value), _failed_assertion(check, error))
    if (name := undefined_name(error)) in missing:
        return Verdict(
            False, _("{name} is what the check looks for, and this cell does not make it.").format(name=name)
        )
    message = _("The check could not finish: {name}: {value}").format(name=plain(error.name), value=plain(error.value))
    if words := advice(error):
        message += f". {words}"
    return Verdict(False, message, traceback=error.traceback)


def _failed_assertion(check: str, error: ErrorRaised) -> str:
    """The source of what was asserted: by its message, else by the line that the traceback names."""
    try:
        asserts = [node for node in ast.walk(ast.parse(check)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        return ""
    for node in asserts:
        if isinstance(node.msg, ast.Constant) and node.msg.value == error.value:
            return ast.get_source_segment(check, node.test) or ""
    for number in re.findall(r"line (\d+)", plain(" ".join(error.traceback))):
        for node in asserts:
            if node.lineno <= int(number) <= (node.end_lineno or node.lineno):
                return ast.get_source_segment(check, node.test) or ""
    return ""
