"""A figure's data beside its text, so that who shows it can draw it again: larger, narrower, in other characters.

It travels as one string under a MIME type of its own. It comes from a kernel that runs anybody's code, so that
reading it trusts nothing: no class is named in it, and what does not fit raises. No torch.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeAlias

from engine import rails, sheets, tables
from engine.plots import Note, Plot, Series
from engine.rails import Row
from engine.sheets import Scale, Sheet
from engine.tables import Table
from engine.terminal import Figure, columns
from engine.tiles import HeatMap, Picture, Surface

MIME = "application/vnd.d2l-tutor.figure"
LONGEST = 300_000
"""Characters: a figure that needs more is shown, and not drawn again. The record keeps 2 MB of a run."""
LEAST_FLOW = 72
"""Columns of a network that stands alone on a screen."""
MOST_BYTES = 16_000_000
"""Of one packed array."""
THINNED = 8_000
"""Points of one series: no screen shows more, and what a line does between them is kept."""


class FigureUnreadable(ValueError):
    """This is no figure that can be drawn again: damaged, or written by a newer version."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The drawing of a network."""

    rows: Sequence[Row]
    outputs: Sequence[int]


Content: TypeAlias = Sheet | Flow | Table


class Drawn(Figure):
    """A figure that can be drawn again; at most `widest` columns wide where the text flows on."""

    def __init__(self, content: Content, widest: int = 100_000) -> None:
        self.content = content
        self.widest = widest

    @property
    def text(self) -> str:  # type: ignore[override]
        """The figure as it is now, for the terminal that there is."""
        return draw(self.content, min(columns(), self.widest))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        return bundle(self.text, self.content)


def bundle(text: str, content: Content | None) -> dict[str, str]:
    """What is shown, by MIME type."""
    data = packed(content) if content is not None else ""
    return {"text/plain": text, **({MIME: data} if data else {})}


def draw(content: Content, width: int, height: int | None = None, *, at: float | None = None) -> str:
    """The figure in `width` columns. `height`: lines to fill, where it goes by them. `at`: as for a sheet."""
    match content:
        case Sheet():
            return sheets.draw(content, width, height, at=at)
        case Flow():
            room = width if height is None else min(width, max(LEAST_FLOW, rails.comfortable(content.rows)))
            return rails.draw(content.rows, content.outputs, room)
        case Table():
            return tables.draw(content, width)


# To text


def packed(content: Content) -> str:
    """The data as a string; empty where it would be too long."""
    match content:
        case Sheet():
            rows = [[_panel(panel) for panel in row] for row in content.rows]
            made = {"sheet": {**_plain(content), "rows": rows}}
        case Flow():
            made = {"flow": asdict(content)}
        case Table():
            made = {"table": asdict(content)}
    text = json.dumps(made, separators=(",", ":"))
    return text if len(text) <= LONGEST else ""


def _plain(content: Sheet | Plot) -> dict[str, Any]:
    """All but what is packed by itself."""
    left_out = ("rows", "series")
    found = {each.name: getattr(content, each.name) for each in fields(content) if each.name not in left_out}
    if isinstance(content, Sheet):
        found["scale"] = asdict(content.scale) if content.scale is not None else None
    else:
        found["notes"] = [asdict(note) for note in content.notes]
    return found


def _panel(panel: Plot | Picture | HeatMap | Surface) -> dict[str, Any]:
    match panel:
        case Plot():
            return {"plot": {**_plain(panel), "series": [_series(series) for series in panel.series]}}
        case Picture():
            return {"picture": {**asdict(panel), "pixels": _text(panel.pixels)}}
        case HeatMap():
            return {"heat map": {**asdict(panel), "values": _numbers(panel.values, "f")}}
        case Surface():
            return {"surface": {**asdict(panel), "values": _numbers(panel.values, "f")}}


def _series(series: Series) -> dict[str, Any]:
    x, y = thinned(series)
    boxes = [end for box in series.boxes for end in box]
    return {**asdict(series), "x": _numbers(x), "y": _numbers(y), "boxes": _numbers(boxes)}


def thinned(series: Series) -> tuple[Sequence[float], Sequence[float]]:
    """The points, or as many as a screen can show: of a line the lowest and the highest of each stretch."""
    count = min(len(series.x), len(series.y))
    if count <= THINNED or series.kind == "faces":
        return series.x, series.y
    if series.kind == "points":
        step = -(-count // THINNED)
        return series.x[:count:step], series.y[:count:step]
    step, kept = -(-2 * count // THINNED), []
    for start in range(0, count, step):
        stretch = range(start, min(start + step, count))
        kept += sorted({min(stretch, key=series.y.__getitem__), max(stretch, key=series.y.__getitem__)})
    return [series.x[at] for at in kept], [series.y[at] for at in kept]


def _text(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode("ascii")


def _numbers(values: Sequence[float], size: str = "d") -> str:
    """Numbers of 8 bytes (dates need them), or of 4 (`f`)."""
    return _text(array(size, values).tobytes())


# From text


def drawn_again(text: str, width: int, height: int | None = None) -> str:
    """The figure of `packed` for a size. Raises `FigureUnreadable`."""
    return redrawn(unpacked(text), width, height)


def redrawn(content: Content, width: int, height: int | None = None, *, at: float | None = None) -> str:
    """As `draw`, for what was unpacked: what is no sound figure is found out here. Raises `FigureUnreadable`."""
    try:
        return draw(content, width, height, at=at)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise FigureUnreadable(f"This figure cannot be drawn again: {error}.") from error


def unpacked(text: str) -> Content:
    """The data of `packed`. Raises `FigureUnreadable`."""
    try:
        ((kind, made),) = json.loads(text).items()
        return _READERS[kind](made)
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error, binascii.Error) as error:
        raise FigureUnreadable(f"This figure cannot be drawn again: {error}.") from error


def _sheet(made: Mapping[str, Any]) -> Sheet:
    rows = [[_read_panel(panel) for panel in row] for row in made["rows"]]
    scale = Scale(**made["scale"]) if made["scale"] is not None else None
    return Sheet(**{**made, "rows": rows, "scale": scale})


def _read_panel(panel: Mapping[str, Any]) -> Plot | Picture | HeatMap | Surface:
    ((kind, made),) = panel.items()
    if kind == "plot":
        series = [_read_series(each) for each in made["series"]]
        notes = [Note(**note) for note in made["notes"]]
        return Plot(**{**made, "series": series, "notes": notes})
    if kind == "picture":
        pixels = _bytes(made["pixels"])
        if len(pixels) != 3 * made["width"] * made["height"]:
            raise ValueError("a picture has too few pixels or too many")
        return Picture(**{**made, "pixels": pixels, "foot": tuple(made["foot"])})
    values = _floats(made["values"], "f")
    if len(values) != made["width"] * made["height"]:
        raise ValueError("a matrix has too few numbers or too many")
    if kind == "heat map":
        return HeatMap(**{**made, "values": values})
    if kind == "surface":
        path = tuple((float(x), float(y)) for x, y in made["path"])
        return Surface(**{**made, "values": values, "path": path})
    raise ValueError(f"{kind!r} is no kind of panel")


def _read_series(made: Mapping[str, Any]) -> Series:
    ends = _floats(made["boxes"])
    boxes = [(ends[at], ends[at + 1], ends[at + 2], ends[at + 3]) for at in range(0, len(ends), 4)]
    colour = tuple(made["colour"]) if made["colour"] is not None else None
    return Series(**{**made, "x": _floats(made["x"]), "y": _floats(made["y"]), "boxes": boxes, "colour": colour})


def _flow(made: Mapping[str, Any]) -> Flow:
    rows = [Row(**{**row, "inputs": tuple(row["inputs"])}) for row in made["rows"]]
    return Flow(rows, tuple(made["outputs"]))


def _table(made: Mapping[str, Any]) -> Table:
    def row(cells: Sequence[str]) -> tables.Row:
        first, second, third, fourth = cells
        return str(first), str(second), str(third), str(fourth)

    return Table(row(made["head"]), [row(each) for each in made["rows"]], [str(line) for line in made["foot"]])


_READERS: dict[str, Callable[[Mapping[str, Any]], Content]] = {"sheet": _sheet, "flow": _flow, "table": _table}


def _bytes(text: str) -> bytes:
    reader = zlib.decompressobj()
    data = reader.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
    if not reader.eof:
        raise ValueError("an array is too long, or cut off")
    return data


def _floats(text: str, size: str = "d") -> Sequence[float]:
    numbers = array(size)
    numbers.frombytes(_bytes(text))
    return numbers
