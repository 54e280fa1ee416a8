"""Textual's bindings, made from the table in `keys`, and the mechanism of keys that must be pressed twice."""

from __future__ import annotations

from time import monotonic

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tutor.keys import Context, Key, keys_of
from tutor.words import _

CHORD_SECONDS = 1.5
"""How long the first press of a chord waits for the second."""


def bindings(context: Context) -> list[BindingType]:
    """The `BINDINGS` of a screen or widget that lives in that context."""
    return [_binding(key) for key in keys_of(context) if key.bound]


def _binding(key: Key) -> Binding:
    return Binding(
        ",".join(key.keys),
        f"chord('{key.keys[0]}')" if key.chord else key.action,
        key.description,
        show=key.shown,
        key_display=key.label,
        priority=key.priority,
        id=f"{key.context.name.lower()}.{key.action}.{key.keys[0]}",
    )


class ChordScreen(Screen[None]):
    """A screen with keys that act on their second press: `i i`, `0 0`.

    Between the presses `chord_waiting` is called with what to say; an overriding screen shows it in its status bar.
    """

    CONTEXT: Context = Context.LESSON
    """The context whose chords are meant."""

    _chord: str | None = None
    _chord_at: float = 0.0

    def chord_waiting(self, words: str | None) -> None:
        """The first press happened (`words` says what the second one will do), or (None) the wait is over."""

    async def action_chord(self, pressed: str) -> None:
        """Take one press of a chord's key; act if it is the second."""
        key = next(key for key in keys_of(self.CONTEXT) if key.chord and key.keys[0] == pressed)
        now = monotonic()
        if self._chord == pressed and now - self._chord_at <= CHORD_SECONDS:
            self.forget_chord()
            await self.run_action(key.action)
            return
        self._chord, self._chord_at = pressed, now
        self.chord_waiting(_("{key} … once more: {what}").format(key=pressed, what=key.description))
        self.set_timer(CHORD_SECONDS, lambda: self._chord_expired(now), name="chord")

    def forget_chord(self) -> None:
        """Another key came, or the chord is complete."""
        if self._chord is not None:
            self._chord = None
            self.chord_waiting(None)

    def _chord_expired(self, since: float) -> None:
        if self._chord is not None and self._chord_at == since:
            self.forget_chord()
