"""Pictures in the terminal's own graphics: Kitty's protocol and Sixel, where the terminal is known to have one.

Nothing is asked of the terminal: a question that it does not answer would wait, and an answer would be read as keys.
What it can is told by its name, which ssh hands on, or by the learner (`D2L_TUTOR_GRAPHICS`). Inside tmux and screen
there are none: they keep cells, not pictures. (textual-image, which does all this, asks when it is imported and reads
the answer from the keyboard; that cannot be had beside Textual's own reader.) No Textual; Pillow only for a Sixel.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image

GRAPHICS = "D2L_TUTOR_GRAPHICS"
"""Environment variable: `kitty`, `sixel` or `none`, for who knows better."""
Protocol: TypeAlias = Literal["kitty", "sixel"]

CHUNK = 4096
"""Characters of a picture in one of Kitty's sequences."""
COLOURS = 128
"""Of a Sixel; terminals have 256 registers or more."""
CELL = (9, 18)
"""Pixels of a cell where the terminal does not say."""
_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)
_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture in its place: what is written to show it, and to take it away."""

    show: str
    hide: str
    """Empty: it goes when the cells under it are written anew."""


def protocol(environ: Mapping[str, str] = os.environ) -> Protocol | None:
    """What this terminal has; None: neither, or nobody knows."""
    wanted = environ.get(GRAPHICS, "").strip().lower()
    if wanted:
        return "kitty" if wanted == "kitty" else "sixel" if wanted == "sixel" else None
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if environ.get("TMUX") or environ.get("STY") or term.startswith(("screen", "tmux")):
        return None
    if term in _KITTY_TERMS or environ.get("KITTY_WINDOW_ID") or environ.get("KONSOLE_VERSION"):
        return "kitty"
    if program in ("ghostty", "WezTerm"):
        return "kitty"
    return "sixel" if term.startswith(_SIXEL_TERMS) or program == "iTerm.app" else None


def cell_size(descriptor: int) -> tuple[int, int]:
    """Pixels of a cell, as the kernel's terminal device knows them (ssh hands them on): nothing is asked."""
    try:
        import fcntl
        import struct
        import termios

        answer = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, b"\0" * 8)
    except (ImportError, OSError, ValueError):
        return CELL
    rows, columns, width, height = struct.unpack("HHHH", answer)
    return (width // columns, height // rows) if rows and columns and width >= columns and height >= rows else CELL


def kitty(png: str, column: int, row: int, columns: int, rows: int) -> Placed:
    """A PNG (in base64) over so many cells, from `column`, `row` (from 0) on. The terminal answers nothing (`q=2`)."""
    first = f"a=T,f=100,q=2,C=1,i=1,p=1,c={columns},r={rows},"
    pieces = [png[start : start + CHUNK] for start in range(0, len(png), CHUNK)] or [""]
    sent = "".join(
        f"\x1b_G{first if number == 0 else ''}m={int(number < len(pieces) - 1)};{piece}\x1b\\"
        for number, piece in enumerate(pieces)
    )
    return Placed(_at(column, row, sent), "\x1b_Ga=d,d=I,i=1,q=2\x1b\\")


def sixel(image: Image, column: int, row: int) -> Placed:
    """The pixels as they are, from a cell on."""
    return Placed(_at(column, row, "".join(_sixel(image))), "")


def _at(column: int, row: int, sequence: str) -> str:
    """Written at a cell; cursor and pen are where they were afterwards."""
    return f"\x1b7\x1b[{row + 1};{column + 1}H{sequence}\x1b8"


def _sixel(image: Image) -> Iterator[str]:
    """DEC STD 070: bands of six rows, in each one pass for each colour, with runs of equal columns counted."""
    reduced = image.convert("RGB").quantize(COLOURS)
    palette = reduced.getpalette() or []
    data, (width, height) = reduced.tobytes(), reduced.size
    yield f'\x1bP0;1;0q"1;1;{width};{height}'
    for number in range(len(palette) // 3):
        parts = ";".join(str(round(value * 100 / 255)) for value in palette[3 * number : 3 * number + 3])
        yield f"#{number};2;{parts}"
    for top in range(0, height, 6):
        columns: dict[int, bytearray] = {}
        for bit, y in enumerate(range(top, min(top + 6, height))):
            for x, colour in enumerate(data[y * width : (y + 1) * width]):
                if colour not in columns:
                    columns[colour] = bytearray(b"?" * width)
                columns[colour][x] += 1 << bit
        yield "$".join(f"#{colour}{_RUN.sub(_counted, bytes(line)).decode()}" for colour, line in columns.items())
        yield "-"
    yield "\x1b\\"


def _counted(run: re.Match[bytes]) -> bytes:
    return b"!%d%s" % (len(run.group()), run.group(1))
