"""What the app says of itself at the first start: one screen of 80×24, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.strip import Strip

from tutor.widgets.lesson_detail import wrapped
from tutor.widgets.line_view import LineView, strip
from tutor.widgets.palette import Palette
from tutor.words import _


class GreetingText(LineView):
    """Name, what it is, keys, what is kept, the device."""

    def __init__(self, keys: Sequence[tuple[str, str]], *, record: str, device: str) -> None:
        super().__init__()
        self._keys = keys
        self._record = record
        self._device = device

    def show_device(self, words: str) -> None:
        """The device was found."""
        self._device = words
        self.redraw()

    def draw(self, width: int, palette: Palette) -> list[Strip]:
        """Wrapped to the width."""
        return list(self._draw(width, palette))

    def _draw(self, width: int, palette: Palette) -> Iterator[Strip]:
        yield strip(("d2l-tutor", palette["heading-1"]))
        yield strip((_("Learn deep learning where the GPUs are: in a terminal."), palette["strong"]))
        yield strip()
        what = _(
            "Each lesson is a notebook. You read, run its code on this machine, watch the curves fall as a network "
            "learns, solve exercises that check themselves, and answer short questions."
        )
        for line in wrapped(what, width):
            yield strip((line, palette["text"]))
        yield strip()
        yield strip((_("Five keys are enough"), palette["label"]))
        for label, words in self._keys:
            yield strip((f"  {label:<9}", palette["key"]), (words, palette["text"]))
        yield strip()
        yield strip((_("What is kept"), palette["label"]))
        kept = _("Every draft, run and answer, as you make it, in {path}. Nothing leaves this machine.")
        for line in wrapped(kept.format(path=self._record), width - 2):
            yield strip((f"  {line}", palette["text"]))
        yield strip()
        yield strip((_("What it runs on"), palette["label"]))
        yield strip((f"  {self._device}", palette["text"]))
