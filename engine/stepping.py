"""One step of training: the loss of a minibatch, its gradients, the optimizer's move. What takes the time is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from engine import fast, memory, optimizing
from engine.config import TrainSettings
from engine.fast import dropping, moving
from engine.ledger import Ledger
from engine.module import Module

if TYPE_CHECKING:
    from engine.distributed import Team

_run_backward: Callable[..., Any] | None = getattr(
    getattr(torch.autograd.Variable, "_execution_engine", None), "run_backward", None
)
"""torch's own entry to its backward pass, which `Tensor.backward` calls; None: this torch hides it elsewhere."""


class Stepper:
    """Takes the steps of one run."""

    def __init__(
        self,
        model: Module,
        settings: TrainSettings,
        placed: optimizing.Placement,
        ledger: Ledger,
        clip: Callable[[float, Module], None],
        team: Team | None,
    ) -> None:
        self._model, self._settings, self._placed, self._ledger = model, settings, placed, ledger
        self._clip = clip
        self._team = team
        self.optimizer, self.schedulers, self.schedulers_of_steps = optimizing.configured(model)
        is_torchs = isinstance(self.optimizer, torch.optim.Optimizer)
        ours = type(self.optimizer).__module__ == "engine.models.linear"  # the SGD by hand of 3.4
        self._minds_gradients = is_torchs or ours
        plain = is_torchs and type(self.optimizer).zero_grad is torch.optim.Optimizer.zero_grad
        self._zero_grad: Callable[[], None] = self._forget_gradients if plain else self.optimizer.zero_grad
        self._asks_again = isinstance(self.optimizer, torch.optim.LBFGS)
        self.optimizer.zero_grad()  # the first call imports torch's compiler: no step is to be blamed for that second
        self._loss: Callable[[Sequence[Any]], Tensor] = lambda batch: model.training_step(tuple(batch))
        self._by_hand: fast.StepByHand | None = None
        self._move: Callable[[], Any] = self.optimizer.step
        self._undo: list[Callable[[], Any]] = []
        self._is_plain = team is not None or settings.compile or settings.precision == "bf16" or self._asks_again
        if not self._is_plain and self._minds_gradients:
            self._undo = [moving.fuse(self.optimizer), dropping.quicken(model)]
            self._move = moving.quick_step(self.optimizer) or self._move
        self._one: Tensor | None = None
        self._current: Sequence[Any] = ()
        self._begun = False
        self._hurries = self._is_plain

    def step(self, batch: Sequence[Any]) -> None:
        """Learn from one minibatch."""
        self._current = batch
        if not self._hurries:
            self._hurry()
        if not self._begun and self._team is not None:
            with self._placed.autocast():
                self._loss = self._team.together(self._model, batch)
        if self._asks_again:
            self.optimizer.step(optimizing.asked(lambda: self._gradients(batch), self._model))
            self._model._ledger = self._ledger
        else:
            self._gradients(batch)
            if self._minds_gradients:
                self._move()
            else:
                with torch.no_grad():  # a learner's own may leave it out
                    self.optimizer.step()
        if self.schedulers_of_steps:
            optimizing.step_schedulers(self.schedulers_of_steps, {})
        if not self._begun:
            self._begun = True
            if self._settings.channels_last:
                self._lay_pixel_by_pixel()
            if self._settings.compile:
                self._model.compile()  # after the first step: now lazy layers have their sizes

    def _lay_pixel_by_pixel(self) -> None:
        self._model.to(memory_format=torch.channels_last)
        self._undo.append(lambda: self._model.to(memory_format=torch.contiguous_format))

    def _hurry(self) -> None:
        """Take the quick way from here on, if there is one for this model and its layers know their sizes."""
        model = self._model
        if not fast.is_sized(model):
            return
        self._hurries = True
        if not self._settings.channels_last and fast.is_quicker_pixel_by_pixel(
            model, self._placed.dtype or torch.get_default_dtype()
        ):
            self._lay_pixel_by_pixel()
        if (by_hand := fast.step_by_hand(model)) is not None:
            self._by_hand = by_hand
        elif (quick := fast.step_of(model)) is not None:
            self._loss = quick

    def _gradients(self, batch: Sequence[Any]) -> Tensor:
        """The loss of a minibatch, with its gradients in the parameters."""
        if self._by_hand is not None and not self._settings.gradient_clip_val:
            found = self._by_hand(batch)
            if found is not None:
                return found
        ledger, model = self._ledger, self._model
        recorded = ledger.count
        with self._placed.autocast():
            loss = self._loss(batch)
        if ledger.count == recorded and model._ledger is not None:
            ledger.record("loss", loss, True)  # a training_step of the learner's own that plots nothing
        self._zero_grad()
        self._backward(loss)
        if self._settings.gradient_clip_val > 0:
            with torch.no_grad():
                self._clip(self._settings.gradient_clip_val, model)
        return loss

    def _backward(self, loss: Tensor) -> None:
        """What `loss.backward()` does, without the checks that take a quarter of a small model's step."""
        if _run_backward is None or type(loss) is not Tensor or loss.dim():
            loss.backward()  # type: ignore[no-untyped-call]
            return
        if self._one is None or self._one.dtype is not loss.dtype:
            self._one = torch.ones_like(loss)
        _run_backward((loss,), (self._one,), False, False, (), allow_unreachable=True, accumulate_grad=True)

    def _forget_gradients(self) -> None:
        """What `zero_grad` of torch does, without telling a profiler: in a small model that took a tenth of a step."""
        for group in self.optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def leave(self) -> None:
        """Put the model back into the state in which it came."""
        self._model._compiled_call_impl = None
        for undo in self._undo:
            undo()
        if self._team is not None:
            self._team.leave(self._model)

    def out_of_memory(self, device: str, failure: BaseException) -> memory.OutOfMemory:
        """The error to raise for the last minibatch, which did not fit."""
        failure.__traceback__ = None  # its frames hold the tensors of the step that did not fit
        self.optimizer.zero_grad()

        def step(batch: Sequence[Any]) -> None:
            self._model.train()
            self._model.training_step(tuple(batch)).backward()  # type: ignore[no-untyped-call]
            self.optimizer.zero_grad()

        return memory.explain(device, self._current, step)
