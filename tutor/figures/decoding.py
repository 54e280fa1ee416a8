"""Pixels of a picture, as many as a terminal can show. Pillow is imported here, and only when a picture is decoded.

It takes some milliseconds, or half a second for a large photograph: never called on the UI's thread.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from tutor.figures import svg
from tutor.figures.sources import Source, Unshown, bounded
from tutor.words import _

if TYPE_CHECKING:
    from PIL.Image import Image

COLOURS, COLOURS_OF_DRAWING = 48, 16
"""Of a picture in text, and of a drawing. Fewer colours are longer runs, and those are fewer bytes."""
LONGEST_SIDE = 1600
"""Pixels of a picture on the full screen: no terminal shows more."""

_log = logging.getLogger(__name__)


class Pixels(NamedTuple):
    """Red, green, blue of each pixel, row by row; two rows are one line of text."""

    width: int
    height: int
    data: bytes


def decoded(source: Source, *, longest: int = LONGEST_SIDE) -> Image:
    """The first frame, upright and on white, at most that long on a side. Raises `Unshown`."""
    from PIL import Image as Images
    from PIL import ImageOps

    with source.open() as file:
        if source.header.kind == svg.KIND:
            return _drawn(file, source, longest)
        try:
            image = Images.open(file, formats=(source.header.kind,))
            bounded(source.header._replace(width=image.width, height=image.height))
            image.draft("RGB", (longest, longest))  # a JPEG is decoded at an eighth of its size, where that will do
            image.load()
            factor = max(1, min(image.size) // longest)
            if factor > 1 and image.mode in ("L", "LA", "RGB", "RGBA"):
                image = image.reduce(factor)  # type: ignore[assignment]
            whole = ImageOps.exif_transpose(image).convert("RGBA")
            whole.thumbnail((longest, longest))
        except Unshown:
            raise
        except (
            Exception
        ) as error:  # decoders raise what they like at a broken file: OSError, SyntaxError, struct.error…
            _log.info("picture %s: %s: %s", source.name, type(error).__name__, error)
            raise Unshown(_("its file is broken")) from error
    white = Images.new("RGBA", whole.size, "white")
    return Images.alpha_composite(white, whole).convert("RGB")


def _drawn(file: BinaryIO, source: Source, longest: int) -> Image:
    data = file.read(svg.MOST + 1)
    if len(data) > svg.MOST:
        raise Unshown(_("its file is larger than {size} MB").format(size=svg.MOST // 2**20))
    scale = longest / max(source.header.width, source.header.height)
    size = max(1, round(source.header.width * scale)), max(1, round(source.header.height * scale))
    try:
        return svg.rendered(data, size)
    except svg.Undrawable as reason:
        raise Unshown(str(reason)) from reason
    except Exception as error:  # a number where a drawing has none, a circle of references: it is only not drawn
        _log.info("drawing %s: %s: %s", source.name, type(error).__name__, error)
        raise Unshown(_("its file is broken")) from error


def in_cells(source: Source, columns: int, rows: int) -> Pixels:
    """The picture in the middle of that many cells, a cell being two pixels. Raises `Unshown`."""
    image = trimmed(decoded(source, longest=4 * max(columns, 2 * rows)))
    across, down = fitted(image.size, (columns, 2 * rows))
    colours = COLOURS_OF_DRAWING if source.header.kind == svg.KIND else COLOURS
    reduced = image.resize((across, down)).quantize(colours).convert("RGB")
    return Pixels(across, down, reduced.tobytes())


def trimmed(image: Image) -> Image:
    """Without a margin of one colour, that is the same at all corners: half blocks are few."""
    from PIL import Image as Images
    from PIL import ImageChops

    right, bottom = image.width - 1, image.height - 1
    ground = image.getpixel((0, 0))
    if any(image.getpixel(corner) != ground for corner in ((right, 0), (0, bottom), (right, bottom))):
        return image
    inside = ImageChops.difference(image, Images.new("RGB", image.size, ground)).getbbox()
    return image.crop(inside) if inside is not None else image


def fitted(size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape that fits into `room`; no larger than twice what it is."""
    scale = min(room[0] / size[0], room[1] / size[1], 2.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
