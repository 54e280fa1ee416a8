"""Several processes that train one model: each takes its rows of every minibatch, and all take the same step.

The work is torch's: `torchrun` starts the processes, gloo or NCCL joins them, `DistributedDataParallel` averages the
gradients. Here is what makes it the same training as that of one process with the whole minibatch: the same order of
the data, rows that weigh what they should, batch statistics of all rows, and values of all rows on the chart.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from engine.memory import num_examples


def command(processes: int, arguments: Sequence[str]) -> list[str]:
    """The command line that runs `python -m engine ARGUMENTS` in so many processes of this machine."""
    launcher = [sys.executable, "-m", "engine.launching", "--standalone", f"--nproc-per-node={processes}"]
    return [*launcher, "-m", "engine", *arguments]


def join() -> str | None:
    """Join the other processes that `torchrun` has started, if it has; the device of this one, if it is a GPU."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        return None
    local = int(os.environ.get("LOCAL_RANK", "0"))
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    on_gpus = torch.cuda.device_count() >= here
    if on_gpus:
        torch.cuda.set_device(local)
    dist.init_process_group("nccl" if on_gpus else "gloo")
    return f"cuda:{local}" if on_gpus else "cpu"


def leave() -> None:
    """Leave the other processes."""
    if dist.is_initialized():
        dist.destroy_process_group()


def is_first() -> bool:
    """Whether this process is the one that speaks and writes; alone, it is."""
    return not dist.is_initialized() or dist.get_rank() == 0


def shared_seed(seed: int | None) -> int | None:
    """One seed for all processes: the one that was asked for, or one that the first process draws."""
    if seed is not None or not dist.is_initialized():
        return seed
    drawn = [int(torch.seed() % 2**31)]
    dist.broadcast_object_list(drawn)
    return drawn[0]


def team(device: torch.device) -> Team | None:
    """This process among others, if it has joined any."""
    together = dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
    return Team(device) if together else None


class Team:
    """This process among those that train together."""

    def __init__(self, device: torch.device) -> None:
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self._device = device
        self._classes: dict[nn.Module, type[nn.Module]] = {}
        self.weight = 1 / self.size
        """What the value of this process counts in the mean of all, for the minibatch that is under way."""

    def any(self, flag: bool) -> bool:
        """Whether one of the processes has raised its flag: all stop at the same minibatch."""
        flags = torch.tensor(int(flag), device=self._device)
        dist.all_reduce(flags, op=dist.ReduceOp.MAX)
        return bool(flags)

    def same_random(self) -> None:
        """Put the random numbers of the CPU where those of the first process are: the same order of the data."""
        state = torch.get_rng_state().to(self._device)
        dist.broadcast(state, 0)
        torch.set_rng_state(state.cpu())

    def rows(self, batch: Sequence[Any]) -> tuple[Any, ...]:
        """This process's part of a minibatch. If there are too few rows, it gets one, and that counts nothing."""
        n = num_examples(batch)
        start, stop = n * self.rank // self.size, n * (self.rank + 1) // self.size
        self.weight = (stop - start) / n
        part = slice(start, stop) if stop > start else slice(0, 1)
        return tuple(_cut(item, part) for item in batch)

    def mean(self, value: Tensor | float) -> Tensor:
        """The mean of a value over the rows of all processes."""
        total = torch.as_tensor(value, device=self._device).detach().clone() * self.weight
        dist.all_reduce(total)
        return total

    def together(self, model: Any, batch: Sequence[Any]) -> Callable[[Sequence[Any]], Tensor]:
        """The loss of a whole minibatch, of which this process computes its rows; its gradients become everyone's."""
        was_training = model.training
        with torch.no_grad():
            model.eval()(*batch[:-1])  # lazy layers get their sizes
        model.train(was_training)
        for module in model.modules():
            if isinstance(module, _BatchNorm):
                self._classes[module] = type(module)
                module.__class__ = type(type(module).__name__, (_BatchNormOfAll, type(module)), {"team": self})
        step = DistributedDataParallel(_Step(model), device_ids=[self._device] if self._device.type == "cuda" else None)

        def loss(batch: Sequence[Any]) -> Tensor:
            rows = self.rows(batch)
            value: Tensor = step(*rows)
            return value * (self.weight * self.size)  # torch averages over processes, whatever rows they had

        return loss

    def leave(self, model: nn.Module) -> None:
        """Give the model its own layers back."""
        for module, kind in self._classes.items():
            module.__class__ = kind
        self._classes.clear()


class _Step(nn.Module):
    """The training step as a forward pass: what `DistributedDataParallel` watches."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, *batch: Any) -> Tensor:
        loss: Tensor = self.model.training_step(batch)
        return loss


class _BatchNormOfAll(nn.Module):
    """Batch normalization with the mean and variance of the rows of all processes.

    torch's `SyncBatchNorm` does the same and refuses to do it on a CPU.
    """

    team: Team
    eps: float
    momentum: float
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor
    weight: Tensor
    bias: Tensor

    def forward(self, X: Tensor) -> Tensor:
        """X: (n, channels, …), kept."""
        if not self.training:
            out: Tensor = super().forward(X)
            return out
        axes = [axis for axis in range(X.dim()) if axis != 1]
        shape = [1, -1] + [1] * (X.dim() - 2)
        counted = float(self.team.weight > 0)
        n = _sum_of_all(torch.tensor(counted * X.numel() / X.shape[1], dtype=X.dtype, device=X.device))
        mean = _sum_of_all(X.sum(axes) * counted) / n
        centred = X - mean.reshape(shape)
        var = _sum_of_all((centred**2).sum(axes) * counted) / n
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.lerp_(var.detach() * n / (n - 1), self.momentum)
        scale = self.weight * torch.rsqrt(var + self.eps)
        return centred * scale.reshape(shape) + self.bias.reshape(shape)


class _SumOfAll(torch.autograd.Function):
    """The sum over all processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, X: Tensor) -> Tensor:
        total = X.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].clone()
        dist.all_reduce(total)
        return total


def _sum_of_all(X: Tensor) -> Tensor:
    """The sum over all processes, through which gradients flow back."""
    total: Tensor = _SumOfAll.apply(X)
    return total


def _cut(item: Any, part: slice) -> Any:
    if isinstance(item, Tensor):
        return item[part] if item.dim() else item
    return type(item)(_cut(each, part) for each in item) if isinstance(item, list | tuple) else item
