"""Grey pictures of ten kinds of clothing, drawn by formula: the shapes behind the stand-in for Fashion-MNIST.

Each kind is a silhouette with loose parameters (cut, length, sleeves, straps) on a plane of its own, which is then
moved, scaled, turned and sheared, dyed, textured and worn a little. Kinds overlap where the real ones do: a shirt may
look like a pullover or a coat. Everything is computed for a whole stack of pictures at once. This file knows no data
set, no cache and no labels beyond the order of `KINDS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from engine.data.drawing import Dice, block, limb, line

KINDS = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
"""In the order of Fashion-MNIST's labels."""

SIDE = 28
_PIXEL = 2 / SIDE


Piece = tuple[Tensor, Tensor]
"""The depth of a silhouette, (n, 28, 28), and its shade, which multiplies the dye and spreads to (n, 28, 28)."""


def draw(kind: int, n: int, seed: int) -> Tensor:
    """`n` pictures of one kind, as uint8 of shape (n, 28, 28), the background black. The same for the same seed."""
    dice = Dice(n, seed)
    u, v = _plane(dice, turned_freely=kind in (5, 7, 9))
    depth, shade = _DRAWERS[kind](u, v, dice)
    cover = (depth / _PIXEL + 0.5).clamp(0, 1)
    picture = cover * (shade * _fabric(u, v, dice)).clamp(0.04, 1)
    picture = _worn(picture, cover, dice)
    return picture.mul_(255).clamp_(0, 255).to(torch.uint8)


def _plane(dice: Dice, *, turned_freely: bool) -> tuple[Tensor, Tensor]:
    """The coordinates of each pixel on the garment's own plane: u to the right, v downwards, (n, 28, 28) each."""
    axis = (torch.arange(SIDE, dtype=torch.float32) + 0.5) * _PIXEL - 1
    x, y = axis.view(1, 1, -1) - dice.between(-0.09, 0.09), axis.view(1, -1, 1) - dice.between(-0.09, 0.09)
    turn = dice.between(-0.12, 0.12) if turned_freely else dice.between(-0.07, 0.07)
    cos, sin = turn.cos(), turn.sin()
    size = dice.between(0.92, 1.08)
    u = (x * cos + y * sin) / (size * dice.between(1.05, 1.35)) + dice.between(-0.07, 0.07) * y
    v = (y * cos - x * sin) / (size * dice.between(1.0, 1.15))
    if turned_freely:
        u, v = u * 1.15, v * dice.between(0.62, 0.8)
    # Shoes mostly point to the left, as in the real pictures; garments are symmetric up to their details.
    return torch.where(dice.chance(0.15 if turned_freely else 0.5), -u, u), v


def _fabric(u: Tensor, v: Tensor, dice: Dice) -> Tensor:
    """Dye, pattern, folds and light: a factor for each pixel, (n, 28, 28)."""
    dye = dice.between(0.45, 1.0)
    angle = dice.between(0, math.pi) * dice.chance(0.4)
    along = u * angle.sin() + v * angle.cos()
    stripes = torch.sin(along * dice.between(8, 30) + dice.between(0, 6)).sign_()
    stripes = stripes * dice.chance(0.4) * dice.between(0.05, 0.4)
    light = dice.between(-0.22, 0.22) * u + dice.between(-0.22, 0.22) * v
    folds = torch.nn.functional.interpolate(dice.noise(5, 5)[:, None], size=SIDE, mode="bilinear")[:, 0]
    return dye * (1 + stripes + light + folds * dice.between(0.02, 0.16))


def _worn(picture: Tensor, cover: Tensor, dice: Dice) -> Tensor:
    """A print on some, a patch hidden on some, grain on all: (n, 28, 28)."""
    axis = torch.arange(SIDE)
    x, y = axis.view(1, 1, -1), axis.view(1, -1, 1)

    def patch(p: float, small: float, large: float) -> Tensor:
        left, top = dice.between(2, 24), dice.between(2, 24)
        inside = (x >= left) & (x < left + dice.between(small, large))
        inside = inside & (y >= top) & (y < top + dice.between(small, large))
        return inside & dice.chance(p)

    picture = torch.where(patch(0.3, 3, 9), cover * dice.between(0.1, 1), picture)
    picture = torch.where(patch(0.12, 4, 10), dice.between(0, 0.35), picture)
    return picture + dice.noise(SIDE, SIDE) * dice.between(0.01, 0.09) * (0.35 + cover)


# Shapes -------------------------------------------------------------------------------------------------------------


def _upper(u: Tensor, v: Tensor, dice: Dice, *, sleeve: Tensor, angle: Tensor, bottom: Tensor, hem: Tensor) -> Tensor:
    """The silhouette of what is worn on the upper body: a trunk, two sleeves, a hole for the neck."""
    a = u.abs()
    top, shoulder = dice.between(-0.86, -0.7), dice.between(0.34, 0.5)
    waist = shoulder * dice.between(0.78, 1.05)
    slope = dice.between(0.15, 0.45)
    width = line(v, (top, shoulder), (top + 0.75, waist), (bottom, hem))
    trunk = (width - a).minimum(bottom - v).minimum(v - top - slope * (a - 0.18).clamp(min=0))
    arm = limb(a, v, (shoulder - 0.14, top + 0.24), angle, sleeve, dice.between(0.13, 0.21))
    arm = torch.where(sleeve > 0.02, arm, -1.0)
    neck = dice.between(0.05, 0.24) - (a.square() / dice.between(0.7, 1.6) + (v - top).square()).sqrt()
    return trunk.maximum(arm).minimum(-neck)


def _front(u: Tensor, v: Tensor, dice: Dice, p: float, buttons: float) -> Tensor:
    """What closes a piece in front, on a share `p` of them: a zip, or a row of buttons on a share of those. A shade."""
    line = (u - dice.between(-0.05, 0.05)).abs() < dice.between(0.03, 0.07)
    gaps = (v * dice.between(14, 22)).sin() < 0.1
    line = line & ~(gaps & dice.chance(buttons)) & dice.chance(p)
    return torch.where(line, dice.either(0.7, (0.1, 0.5), (1.5, 1.9)), 1.0)


def _ribs(u: Tensor, v: Tensor, dice: Dice, bottom: Tensor, p: float) -> Tensor:
    """A knitted hem, on a share `p` of the pieces: a shade."""
    inside = (bottom - v < dice.between(0.1, 0.22)) & dice.chance(p)
    return torch.where(inside, 0.75 + 0.45 * (u * dice.between(28, 36)).sin().sign_(), 1.0)


def _collar(u: Tensor, v: Tensor, dice: Dice, p: float) -> Tensor:
    """A collar of another brightness, on a share `p` of the pieces: a shade."""
    inside = (u.abs() * 1.2 + (v + 0.8).abs()) < dice.between(0.2, 0.38)
    return torch.where(inside & dice.chance(p), dice.either(0.5, (0.4, 0.8), (1.2, 1.6)), 1.0)


# The ten kinds ------------------------------------------------------------------------------------------------------


def _t_shirt(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    sleeve, angle = dice.either(0.06, (0.6, 0.9), (0.12, 0.48)), dice.between(0.45, 1.2)
    bottom = dice.between(0.5, 0.95)
    hem = dice.between(0.32, 0.54)
    return _upper(u, v, dice, sleeve=sleeve, angle=angle, bottom=bottom, hem=hem), _front(u, v, dice, 0.06, 0.5)


def _trouser(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    a, top, crotch = u.abs(), dice.between(-0.95, -0.8), dice.between(-0.5, -0.15)
    bottom = dice.either(0.12, (0.1, 0.6), (0.75, 1.0))
    width = line(
        v, (top, dice.between(0.24, 0.36)), (crotch, dice.between(0.3, 0.42)), (0.95, dice.between(0.22, 0.46))
    )
    gap = line(v, (crotch, -0.02), (0.95, dice.between(0.0, 0.2)))
    return (width - a).minimum(bottom - v).minimum(v - top).minimum(a - gap), _front(u, v, dice, 0.2, 0.0)


def _pullover(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    sleeve, angle = dice.either(0.05, (0.3, 0.6), (0.8, 1.25)), dice.between(0.06, 0.5)
    bottom = dice.between(0.5, 0.95)
    hem = dice.between(0.34, 0.54)
    shape = _upper(u, v, dice, sleeve=sleeve, angle=angle, bottom=bottom, hem=hem)
    return shape, _front(u, v, dice, 0.08, 0.5) * _collar(u, v, dice, 0.1) * _ribs(u, v, dice, bottom, 0.7)


def _dress(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    sleeve = dice.either(0.35, (0.1, 1.0), (0.0, 0.01))
    bottom = dice.between(0.75, 1.0)
    shape = _upper(
        u * 1.35, v, dice, sleeve=sleeve, angle=dice.between(0.1, 0.7), bottom=bottom, hem=dice.between(0.34, 0.85)
    )
    return shape, _front(u, v, dice, 0.1, 0.5)


def _coat(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    bottom = dice.between(0.6, 1.0)
    hem = dice.between(0.36, 0.6)
    shape = _upper(u, v, dice, sleeve=dice.between(0.85, 1.3), angle=dice.between(0.05, 0.42), bottom=bottom, hem=hem)
    return shape, _front(u, v, dice, 0.92, 0.15) * _collar(u, v, dice, 0.4)


def _sandal(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    heel = dice.either(0.4, (0.3, 0.7), (0.0, 0.15))
    sole_line = line(u, (-0.9, 0.45), (-0.2, 0.42), (0.8, 0.42 - heel))
    sole = (dice.between(0.07, 0.14) - (v - sole_line).abs()).minimum(0.9 - u.abs())
    post = (dice.between(0.06, 0.16) - (u - 0.72).abs()).minimum(v - sole_line).minimum(0.5 - v)
    straps = torch.full_like(u, -1.0)
    for at, p in ((-0.65, 0.7), (-0.35, 0.7), (0.05, 0.5), (0.45, 0.6), (0.75, 0.6)):
        lean = dice.between(-0.4, 0.4)
        strap = dice.between(0.05, 0.12) - (u - at - dice.between(-0.12, 0.12) - lean * (v - sole_line)).abs()
        strap = strap.minimum(sole_line - v).minimum(v - sole_line + dice.between(0.2, 0.75))
        straps = straps.maximum(torch.where(dice.chance(p), strap, -1.0))
    return sole.maximum(post).maximum(straps), torch.where(sole > 0, dice.between(0.6, 1.2), 1.0)


def _shirt(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    sleeve, angle = dice.either(0.35, (0.15, 0.6), (0.7, 1.2)), dice.between(0.08, 0.8)
    bottom = dice.between(0.5, 1.0)
    hem = dice.between(0.32, 0.56)
    shape = _upper(u, v, dice, sleeve=sleeve, angle=angle, bottom=bottom, hem=hem)
    return shape, _front(u, v, dice, 0.75, 0.9) * _collar(u, v, dice, 0.7)


def _shoe(u: Tensor, v: Tensor, dice: Dice, ankle: Tensor, instep: Tensor, heel: Tensor) -> Piece:
    """A closed shoe seen from the side, its toe on the left: `ankle` high at the back, `instep` in the middle."""
    ground = dice.between(0.4, 0.6)
    toe = dice.between(0.14, 0.3)
    height = line(
        u,
        (-0.95, 0.02),
        (-0.8, toe),
        (-0.35, toe + 0.1),
        (0.05, instep),
        (0.35, ankle),
        (0.9, ankle * dice.between(0.9, 1.1)),
    )
    body = (height - (ground - v)).minimum(ground - v).minimum(0.9 - u.abs())
    arch = ground - heel + 0.03 - v + 10 * ((u + 0.1).abs() > 0.28) + 10 * (heel < 0.05)
    sole = (v > ground - dice.between(0.06, 0.18)) & dice.chance(0.7)
    lacing = ((u * 14 + v * 10).sin() > 0.3) & ((u + 0.15).abs() < 0.25) & dice.chance(0.5)
    shade = torch.where(sole, dice.between(0.5, 1.6), 1.0) * torch.where(lacing, dice.between(0.5, 1.5), 1.0)
    return body.minimum(arch), shade


def _sneaker(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    ankle = dice.either(0.15, (0.6, 0.8), (0.36, 0.6))
    return _shoe(u, v, dice, ankle, dice.between(0.36, 0.52), torch.zeros(dice.n, 1, 1))


def _ankle_boot(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    ankle = dice.either(0.15, (0.6, 0.8), (0.75, 1.25))
    return _shoe(u, v, dice, ankle, dice.between(0.42, 0.7), dice.either(0.4, (0.1, 0.25), (0.0, 0.04)))


def _bag(u: Tensor, v: Tensor, dice: Dice) -> Piece:
    tall = dice.between(0.35, 0.62)
    wide = dice.between(0.5, 0.92)
    body = block(u, v - 0.25, wide * (1 + dice.between(-0.2, 0.2) * v), tall, dice.between(0.02, 0.25))
    loop = (u / (wide * dice.between(0.4, 0.8))).square() + ((v - 0.25 + tall) / dice.between(0.2, 0.6)).square()
    handle = dice.between(0.04, 0.09) - (loop.sqrt() - 1).abs() * 0.35
    handle = torch.where(dice.chance(0.8), handle, -1.0).minimum(0.3 - v)
    flap = (v < 0.25 - tall * dice.between(-0.3, 0.7)) & dice.chance(0.5)
    return body.maximum(handle), torch.where(flap, dice.between(0.6, 1.3), 1.0)


_DRAWERS: tuple[Callable[[Tensor, Tensor, Dice], Piece], ...] = (
    _t_shirt,
    _trouser,
    _pullover,
    _dress,
    _coat,
    _sandal,
    _shirt,
    _sneaker,
    _bag,
    _ankle_boot,
)
