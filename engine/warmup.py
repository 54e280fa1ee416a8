"""What the kernel imports while the learner still reads, so that the first cell does not wait for torch."""

from __future__ import annotations

import threading
from typing import Any


def warm() -> dict[str, Any]:
    """Import torch, find the device, and return `engine.device.facts()`.

    What is known late (whether torchvision works) is left out; what a first training would wait for goes on behind.
    """
    from engine.device import facts

    found = facts(thorough=False)
    # A daemon, so that nobody waits for it at the end; the kernel ends without taking such an import apart.
    threading.Thread(target=_wake, args=(found,), name="wake-torch", daemon=True).start()
    return found


def _wake(found: dict[str, Any]) -> None:
    import torch

    device = torch.device(found["kind"], found["index"]) if found["kind"] == "cuda" else torch.device(found["kind"])
    # The first product and the first backward pass build thread pools and libraries.
    X = torch.ones(64, 64, device=device, requires_grad=True)
    (X @ X).sum().backward()  # type: ignore[no-untyped-call]
    # The first optimizer imports torch's compiler, which takes more than a second.
    torch.optim.SGD([X], lr=0.0).step()
