"""One step of each player of a generative adversarial network (20.1; Goodfellow et al., 2014)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def update_D(X: Tensor, Z: Tensor, net_D: Any, net_G: Any, loss: Any, trainer_D: Any) -> Tensor:  # noqa: N802
    """Teach the discriminator to tell real examples X from those made of the noise Z. Returns its mean loss."""
    trainer_D.zero_grad()
    with torch.no_grad():  # the generator learns nothing here
        made = net_G(Z)
    real_Y, made_Y = net_D(X), net_D(made)
    l: Tensor = (loss(real_Y, torch.ones_like(real_Y)) + loss(made_Y, torch.zeros_like(made_Y))) / 2  # noqa: E741
    l.backward()  # type: ignore[no-untyped-call]
    trainer_D.step()
    return l


def update_G(Z: Tensor, net_D: Any, net_G: Any, loss: Any, trainer_G: Any) -> Tensor:  # noqa: N802
    """Teach the generator to make what the discriminator takes for real. Returns its loss."""
    trainer_G.zero_grad()
    verdict = net_D(net_G(Z))
    l: Tensor = loss(verdict, torch.ones_like(verdict))  # noqa: E741
    l.backward()  # type: ignore[no-untyped-call]
    trainer_G.step()
    return l
