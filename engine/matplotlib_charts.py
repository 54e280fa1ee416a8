"""matplotlib's figures as text: what is lines, points, bars, contours or an image becomes a chart. No torch.

All else (surfaces, polar axes, filled contours) is drawn by matplotlib itself, and its picture shown in half
blocks, with title and captions as text, since letters of that size cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cbook import STEP_LOOKUP_MAP
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation

from engine import plots
from engine.matplotlib_shapes import NotAChart, colour_of, series_of
from engine.plots import Note, Plot, Series
from engine.sheets import Sheet, bar_of, draw
from engine.terminal import columns
from engine.tiles import Picture, Tile

WIDEST = 80
HEIGHT, LOW, HIGH = 18, 14, 24
"""Lines of a chart: of one that is alone, of several, of one that is higher than wide."""
FINEST = 256
"""Pixels of an image's longer side that are kept."""
_DASHES = {"-": "1", "--": plots.DASHES[1], ":": plots.DASHES[2], "-.": plots.DASHES[3]}


def as_text(figure: Figure) -> str:
    """The figure for a terminal: with ANSI colours where they may be used."""
    return draw(as_sheet(figure), min(columns(), WIDEST))


def as_sheet(figure: Figure) -> Sheet:
    """The figure as data that can be drawn at any size."""
    if not isinstance(figure.canvas, FigureCanvasAgg):
        FigureCanvasAgg(figure)  # a figure that was made without pyplot
    figure.draw_without_rendering()  # ticks and limits are settled by drawing
    axes = [each for each in figure.axes if each.get_visible() and not hasattr(each, "_colorbar")]
    title = figure._suptitle.get_text() if getattr(figure, "_suptitle", None) is not None else ""  # type: ignore[attr-defined]
    try:
        rows = _rows(axes)
    except NotAChart:
        return Sheet([[_picture_of(figure, axes)]], title, is_afar=True)
    lines = HEIGHT if len(axes) == 1 else LOW
    across, down = figure.get_size_inches()
    if len(axes) == 1 and (down > 1.2 * across or axes[0].name == "3d"):
        lines = HIGH
    return Sheet(rows, title, lines=lines)


def _rows(axes: Sequence[Any]) -> list[list[Plot | Tile]]:
    if len({each.get_position().bounds for each in axes}) < len(axes):
        raise NotAChart  # twins that share a place
    rows: dict[int, list[Plot | Tile]] = {}
    for number, each in enumerate(axes):
        spec = each.get_subplotspec()
        rows.setdefault(spec.rowspan.start if spec is not None else number, []).append(_one(each))
    return list(rows.values())


def _one(axes: Any) -> Plot | Tile:
    """One pair of axes."""
    if axes.name == "3d":
        from engine.matplotlib_space import in_space

        return in_space(axes)
    if axes.name != "rectilinear":
        raise NotAChart
    if axes.images:
        if axes.lines or axes.collections or axes.patches or len(axes.images) > 1:
            raise NotAChart
        return _image(axes, axes.images[0])
    plot = Plot(
        title=axes.get_title(),
        xlabel=axes.get_xlabel(),
        ylabel=axes.get_ylabel(),
        xlog=_is_log(axes.get_xscale()),
        ylog=_is_log(axes.get_yscale()),
        xlim=None if axes.get_autoscalex_on() else _two(axes.get_xlim()),
        ylim=None if axes.get_autoscaley_on() else _two(axes.get_ylim()),
        xticks=_named_ticks(axes.xaxis),
        yticks=_named_ticks(axes.yaxis),
        legend=axes.get_legend() is not None,
    )
    shapes, heights = series_of(axes)
    plot.series = [*_boxes(axes), *(_line(line, axes) for line in axes.lines if line.get_visible()), *shapes]
    plot.notes = [*(_note(text, axes) for text in axes.texts if text.get_text()), *heights]
    plot.legend |= any("…" in each.label for each in shapes)  # bands of a scale say what they stand for
    _name(plot.series, axes)
    return plot


def _two(limits: Sequence[Any]) -> tuple[float, float]:
    return float(limits[0]), float(limits[1])


def _is_log(scale: str) -> bool:
    if scale not in ("linear", "log"):
        raise NotAChart
    return scale == "log"


def _named_ticks(axis: Any) -> list[tuple[float, str]] | None:
    """Ticks that somebody chose; None: the diagram chooses round ones."""
    locator = type(axis.get_major_locator()).__name__
    if locator not in ("FixedLocator", "StrCategoryLocator") and "Date" not in locator:
        return None
    labels = [" ".join(label.get_text().split()) for label in axis.get_ticklabels()]
    return [(float(place), words) for place, words in zip(axis.get_ticklocs(), labels, strict=False) if words]


def _line(line: Line2D, axes: Any) -> Series:
    data: Any = np.ma.filled(np.ma.asarray(line.get_xydata(), dtype=float), np.nan)
    if line.get_transform() != axes.transData:  # axhline and its kin: partly in parts of the axes
        data = axes.transData.inverted().transform(line.get_transform().transform(data))
        if np.isfinite(axes.dataLim.extents).all():  # it reaches from edge to edge, and stretches no axis
            data = np.clip(data, *axes.dataLim.extents.reshape(2, 2)) if len(axes.lines) > 1 else data
    style, marker = str(line.get_linestyle()), line.get_marker()
    is_marked = marker not in (None, "None", "none", "", " ")
    x, y = data[:, 0].tolist(), data[:, 1].tolist()
    if (steps := line.get_drawstyle()) != "default":
        x, y = (part.tolist() for part in STEP_LOOKUP_MAP[steps](x, y))
    label, colour = str(line.get_label()), colour_of(line.get_color())
    if style in ("None", " ", ""):
        return Series("points", x, y, label, colour)
    few = len(x) <= 24
    return Series("line", x, y, label, colour, dash=_DASHES.get(style, "1"), has_marks=is_marked and few)


def _boxes(axes: Any) -> list[Series]:
    """Bars by colour: one series for each call that drew some."""
    groups: dict[str, list[tuple[float, float, float, float]]] = {}
    for patch in axes.patches:
        if not isinstance(patch, Rectangle) or patch.get_angle():
            raise NotAChart
        x0, y0, x1, y1 = patch.get_bbox().extents
        left, right = sorted((float(x0), float(x1)))
        low, high = sorted((float(y0), float(y1)))
        groups.setdefault(to_hex(patch.get_facecolor()), []).append((left, low, right, high))
    labels: dict[str, str] = {}
    for container in axes.containers:
        patches = getattr(container, "patches", ())
        if patches:
            labels.setdefault(to_hex(patches[0].get_facecolor()), str(container.get_label()))
    return [
        Series("boxes", boxes=boxes, label=labels.get(shade, "_"), colour=colour_of(shade))
        for shade, boxes in groups.items()
    ]


def _name(series: list[Series], axes: Any) -> None:
    """Labels as the legend has them; none for what is not in it."""
    legend = axes.get_legend()
    words = [text.get_text() for text in legend.get_texts()] if legend is not None else []
    unnamed = all(each.label.startswith("_") for each in series)
    for number, each in enumerate(series):
        label = (words[number] if number < len(words) else "") if unnamed else each.label
        changed = Series(
            **{**{k: getattr(each, k) for k in each.__slots__}, "label": "" if label.startswith("_") else label}
        )
        series[number] = changed


def _note(text: Any, axes: Any) -> Note:
    inverted = axes.transData.inverted()
    if isinstance(text, Annotation):
        about = inverted.transform(text._get_xy(axes.figure.canvas.get_renderer(), text.xy, text.xycoords))  # type: ignore[attr-defined]
        at = inverted.transform(text.get_transform().transform(text.get_position()))
        has_arrow = text.arrow_patch is not None
        return Note(
            text.get_text(), (float(at[0]), float(at[1])), (float(about[0]), float(about[1])) if has_arrow else None
        )
    x, y = inverted.transform(text.get_transform().transform(text.get_position()))
    return Note(text.get_text(), (float(x), float(y)))


def _image(axes: Any, image: AxesImage) -> Picture:
    """An image with its title, and what its colours mean where they are a scale."""
    array = image.get_array()
    assert array is not None, "an image without data is not drawn"
    pixels = np.asarray(image.to_rgba(array, bytes=True))[..., :3]
    pixels = pixels[::-1] if image.origin == "lower" else pixels
    labels = [words for words in (axes.get_xlabel(), axes.get_ylabel()) if words]
    foot = ["   ".join(labels)] if labels else []
    if image.colorbar is not None:
        low, high = image.get_clim()
        steps: Any = np.asarray(image.get_cmap()(np.linspace(0, 1, 16), bytes=True))[:, :3]
        foot.insert(0, f"{low:.3g} {bar_of(steps.tolist())} {high:.3g}")
    return _pixels(pixels, axes.get_title(), smallest=24, largest=64, foot=foot)


def _picture_of(figure: Figure, axes: Sequence[Any]) -> Picture:
    """Drawn by matplotlib, seen from afar."""
    canvas: Any = figure.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    drawn = (pixels != pixels[0, 0]).any(-1)
    if drawn.any():  # the margins are left out
        rows, across = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
        pixels = pixels[rows[0] : rows[-1] + 1, across[0] : across[-1] + 1]
    titles = [each.get_title() for each in axes if each.get_title()]
    captions = [" ".join(filter(None, (each.get_xlabel(), each.get_ylabel()))) for each in axes]
    foot = "   ".join(filter(None, captions))
    return _pixels(pixels, "   ".join(titles), smallest=1, largest=WIDEST, foot=[foot] if foot else [])


def _pixels(pixels: Any, title: str, *, smallest: int, largest: int, foot: Sequence[str]) -> Picture:
    """(h, w, 3) bytes, averaged down to `FINEST` on the longer side."""
    height, across = pixels.shape[:2]
    if (shrink := FINEST / max(height, across)) < 1:
        height, across = max(1, round(height * shrink)), max(1, round(across * shrink))
        pixels = _averaged(_averaged(pixels, 0, height), 1, across).round().astype(np.uint8)
    data = np.ascontiguousarray(pixels, dtype=np.uint8).tobytes()
    return Picture(across, height, data, title, smallest, largest, tuple(foot))


def _averaged(pixels: Any, axis: int, size: int) -> Any:
    """Means over stretches of one axis."""
    edges = np.linspace(0, pixels.shape[axis], size + 1).round().astype(int)
    sums = np.add.reduceat(pixels.astype(float), edges[:-1], axis=axis)
    shape = [1] * pixels.ndim
    shape[axis] = size
    return sums / np.diff(edges).reshape(shape)
