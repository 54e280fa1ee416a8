"""Which device trains, and why: a GPU only if it really computes, and on a shared server the emptiest of them."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine import neighbours
from engine.config import EngineError, device_wanted

_GIB = 2**30


class DeviceError(EngineError):
    """The device that was asked for is not there or does not compute."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that was found to work."""

    kind: str
    """`cuda`, `mps`, `xpu` or `cpu`."""
    index: int
    name: str
    """For people: `NVIDIA H200`, or `CPU, 2 cores`."""
    why: str
    """Why this one, in one sentence."""

    @property
    def torch(self) -> torch.device:
        """The same as PyTorch writes it."""
        return torch.device(self.kind, self.index) if self.kind in ("cuda", "xpu") else torch.device(self.kind)

    def memory(self) -> tuple[int | None, int | None]:
        """Free and total memory, in bytes; None where the system does not say."""
        if self.kind == "cuda":
            free, total = torch.cuda.mem_get_info(self.index)
            return free, total
        return _main_memory()

    def neighbours(self) -> list[neighbours.Neighbour]:
        """Who else computes on it; known for NVIDIA's cards."""
        return neighbours.on_card(_uuid(self.index)) if self.kind == "cuda" else []

    @property
    def label(self) -> str:
        """Name and memory for people: `NVIDIA H200, 139 GiB free of 140`."""
        if self.kind != "cuda":
            return self.name
        free, total = self.memory()
        return f"{self.name}, {(free or 0) / _GIB:.0f} GiB free of {(total or 0) / _GIB:.0f}"


def choose(wanted: str | None = None) -> Device:
    """The device to train on: the one that is `wanted`, else the one in `D2L_TUTOR_DEVICE`, else the best that works.

    The best is the CUDA GPU (in `CUDA_VISIBLE_DEVICES`) with the most free memory, then MPS, XPU, CPU. Within
    a process the choice is made once. Raises `DeviceError` if a device that was named cannot be used.
    """
    return _choose(wanted or device_wanted())


def facts(*, thorough: bool = True) -> dict[str, Any]:
    """What the status bar and `doctor` say about this machine, ready for JSON.

    Whether torchvision works is only known once it was imported, which takes a second: `torchvision_ok` is None unless
    `thorough`. A device that was asked for in vain is named under `problem`; the other facts are then the CPU's.
    """
    problem: str | None = None
    try:
        device = choose()
    except DeviceError as error:
        device, problem = choose("cpu"), str(error)
    free, total = device.memory()
    version, works, mismatch = torchvision_state() if thorough else (torchvision_version(), None, None)
    return {
        "kind": device.kind,
        "index": device.index,
        "name": device.name,
        "label": device.label,
        "memory_free": free,
        "memory_total": total,
        "torch": torch.__version__,
        "torchvision": version,
        "torchvision_ok": works,
        "torchvision_problem": mismatch,
        "why": device.why,
        "neighbours": neighbours.described(device.neighbours()) if thorough else "",
        "problem": problem,
    }


def torchvision_version() -> str | None:
    """Version of the torchvision that is installed; None: there is none."""
    try:
        return importlib.metadata.version("torchvision")
    except importlib.metadata.PackageNotFoundError:
        return None


@functools.cache
def torchvision_state() -> tuple[str | None, bool, str | None]:
    """Version of torchvision, whether it works with this torch, and if not, why."""
    version = torchvision_version()
    if version is None:
        return None, False, "torchvision is not installed: install the version that belongs to this torch."
    try:
        importlib.import_module("torchvision.ops").nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except Exception as error:  # a mismatched pair fails in many ways, none of them documented
        cause = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return version, False, f"torchvision {version} does not work with torch {torch.__version__}: {cause}"
    return version, True, None


def cpu() -> torch.device:
    """The CPU (6.7)."""
    return torch.device("cpu")


def gpu(i: int = 0) -> torch.device:
    """The `i`-th GPU (6.7)."""
    return torch.device("cuda", i)


def num_gpus() -> int:
    """How many CUDA GPUs this process may use (6.7)."""
    return torch.cuda.device_count()


def try_gpu(i: int = 0) -> torch.device:
    """The `i`-th GPU if there is one, else the CPU (6.7)."""
    return gpu(i) if num_gpus() > i else cpu()


def try_all_gpus() -> list[torch.device]:
    """All GPUs; an empty list if there is none (6.7)."""
    return [gpu(i) for i in range(num_gpus())]


def num_cores() -> int:
    """CPU cores that this process may use, by affinity and by the container's quota."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()[:2]
        return affinity if quota == "max" else max(1, min(affinity, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return affinity


@functools.cache
def _choose(wanted: str | None) -> Device:
    if wanted is not None:
        return _named(wanted)
    refused: list[str] = []
    for kind, index, why in _candidates():
        name = _name(kind, index)
        if (problem := _try(kind, index)) is None:
            return Device(kind, index, name, " ".join([why, *refused]))
        refused.append(f"{name} was passed over: {problem}.")
    return Device("cpu", 0, _cpu_name(), " ".join(["No GPU that works was found.", *refused]))


def _named(wanted: str) -> Device:
    try:
        asked = torch.device(wanted)
    except RuntimeError:
        raise DeviceError(f"There is no device called {wanted!r}: use cpu, cuda, cuda:1, mps or xpu.") from None
    kind, index = asked.type, asked.index if ":" in wanted else 0
    if kind not in ("cpu", "cuda", "mps", "xpu"):
        raise DeviceError(f"The engine does not train on {wanted!r}: use cpu, cuda, cuda:1, mps or xpu.")
    if wanted == "cuda" and num_gpus() > 1:
        index = _by_free_memory()[0]
    if (problem := _try(kind, index)) is not None:
        raise DeviceError(f"{wanted} was asked for, but {problem}. Leave it out, and the engine chooses what works.")
    return Device(kind, index, _name(kind, index), f"{wanted} was asked for.")


def _candidates() -> list[tuple[str, int, str]]:
    found: list[tuple[str, int, str]] = []
    if torch.cuda.is_available():
        why = "It has the most free memory of the GPUs." if num_gpus() > 1 else "It is the GPU that is there."
        found += [("cuda", index, why) for index in _by_free_memory()]
    if torch.backends.mps.is_available():
        found.append(("mps", 0, "It is the GPU of this Mac."))
    if torch.xpu.is_available():
        found.append(("xpu", 0, "It is the Intel GPU that is there."))
    return found


def _try(kind: str, index: int) -> str | None:
    """Launch a small product there; None if it came back right, else what went wrong."""
    if kind == "cuda" and not num_gpus():
        return "no CUDA GPU is visible"
    if kind == "cuda" and index >= num_gpus():
        return f"only {num_gpus()} CUDA GPUs are visible"
    try:
        X = torch.ones(8, 8, device=torch.device(kind, index) if kind in ("cuda", "xpu") else kind)
        return None if float((X @ X).sum()) == 512.0 else "it computes wrongly"
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        return str(error).strip().splitlines()[0].rstrip(".")


def _name(kind: str, index: int) -> str:
    if kind == "cuda":
        return torch.cuda.get_device_name(index) if index < num_gpus() else f"cuda:{index}"
    if kind == "xpu":
        return str(torch.xpu.get_device_name(index))
    return "Apple GPU" if kind == "mps" else _cpu_name()


def _cpu_name() -> str:
    cores = num_cores()
    return f"CPU, {cores} core{'s' if cores > 1 else ''}"


def _by_free_memory() -> list[int]:
    """Indices of the visible GPUs, the one with the most free memory first."""
    count = num_gpus()
    if count < 2:
        return list(range(count))
    free = _free_by_uuid()
    # mem_get_info opens a context of some hundred MB on each card: only where nvidia-smi does not say.
    known: Callable[[int], int] = lambda i: free.get(_uuid(i), -1) if free else torch.cuda.mem_get_info(i)[0]  # noqa: E731
    return sorted(range(count), key=known, reverse=True)


def _uuid(index: int) -> str:
    return str(getattr(torch.cuda.get_device_properties(index), "uuid", "")).removeprefix("GPU-")


def _free_by_uuid() -> dict[str, int]:
    command = ["nvidia-smi", "--query-gpu=uuid,memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [line.split(",") for line in said.splitlines() if line.count(",") == 1]
    return {uuid.strip().removeprefix("GPU-"): int(mib) for uuid, mib in rows if mib.strip().isdigit()}


def _main_memory() -> tuple[int | None, int | None]:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None, None
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return sizes.get("MemAvailable"), sizes.get("MemTotal")
