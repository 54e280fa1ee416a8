"""The kernel of the chapter on Gaussian processes (18)."""

from __future__ import annotations

from typing import Any

import numpy


def distance_matrix(x: Any, y: Any) -> Any:
    """Euclidean distances of every pair: (n, d) and (m, d) -> (n, m). SciPy's function of that name."""
    return numpy.linalg.norm(numpy.asarray(x)[:, None] - numpy.asarray(y)[None], axis=-1)


def rbfkernel(x1: Any, x2: Any, ls: float = 4.0) -> Any:
    """exp(-(a - b)² / (2 ls)) for every pair of numbers: (n,) and (m,) -> (n, m). `ls` is the book's: not squared."""
    difference = numpy.subtract.outer(numpy.asarray(x1).reshape(-1), numpy.asarray(x2).reshape(-1))
    return numpy.exp(-(difference**2) / (2 * ls))
