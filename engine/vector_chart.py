"""Curves as SVG, for those who can show pictures: Jupyter, an exported page. No torch, and nothing to install.

The picture holds text and shapes alone: no script, no link, nothing that is fetched. Curves are told apart by colour
and by stroke or dots, as in the terminal; what is no number, or beyond every chart, leaves a gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from engine.curves import Curve, Curves
from engine.ticks import PALETTE, decade_ticks, round_ticks

WIDTH, HEIGHT = 560, 300
"""Pixels; it can be scaled to any size."""
_LEFT, _RIGHT, _TOP, _LINE = 52, 14, 34, 17
POINTS = 300
"""Points that a curve is drawn with at most."""
DOTTED = 40
"""A curve of validation with no more points has a dot on each."""
LARGEST = 1e30
EXPLODED = 10.0
"""Points above so many times a curve's first value are at the upper edge: they must not flatten the others."""
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2", "10 4")


def chart(curves: Curves, *, log_y: bool = False) -> str:
    """The curves of a cell as an SVG document, with the title of its newest run."""
    current = curves.current
    return svg(curves.curves(), title=current.title if current else "", x_max=curves.x_max, log_y=log_y)


def svg(
    curves: Sequence[Curve], *, title: str = "", x_label: str = "epoch", x_max: float | None = None, log_y: bool = False
) -> str:
    """An SVG document, `WIDTH` pixels wide. Empty curves are named in the legend alone."""
    drawn = [_clean(curve, log_y) for curve in curves]
    legend = list(_legend(curves))
    bottom = 40 + _LINE * len(legend)
    height = HEIGHT + _LINE * len(legend)
    plot = _Plot(drawn, x_max, log_y, height - bottom)
    words = _xml(", ".join(text for _mark, text in legend))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" font-family="sans-serif" font-size="11">',
        f"<title>{_xml(title) or 'training curves'}</title><desc>{words}</desc>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="18" font-size="12" fill="#333333">{_xml(_cut(title, 90))}</text>',
        *plot.axes(x_label),
    ]
    for number, curve in enumerate(drawn):
        parts += plot.line(curve, number)
    for row, (mark, text) in enumerate(legend):
        y = height - _LINE * (len(legend) - row) + 4
        parts.append(f'<g transform="translate({_LEFT},{y})">{mark}<text x="32" fill="#333333">{_xml(text)}</text></g>')
    return "\n".join([*parts, "</svg>"])


class _Plot:
    """Where values are in the picture."""

    def __init__(self, curves: Sequence[Curve], x_max: float | None, log_y: bool, bottom: float) -> None:
        xs = [x for curve in curves for x in curve.x]
        ys = [min(y, _roof(curve)) for curve in curves for y in curve.y if math.isfinite(y)]
        self._bottom = bottom
        self._x_ticks = round_ticks(min(xs, default=0.0), max(x_max or 0.0, max(xs, default=1.0)), 6)
        if log_y:
            self._y_ticks = decade_ticks(min(ys, default=0.0), max(ys, default=1.0), 6)
        else:
            self._y_ticks = round_ticks(min(0.0, min(ys, default=0.0)), max(ys, default=1.0), 6)

    def x(self, value: float) -> float:
        low, high = self._x_ticks[0][0], self._x_ticks[0][-1]
        return _LEFT + (value - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self._y_ticks[0][0], self._y_ticks[0][-1]
        part = min(1.0, max(0.0, (value - low) / (high - low)))
        return self._bottom - part * (self._bottom - _TOP)

    def axes(self, x_label: str) -> Iterator[str]:
        for value, words in zip(*self._y_ticks, strict=True):
            y = self.y(value)
            yield f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" stroke="#dddddd"/>'
            yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#555555">{_xml(words)}</text>'
        for value, words in zip(*self._x_ticks, strict=True):
            x = self.x(value)
            yield f'<path d="M{x:.1f} {self._bottom}v4" stroke="#555555"/>'
            yield f'<text x="{x:.1f}" y="{self._bottom + 16}" text-anchor="middle" fill="#555555">{_xml(words)}</text>'
        yield f'<path d="M{_LEFT} {_TOP}V{self._bottom}H{WIDTH - _RIGHT}" fill="none" stroke="#555555"/>'
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        y = self._bottom + 30
        yield f'<text x="{middle:.0f}" y="{y:.0f}" text-anchor="middle" fill="#555555">{_xml(x_label)}</text>'

    def line(self, curve: Curve, number: int) -> Iterator[str]:
        colour, dash, faint = _style(curve, number)
        for piece in _pieces(curve):
            points = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in piece)
            yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"{dash}{faint}/>'
            if _has_dots(curve) or len(piece) == 1:
                for x, y in piece:
                    yield f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="2.6" fill="{colour}"{faint}/>'


def _style(curve: Curve, number: int) -> tuple[str, str, str]:
    red, green, blue = PALETTE[number % len(PALETTE)]
    dash = _DASHES[number % len(_DASHES)]
    return (
        f"#{red:02x}{green:02x}{blue:02x}",
        f' stroke-dasharray="{dash}"' if dash else "",
        ' opacity="0.35"' if curve.previous else "",
    )


def _has_dots(curve: Curve) -> bool:
    return curve.kind == "auto" and not curve.label.startswith("train") and len(curve.x) <= DOTTED


def _legend(curves: Sequence[Curve]) -> Iterator[tuple[str, str]]:
    """The mark and the words of each curve; the words end with its last value."""
    for number, curve in enumerate(curves):
        colour, dash, faint = _style(curve, number)
        mark = f'<path d="M0 -4H26" stroke="{colour}" stroke-width="2"{dash}{faint}/>'
        if _has_dots(curve):
            mark += f'<circle cx="13" cy="-4" r="2.6" fill="{colour}"{faint}/>'
        yield mark, f"{_cut(curve.label, 60)} {curve.y[-1]:.4g}" if curve.y else _cut(curve.label, 60)


def _clean(curve: Curve, log_y: bool) -> Curve:
    """The curve with few enough points; a gap is a nan. On a logarithmic axis, of the exponents."""
    step = max(1, math.ceil(len(curve.x) / POINTS))
    kept = [*range(0, len(curve.x), step)]
    if curve.x and kept[-1] != len(curve.x) - 1:
        kept.append(len(curve.x) - 1)
    pairs = [(curve.x[at], curve.y[at]) for at in kept if math.isfinite(curve.x[at])]
    ys = [_shown(y, log_y) for _x, y in pairs]
    return Curve(curve.label, tuple(x for x, _y in pairs), tuple(ys), curve.previous, curve.kind)


def _shown(y: float, log_y: bool) -> float:
    if not math.isfinite(y) or abs(y) > LARGEST or (log_y and y <= 0):
        return math.nan
    return math.log10(y) if log_y else y


def _roof(curve: Curve) -> float:
    first = next((y for y in curve.y if math.isfinite(y)), 0.0)
    return EXPLODED * first if first > 0 else math.inf


def _pieces(curve: Curve) -> Iterator[list[tuple[float, float]]]:
    piece: list[tuple[float, float]] = []
    for x, y in zip(curve.x, curve.y, strict=True):
        if math.isfinite(y):
            piece.append((x, y))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _xml(text: str) -> str:
    """Text that XML may hold: no control characters."""
    return escape("".join(char if char.isprintable() else "\ufffd" for char in text), {'"': "&quot;"})
