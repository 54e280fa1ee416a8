"""Handwritten-looking digits, drawn by formula: the pictures behind the stand-in for MNIST.

A digit is a stroke through some points, which wander from picture to picture; the whole is slanted, scaled and moved,
the pen thick or thin. This file knows no data set and no cache.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.data.drawing import Dice, segment

KINDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SIDE = 28
_PIXEL = 2 / SIDE

# Points of the strokes, x to the right and y downwards, within [-1, 1]; a None lifts the pen.
_Stroke = tuple[tuple[float, float] | None, ...]
_STROKES: tuple[tuple[_Stroke, ...], ...] = (
    (((0, -1), (-0.6, -0.6), (-0.7, 0.2), (-0.2, 1), (0.4, 0.8), (0.7, 0), (0.5, -0.7), (0, -1)),),
    (((-0.1, -1), (0, 0), (0, 1)), ((-0.4, -0.6), (0, -1), (0, 0), (0, 1)), ((0.1, -1), (0, 1))),
    (
        ((-0.6, -0.6), (-0.1, -1), (0.5, -0.7), (0.4, -0.1), (-0.6, 0.9), (0.7, 0.9)),
        ((-0.6, -0.7), (0, -1), (0.5, -0.6), (0.1, 0.2), (-0.5, 0.8), (-0.2, 0.5), (0.7, 1)),
    ),
    (((-0.6, -0.8), (0.1, -1), (0.5, -0.6), (0, -0.1), (0.6, 0.3), (0.4, 0.9), (-0.6, 0.9)),),
    (
        ((-0.5, -1), (-0.6, 0.1), (0.6, 0), None, (0.5, -0.8), (0.4, 0.2), (0.3, 1)),
        ((0.3, -1), (-0.7, 0.3), (0.7, 0.3), None, (0.3, -1), (0.3, 1)),
    ),
    (((0.6, -1), (-0.4, -0.9), (-0.5, -0.1), (0.2, -0.2), (0.6, 0.4), (0.1, 1), (-0.6, 0.8)),),
    (((0.3, -1), (-0.4, -0.3), (-0.5, 0.6), (0, 1), (0.5, 0.6), (0.2, 0.1), (-0.4, 0.4)),),
    (
        ((-0.6, -0.9), (0.6, -0.9), (0.1, 0), (-0.2, 1)),
        ((-0.6, -0.8), (0.6, -0.9), (0.1, 0), (-0.1, 1), None, (-0.3, 0.1), (0.5, 0)),
    ),
    (((0.5, -0.7), (0, -1), (-0.5, -0.6), (0.4, 0.4), (0.2, 1), (-0.4, 0.8), (-0.3, 0.2), (0.5, -0.7)),),
    (((0.5, -0.5), (0, -1), (-0.5, -0.6), (-0.3, 0), (0.4, -0.3), (0.5, -0.6), (0.4, 0.2), (0.2, 1)),),
)


def draw(kind: int, n: int, seed: int) -> Tensor:
    """`n` pictures of one digit, as uint8 of shape (n, 28, 28), white on black. The same for the same seed."""
    dice = Dice(n, seed)
    axis = (torch.arange(SIDE, dtype=torch.float32) + 0.5) * _PIXEL - 1
    turn, slant = dice.between(-0.2, 0.2), dice.between(-0.15, 0.45)
    x, y = axis.view(1, 1, -1) - dice.between(-0.1, 0.1), axis.view(1, -1, 1) - dice.between(-0.1, 0.1)
    u, v = x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin()
    u = (u + slant * v) / dice.between(0.45, 0.75)
    v = v / dice.between(0.6, 0.78)
    variants = _STROKES[kind]
    chosen = torch.randint(len(variants), (n,), generator=dice.generator)
    picture = torch.empty(n, SIDE, SIDE)
    for i, points in enumerate(variants):
        mine = chosen == i
        if mine.any():
            picture[mine] = _stroke(u[mine], v[mine], points, Dice(int(mine.sum()), seed * 7 + i))
    picture += dice.noise(SIDE, SIDE) * dice.between(0, 0.05) * (picture > 0)
    return picture.mul_(255).clamp_(0, 255).to(torch.uint8)


def _stroke(u: Tensor, v: Tensor, points: _Stroke, dice: Dice) -> Tensor:
    """How much ink lies on each pixel, (n, 28, 28), of a pen that goes through the points, more or less."""
    distance = torch.full_like(u, 9.0)
    before = None
    for point in points:
        if point is None:
            before = None
            continue
        here = (point[0] + dice.between(-0.16, 0.16), point[1] + dice.between(-0.14, 0.14))
        if before is not None:
            distance = distance.minimum(segment(u, v, before, here))
        before = here
    return ((dice.between(0.08, 0.22) - distance) / (1.6 * _PIXEL) + 0.5).clamp_(0, 1)
