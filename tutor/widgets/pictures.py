"""A picture with the screen to itself: in half blocks, or as graphics of the terminal's own where it has them.

The picture is a PNG that a cell showed. It is decoded (by Pillow, imported then) when it is first looked at.
"""

from __future__ import annotations

import base64
import binascii
import io
from functools import cached_property
from typing import TYPE_CHECKING

from textual.strip import Strip

from engine.half_blocks import half_blocks
from tutor.figures.decoding import trimmed
from tutor.graphics import Placed, Protocol, kitty, sixel
from tutor.widgets.cell_output import wrapped
from tutor.widgets.line_view import between, strip
from tutor.widgets.palette import Palette
from tutor.widgets.terminal_text import read
from tutor.words import _

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 40_000_000
"""Pixels of a picture that are still decoded."""
MOST_PIXELS = 1000
"""Columns of pixels that are sent: more take long over ssh."""


class PictureExhibit:
    """`png`: the picture in base64."""

    def __init__(self, png: str) -> None:
        self.name = _("picture")
        self.png = png
        self.note = ""
        """What is said of it below, before its size: the caption."""
        self.is_graphics = False
        """Whether the terminal itself shows it: then its room is left blank."""

    @property
    def version(self) -> object:
        """It never changes."""
        return self.is_graphics

    def graphics(self, kind: Protocol, column: int, row: int, room: tuple[int, int], cell: tuple[int, int]) -> Placed:
        """The picture in the terminal's own graphics, in the middle of `room` cells from `column`, `row` on.

        It takes a while: not for the UI's thread. Raises `ValueError` for a picture that cannot be read.
        """
        if self.image is None:
            raise ValueError("this picture cannot be read")
        across, down = fitted(self.image.size, (room[0] * cell[0], room[1] * cell[1]))
        columns, rows = max(1, across // cell[0]), max(1, down // cell[1])
        column += (room[0] - columns) // 2
        if kind == "kitty":
            return kitty(self.png.replace("\n", ""), column, row, columns, rows)
        scale = min(1.0, MOST_PIXELS / across)
        return sixel(self.image.resize((round(across * scale), round(down * scale))), column, row)

    @cached_property
    def image(self) -> Image | None:
        """The pixels, on white where it is transparent; None: it is none that can be read."""
        from PIL import Image

        try:
            file = Image.open(io.BytesIO(base64.b64decode(self.png, validate=False)))
            if file.width * file.height > LARGEST:
                return None
            image = file.convert("RGBA")
        except (OSError, ValueError, binascii.Error, Image.DecompressionBombError):  # Pillow's words for "no picture"
            return None
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")

    def strips(self, width: int, height: int, palette: Palette) -> list[Strip]:
        """The picture in half blocks, as large as fits."""
        image = self.image
        if image is None:
            return [strip((_("This picture cannot be read."), palette["wrong"]))]
        if self.is_graphics:
            return [Strip.blank(width)] * height
        image = trimmed(image)  # half blocks are few: none for an empty margin
        columns, rows = fitted(image.size, (width, 2 * height))
        rows -= rows % 2
        shown = image.resize((columns, max(2, rows)))
        data, across = shown.tobytes(), 3 * columns
        pixels = [
            [data[start : start + 3] for start in range(row * across, (row + 1) * across, 3)]
            for row in range(shown.height)
        ]
        lines = half_blocks(pixels)
        text = read("\n".join(lines))
        return list(wrapped([*text.head, *text.rest], width, indent=(width - columns) // 2))

    def read_out(self, width: int, palette: Palette) -> list[Strip]:
        """How large it is."""
        if self.image is None:
            return [Strip([])]
        across, down = self.image.size
        size = strip((_("{across} × {down} pixels").format(across=across, down=down), palette["muted"]))
        return [between(strip((f"{self.note}  ", palette["image"])), size, width)] if self.note else [size]

    def step(self, across: int, down: int) -> None:
        """It is seen whole."""

    def leap(self, by: int) -> None:
        """It is seen whole."""


class FigureExhibit(PictureExhibit):
    """A picture of the text, that was decoded already. `note` is its caption."""

    def __init__(self, image: Image, note: str) -> None:
        super().__init__("")
        self.image = image
        self.note = note

    def graphics(self, kind: Protocol, column: int, row: int, room: tuple[int, int], cell: tuple[int, int]) -> Placed:
        """As ever; Kitty wants a PNG."""
        if kind == "kitty" and not self.png and self.image is not None:
            file = io.BytesIO()
            self.image.save(file, "PNG")
            self.png = base64.b64encode(file.getvalue()).decode()
        return super().graphics(kind, column, row, room, cell)


def fitted(size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape that fits into `room`."""
    scale = min(room[0] / size[0], room[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
