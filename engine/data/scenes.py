"""Small colour pictures of ten kinds of animals and vehicles, drawn by formula: the stand-in for CIFAR-10.

A rough figure of a few ellipses, blocks and limbs before a sky, a meadow, a street or the sea. Colours and grounds tell
something about the kind, and shapes tell more. This file knows no data set and no cache.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from engine.data.drawing import Dice, block, ellipse, limb

KINDS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
"""In the order of CIFAR-10's labels."""

SIDE = 32
_PIXEL = 2 / SIDE
_SKY, _MEADOW, _STREET, _SEA, _ROOM = (
    ((0.55, 0.7, 0.9), (0.8, 0.85, 0.95)),
    ((0.6, 0.75, 0.85), (0.35, 0.5, 0.2)),
    ((0.65, 0.7, 0.75), (0.4, 0.4, 0.42)),
    ((0.6, 0.72, 0.85), (0.15, 0.3, 0.5)),
    ((0.7, 0.62, 0.5), (0.5, 0.4, 0.3)),
)
# Above and below the horizon; the first ground of a kind is its usual one.
_GROUNDS = (
    (_SKY, _STREET), (_STREET, _MEADOW), (_MEADOW, _SKY), (_ROOM, _MEADOW), (_MEADOW, _ROOM),
    (_ROOM, _MEADOW), (_MEADOW, _ROOM), (_MEADOW, _ROOM), (_SEA, _SKY), (_STREET, _MEADOW),
)  # fmt: skip


def draw(kind: int, n: int, seed: int) -> Tensor:
    """`n` pictures of one kind, as uint8 of shape (n, 3, 32, 32). The same for the same seed."""
    dice = Dice(n, seed)
    axis = (torch.arange(SIDE, dtype=torch.float32) + 0.5) * _PIXEL - 1
    x, y = axis.view(1, 1, -1).expand(n, SIDE, SIDE), axis.view(1, -1, 1).expand(n, SIDE, SIDE)
    picture = _ground(kind, y, dice)
    size, turn = dice.between(0.65, 1.05), dice.between(-0.2, 0.2)
    u, v = x - dice.between(-0.2, 0.2), y - dice.between(-0.15, 0.15)
    u, v = (u * turn.cos() + v * turn.sin()) / size, (v * turn.cos() - u * turn.sin()) / size
    body, detail = _FIGURES[kind](torch.where(dice.chance(0.5), -u, u), v, dice)
    light = 1 + dice.between(-0.3, 0.1) * v + _patches(dice) * dice.between(0.03, 0.2)
    for depth, colour in ((body, _colour(kind, dice)), (detail, _colour(kind, dice) * 0.5)):
        cover = (depth / _PIXEL + 0.5).clamp(0, 1)[:, None]
        picture = picture * (1 - cover) + cover * colour[:, :, None] * light[:, None]
    picture = (picture + dice.noise(3, SIDE, SIDE) * dice.between(0.01, 0.07)[:, None]) * dice.between(0.7, 1.15)[
        :, None
    ]
    return picture.mul_(255).clamp_(0, 255).to(torch.uint8)


def _ground(kind: int, y: Tensor, dice: Dice) -> Tensor:
    usual, other = (torch.tensor(ground) for ground in _GROUNDS[kind])  # (2, 3) each
    colours = torch.where(dice.chance(0.65), usual, other) + dice.noise(2, 3) * 0.09  # (n, 2, 3)
    below = ((y - dice.between(-0.3, 0.5)) / 0.15).sigmoid()[:, None]
    mixed = colours[:, 0, :, None, None] * (1 - below) + colours[:, 1, :, None, None] * below
    return mixed * (1 + 0.12 * _patches(dice))[:, None]


def _patches(dice: Dice) -> Tensor:
    """Soft light and dark patches: (n, 32, 32)."""
    return functional.interpolate(dice.noise(6, 6)[:, None], size=SIDE, mode="bilinear")[:, 0]


def _colour(kind: int, dice: Dice) -> Tensor:
    """(n, 3, 1): paint for what is made, fur and feathers for what lives."""
    if kind in (0, 1, 8, 9):
        white = torch.rand(dice.n, 1, 1, generator=dice.generator) < 0.4
        paint = torch.rand(dice.n, 3, 1, generator=dice.generator)
        return torch.where(white, 0.75 + 0.25 * paint, paint)
    fur = torch.tensor([0.3, 0.55, 0.15] if kind == 6 else [0.55, 0.4, 0.25])[None, :, None]
    return (fur * dice.between(0.35, 1.7) + dice.noise(3, 1) * 0.06).clamp(0, 1)


# The figures, their heads on the left: a silhouette, and details that are darker or brighter.
_Figure = Callable[[Tensor, Tensor, Dice], tuple[Tensor, Tensor]]


def _airplane(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    hull = ellipse(u, v, 0.9, dice.between(0.1, 0.17))
    wing = limb(
        u, v, (0.0, dice.between(-0.05, 0.05)), dice.between(0.3, 0.9), dice.between(0.4, 0.8), dice.between(0.08, 0.14)
    )
    tail = limb(
        u, v, (0.7, dice.between(-0.05, 0.05)), dice.between(2.4, 2.9), dice.between(0.3, 0.4), dice.between(0.06, 0.1)
    )
    far = limb(
        u, v, (0.0, dice.between(-0.1, 0.0)), dice.between(2.2, 2.8), dice.between(0.25, 0.5), dice.between(0.05, 0.09)
    )
    return hull.maximum(wing).maximum(tail).maximum(far), ellipse(u + 0.7, v, 0.08, 0.05)


def _wheels(u: Tensor, v: Tensor, dice: Dice, places: tuple[float, ...], ground: float) -> Tensor:
    radius = dice.between(0.12, 0.18)
    wheels = torch.full_like(u, -1.0)
    for place in places:
        wheels = wheels.maximum(ellipse(u - place, v - ground, radius, radius))
    return wheels


def _automobile(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    trunk = block(u, v - 0.15, dice.between(0.75, 0.9), dice.between(0.16, 0.24), dice.between(0.08, 0.14))
    cabin = block(
        u - dice.between(-0.15, 0.2),
        v + 0.12,
        dice.between(0.35, 0.5),
        dice.between(0.2, 0.28),
        dice.between(0.1, 0.18),
    )
    window = block(u - 0.05, v + 0.14, dice.between(0.25, 0.35), dice.between(0.08, 0.12), dice.between(0.02, 0.06))
    return trunk.maximum(cabin), window.maximum(_wheels(u, v, dice, (-0.5, 0.5), 0.36))


def _truck(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    load = block(u - 0.2, v + 0.1, dice.between(0.55, 0.68), dice.between(0.35, 0.5), dice.between(0.01, 0.05))
    cabin = block(u + 0.65, v - 0.1, dice.between(0.2, 0.26), dice.between(0.24, 0.32), dice.between(0.02, 0.08))
    window = block(u + 0.7, v + 0.02, dice.between(0.08, 0.13), dice.between(0.06, 0.1), dice.between(0.01, 0.03))
    return load.maximum(cabin), window.maximum(_wheels(u, v, dice, (-0.6, 0.2, 0.55), 0.42))


def _ship(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    hull = block(u * (1 + 0.3 * v), v - 0.3, dice.between(0.75, 0.92), dice.between(0.12, 0.2), dice.between(0.02, 0.1))
    house = block(
        u - dice.between(-0.2, 0.4),
        v - 0.02,
        dice.between(0.2, 0.45),
        dice.between(0.12, 0.25),
        dice.between(0.01, 0.05),
    )
    mast = block(
        u - dice.between(-0.4, 0.4), v + 0.2, dice.between(0.03, 0.07), dice.between(0.3, 0.6), dice.between(0.01, 0.02)
    )
    return hull.maximum(house).maximum(mast), block(
        u, v - 0.42, dice.between(0.6, 0.8), dice.between(0.03, 0.07), dice.between(0.01, 0.02)
    )


def _bird(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    body = ellipse(u - 0.05, v - 0.05 + 0.3 * u, dice.between(0.4, 0.55), dice.between(0.2, 0.3))
    head = ellipse(u + 0.45, v + 0.25, dice.between(0.13, 0.19), dice.between(0.13, 0.19))
    tail = limb(
        u, v, (0.4, dice.between(-0.1, 0.0)), dice.between(1.5, 2.2), dice.between(0.3, 0.5), dice.between(0.06, 0.12)
    )
    leg = limb(
        u, v, (0.05, dice.between(0.2, 0.3)), dice.between(-0.2, 0.2), dice.between(0.2, 0.4), dice.between(0.025, 0.05)
    )
    return body.maximum(head).maximum(tail).maximum(leg), ellipse(u + 0.68, v + 0.22, 0.12, 0.05)


def _beast(
    u: Tensor, v: Tensor, dice: Dice, leg: float, neck: float, muzzle: float, girth: float
) -> tuple[Tensor, Tensor]:
    """Something on four legs, from the side. The silhouette, and a place for its head: (x, y) beside the trunk."""
    shape = ellipse(u - 0.1, v, dice.between(0.42, 0.52), dice.between(0.9, 1.1) * girth)
    for place in (-0.28, -0.18, 0.35, 0.45):
        length = leg * dice.between(0.85, 1.15)
        shape = shape.maximum(
            limb(u, v, (place, dice.between(0.05, 0.15)), dice.between(-0.15, 0.15), length, dice.between(0.05, 0.08))
        )
    shape = shape.maximum(
        limb(
            u,
            v,
            (-0.3, dice.between(-0.1, 0.0)),
            dice.between(3.5, 3.8),
            neck * dice.between(0.9, 1.1),
            dice.between(0.1, 0.14),
        )
    )
    x, y = -0.3 - 0.5 * neck, -0.85 * neck - 0.05
    return shape.maximum(ellipse(u - x + 0.08, v - y, muzzle, dice.between(0.1, 0.15))), ellipse(
        u - x + 0.1, v - y, 0.04, 0.04
    )


def _cat(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    head = ellipse(u, v + 0.15, dice.between(0.38, 0.5), dice.between(0.34, 0.44))
    a = u.abs()
    ear = limb(
        a,
        v,
        (0.26, dice.between(-0.45, -0.35)),
        dice.between(2.6, 3.0),
        dice.between(0.2, 0.32),
        dice.between(0.12, 0.17),
    )
    chest = ellipse(u, v - 0.7, dice.between(0.4, 0.6), dice.between(0.4, 0.55))
    eyes = ellipse(a - 0.18, v + 0.2, 0.08, dice.between(0.05, 0.1)).maximum(ellipse(u, v + 0.02, 0.06, 0.04))
    return head.maximum(ear).maximum(chest), eyes


def _dog(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    head = ellipse(u, v + 0.15, dice.between(0.32, 0.42), dice.between(0.4, 0.52))
    a = u.abs()
    ear = limb(
        a, v, (0.32, dice.between(-0.5, -0.4)), dice.between(-0.1, 0.5), dice.between(0.3, 0.5), dice.between(0.1, 0.16)
    )
    chest = ellipse(u, v - 0.7, dice.between(0.4, 0.6), dice.between(0.4, 0.55))
    face = ellipse(a - 0.15, v + 0.25, 0.06, 0.06).maximum(ellipse(u, v - 0.08, dice.between(0.1, 0.15), 0.09))
    return head.maximum(ear).maximum(chest), face


def _deer(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    shape, eye = _beast(u, v, dice, leg=0.7, neck=0.55, muzzle=0.17, girth=0.22)
    antlers = limb(
        (u + 0.55).abs(),
        v,
        (0.03, dice.between(-0.6, -0.5)),
        dice.between(2.2, 2.8),
        dice.between(0.25, 0.45),
        dice.between(0.03, 0.06),
    )
    return shape.maximum(torch.where(dice.chance(0.7), antlers, -1.0)), eye


def _horse(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    shape, eye = _beast(u, v, dice, leg=0.65, neck=0.5, muzzle=0.26, girth=0.3)
    tail = limb(
        u, v, (0.58, dice.between(-0.1, 0.0)), dice.between(0.1, 0.5), dice.between(0.4, 0.6), dice.between(0.06, 0.1)
    )
    mane = limb(
        u, v, (-0.22, dice.between(-0.1, 0.0)), dice.between(3.5, 3.8), dice.between(0.4, 0.5), dice.between(0.04, 0.07)
    )
    return shape.maximum(tail), eye.maximum(mane)


def _frog(u: Tensor, v: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    body = ellipse(u, v - 0.2, dice.between(0.55, 0.75), dice.between(0.32, 0.45))
    a = u.abs()
    eyes = ellipse(a - 0.32, v + 0.2, dice.between(0.13, 0.18), dice.between(0.13, 0.18))
    leg = limb(
        a, v, (0.55, dice.between(0.2, 0.35)), dice.between(0.3, 1.0), dice.between(0.3, 0.5), dice.between(0.1, 0.15)
    )
    pupils = ellipse(a - 0.32, v + 0.2, 0.06, 0.06)
    mouth = 0.03 - (v - 0.2 - 0.15 * (1 - u.square())).abs()
    return body.maximum(eyes).maximum(leg), pupils.maximum(mouth.minimum(0.4 - a))


_FIGURES: tuple[_Figure, ...] = (_airplane, _automobile, _bird, _cat, _deer, _dog, _frog, _horse, _ship, _truck)
