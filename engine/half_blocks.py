"""A picture as text: two pixels in a cell, one over the other, in true colours; or shades of ASCII. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from engine.terminal import ascii_only, in_colour

SHADES = " .:-=+*#%@"
"""From dark to bright, where there is no colour."""

Pixel = Sequence[int]
"""Red, green, blue; 0 … 255."""

# A few points of matplotlib's viridis (van der Walt and Smith, 2015): rises evenly in brightness.
VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def viridis(level: float) -> tuple[int, int, int]:
    """The colour of a level between 0 and 1."""
    place = level * (len(VIRIDIS) - 1)
    below = min(int(place), len(VIRIDIS) - 2)
    part = place - below
    red, green, blue = (
        round(a * (1 - part) + b * part) for a, b in zip(VIRIDIS[below], VIRIDIS[below + 1], strict=True)
    )
    return red, green, blue


def half_blocks(pixels: Sequence[Sequence[Pixel]]) -> list[str]:
    """Rows of pixels, an even number of them, to half as many lines of one cell for each column."""
    pairs = list(zip(pixels[0::2], pixels[1::2], strict=True))
    if not in_colour() or ascii_only():
        return ["".join(map(_shade, upper, lower)) for upper, lower in pairs]
    return [_line(upper, lower) for upper, lower in pairs]


def _shade(upper: Pixel, lower: Pixel) -> str:
    grey = sum(0.299 * r + 0.587 * g + 0.114 * b for r, g, b in (upper[:3], lower[:3])) / 2 / 255
    return SHADES[round(grey * (len(SHADES) - 1))]


def _line(upper: Sequence[Pixel], lower: Sequence[Pixel]) -> str:
    written: list[str] = []
    before: tuple[Pixel, Pixel] | None = None
    for pair in zip(upper, lower, strict=True):
        if pair != before:  # a colour is said once for all cells that share it
            (a, b, c), (d, e, f) = pair
            written.append(f"\x1b[38;2;{a};{b};{c};48;2;{d};{e};{f}m")
            before = pair
        written.append("▀")
    return "".join(written) + "\x1b[0m"
