"""The values of a cell that can be turned without editing it: a learning rate as a slider, a choice, a switch.

It shows what the cell's source says and posts `KnobTurned`; the screen writes the source. What is drawn is always read
from the source, so the two cannot differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.strip import Strip

from lessons.model import Knob
from tutor.bindings import bindings
from tutor.keys import Context
from tutor.messages import KnobsLeft, KnobTurned
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _

TRACK = 28
STEPS = 20
"""Presses from one end of a slider to the other, where it has no step of its own."""
NICE = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
"""A logarithmic slider stops at these times powers of ten: people think in them."""


class KnobBar(LineView, can_focus=True):
    """The knobs of one cell."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Context.VALUES)

    def __init__(self, step: str, knobs: Sequence[Knob]) -> None:
        super().__init__(classes="knobs")
        self._step = step
        self._knobs = tuple(knobs)
        self._cursor = 0

    @property
    def count(self) -> int:
        """How many there are; each has a line."""
        return len(self._knobs)

    def show(self, knobs: Sequence[Knob]) -> None:
        """The source says something else now."""
        if tuple(knobs) != self._knobs:
            self._knobs = tuple(knobs)
            self._cursor = min(self._cursor, max(len(self._knobs) - 1, 0))
            self.redraw()

    def on_focus(self) -> None:
        """Show which one turns."""
        self.call_next(self.redraw)

    def on_blur(self) -> None:
        """None turns."""
        self.call_next(self.redraw)  # Textual takes the focus away after this

    def action_value_down(self) -> None:
        """The next knob."""
        self._move(1)

    def action_value_up(self) -> None:
        """The knob before."""
        self._move(-1)

    def action_turn_up(self) -> None:
        """A step more."""
        self._turn(1)

    def action_turn_down(self) -> None:
        """A step less."""
        self._turn(-1)

    def action_leave_values(self) -> None:
        """Back to the cell."""
        self.post_message(KnobsLeft(self._step))

    def _move(self, by: int) -> None:
        self._cursor = max(0, min(len(self._knobs) - 1, self._cursor + by))
        self.redraw()

    def _turn(self, by: int) -> None:
        if self._knobs:
            knob = self._knobs[self._cursor]
            value = turned(knob, by)
            if value != knob.value:
                before, after = self._knobs[: self._cursor], self._knobs[self._cursor + 1 :]
                self._knobs = (*before, replace(knob, value=value), *after)  # the next press comes before the answer
                self.redraw()
                self.post_message(KnobTurned(self._step, knob, value))

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """One line a knob."""
        if not self._knobs:
            return []
        name_width = max(len(knob.name) for knob in self._knobs)
        lines = []
        for position, knob in enumerate(self._knobs):
            here = self.has_focus and position == self._cursor
            parts: list[tuple[str, Style]] = [
                ("› " if here else "  ", palette["key"]),
                (knob.name.ljust(name_width) + "  ", palette["strong" if here else "muted"]),
                *_track(knob, palette),
                ("  " + _shown(knob.value), palette["chosen" if here else "text"]),
            ]
            if position == 0 and not self.has_focus:
                parts.extend([("   v", palette["key"]), (" " + _("to turn"), palette["muted"])])
            elif here:
                parts.extend([("   ← →", palette["key"]), (" " + _("turn"), palette["muted"])])
                parts.extend([("  Ctrl+R", palette["key"]), (" " + _("run"), palette["muted"])])
            lines.append(strip(*parts))
        return lines


def turned(knob: Knob, by: int) -> float | int | bool | str:
    """The value `by` steps further."""
    if knob.kind == "switch":
        return not knob.value
    if knob.kind == "choice":
        options = list(knob.options)
        at = options.index(str(knob.value)) if str(knob.value) in options else 0
        return options[(at + by) % len(options)]
    if knob.kind == "text" or isinstance(knob.value, bool | str):
        return knob.value
    value = float(knob.value)
    new = _log_step(value, by) if knob.log else value + by * _step(knob)
    if knob.minimum is not None:
        new = max(knob.minimum, new)
    if knob.maximum is not None:
        new = min(knob.maximum, new)
    if knob.kind == "integer" or (isinstance(knob.value, int) and float(new).is_integer()):
        return round(new)
    return float(f"{new:.6g}")


def _step(knob: Knob) -> float:
    if knob.step is not None:
        return knob.step
    if knob.minimum is not None and knob.maximum is not None:
        step = (knob.maximum - knob.minimum) / STEPS
        return max(1.0, round(step)) if knob.kind == "integer" or isinstance(knob.value, int) else step
    return 1.0 if isinstance(knob.value, int) else abs(float(knob.value)) / 10 or 0.1


def _log_step(value: float, by: int) -> float:
    """The next round value, by ratios."""
    if value <= 0:
        return value
    exponent = math.floor(math.log10(value))
    stops = [nice * 10.0**power for power in range(exponent - 1, exponent + 3) for nice in NICE]
    if by > 0:
        return next(stop for stop in stops if stop > value * 1.0001)
    return next(stop for stop in reversed(stops) if stop < value * 0.9999)


def _track(knob: Knob, palette: Palette) -> list[tuple[str, Style]]:
    if knob.kind == "choice":
        chosen = str(knob.value)
        return [(f" {option} ", palette["chosen" if option == chosen else "muted"]) for option in knob.options]
    if knob.minimum is None or knob.maximum is None or isinstance(knob.value, bool | str):
        return []
    low, high, value = knob.minimum, knob.maximum, float(knob.value)
    if knob.log and low > 0 and value > 0:
        low, high, value = math.log(low), math.log(high), math.log(value)
    share = (value - low) / (high - low) if high > low else 0.0
    at = round(max(0.0, min(1.0, share)) * (TRACK - 1))
    return [
        ("─" * at, palette["state-running"]),
        ("●", palette["chosen"]),
        ("─" * (TRACK - 1 - at), palette["faint"]),
    ]


def _shown(value: float | int | bool | str) -> str:
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return f"{value:.6g}" if isinstance(value, float) else str(value)
