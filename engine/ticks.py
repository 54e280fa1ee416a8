"""Round figures for axes, and colours and marks that anybody can tell apart. No torch, and nothing that draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Okabe and Ito's palette (2008): told apart with any kind of colour vision, on light and dark ground.
PALETTE = ((0, 114, 178), (230, 159, 0), (0, 158, 115), (213, 94, 0), (204, 121, 167), (86, 180, 233))
SMALLEST_SPAN = 1e-30


def round_ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Round positions that enclose `low` and `high`, some `count` steps of 1, 2, 2.5 or 5 times a power of ten."""
    if high - low < 1e-6 * max(abs(low), abs(high)) or high - low < SMALLEST_SPAN:
        high = low + max(abs(low) * 1e-3, 1.0)
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1.0, 2.0, 2.5, 5.0, 10.0) if size * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    positions = [number * step for number in range(first, max(last, first + 1) + 1)]
    return positions, _labels(positions, step)


def decade_ticks(lowest: float, highest: float, count: int) -> tuple[list[float], list[str]]:
    """Powers of ten that enclose two logarithms to base ten; positions are exponents."""
    first = math.floor(lowest)
    last = max(math.ceil(highest), first + 1)
    step = math.ceil((last - first) / count)
    exponents = range(first, last + step, step)
    return [float(exponent) for exponent in exponents], [f"{10.0**exponent:g}" for exponent in exponents]


def _labels(positions: Sequence[float], step: float) -> list[str]:
    largest = max(abs(position) for position in positions)
    if largest >= 1e5 or (0 < largest < 1e-3):
        return [f"{position:.2g}" for position in positions]
    decimals = max(0, -math.floor(math.log10(step)) + (1 if _has_half(step) else 0))
    return [f"{position:.{decimals}f}" for position in positions]


def _has_half(step: float) -> bool:
    mantissa = step / 10.0 ** math.floor(math.log10(step))
    return abs(mantissa - 2.5) < 1e-6
