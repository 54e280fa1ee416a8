"""A picture that a cell put out, in half blocks: a plot that a notebook's file kept, an image that was displayed.

What our own kernel draws of a figure is text already; here is what has nothing but a name for its text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from textual.strip import Strip

from tutor.figures.gallery import Gallery, are_drawn
from tutor.prose import lay_out
from tutor.text_profile import current
from tutor.widgets.figures import ATTEMPTS, decoding, keys
from tutor.widgets.palette import Palette
from tutor.widgets.prose import MEASURE, line_strips

_NAME = re.compile(r"\s*<[^<>\n]*>\s*")
"""What a picture has for its text: `<Figure size 640x480 with 1 Axes>`."""


def stands_for_picture(text: str) -> bool:
    """Whether the picture says more than this text, and can be drawn."""
    return (not text.strip() or _NAME.fullmatch(text) is not None) and are_drawn()


class OutputPictures:
    """The pictures of one cell; `changed` is called when one was decoded."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._gallery = Gallery(Path())
        self._asked: Counter[str] = Counter()

    def strips(self, png: str, width: int, palette: Palette, *, indent: int) -> list[Strip]:
        """Its lines: blank until it is decoded, a sentence if it cannot be. `png` is base64."""
        markdown = self._gallery.shortened(f"![](data:image/png;base64,{''.join(png.split())})")
        lines = lay_out(markdown, min(width - indent, MEASURE), profile=current(), figures=self._gallery)
        wanted = [key for key in keys(lines) if self._gallery.pixels(key) is None and self._asked[key] < ATTEMPTS]
        if wanted:
            self._asked.update(wanted)
            decoding.ask(self._gallery, wanted, self._changed)
            decoding.hurry(self._gallery, wanted)
        return line_strips(lines, palette, indent=indent, gallery=self._gallery)
