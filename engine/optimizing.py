"""Between a model and its device: where tensors lie, how gradients are clipped, what the optimizer is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.config import Precision, SettingError


class Placement:
    """Puts models, loaders and batches on a device in a precision."""

    def __init__(self, device: torch.device, precision: Precision, channels_last: bool = False) -> None:
        self.device = device
        self.dtype = torch.float64 if precision == "float64" else None
        self._channels_last = channels_last
        self._is_default = device.type == "cpu" and self.dtype is None and not channels_last
        self._autocast = precision == "bf16"
        if self.dtype is not None and device.type == "mps":
            raise SettingError("precision is 'float64', which Apple GPUs do not have: add device='cpu'.")
        self._matmul = torch.get_float32_matmul_precision()
        if precision == "tf32":
            torch.set_float32_matmul_precision("high")
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)

    def model(self, model: nn.Module) -> None:
        """Move a model, and the plain tensors that a model from scratch learns (`self.W`, not a `Parameter`)."""
        model.to(device=self.device, dtype=self.dtype)
        for _, tensor in loose_tensors(model):
            tensor.data = self._one(tensor.data)

    def loader(self, loader: Any) -> Any:
        """The loader with its tensors resident on the device, if it is one that can be."""
        return loader.to(self.device) if hasattr(loader, "to") and self.device.type != "cpu" else loader

    def batch(self, batch: Sequence[Any]) -> Sequence[Any]:
        """A minibatch on the device."""
        return batch if self._is_default else [self._item(item) for item in batch]

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """A context for the model's code: products in bf16, or new tensors in float64, if that was asked for."""
        if self.dtype is not None:
            return _default_dtype(self.dtype)
        if self._autocast:
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return _NOTHING

    def wait(self) -> None:
        """Until the device has done what it was told."""
        if self.device.type in ("cuda", "mps", "xpu"):
            getattr(torch, self.device.type).synchronize()

    def leave(self) -> None:
        """Put back what holds for the whole process, and give away the GPU's memory that is not in use."""
        torch.set_float32_matmul_precision(self._matmul)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _item(self, item: Any) -> Any:
        if isinstance(item, Tensor):
            return self._one(item)
        return type(item)(self._item(part) for part in item) if isinstance(item, list | tuple) else item

    def _one(self, tensor: Tensor) -> Tensor:
        dtype = self.dtype if tensor.is_floating_point() else None
        if self._channels_last and tensor.dim() == 4:
            return tensor.to(self.device, dtype, non_blocking=True, memory_format=torch.channels_last)
        return tensor.to(self.device, dtype, non_blocking=True)


@contextlib.contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


_NOTHING: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()


def loose_tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The plain tensors that a model from scratch learns (`self.W`, not a `Parameter`), each with a name."""
    for where, module in model.named_modules():
        for name, value in vars(module).items():
            for i, tensor in enumerate(value if isinstance(value, list | tuple) else (value,)):
                if isinstance(tensor, Tensor) and tensor.requires_grad and tensor.is_leaf:
                    yield f"{where}.{name}.{i}", tensor


def clip_gradients(grad_clip_val: float, model: nn.Module) -> None:
    """Scale all gradients so that their norm together is at most `grad_clip_val` (9.5). No branch on a device value."""
    grads = [p.grad for p in model.parameters() if p.requires_grad and p.grad is not None]
    if grads:
        norm = torch.nn.utils.get_total_norm(grads)
        torch._foreach_mul_(grads, torch.clamp(grad_clip_val / norm, max=1.0))


def configured(model: Any) -> tuple[Any, list[Any], list[Any]]:
    """What `configure_optimizers` returned: one optimizer, its schedulers of epochs, and those of steps.

    It may return an optimizer, or a pair of an optimizer and a scheduler or a list of schedulers; or the same as
    `{"optimizer": …, "lr_scheduler": …}`, as Lightning has it. A scheduler that is to be stepped after every minibatch,
    as OneCycleLR is, comes as `{"scheduler": …, "interval": "step"}`. Raises `SettingError` for anything else.
    """
    made = model.configure_optimizers()
    if isinstance(made, Mapping) and "optimizer" in made:
        made = made["optimizer"], made.get("lr_scheduler", [])
    optimizer, schedulers = made if isinstance(made, list | tuple) and len(made) == 2 else (made, [])
    if not (hasattr(optimizer, "step") and hasattr(optimizer, "zero_grad")):
        raise SettingError(
            f"configure_optimizers returned {type(made).__name__}: return an optimizer, or it and its scheduler."
        )
    epochs: list[Any] = []
    steps: list[Any] = []
    for scheduler in schedulers if isinstance(schedulers, list | tuple) else [schedulers]:
        if isinstance(scheduler, Mapping):
            interval = scheduler.get("interval", "epoch")
            if interval not in ("epoch", "step"):
                raise SettingError(f"A scheduler's interval is {interval!r}: use 'epoch' or 'step'.")
            (steps if interval == "step" else epochs).append(scheduler["scheduler"])
        else:
            epochs.append(scheduler)
    return optimizer, epochs, steps


def asked(gradients: Callable[[], Tensor], model: Any) -> Callable[[], Tensor]:
    """What an optimizer that looks at the loss more than once in a step calls: only its first look is on the chart."""

    def closure() -> Tensor:
        try:
            with torch.enable_grad():
                return gradients()
        finally:
            model._ledger = None  # until the step is over

    return closure


def step_schedulers(schedulers: Sequence[Any], metrics: Mapping[str, float]) -> None:
    """Tell the schedulers that an epoch, or a step, is over."""
    for scheduler in schedulers:
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            scheduler.step(metrics.get("val_loss", metrics.get("train_loss", 0.0)))
        else:
            scheduler.step()
