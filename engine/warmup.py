"""What the kernel imports while the learner still reads, so that the first cell does not wait for torch."""

from __future__ import annotations

from typing import Any


def warm() -> dict[str, Any]:
    """Import torch, wake the device, and return `engine.device.facts()`."""
    from engine.device import facts

    found = facts()
    import torch

    # The first product and the first backward pass build thread pools and libraries: better now than in a cell.
    device = torch.device(found["kind"], found["index"]) if found["kind"] == "cuda" else torch.device(found["kind"])
    X = torch.ones(64, 64, device=device, requires_grad=True)
    (X @ X).sum().backward()  # type: ignore[no-untyped-call]
    # The first optimizer imports torch's compiler, which takes more than a second.
    torch.optim.SGD([X], lr=0.0).step()
    return found
