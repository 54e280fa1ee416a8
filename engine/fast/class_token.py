"""The vision Transformer without what its answer does not depend on.

Only the class token answers. So the last block needs its keys and values for every patch, but query, projection and
dense network for the class token alone: with two blocks that is four tenths of all work. The patches' outputs that are
left out have no part in the loss, so no gradient came from them either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from engine.models.vit import ViTBlock


def step_of(model: Any) -> Callable[[Sequence[Any]], Tensor] | None:
    """The step of a `ViT`, as a function of its minibatch. None: its last block is another's."""
    blocks = list(model.blks)
    return partial(training_step, model) if blocks and type(blocks[-1]) is ViTBlock else None


def training_step(model: Any, batch: Sequence[Any]) -> Tensor:
    """The loss of a minibatch of `engine.models.vit.ViT`, reported as the model does."""
    loss: Tensor = model.loss(logits(model, batch[0]), batch[-1])
    model.plot("loss", loss, train=True)
    return loss


def logits(model: Any, X: Tensor) -> Tensor:
    """What the model makes of X: (n, c, img_size, img_size) -> (n, num_classes)."""
    X = model.patch_embedding(X)
    X = torch.cat((model.cls_token.expand(X.shape[0], -1, -1), X), 1)
    X = model.dropout(X + model.pos_embedding)
    *before, last = model.blks
    for block in before:
        X = block(X)
    normed = last.ln1(X)
    X = X[:, :1] + last.attention(normed[:, :1], normed, normed)  # (n, 1, num_hiddens)
    X = X + last.mlp(last.ln2(X))
    answers: Tensor = model.head(X[:, 0])
    return answers
