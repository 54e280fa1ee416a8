"""Residual networks without the work that their batch normalization undoes.

Batch normalization takes the mean away, and with it the bias of the convolution before: no bias is added and none gets
a gradient but zero; only the running mean has to know of it. ReLU and the sum around a block overwrite what nobody
asks for again. In the stem the pooling comes before ReLU, on a quarter of the numbers: the greatest is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.resnet import Residual

_STEM = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d]


def step_of(model: Any) -> Callable[[Sequence[Any]], Tensor] | None:
    """The step of a `ResNet`, as a function of its minibatch. None: it has other layers inside."""
    if type(model.net) is not nn.Sequential or len(model.net) < 2:
        return None
    parts: Any = list(model.net)
    stem, *stages, _ = parts
    if any(type(part) is not nn.Sequential for part in (stem, *stages)):
        return None
    blocks = [block for stage in stages for block in stage]
    if [type(layer) for layer in stem] != _STEM or any(type(block) is not Residual for block in blocks):
        return None
    pairs = [(stem[0], stem[1])] + [pair for b in blocks for pair in ((b.conv1, b.bn1), (b.conv2, b.bn2))]
    if any((type(conv), type(norm)) != (nn.Conv2d, nn.BatchNorm2d) for conv, norm in pairs):
        return None
    return partial(training_step, model, [conv.bias for conv, _ in pairs if conv.bias is not None])


def training_step(model: Any, biases: Sequence[Tensor], batch: Sequence[Any]) -> Tensor:
    """The loss of a minibatch of `engine.models.resnet.ResNet`, reported as the model does."""
    loss: Tensor = model.loss(logits(model, batch[0]), batch[-1])
    model.plot("loss", loss, train=True)
    return loss + 0.0 * torch.cat(tuple(biases)).sum() if biases else loss  # their gradient is zero, not missing


def logits(model: Any, X: Tensor) -> Tensor:
    """What the model makes of X: (n, c, h, w) -> (n, num_classes)."""
    stem, *stages, head = model.net
    X = torch.relu_(stem[3](normalized(stem[0], stem[1], X)))
    for stage in stages:
        for block in stage:
            inside = torch.relu_(normalized(block.conv1, block.bn1, X))
            change = normalized(block.conv2, block.bn2, inside)
            X = torch.relu_(change.add_(X if block.conv3 is None else block.conv3(X)))
    answers: Tensor = head(X)
    return answers


def normalized(conv: Any, norm: Any, X: Tensor) -> Tensor:
    """`norm(conv(X))`, with the running mean and variance brought up to date."""
    if not norm.training or norm.momentum is None or norm.running_mean is None:
        normed: Tensor = norm(conv(X))
        return normed
    Z = F.conv2d(X, conv.weight, None, conv.stride, conv.padding, conv.dilation, conv.groups)
    norm.num_batches_tracked.add_(1)
    Z = F.batch_norm(Z, norm.running_mean, norm.running_var, norm.weight, norm.bias, True, norm.momentum, norm.eps)
    if conv.bias is not None:
        # `data`: the backward pass keeps the running mean too, though in training it never looks at it.
        norm.running_mean.data.add_(conv.bias.data, alpha=norm.momentum)
    return Z
