"""The pictures of one notebook, by what its text calls them. Lays nothing out and starts no thread: it is asked.

What is decoded is kept for all galleries, by the file and when it was last changed: coming back shows it at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.terminal import in_colour
from tutor import pace, text_profile
from tutor.figures import drawings
from tutor.figures.decoding import Pixels, decoded, fitted, in_cells
from tutor.figures.sources import Source, Unshown, found, from_bytes, from_file, root_of, split
from tutor.figures.svg import KIND
from tutor.prose.figures import Figure
from tutor.words import _

if TYPE_CHECKING:
    from PIL.Image import Image

TALLEST = 22
"""Lines of a picture: with its caption it fits a screen of 24."""
HELD = "held:"
"""Before the name of a picture that the text itself holds."""
KEPT = 512
"""Pictures that are kept decoded, of some 10 KB each."""

LARGEST_EMBEDDED = 6 * 1024 * 1024
"""Bytes of a picture that becomes part of a page."""

_DATA = re.compile(r"data:image/[a-z+.-]+(?:;[\w=.-]+)*;base64,([A-Za-z0-9+/=%]*)", re.I)

_kept: OrderedDict[tuple[object, ...], Pixels | str] = OrderedDict()
_lock = threading.Lock()


def are_drawn() -> bool:
    """Whether pictures are drawn among the text: not without colours or in ASCII, and not where bytes are few."""
    return in_colour() and not text_profile.current().ascii and pace.current().has_graphics


class Gallery:
    """Pictures as seen from the notebook at `path`; `drawn` says whether they are drawn, or only told of."""

    def __init__(self, path: Path, *, drawn: Callable[[], bool] = are_drawn) -> None:
        self._drawn = drawn
        self._folder = path.parent
        self._root: Path | None = None
        self._held: dict[str, bytes] = {}
        self._asked: dict[str, tuple[Source, int, int]] = {}

    def shortened(self, markdown: str) -> str:
        """The text, with what it holds of pictures taken out and kept here: a megabyte of letters is slow to read."""
        return _DATA.sub(self._hold, markdown) if "data:image/" in markdown else markdown

    def _hold(self, match: re.Match[str]) -> str:
        try:
            data = base64.b64decode(match[1].replace("%3D", "="), validate=True)
        except binascii.Error:
            data = b""
        name = hashlib.sha256(data).hexdigest()[:16]
        self._held[name] = data
        return HELD + name

    def source(self, src: str) -> Source:
        """The picture that is called that. Raises `Unshown`."""
        if src.startswith(HELD):
            name = src.removeprefix(HELD)
            return from_bytes(self._held.get(name, b""), name)
        return from_file(self._path(src))

    def _path(self, src: str) -> Path:
        if self._root is None:
            self._root = root_of(self._folder)
        return found(src, self._folder, self._root)

    def image(self, src: str) -> Image:
        """Its pixels, for the full screen; from any thread. Raises `Unshown`."""
        return decoded(self.source(src))

    def embedded(self, src: str) -> str:
        """The file's bytes as a `data:` address, for a page that stands alone. Raises `Unshown`."""
        source = self.source(src)
        with source.open() as file:
            data = file.read(LARGEST_EMBEDDED + 1)
        kind = "svg+xml" if source.header.kind == KIND else source.header.kind.lower()
        if len(data) > LARGEST_EMBEDDED:
            raise Unshown(_("its file is larger than {size} MB").format(size=LARGEST_EMBEDDED // 2**20))
        return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"

    def figure(self, src: str, width: int) -> Figure:
        """How to lay it out in `width` columns. It reads a few bytes of the file, and decodes nothing."""
        name = "" if src.startswith(HELD) else split(src).path.rpartition("/")[2] or src
        link = src if split(src).scheme in ("http", "https") else ""
        try:
            if not src.startswith(HELD):
                link = self._path(src).as_uri()
            source = self.source(src)
        except Unshown as reason:
            what = link if link.startswith("http") else name
            said = _("picture {name}: {reason}") if what else _("picture: {reason}")
            return Figure(link, said.format(name=what, reason=reason))
        words = _words(source)
        if not self._drawn():
            return Figure(link, words or _size(source))
        columns, pixels = fitted((source.header.width, source.header.height), (max(4, width), 2 * TALLEST))
        rows = (pixels + 1) // 2
        key = f"{hashlib.sha256(repr(source.identity).encode()).hexdigest()[:16]}-{columns}x{rows}"
        self._asked[key] = (source, columns, rows)
        return Figure(link, words, key, columns, rows)

    def pixels(self, key: str) -> Pixels | str | None:
        """The picture of a `Figure`, if it was decoded; a sentence, if it cannot be."""
        with _lock:
            return _kept.get(_place(*self._asked[key])) if key in self._asked else ""

    def decode(self, key: str) -> None:
        """Decode the picture of a `Figure`; from any thread, but the UI's."""
        source, columns, rows = self._asked[key]
        place = _place(source, columns, rows)
        try:
            made: Pixels | str = in_cells(source, columns, rows)
        except Unshown as reason:
            made = _("picture {name}: {reason}").format(name=source.name, reason=reason)
        with _lock:
            _kept[place] = made
            _kept.move_to_end(place)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)


def _place(source: Source, columns: int, rows: int) -> tuple[object, ...]:
    return (*source.identity, columns, rows)


def _words(source: Source) -> str:
    """The words in a drawing, which half blocks cannot show; empty where there are none. Raises nothing."""
    if source.header.kind != KIND:
        return ""
    try:
        with source.open() as file:
            words = drawings.labels(file)
    except (Unshown, OSError):  # it went away since it was measured, and will be said to have
        return ""
    return _("in the drawing: {words}").format(words=" · ".join(words)) if words else ""


def _size(source: Source) -> str:
    if source.header.kind == KIND:
        return _("drawing {name}").format(name=source.name) if source.name else _("drawing")
    across = "x" if text_profile.current().ascii else "×"
    size = f"{source.header.width} {across} {source.header.height}"
    said = _("picture {name}, {size} pixels") if source.name else _("picture, {size} pixels")
    return said.format(name=source.name, size=size)
