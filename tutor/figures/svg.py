"""Draws the SVG drawings that books are made with: filled and stroked shapes, groups, symbols that are used again.

Letters are shapes too in most of them. Gradients, masks, filters, style sheets and fonts are not known;
nothing is fetched, no entity is known, and a drawing that takes too long is given up.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tutor.figures.headers import Header
from tutor.figures.outlines import Matrix, Ring, matrix_of, moved, numbers, rings_of, times
from tutor.words import _

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from PIL.Image import Image

KIND = "SVG"
MOST = 4 * 1024 * 1024
"""Bytes of a drawing."""
MOST_SECONDS = 4.0
DEEPEST = 40
FINER = 3
"""Pixels drawn for each pixel, across and down: edges become soft."""
LARGEST_SIDE = 3200

_START = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|svg|!DOCTYPE\s+svg)", re.I)
_ROOT = re.compile(rb"<svg\b[^>]*>", re.I | re.S)
_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_INHERITED = (
    "fill",
    "stroke",
    "stroke-width",
    "fill-opacity",
    "stroke-opacity",
    "color",
    "visibility",
    "font-size",
    "text-anchor",
)
_UNDRAWN = frozenset(("defs", "symbol", "clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient"))


class Undrawable(Exception):
    """A drawing that is broken, or too much."""


def read_svg_header(start: bytes) -> Header | None:
    """How large a drawing is, from its first kilobytes; None: it is no SVG, or does not say."""
    if not _START.match(start) or (root := _ROOT.search(start)) is None:
        return None
    text = root[0].decode("utf-8", "replace")
    given = {name: found for name, _q, found in re.findall(r"([\w:]+)\s*=\s*([\"'])(.*?)\2", text, re.S)}
    box = numbers(given.get("viewBox", ""))
    sides = [numbers(given.get(name, "")) for name in ("width", "height")]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        width, height = box[2], box[3]
    elif all(sides) and all("%" not in given.get(name, "") for name in ("width", "height")):
        width, height = sides[0][0], sides[1][0]
    else:
        return None
    longest = max(width, height)
    if not (0 < longest < 1e6) or min(width, height) / longest < 0.002:
        return None
    return Header(KIND, max(1, round(1000 * width / longest)), max(1, round(1000 * height / longest)))


def rendered(data: bytes, size: tuple[int, int]) -> Image:
    """The drawing on white, in that many pixels. Raises `Undrawable`."""
    from xml.etree import ElementTree

    if re.search(rb"<!ENTITY", data, re.I):
        raise Undrawable(_("it defines entities"))
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # LookupError: an encoding that nobody has
        raise Undrawable(_("its file is broken")) from error
    return _Drawing(root, size).image()


class _Drawing:
    """One drawing in the making."""

    def __init__(self, root: Element, size: tuple[int, int]) -> None:
        from PIL import Image as Images

        self._root = root
        self._size = size
        finer = max(1, min(FINER, LARGEST_SIDE // max(size)))
        self._canvas = Images.new("RGB", (size[0] * finer, size[1] * finer), "white")
        self._named = {name: one for one in root.iter() if (name := one.get("id"))}
        self._until = time.monotonic() + MOST_SECONDS

    def image(self) -> Image:
        box = numbers(self._root.get("viewBox", ""))
        if len(box) != 4 or not box[2] or not box[3]:
            box = [0, 0, *(numbers(self._root.get(name, ""))[0] for name in ("width", "height"))]
        scale = min(self._canvas.width / box[2], self._canvas.height / box[3])
        base = (scale, 0.0, 0.0, scale, -box[0] * scale, -box[1] * scale)
        for child in self._root:
            self._draw(child, base, _style(self._root, {"fill": "black", "stroke": "none"}), 0)
        return self._canvas.resize(self._size, reducing_gap=2.0)

    def _draw(self, element: Element, outer: Matrix, inherited: Mapping[str, str], depth: int) -> None:
        if time.monotonic() > self._until:
            raise Undrawable(_("it is too complicated to be drawn"))
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if tag in _UNDRAWN or depth > DEEPEST:
            return
        style = _style(element, inherited)
        if style.get("display") == "none" or style.get("opacity") == "0":
            return
        matrix = times(outer, matrix_of(element.get("transform", "")))
        if tag == "use":
            name = element.get("href") or element.get("{http://www.w3.org/1999/xlink}href") or ""
            x, y = ((numbers(element.get(side, "")) or [0.0])[0] for side in ("x", "y"))
            target = self._named.get(name.removeprefix("#"))
            if target is not None:
                inner = times(matrix, (1, 0, 0, 1, x, y))
                is_symbol = target.tag.rpartition("}")[2] == "symbol"
                for one in target if is_symbol else (target,):
                    self._draw(one, inner, _style(target, style) if is_symbol else style, depth + 1)
            return
        if tag == "text":
            self._text(element, matrix, style)
            return
        if rings := rings_of(tag, element.attrib):
            self._shape(rings, matrix, style)
            return
        for child in element:
            self._draw(child, matrix, style, depth + 1)

    def _shape(self, rings: list[tuple[Ring, bool]], matrix: Matrix, style: Mapping[str, str]) -> None:
        from PIL import ImageDraw

        placed = [(moved(ring, matrix), closed) for ring, closed in rings]
        if (ink := _ink(style, "fill")) is not None:
            self._fill([ring for ring, _closed in placed if len(ring) > 2], ink)
        if (ink := _ink(style, "stroke")) is not None:
            scale = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
            width = (numbers(style.get("stroke-width", "")) or [1.0])[0] * scale
            draw = ImageDraw.Draw(self._canvas)
            for ring, closed in placed:
                line = [*ring, ring[0]] if closed else ring
                draw.line(self._near(line), ink, max(1, round(width)), joint="curve" if width > 4 else None)

    def _text(self, element: Element, matrix: Matrix, style: Mapping[str, str]) -> None:
        """Its words in Pillow's own font; each part that has a place of its own, there. Not turned."""
        from PIL import ImageDraw, ImageFont

        ink = _ink(style, "fill")
        place = [(numbers(element.get(side, "")) or [0.0])[0] for side in ("x", "y")]
        anchor = {"middle": "ms", "end": "rs"}.get(style.get("text-anchor", ""), "ls")
        size = (numbers(style.get("font-size", "")) or [16.0])[0] * abs(
            matrix[0] * matrix[3] - matrix[1] * matrix[2]
        ) ** 0.5
        words = " ".join(((element.text or "") if len(element) else "".join(element.itertext())).split())
        if words and ink is not None and 1 < size < LARGEST_SIDE:
            ((x, y),) = moved([(place[0], place[1])], matrix)
            ImageDraw.Draw(self._canvas).text((x, y), words[:500], ink, ImageFont.load_default(size), anchor=anchor)
        for part in element:
            for side in ("x", "y"):
                part.attrib.setdefault(side, element.get(side, "0"))
            self._text(part, matrix, _style(part, style))

    def _fill(self, rings: list[Ring], ink: tuple[int, int, int]) -> None:
        """Rings one in another leave a hole between them: by the rule of even and odd."""
        from PIL import Image as Images
        from PIL import ImageChops, ImageDraw

        rings = [self._near(ring) for ring in rings]
        if len(rings) == 1:
            ImageDraw.Draw(self._canvas).polygon(rings[0], ink)
        if len(rings) < 2:
            return
        left, top = (int(min(point[axis] for ring in rings for point in ring)) for axis in (0, 1))
        right, bottom = (int(max(point[axis] for ring in rings for point in ring)) + 1 for axis in (0, 1))
        left, top = max(0, left), max(0, top)
        size = min(right, self._canvas.width) - left, min(bottom, self._canvas.height) - top
        if size[0] <= 0 or size[1] <= 0:
            return
        mask = Images.new("1", size)
        for ring in rings:
            one = Images.new("1", size)
            ImageDraw.Draw(one).polygon([(x - left, y - top) for x, y in ring], 1)
            mask = ImageChops.logical_xor(mask, one)
        self._canvas.paste(ink, (left, top), mask)

    def _near(self, ring: Ring) -> Ring:
        """Points that are far outside brought nearer: Pillow goes through every line of what it fills."""
        far = 4 * LARGEST_SIDE
        return [(max(-far, min(far, x)), max(-far, min(far, y))) for x, y in ring]


def _style(element: Element, inherited: Mapping[str, str]) -> dict[str, str]:
    own = {**{name: found for name, found in element.attrib.items() if name in (*_INHERITED, "display", "opacity")}}
    own |= {name: found.strip() for name, found in _STYLE.findall(element.get("style", ""))}
    return {**{name: inherited[name] for name in _INHERITED if name in inherited}, **own}


def _ink(style: Mapping[str, str], what: str) -> tuple[int, int, int] | None:
    """The colour of a fill or a stroke on white; None: there is none."""
    from PIL import ImageColor

    name = style.get(what, "none").strip()
    if name in ("none", "transparent", "") or style.get("visibility") == "hidden":
        return None
    if name == "currentColor":
        name = style.get("color", "black")
    try:
        red, green, blue = (170, 170, 170) if name.startswith("url(") else ImageColor.getrgb(_rounded(name))[:3]
    except ValueError:
        red, green, blue = 0, 0, 0
    opacity = 1.0
    for which in (f"{what}-opacity", "opacity"):
        opacity *= max(0.0, min(1.0, (numbers(style.get(which, "")) or [1.0])[0]))
    if opacity < 0.05:
        return None
    return tuple(round(255 + opacity * (value - 255)) for value in (red, green, blue))  # type: ignore[return-value]


def _rounded(name: str) -> str:
    """`rgb(93.3%, …)`, which Pillow takes only in whole parts."""
    if "%" not in name:
        return name
    return f"rgb({','.join(str(round(min(100.0, value) * 2.55)) for value in numbers(name)[:3])})"
