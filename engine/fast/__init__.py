"""Quicker ways to the same numbers, for models that are exactly the engine's and train on a CPU.

The models in `engine.models` are to be read; what makes some of them fast is here, beside them. A fast path computes
the loss and the gradients that the model itself would compute, and leaves out work that no number depends on; only sums
are taken in another order, and dropout draws from another stream. It serves nothing but the class that it knows, with
all parts untouched (`untouched`): a learner's subclass, a method written anew, a hook, and the model itself is run.
"""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from engine.fast.untouched import is_sized as is_sized
from engine.fast.untouched import is_untouched

Step: TypeAlias = Callable[[Sequence[Any]], Tensor]
"""What `model.training_step` is: reports to the chart, and returns the loss."""
StepByHand: TypeAlias = Callable[[Sequence[Any]], Tensor | None]
"""The same, and leaves the gradients in the parameters; None: nothing was done, this minibatch is one for the model."""

_STEPS = {
    "engine.models.resnet.ResNet": "residual",
    "engine.models.resnet.ResNet18": "residual",
    "engine.models.vit.ViT": "class_token",
    "engine.models.rnn.RNNLM": "language_model",
    "engine.models.seq2seq.Seq2Seq": "translation",
}
"""Models, and where in this package the step is whose loss has a graph."""

_BY_HAND = {
    "engine.models.linear.LinearRegressionScratch": "straight_line",
    "engine.models.linear.LinearRegression": "straight_line",
}
"""Models whose gradients are written down: such a step leaves them in the parameters and needs no backward pass."""

_PIXEL_BY_PIXEL = {
    "engine.models.cnn.LeNet",
    "engine.models.modern_cnn.AlexNet",
    "engine.models.modern_cnn.VGG",
    "engine.models.modern_cnn.NiN",
    "engine.models.branching_cnn.GoogLeNet",
    "engine.models.branching_cnn.DenseNet",
    "engine.models.resnet.ResNet",
    "engine.models.resnet.ResNet18",
    "engine.models.anynet.AnyNet",
    "engine.models.anynet.RegNetX32",
}
"""Models that were measured to train quicker, by 4 to 35 %, with their pictures pixel by pixel (NHWC) in memory. LeNet
with batch normalization is slower by it: its few channels fill no vector."""


def step_of(model: nn.Module) -> Step | None:
    """A quick training step for `model`; None: there is none, or the model is not as we know it."""
    step: Step | None = _find(_STEPS, model)
    return step


def step_by_hand(model: nn.Module) -> StepByHand | None:
    """The same for a step whose loss needs no backward pass."""
    learns = all(p.requires_grad and p._backward_hooks is None for p in model.parameters())
    step: StepByHand | None = _find(_BY_HAND, model) if learns else None
    return step


def is_quicker_pixel_by_pixel(model: nn.Module, dtype: torch.dtype) -> bool:
    """Whether this model's pictures should lie pixel by pixel: with oneDNN's convolutions on an x86 processor."""
    if _name(model) not in _PIXEL_BY_PIXEL or dtype is not torch.float32:
        return False
    has_onednn = torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled  # type: ignore[no-untyped-call]
    return bool(has_onednn) and platform.machine().lower() in ("x86_64", "amd64") and is_sized(model) and _here(model)


def _name(model: nn.Module) -> str:
    return f"{type(model).__module__}.{type(model).__qualname__}"


def _here(model: nn.Module) -> bool:
    return all(parameter.device.type == "cpu" for parameter in model.parameters())


def _find(known: dict[str, str], model: nn.Module) -> Any:
    place = known.get(_name(model))
    if place is None or not (is_sized(model) and _here(model) and is_untouched(model)):
        return None
    return importlib.import_module(f"{__name__}.{place}").step_of(model)
