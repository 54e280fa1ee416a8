"""Quicker ways to the same numbers, for models that are exactly the engine's and train on a CPU.

The models in `engine.models` are to be read; what makes some of them fast is here, beside them. A fast path computes
the loss and the gradients that the model itself would compute, and leaves out work that no number depends on; only sums
are taken in another order, and dropout draws from another stream. It serves nothing but the class that it knows, with
all parts untouched (`untouched`): a learner's subclass, a method written anew, a hook, and the model itself is run.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from torch import Tensor, nn

from engine.fast.untouched import is_sized as is_sized
from engine.fast.untouched import is_untouched

Step: TypeAlias = Callable[[Sequence[Any]], Tensor]
"""What `model.training_step` is: reports to the chart, and returns the loss."""
StepByHand: TypeAlias = Callable[[Sequence[Any]], Tensor | None]
"""The same, and leaves the gradients in the parameters; None: nothing was done, this minibatch is one for the model."""

_STEPS = {
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


def step_of(model: nn.Module) -> Step | None:
    """A quick training step for `model`; None: there is none, or the model is not as we know it."""
    step: Step | None = _find(_STEPS, model)
    return step


def step_by_hand(model: nn.Module) -> StepByHand | None:
    """The same for a step whose loss needs no backward pass."""
    learns = all(p.requires_grad and p._backward_hooks is None for p in model.parameters())
    step: StepByHand | None = _find(_BY_HAND, model) if learns else None
    return step


def _find(known: dict[str, str], model: nn.Module) -> Any:
    place = known.get(f"{type(model).__module__}.{type(model).__qualname__}")
    if place is None or not is_sized(model) or not is_untouched(model):
        return None
    if any(p.device.type != "cpu" for p in model.parameters()):
        return None
    return importlib.import_module(f"{__name__}.{place}").step_of(model)
