"""Dice and shapes for pictures that are computed a whole stack at a time: what the drawers of stand-ins share.

A shape is a tensor of *depths*: how far a pixel lies inside (positive) or outside (negative), in units in which the
picture is 2 wide. The union of shapes is their maximum, the intersection their minimum.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Dice:
    """Random numbers for `n` pictures, each of shape (n, 1, 1) so that it spreads over the pixels."""

    def __init__(self, n: int, seed: int) -> None:
        self.n = n
        self.generator = torch.Generator().manual_seed(seed)

    def between(self, low: float, high: float) -> Tensor:
        """Uniform in [low, high): (n, 1, 1)."""
        return torch.rand(self.n, 1, 1, generator=self.generator) * (high - low) + low

    def chance(self, p: float) -> Tensor:
        """True with probability `p`: (n, 1, 1)."""
        return torch.rand(self.n, 1, 1, generator=self.generator) < p

    def either(self, p: float, yes: tuple[float, float], no: tuple[float, float]) -> Tensor:
        """Uniform in `yes` with probability `p`, else uniform in `no`: (n, 1, 1)."""
        return torch.where(self.chance(p), self.between(*yes), self.between(*no))

    def noise(self, *shape: int) -> Tensor:
        """Standard normal numbers: (n, *shape)."""
        return torch.randn(self.n, *shape, generator=self.generator)


def line(t: Tensor, *knots: tuple[float | Tensor, float | Tensor]) -> Tensor:
    """The broken line through (place, value) knots, level beyond the ends, evaluated at `t`."""
    (place, value), *rest = knots
    total = torch.zeros_like(t) + value
    for next_place, next_value in rest:
        slope = (next_value - value) / (next_place - place)
        total = total + (t - place).clamp(min=0).minimum(torch.as_tensor(next_place - place)) * slope
        place, value = next_place, next_value
    return total


def limb(
    u: Tensor, v: Tensor, at: tuple[Tensor | float, Tensor], angle: Tensor, length: Tensor, thick: Tensor
) -> Tensor:
    """A tapering capsule from `at`, `angle` away from straight down."""
    du, dv = u - at[0], v - at[1]
    sin, cos = angle.sin(), angle.cos()
    along = du * sin + dv * cos
    across = (du * cos - dv * sin).abs()
    beyond = (-along).maximum(along - length)
    return (thick * (1 - 0.3 * (along / (length + 0.1)).clamp(0, 1)) - across).minimum(-beyond)


def block(u: Tensor, v: Tensor, half_width: Tensor, half_height: Tensor, corner: Tensor) -> Tensor:
    """A rectangle with round corners about the origin."""
    du, dv = u.abs() - half_width + corner, v.abs() - half_height + corner
    outside = (du.clamp(min=0).square() + dv.clamp(min=0).square()).sqrt()
    return corner - outside - du.maximum(dv).clamp(max=0)


def ellipse(u: Tensor, v: Tensor, a: Tensor | float, b: Tensor | float) -> Tensor:
    """An ellipse of half axes `a` and `b` about the origin; its depth is right near the rim."""
    near = torch.as_tensor(a).minimum(torch.as_tensor(b))
    return (1 - ((u / a).square() + (v / b).square()).sqrt()) * near


def segment(u: Tensor, v: Tensor, start: tuple[Tensor, Tensor], end: tuple[Tensor, Tensor]) -> Tensor:
    """The distance of each pixel from a straight stroke."""
    du, dv = end[0] - start[0], end[1] - start[1]
    along = (((u - start[0]) * du + (v - start[1]) * dv) / (du.square() + dv.square() + 1e-6)).clamp_(0, 1)
    return ((u - start[0] - along * du).square_() + (v - start[1] - along * dv).square_()).sqrt_()
