"""The book's figures (2.4, 4.2, 11.1, 12.3), drawn with matplotlib so that the book's code can go on drawing on them.

In the tutor's kernel the engine's backend shows every figure as characters, with a picture beside. No torch is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy
from matplotlib import pyplot as plt


def use_svg_display() -> None:
    """Ask a notebook for SVG. The tutor's kernel has its own way to show figures: nothing is changed there."""
    ipython: Any = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None and "inline" in plt.get_backend():
        from matplotlib_inline import backend_inline

        backend_inline.set_matplotlib_formats("svg")  # type: ignore[no-untyped-call]


def set_figsize(figsize: tuple[float, float] = (3.5, 2.5)) -> None:
    """The size of figures to come, in inches."""
    use_svg_display()
    plt.rcParams["figure.figsize"] = figsize


def set_axes(
    axes: Any,
    xlabel: str | None,
    ylabel: str | None,
    xlim: Sequence[float] | None,
    ylim: Sequence[float] | None,
    xscale: str,
    yscale: str,
    legend: Sequence[str] | None,
) -> None:
    """Give axes their labels, scales and limits; None: matplotlib's own."""
    wanted = {"xlabel": xlabel, "ylabel": ylabel, "xscale": xscale, "yscale": yscale, "xlim": xlim, "ylim": ylim}
    axes.set(**{name: value for name, value in wanted.items() if value is not None})
    if legend:
        axes.legend(legend)
    axes.grid(True)


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Sequence[str] | None = (),
    xlim: Sequence[float] | None = None,
    ylim: Sequence[float] | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Sequence[str] = ("-", "m--", "g-.", "r:"),
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Any = None,
) -> None:
    """Lines through points: `plot(x, [f(x), g(x)], legend=["f", "g"])`; without `Y`, `X` over 0, 1, 2, …"""
    set_figsize(figsize)
    lines_x, lines_y = ([None], _lines(X)) if Y is None else (_lines(X), _lines(Y))
    count = max(len(lines_x), len(lines_y))
    if len(lines_x) != count:
        lines_x = lines_x * count
    if len(lines_y) != count:
        lines_y = lines_y * count
    axes = _axes_to_draw_on() if axes is None else axes
    axes.cla()
    for i, (x, y) in enumerate(zip(lines_x, lines_y, strict=False)):
        style = fmts[i % len(fmts)]
        axes.plot(y, style) if x is None or not numpy.size(x) else axes.plot(x, y, style)
    set_axes(axes, xlabel, ylabel, xlim, ylim, xscale, yscale, legend)


def _axes_to_draw_on() -> Any:
    """The current axes. What the same cell drew there before is shown first: the book's way is to wipe it unseen."""
    axes = plt.gca()
    backend: Any = sys.modules.get("engine.matplotlib_backend")
    if backend is None or plt.get_backend() != backend.NAME or not axes.has_data() or len(axes.figure.axes) > 1:
        return axes
    return plt.gca() if backend.show_in_cell(axes.figure) else axes


def annotate(text: str, xy: Sequence[float], xytext: Sequence[float]) -> None:
    """Write on the current axes, with an arrow from `xytext` to `xy`."""
    plt.gca().annotate(text, xy=xy, xytext=xytext, arrowprops={"arrowstyle": "->"})  # type: ignore[arg-type]


def show_images(
    imgs: Any, num_rows: int, num_cols: int, titles: Sequence[Any] | None = None, scale: float = 1.5
) -> Any:
    """A grid of pictures: arrays or tensors (h, w) or (h, w, 3), or PIL's. Returns the axes, one after the other."""
    _, grid = plt.subplots(num_rows, num_cols, figsize=(num_cols * scale, num_rows * scale), squeeze=False)
    axes = grid.reshape(-1)
    for i, (ax, img) in enumerate(zip(axes, imgs, strict=False)):
        ax.imshow(_array(img))
        ax.set_axis_off()
        if titles is not None and len(titles) > i:
            ax.set_title(str(titles[i]))
    return axes


def show_heatmaps(
    matrices: Any,
    xlabel: str,
    ylabel: str,
    titles: Sequence[str] | None = None,
    figsize: tuple[float, float] = (2.5, 2.5),
    cmap: str = "Reds",
) -> None:
    """Heat maps in a grid, on one scale of colours. matrices: (rows, columns, queries, keys)."""
    use_svg_display()
    maps = _array(matrices)
    num_rows, num_cols = maps.shape[:2]
    fig, grid = plt.subplots(num_rows, num_cols, figsize=figsize, sharex=True, sharey=True, squeeze=False)
    shown = None
    for (row, col), ax in numpy.ndenumerate(grid):
        shown = ax.imshow(maps[row, col], cmap=cmap, vmin=maps.min(), vmax=maps.max())
        ax.set(xlabel=xlabel if row == num_rows - 1 else None, ylabel=ylabel if col == 0 else None)
        if titles:
            ax.set_title(titles[col])
    if shown is not None:
        fig.colorbar(shown, ax=grid, shrink=0.6)


def show_list_len_pair_hist(
    legend: Sequence[str], xlabel: str, ylabel: str, xlist: Sequence[Any], ylist: Sequence[Any]
) -> None:
    """Histograms of how long the lists in two lists are, side by side (10.5)."""
    set_figsize()
    _, _, patches = plt.hist([[len(each) for each in lists] for lists in (xlist, ylist)])
    for patch in patches[1].patches:  # type: ignore[union-attr, index]
        patch.set_hatch("/")
    plt.xlabel(xlabel)
    plt.ylabel(ylabel)
    plt.legend(legend)


def show_trace_2d(f: Any, results: Any) -> None:
    """The path of an optimizer over the contours of f(x1, x2) (12.3). results: (x1, x2) of each step."""
    set_figsize()
    path = numpy.array([[float(a), float(b)] for a, b, *_ in results])
    plt.plot(path[:, 0], path[:, 1], "-o", color="#ff7f0e")
    x1, x2 = (numpy.arange(low, 1.0, 0.1) for low in (-5.5, -3.0))
    grid = numpy.meshgrid(x1, x2, indexing="ij")
    heights: Any = f(*_like(grid, results))
    plt.contour(grid[0], grid[1], _array(heights), colors="#1f77b4")
    plt.xlabel("x1")
    plt.ylabel("x2")


def _like(grid: Any, results: Any) -> Any:
    """The grid as tensors: the book's functions may call torch's."""
    import torch

    return [torch.as_tensor(each, dtype=torch.float32) for each in grid]


def _array(values: Any) -> Any:
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        return values.numpy() if hasattr(values, "numpy") else values
    return numpy.asarray(values)


def _lines(values: Any) -> list[Any]:
    """One or several sequences of numbers as a list of arrays."""
    has_one_axis = (hasattr(values, "ndim") and values.ndim == 1) or (
        isinstance(values, list | tuple | range)
        and (not values or not hasattr(values[0], "__len__") or _is_number(values[0]))
    )
    if has_one_axis:
        return [_numbers(values)]
    return [_numbers(each) for each in values]


def _is_number(value: Any) -> bool:
    return getattr(value, "ndim", 1) == 0


def _numbers(values: Any) -> Any:
    if isinstance(values, list | tuple):
        return numpy.array([float(value) for value in values])
    return _array(values)
