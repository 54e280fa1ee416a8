"""Pictures among the text: their lines in half blocks, and the thread that decodes them while the text is read.

Until a picture is decoded its room is blank. Then the step that shows it is drawn again; nothing moves.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import Context, copy_context
from functools import lru_cache
from typing import TypeAlias

from rich.cells import set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from tutor.figures.decoding import Pixels
from tutor.figures.gallery import Gallery
from tutor.prose import Line, Span

ATTEMPTS = 3
"""Times that one step asks for one picture: where it shows more than are kept, some stay blank."""
SHARE = 3.0
"""What is not in sight is decoded in a quarter of the time: a kernel is starting meanwhile, and keys are pressed."""

_Name: TypeAlias = tuple[int, str]


def keys(lines: Iterable[Line]) -> Iterator[str]:
    """The pictures that these lines have room for."""
    for line in lines:
        for span in line:
            if span.role == "picture" and (span.link or "").endswith("/0"):
                yield (span.link or "").removesuffix("/0")


def drawn(span: Span, gallery: Gallery, note: Style) -> list[Segment]:
    """One line of a picture."""
    key, _slash, number = (span.link or "").rpartition("/")
    width, row = len(span.text), int(number)
    pixels = gallery.pixels(key)
    if isinstance(pixels, str):
        return [Segment(set_cell_size(pixels if row == 0 else "", width), note)]
    if pixels is None:
        return [Segment(" " * width)]
    left = (width - pixels.width) // 2
    rows = int(key.rpartition("x")[2])
    top = 2 * row - (rows - (pixels.height + 1) // 2) // 2 * 2
    cells = _cells(pixels, top)
    return (
        [Segment(" " * left), *cells, Segment(" " * (width - left - pixels.width))] if cells else [Segment(" " * width)]
    )


def _cells(pixels: Pixels, top: int) -> list[Segment]:
    """The line whose upper pixels are row `top`: as few segments as it has runs of one colour."""
    if not 0 <= top < pixels.height:
        return []
    across = 3 * pixels.width
    upper = pixels.data[top * across : (top + 1) * across]
    lower = pixels.data[(top + 1) * across : (top + 2) * across]
    segments: list[Segment] = []
    run, style = "", Style.null()
    for at in range(0, across, 3):
        cell, painted = _cell(upper[at : at + 3], lower[at : at + 3])
        if painted is not style and run:
            segments.append(Segment(run, style))
            run = ""
        run, style = run + cell, painted
    return [*segments, Segment(run, style)]


@lru_cache(maxsize=8192)
def _cell(upper: bytes, lower: bytes) -> tuple[str, Style]:
    """A cell of two pixels; the lower one is missing under an odd number of rows."""
    if upper == lower:
        return " ", Style(bgcolor=Color.from_rgb(*upper))
    below = Color.from_rgb(*lower) if lower else None
    return "▀", Style(color=Color.from_rgb(*upper), bgcolor=below)


class Decoding:
    """Decodes what is asked for, on a thread of its own: what is in sight at once, the last first; all else slowly."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._soon: dict[_Name, Gallery] = {}
        self._later: dict[_Name, Gallery] = {}
        self._waiting: list[tuple[set[_Name], Callable[[], None]]] = []
        self._is_at_work = False

    def ask(self, gallery: Gallery, wanted: Iterable[str], done: Callable[[], None]) -> None:
        """Decode these some time; then call `done` on the UI's thread. Asked from there."""
        loop, context = asyncio.get_running_loop(), copy_context()
        names = [(id(gallery), key) for key in wanted]
        with self._changed:
            self._later.update(dict.fromkeys(names, gallery))
            self._waiting.append((set(names), lambda: _call(loop, context, done)))
            if self._is_at_work:
                return
            self._is_at_work = True
        threading.Thread(target=self._work, name="decode-pictures", daemon=True).start()

    def hurry(self, gallery: Gallery, wanted: Iterable[str]) -> None:
        """These are in sight now."""
        with self._changed:
            for name in [(id(gallery), key) for key in wanted]:
                if self._later.pop(name, None) is not None:
                    self._soon[name] = gallery
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._soon:
                    name, gallery = self._soon.popitem()
                    share = 0.0
                elif self._later:
                    name = next(iter(self._later))
                    gallery, share = self._later.pop(name), SHARE
                else:
                    self._is_at_work = False
                    return
            begun = time.monotonic()
            gallery.decode(name[1])
            self._tell(name)
            if share:
                with self._changed:
                    self._changed.wait_for(lambda: self._soon, timeout=share * (time.monotonic() - begun))

    def _tell(self, name: _Name) -> None:
        with self._changed:
            for names, _done in self._waiting:
                names.discard(name)
            ready = [done for names, done in self._waiting if not names]
            self._waiting = [one for one in self._waiting if one[0]]
        for done in ready:
            done()


def _call(loop: asyncio.AbstractEventLoop, context: Context, done: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed: the app is over, and nobody waits
        loop.call_soon_threadsafe(done, context=context)


decoding = Decoding()
